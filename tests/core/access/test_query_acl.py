"""Whether a query may ask about what the caller may not read, in each mode of the property that says so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sandtable.core.platform.lists.aggregate import Aggregation, aggregate
from sandtable.core.values.errors import QueryDenied

if TYPE_CHECKING:
    from tests.core.access.conftest import Court

pytestmark = pytest.mark.recorded("field reports: 403 with this detail on recent instances with query ACLs")

DETAIL = "Field(s) present in the query do not have permission to be read"


def refused(court: Court, roles: str, query: str, table: str = "u_letter") -> bool:
    """Tell whether a list of the table is refused for its query."""
    try:
        session = court.instance.acting_as("litigant")
    except LookupError:
        session = court.user(*roles.split())
    try:
        session.table(table).query(query)
    except QueryDenied as refusal:
        return refusal.detail == DETAIL
    return False


@pytest.fixture
def guarded(court: Court) -> Court:
    """The court where everybody reads letters, only `trusted` their secret, and nobody but administrators much else."""
    court.rule("u_paper", "read", "public")
    court.rule("u_paper.u_secret", "read", "trusted")
    court.paper(u_title="t", u_secret="s")
    return court


SECRET = [
    "u_secret=s",
    "u_title=t^u_secretSTARTSWITHs",
    "u_title=t^ORu_secret=s",
    "u_title=t^NQu_secret=s",
    "ORDERBYu_secret",
    "ORDERBYDESCu_secret",
    "u_titleSAMEASu_secret",
    "u_answer_to.u_secret=s",
    "ORDERBYu_answer_to.u_secret",
    "RLQUERYu_letter.u_answer_to,>=1^u_secret=s^ENDRLQUERY",
    "RLQUERYu_letter.u_answer_to,=0^u_title=t^ORu_secret=s^ENDRLQUERY",
    "RLQUERYu_letter.u_secret,>=0^ENDRLQUERY",
    "RLQUERYu_letter.u_answer_to,>0^RLQUERYu_letter.u_answer_to,>0^u_secret=s^ENDRLQUERY^ENDRLQUERY",
    "JOINu_letter.u_writer=u_paper.u_writer!u_secret=s",
    "JOINu_letter.u_secret=u_paper.u_title",
    "JOINu_letter.u_title=u_paper.u_secret",
    "JOINu_letter.u_title=u_paper.u_title!JOINu_paper.u_title=u_letter.u_title!u_secret=s",
    "SUBQUERYu_title,u_title,u_paper^u_secret=s^ENDSUBQUERY",
    "SUBQUERYu_secret,u_title,u_paper^ENDSUBQUERY",
    "SUBQUERYu_title,u_secret,u_paper^ENDSUBQUERY",
    "123TEXTQUERY321=s",
]
ELSEWHERE = [
    "RLQUERYoauth_entity.sys_created_by,>=0^client_secretSTARTSWITHa^ENDRLQUERY",
    "JOINu_letter.u_title=oauth_entity.name!client_secretSTARTSWITHa",
    "SUBQUERYu_title,name,oauth_entity^ENDSUBQUERY",
]
OPEN = [
    "",
    "u_title=t",
    "u_title=t^ORDERBYsys_created_on",
    "u_answer_to.u_title=t",
    "u_writer.user_name=x",
    "RLQUERYu_letter.u_answer_to,>=1^u_title=s^ENDRLQUERY",
    "JOINu_letter.u_writer=sys_user.sys_id!user_name=x",
    "sys_tags.x=x",
    "EQ^GROUPBYu_secret",
]
UNKNOWN = ["nosuch=1", "u_answer_to.nosuch=1", "RLQUERYnosuch.x,>=1^ENDRLQUERY", "ORDERBYnosuch"]


@pytest.mark.parametrize(
    "mode, roles, expected",
    [
        ("off", "a", []),
        ("read", "a", SECRET + ELSEWHERE),
        ("unknown", "a", SECRET + ELSEWHERE + UNKNOWN),
        ("query_acl", "a", SECRET),
        ("query_acl", "trusted", []),
        ("read", "trusted", ELSEWHERE),
        ("unknown", "trusted", ELSEWHERE + UNKNOWN),
        ("unknown", "admin trusted", UNKNOWN),
    ],
)
def test_which_queries_are_refused(guarded: Court, mode: str, roles: str, expected: list[str]) -> None:
    guarded.instance.set_property("sandtable.access.query_acl", mode)
    asked = SECRET + ELSEWHERE + UNKNOWN + OPEN
    assert [query for query in asked if refused(guarded, roles, query)] == expected


MATCHING = [
    "u_title=t",
    "u_title!=t",
    "u_titleINt,u",
    "u_titleNOT INt",
    "u_titleNOTINt",
    "u_titleISEMPTY",
    "u_titleISNOTEMPTY",
    "u_titleANYTHING",
    "u_titleEMPTYSTRING",
    "u_titleSAMEASu_title",
    "u_titleNSAMEASu_title",
    "JOINu_letter.u_title=u_paper.u_title",
]
RANGING = [
    "u_titleLIKEt",
    "u_title*t",
    "u_titleSTARTSWITHt",
    "u_title>t",
    "u_titleBETWEENa@b",
    "u_titleGT_FIELDu_title",
    "ORDERBYu_title",
    "123TEXTQUERY321=t",
]
BOTH = ["u_title=t^ORDERBYu_title", "u_title=t^ORu_titleLIKEt"]


@pytest.mark.documented("ServiceNow docs, query ACLs: equality is query_match, all else and sorting is query_range")
@pytest.mark.parametrize(
    "operation, roles, expected",
    [
        ("query_match", "a", MATCHING + BOTH),
        ("query_range", "a", RANGING + BOTH),
        ("query_match", "b", []),
        ("query_range", "b", []),
        ("query_range", "admin", []),
        ("query_other", "a", []),
    ],
)
@pytest.mark.parametrize("name", ["u_paper", "u_paper.u_title"])
def test_query_acls(court: Court, name: str, operation: str, roles: str, expected: list[str]) -> None:
    court.rule("u_paper", "read", "public")
    court.rule(name, operation, "b")
    court.instance.set_property("sandtable.access.query_acl", "query_acl")
    assert [query for query in MATCHING + RANGING + BOTH if refused(court, roles, query)] == expected


@pytest.mark.ours("counting and aggregating asks what a list asks")
@pytest.mark.parametrize("query", ["u_secret=s", "RLQUERYu_letter.u_answer_to,>=1^u_secret=s^ENDRLQUERY"])
def test_counts_and_pages_are_refused_like_lists(guarded: Court, query: str) -> None:
    guarded.instance.set_property("sandtable.access.query_acl", "read")
    table = guarded.user("a").table("u_letter")
    for ask in (
        lambda: table.count(query),
        lambda: table.first(query),
        lambda: table.page(query, limit=1, offset=0),
        lambda: table.page("", limit=1, offset=0, filters={"u_secret": "s"}),
        lambda: aggregate(table.session, "u_letter", query, Aggregation(count=True)),
    ):
        with pytest.raises(QueryDenied, match=re.escape(DETAIL)):
            ask()
