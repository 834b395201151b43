"""The Knowledge Management API: articles that are searched for, read, featured or often viewed.

Source: ServiceNow documentation, Knowledge Management REST API. Articles are found by the words of a query, not by
relevance; without a filter only published ones are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandtable.apps.shown import both_values
from sandtable.core.applications.application import Application
from sandtable.core.applications.scripted_resources import Resource, ScriptRequest
from sandtable.core.schema.dictionary_data import stable_id
from sandtable.core.values.errors import RecordNotFound
from sandtable.core.values.texts import comma_list, whole_number

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record

SCOPE = "sn_km_api"
BASE = "/api/sn_km_api/knowledge/articles"
SERVICE = "Knowledge Management [sn_km_api/knowledge]"
ARTICLES = "kb_knowledge"
PUBLISHED = "workflow_state=published^active=true"
DEFAULT_LIMIT, LARGEST_LIMIT, SNIPPET = 30, 1000, 200
_TAG, _BLANKS = re.compile(r"<[^<>]*+>"), re.compile(r"\s+")


def articles(request: ScriptRequest) -> dict[str, Any]:
    """List articles by the words of `query`, by `filter`, `kb` and `language`, with the columns of `fields`."""
    asked = request.query
    found = _filtered(request, asked.get("filter") or PUBLISHED, by="short_description")
    words = asked.get("query", "").casefold().split()
    if words:
        found = [each for each in found if all(word in _searched(each) for word in words)]
    return _answer(request, found)


def featured(request: ScriptRequest) -> dict[str, Any]:
    """List articles with the keyword `featured` (or that of property `sn_km_api.featured_keyword`)."""
    keyword = request.session.instance.property("sn_km_api.featured_keyword", "featured").casefold()
    found = _filtered(request, PUBLISHED, by="short_description")
    return _answer(request, [each for each in found if keyword in each["meta"].casefold()])


def most_viewed(request: ScriptRequest) -> dict[str, Any]:
    """List published articles, those first that are viewed most."""
    return _answer(request, _filtered(request, PUBLISHED, by="sys_view_count", descending=True))


def one_article(request: ScriptRequest) -> dict[str, Any]:
    """Return an article, by sys_id or number, with its text and attachments. Raises RecordNotFound."""
    session, key = request.session, request.path_parameters["id"]
    access = session.table(ARTICLES)
    article = access.find(key)
    if article is None:
        article = access.first(filters={"number": key})
    if article is None:
        raise RecordNotFound
    attached = session.table("sys_attachment")
    mine = {"table_name": ARTICLES, "table_sys_id": article.sys_id}
    files = attached.page("", limit=None, offset=0, count=False, filters=mine).records
    if request.query.get("update_view") == "true":
        views = {"sys_view_count": str(int(article["sys_view_count"] or 0) + 1)}
        session.without_access_control().table(ARTICLES).update(article.sys_id, views)
    return {
        "content": article["wiki"] if article["article_type"] == "wiki" else article["text"],
        "template": False,
        "number": article["number"],
        "sys_id": article.sys_id,
        "short_description": article["short_description"],
        "display_attachments": bool(files),
        "attachments": [
            {name: each[name] for name in ("file_name", "size_bytes", "state")} | {"sys_id": each.sys_id}
            for each in files
        ],
        "embedded_content": [],
        "fields": _fields(session, article, request.query.get("fields", "")),
    }


# parts ---------------------------------------------------------------------------------------------------------------


def _filtered(request: ScriptRequest, query: str, *, by: str, descending: bool = False) -> list[Record]:
    asked = request.query
    order = f"ORDERBY{'DESC' if descending else ''}{by}"
    access = request.session.table(ARTICLES)
    found = access.page(f"{query}^{order}", limit=None, offset=0, count=False).records
    bases, languages = comma_list(asked.get("kb")), comma_list(asked.get("language"))
    return [
        each
        for each in found
        if (not bases or each["kb_knowledge_base"] in bases)
        and (not languages or "all" in languages or (each["language"] or "en") in languages)
    ]


def _searched(article: Record) -> str:
    texts = ("number", "short_description", "text", "wiki", "meta")
    return " ".join(article[name] for name in texts).casefold()


def _answer(request: ScriptRequest, found: list[Record]) -> dict[str, Any]:
    asked = request.query
    limit = whole_number(asked.get("limit", ""), DEFAULT_LIMIT, most=LARGEST_LIMIT)
    offset = whole_number(asked.get("offset", ""), 0, most=LARGEST_LIMIT)
    page = found[offset : offset + limit]
    return {
        "meta": {
            "start": offset,
            "end": offset + len(page),
            "fields": asked.get("fields", ""),
            "query": asked.get("query", ""),
            "filter": asked.get("filter", ""),
            "kb": asked.get("kb", ""),
            "language": asked.get("language", "en"),
            "count": len(found),
            "ts_query_id": "",
            "status": {"code": 200},
        },
        "articles": [
            {
                "link": f"?id=kb_article_view&sys_kb_id={each.sys_id}",
                "rank": 0,
                "id": f"{ARTICLES}:{each.sys_id}",
                "title": each["short_description"],
                "snippet": _snippet(each),
                "score": 0,
                "tags": [],
                "number": each["number"],
                "fields": _fields(request.session, each, asked.get("fields", "")),
            }
            for each in page
        ],
    }


def _snippet(article: Record) -> str:
    text = article["wiki"] if article["article_type"] == "wiki" else article["text"]
    return _BLANKS.sub(" ", _TAG.sub(" ", text)).strip()[:SNIPPET]


def _fields(session: Session, article: Record, wanted: str) -> dict[str, Any]:
    columns, both = session.instance.dictionary.columns(article.table), both_values(session, article)
    names = [name for name in (part.strip() for part in wanted.split(",")) if name in both]
    return {
        name: {"name": name, "label": columns[name].label, "type": columns[name].type, **both[name]} for name in names
    }


APPLICATION = Application(
    scope=SCOPE,
    name="Knowledge API",
    version="1.0.0",
    store_app_id=stable_id("sys_store_app", SCOPE),
    vendor="ServiceNow",
    description="Knowledge articles, searched for and read",
    resources=tuple(
        Resource("GET", f"{BASE}{path}", script, scope="global", service=SERVICE)
        for path, script in (
            ("", articles),
            ("/featured", featured),
            ("/most_viewed", most_viewed),
            ("/{id}", one_article),
        )
    ),
)
