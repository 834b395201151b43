"""The Knowledge Management, Code Search and Email APIs on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandtable.core.platform.instance import Instance

if TYPE_CHECKING:
    from tests.web.conftest import Wire

documented, assumed = pytest.mark.documented, pytest.mark.assumed
KNOWLEDGE = documented("ServiceNow docs, Knowledge Management REST API")
CODE = assumed("what clients of Code Search read from its answers")
EMAIL = documented("ServiceNow docs, Email API")


def got(wire: Wire, path: str) -> Any:
    answer = wire.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


# knowledge -----------------------------------------------------------------------------------------------------------

ARTICLES = "/api/sn_km_api/knowledge/articles"


@pytest.fixture
def articles(instance: Instance) -> dict[str, str]:
    table = instance.system().table("kb_knowledge")
    rows = [
        {"short_description": "Reset a zebra", "text": "<p>Hold the <b>stripes</b></p>", "workflow_state": "published"},
        {
            "short_description": "Feed a zebra",
            "text": "Grass",
            "workflow_state": "published",
            "sys_view_count": "90000",
        },
        {"short_description": "Draft about a zebra", "text": "?", "workflow_state": "draft"},
        {"short_description": "Zebra auf Deutsch", "text": "-", "workflow_state": "published", "language": "de"},
    ]
    rows[0]["meta"] = "featured, zoo"
    return {row["short_description"]: table.insert(row | {"active": "true"}).sys_id for row in rows}


@KNOWLEDGE
def test_articles_are_found_by_words(wire: Wire, articles: dict[str, str]) -> None:
    result = got(wire, f"{ARTICLES}?query=ZEBRA+stripes&fields=short_description,workflow_state,nosuch")
    (found,) = result["articles"]
    assert found["id"] == f"kb_knowledge:{articles['Reset a zebra']}"
    assert (found["title"], found["snippet"]) == ("Reset a zebra", "Hold the stripes")
    assert set(found["fields"]) == {"short_description", "workflow_state"}
    assert found["fields"]["workflow_state"]["display_value"] == "Published"
    assert (result["meta"]["count"], result["meta"]["start"], result["meta"]["end"]) == (1, 0, 1)


@KNOWLEDGE
@pytest.mark.parametrize(
    "asked, titles",
    [
        ("?query=zebra&language=en", ["Feed a zebra", "Reset a zebra"]),
        ("?query=zebra&language=de", ["Zebra auf Deutsch"]),
        ("?query=zebra&filter=workflow_state=draft", ["Draft about a zebra"]),
        ("?query=zebra&limit=1&offset=1&language=en", ["Reset a zebra"]),
        ("?query=zebra&kb=nosuch", []),
        ("/featured", ["Reset a zebra"]),
        ("/most_viewed?limit=1", ["Feed a zebra"]),
    ],
)
def test_articles_are_chosen(wire: Wire, articles: dict[str, str], asked: str, titles: list[str]) -> None:
    assert [each["title"] for each in got(wire, f"{ARTICLES}{asked}")["articles"]] == titles


@KNOWLEDGE
@pytest.mark.parametrize("version", ["", "/v1"])
def test_an_article_is_read(wire: Wire, instance: Instance, articles: dict[str, str], version: str) -> None:
    base = f"/api/sn_km_api{version}/knowledge/articles"
    article = got(wire, f"{base}/{articles['Feed a zebra']}?fields=number&update_view=true")
    assert (article["content"], article["display_attachments"]) == ("Grass", False)
    assert article["fields"]["number"]["value"] == article["number"]
    assert got(wire, f"{base}/{article['number']}")["sys_id"] == article["sys_id"]
    assert instance.system().table("kb_knowledge").get(article["sys_id"])["sys_view_count"] == "90001"
    assert wire.get(f"{base}/nosuch").status_code == 404


# code search ---------------------------------------------------------------------------------------------------------

CODE_SEARCH = "/api/sn_codesearch/code_search"


@pytest.fixture
def script(instance: Instance) -> str:
    values = {"name": "ZebraUtils", "script": "var Zebra = 1;\n// zebra < horse\nreturn Zebra;"}
    return instance.system().table("sys_script_include").insert(values).sys_id


@CODE
def test_code_is_found_by_line(wire: Wire, script: str) -> None:
    groups = got(wire, f"{CODE_SEARCH}/search?term=Zebra")
    (group,) = [each for each in groups if each["hits"]]
    (hit,) = group["hits"]
    assert (group["recordType"], hit["name"], hit["sysId"]) == ("sys_script_include", "ZebraUtils", script)
    (match,) = hit["matches"]
    assert (match["field"], [each["line"] for each in match["lineMatches"]], match["count"]) == ("script", [1, 3], 2)


@CODE
def test_one_table_is_one_group(wire: Wire, script: str) -> None:
    group = got(wire, f"{CODE_SEARCH}/search?term=zebra&table=sys_script_include&extended_matching=true")
    lines = group["hits"][0]["matches"][0]["lineMatches"]
    assert [each["line"] for each in lines] == [1, 2, 3]
    assert lines[1]["escaped"] == "// zebra &lt; horse"
    assert got(wire, f"{CODE_SEARCH}/search?term=zebra&table=sys_script")["hits"] == []
    assert got(wire, f"{CODE_SEARCH}/search?term=Zebra&limit=0&table=sys_script_include")["hits"] == []


@CODE
def test_what_is_searched(wire: Wire) -> None:
    assert {"name": "sys_script", "label": "Business Rule"} in got(wire, f"{CODE_SEARCH}/tables")
    assert wire.get(f"{CODE_SEARCH}/search").status_code == 400
    assert wire.get(f"{CODE_SEARCH}/search?term=x&table=incident").status_code == 400


# email ---------------------------------------------------------------------------------------------------------------


@EMAIL
@pytest.mark.parametrize("version", ["", "/v1"])
def test_an_email_is_kept_in_the_outbox(wire: Wire, instance: Instance, version: str) -> None:
    incident = instance.acting_as("admin").table("incident").insert({"short_description": "x"})
    body = {
        "to": ["abel.tuter@example.com", "x@example.com"],
        "cc": "y@example.com",
        "subject": "Hello",
        "html": "<p>Hi</p>",
        "text": "Hi",
        "table_name": "incident",
        "table_record_id": incident.sys_id,
    }
    sent = wire.post(f"/api/now{version}/email", json=body).json()["result"]
    assert got(wire, f"/api/now{version}/email/{sent['id']}") == sent
    assert (sent["to"], sent["cc"], sent["text"]) == (body["to"], ["y@example.com"], "Hi")
    kept = instance.system().table("sys_email").get(sent["id"])
    assert (kept["type"], kept["instance"], kept["recipients"]) == (
        "send-ready",
        incident.sys_id,
        "abel.tuter@example.com,x@example.com",
    )


@EMAIL
@pytest.mark.parametrize(
    "body, status",
    [
        ({}, 400),
        ([], 400),
        ({"to": 7}, 400),
        ({"to": ["a@example.com"], "table_name": "nosuch", "table_record_id": "x"}, 400),
        ({"to": ["a@example.com"], "table_name": "incident", "table_record_id": "x"}, 404),
    ],
)
def test_an_email_that_cannot_be_sent(wire: Wire, instance: Instance, body: object, status: int) -> None:
    before = instance.system().table("sys_email").count()
    assert wire.post("/api/now/email", json=body).status_code == status
    assert instance.system().table("sys_email").count() == before
    assert wire.get("/api/now/email/nosuch").status_code == 404


# sessions ------------------------------------------------------------------------------------------------------------

SESSION = assumed("what browser tools and development tools read from these endpoints")
PICKER = "/api/now/ui/concoursepicker"


@SESSION
def test_who_is_calling(wire: Wire) -> None:
    user = got(wire, "/api/now/ui/user/current_user")
    assert (user["user_name"], user["user_display_name"]) == ("admin", "System Administrator")
    assert (user["user_initials"], user["user_sys_id"]) == ("SA", "6816f79cc0a8016401c5a33be04be441")
    assert wire.get("/api/now/ui/user/current_user", auth=None).status_code == 401


@SESSION
def test_where_changes_go(wire: Wire, instance: Instance) -> None:
    sets = instance.acting_as("admin").table("sys_update_set")
    mine = sets.insert({"name": "Mine"}).sys_id
    done = sets.insert({"name": "Done", "state": "complete"}).sys_id
    assert got(wire, f"{PICKER}/updateset")["current"]["name"] == "Default"
    for _ in range(2):
        chosen = wire.put(f"{PICKER}/updateset", json={"sysId": mine}).json()["result"]
        assert chosen["current"] == {"sysId": mine, "name": "Mine"}
    assert {"sysId": done, "name": "Done"} not in chosen["updateSet"]
    preferences = instance.system().table("sys_user_preference").query("name=sys_update_set")
    assert [each["value"] for each in preferences] == [mine]
    assert wire.put(f"{PICKER}/updateset", json={"sysId": done}).status_code == 404
    assert wire.put(f"{PICKER}/updateset", json={}).status_code == 400


@SESSION
def test_in_which_application(wire: Wire) -> None:
    found = got(wire, f"{PICKER}/application")
    assert found["current"] == "global"
    other = next(each for each in found["list"] if each["scopeName"] == "x_elas2_inc_int")
    chosen = wire.put(f"{PICKER}/application", json={"app_id": other["sysId"]}).json()["result"]
    assert chosen["current"] == other["sysId"]
    assert wire.put(f"{PICKER}/application", json={"app_id": "nosuch"}).status_code == 404
    assert wire.put(f"{PICKER}/application", json=["x"]).status_code == 400
