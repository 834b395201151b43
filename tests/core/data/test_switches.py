"""No hidden flags: every property that the code asks for is a record with a description."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import sandtable
from sandtable.core.schema.dictionary_data import read_baseline
from sandtable.core.security.access import REFUSED_LISTS

pytestmark = pytest.mark.ours(
    "behaviour that is not known, or differs by release, is a property with a documented default"
)

SOURCE = Path(sandtable.__file__).parent
ASKED = re.compile(r"""["']((?:glide|com\.glide)\.[a-z0-9_.]*[a-z0-9_]|sandtable\.[a-z0-9_]+\.[a-z0-9_]+)["']""")
# Written like properties: modules, families of properties that are completed at run time, what the console keeps as
# preferences of each user (sys_user_preference), and the note that a data file has of its definitions. A new instance
# has no record of the client credentials switch, as on the product: an administrator creates it.
OTHERS = re.compile(
    r"sandtable\.(?:core|library|serving|settings)\.[\w.]+|sandtable\.console\.(?:columns|favourites)|sandtable\.data\.baseline"
    r"|glide\.security\.snc_read_only.*|glide\.oauth\.inbound\.client\.credential\..*"
)


def described() -> dict[str, dict[str, str]]:
    records = [dict(record.values) for record in read_baseline().records if record.table == "sys_properties"]
    for path in (SOURCE / "apps" / "data").glob("*.json"):
        records += json.loads(path.read_text(encoding="utf-8")).get("records", {}).get("sys_properties", [])
    # What a newer release has besides is said where releases are.
    releases = json.loads((SOURCE / "core" / "schema" / "data" / "releases.json").read_text(encoding="utf-8"))
    records += [{**each, "description": each["about"]} for each in releases["switches"]]
    return {record["name"]: record for record in reversed(records)}


def asked_for() -> dict[str, str]:
    found = {}
    # Scripts of the platform's own objects ask as well.
    for path in sorted(path for kind in ("*.py", "*.js") for path in SOURCE.rglob(kind)):
        for name in ASKED.findall(path.read_text(encoding="utf-8")):
            if not OTHERS.fullmatch(name):
                found[name] = str(path.relative_to(SOURCE))
    return found


def test_every_property_that_is_asked_for_is_a_record() -> None:
    known, asked = described(), asked_for()
    assert len(asked) > 60
    assert {name: where for name, where in asked.items() if name not in known} == {}


def test_every_switch_of_ours_is_asked_for() -> None:
    asked = asked_for()
    ours = [name for name in described() if name.startswith("sandtable.") and not name.startswith("sandtable.elastic")]
    assert [name for name in ours if name not in asked] == []


def test_every_record_says_what_it_does() -> None:
    assert [name for name, record in described().items() if not record.get("description", "").strip()] == []


def test_a_default_in_code_is_that_of_the_record() -> None:
    assert described()["sandtable.access.refused_lists"]["value"] == REFUSED_LISTS
