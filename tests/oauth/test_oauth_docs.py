"""docs/oauth.md says what the shipped properties, tables and grants are."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sandtable.oauth.endpoints.server import GRANTS

pytestmark = pytest.mark.ours("the page about OAuth is true")

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "oauth.md").read_text(encoding="utf-8")
DATA = json.loads((ROOT / "simulator/sandtable/core/schema/data/tables/oauth.json").read_text(encoding="utf-8"))
ROW = re.compile(r"^\| `([a-z_.]+)` \| (.*?) \| (.*) \|$", re.MULTILINE)
# Defaults that the page puts into words.
IN_WORDS = {"sandtable.oauth.jwt_algorithms", "glide.oauth.inbound.client.credential.grant_type.enabled"}


def shipped() -> dict[str, str]:
    return {each["name"]: each.get("value", "") for each in DATA["records"]["sys_properties"]}


def test_every_switch_is_on_the_page_with_its_default() -> None:
    rows = {match[1]: match[2] for match in ROW.finditer(PAGE) if "." in match[1]}
    told = {"sandtable.oauth.error_profile", "glide.oauth.clients.allowed.for.implicit.grant"}
    assert set(shipped()) - told <= set(rows)
    assert {name: default for name, default in rows.items() if name not in IN_WORDS} == {
        name: value for name, value in shipped().items() if name in rows and name not in IN_WORDS
    }
    assert set(rows) - set(shipped()) == {"glide.oauth.inbound.client.credential.grant_type.enabled"}


def test_every_grant_is_on_the_page() -> None:
    for grant in GRANTS:
        row = re.search(rf"^\| `{re.escape(grant.grant_type)}` \|(.*?)\|", PAGE, re.MULTILINE)
        assert row is not None
        assert all(f"`{name}`" in row[1] for name in grant.needs)


def test_every_table_and_column_named_is_there() -> None:
    columns = {table["name"]: {column["name"] for column in table["columns"]} for table in DATA["tables"]}
    columns["oauth_jwt"] |= columns["oauth_entity"]
    rows = re.findall(r"^\| [a-zA-Z ]+ \| `([a-z_]+)` \| (.*) \|$", PAGE, re.MULTILINE)
    assert [name for name, _ in rows] == ["sys_certificate", "oauth_jwt", "jwt_verifier_map"]
    for name, text in rows:
        assert set(re.findall(r"`([a-z_]+)`", text)) - {"email"} <= columns[name]
