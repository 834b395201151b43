"""No query finds a secret by its value, in whatever store: whether there is one may be asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.instances import lent

from sandtable.core.platform.instance import Instance
from sandtable.core.platform.lists.aggregate import Aggregation, aggregate
from sandtable.core.query import evaluate, parse
from sandtable.serving.assembly import create_instance

pytestmark = pytest.mark.documented(
    "ServiceNow documentation, field types: Password (2 Way Encrypted); what the column holds is cipher text"
)
SECRET = "planted-secret"
# Of the records a (a secret) and b (none) those that a condition on the secret finds.
BY_VALUE = [
    ("{}=" + SECRET, ""),
    ("{}IN" + SECRET, ""),
    ("{}LIKEplanted", ""),
    ("{}STARTSWITHplanted", ""),
    ("{}ENDSWITHsecret", ""),
    ("{}>a", ""),
    ("{}<=zzz", ""),
    ("{}BETWEENa@z", ""),
    ("{}SAMEAS{}", ""),
    ("{}!=" + SECRET, "ab"),
    ("{}NOT IN" + SECRET, "ab"),
    ("{}NOT LIKEplanted", "a"),
    ("{}ISNOTEMPTY", "a"),
    ("{}ISEMPTY", "b"),
]


@pytest.fixture(scope="module", params=["memory", "file"])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    data = str(tmp_path_factory.mktemp("data") / "instance.db") if request.param == "file" else ""
    instance = create_instance(random_seed=1, data=data)
    session = instance.system()
    session.table("sys_db_object").insert({"name": "u_vault", "label": "Vault"})
    for element, kind in (("u_key", "password2"), ("u_pin", "password"), ("u_name", "string")):
        column = {"name": "u_vault", "element": element, "internal_type": kind, "column_label": element}
        session.table("sys_dictionary").insert(column)
    reference = {"name": "u_vault", "element": "u_other", "internal_type": "reference", "reference": "u_vault"}
    session.table("sys_dictionary").insert({**reference, "column_label": "Other"})
    first = session.table("u_vault").insert({"u_name": "a", "u_key": SECRET, "u_pin": SECRET})
    session.table("u_vault").insert({"u_name": "b"})
    session.table("u_vault").insert({"u_name": "c", "u_other": first.sys_id})
    for name, private in (("a", "true"), ("b", "false"), ("c", "false")):
        value = {"a": SECRET, "b": "", "c": "planted-in-sight"}[name]
        session.table("sys_properties").insert({"name": name, "is_private": private, "value": value})
    yield instance
    instance.close()


@pytest.fixture
def instance(kept: Instance) -> Iterator[Instance]:
    with lent(kept):
        yield kept


def _found(instance: Instance, table: str, query: str, name: str) -> str:
    """Return which records a query finds, once the database and the evaluator agree about them."""
    session = instance.system()
    records = session.table(table).query(f"{name}INa,b,c^{query}^ORDERBY{name}")
    found = "".join(record[name] for record in records)
    asked = [session.table(table).first(filters={name: each}) for each in "abc"]
    context = session.query_context()
    assert found == "".join(
        record[name] for record in asked if record is not None and evaluate(parse(query), record.stored, table, context)
    )
    assert session.table(table).count(f"{name}INa,b,c^{query}") == len(found)
    return found


@pytest.mark.parametrize("column", ["u_key", "u_pin"])
@pytest.mark.parametrize(("query", "found"), BY_VALUE, ids=[query for query, _ in BY_VALUE])
def test_a_password_is_not_found_by_its_value(instance: Instance, column: str, query: str, found: str) -> None:
    assert _found(instance, "u_vault", query.format(column, column), "u_name").replace("c", "") == found


def test_nor_over_a_reference_or_another_table(instance: Instance) -> None:
    assert _found(instance, "u_vault", f"u_other.u_key={SECRET}", "u_name") == ""
    assert _found(instance, "u_vault", "u_other.u_keyISNOTEMPTY", "u_name") == "c"
    related = "RLQUERYu_vault.u_other,>=1^{}^ENDRLQUERY"
    assert _found(instance, "u_vault", related.format("u_name=c"), "u_name") == "a"
    assert _found(instance, "u_vault", related.format(f"u_other.u_key={SECRET}"), "u_name") == ""
    assert _found(instance, "u_vault", "SUBQUERYu_key,u_key,u_vault^u_name=a^ENDSUBQUERY", "u_name") == ""


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("value=" + SECRET, ""),
        ("valueSTARTSWITHplanted", "c"),
        ("value>=planted", "c"),
        ("value!=" + SECRET, "abc"),
        ("valueNOT LIKEplanted", "a"),
        ("valueISNOTEMPTY", "ac"),
    ],
)
def test_nor_is_the_value_of_a_private_property(instance: Instance, query: str, found: str) -> None:
    assert _found(instance, "sys_properties", query, "name") == found


@pytest.mark.ours("what cannot be found has no place in an order or a group that would tell it")
def test_nor_does_an_order_or_a_group_tell_it(instance: Instance) -> None:
    session = instance.system()
    session.table("u_vault").insert({"u_name": "0", "u_key": "0"})
    ordered = [record["u_name"] for record in session.table("u_vault").query("ORDERBYDESCu_key")]
    assert ordered == ["a", "b", "c", "0"]
    session.table("sys_properties").insert({"name": "d", "is_private": "true", "value": "zzz"})
    ordered = [record["name"] for record in session.table("sys_properties").query("nameINa,c,d^ORDERBYvalue")]
    assert ordered == ["a", "d", "c"]
    asked = Aggregation(count=True, group_by=("value",), columns={"max": ("value",)})
    groups = aggregate(session, "sys_properties", "nameINa,c,d", asked)
    assert [(group.values[0].value, group.stats["max"]["value"]) for group in groups] == [
        ("", ""),
        ("planted-in-sight", "planted-in-sight"),
    ]


@pytest.mark.ours("a list that is empty for want of a value that the column could hold says so")
def test_who_asks_is_told(instance: Instance) -> None:
    session = instance.acting_as("admin")
    assert session.table("u_vault").query(f"u_key={SECRET}") == []
    assert any("u_key is kept encrypted" in line for line in session.explanations)
