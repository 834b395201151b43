"""An instance with a staging table and a target table of every kind of column; each test gets it as it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from sandtable.core.imports.import_sets import ImportResult, ImportSets
from sandtable.core.platform.instance import Instance
from sandtable.core.platform.record import Record
from sandtable.core.platform.session import Session
from sandtable.serving.assembly import create_instance

STAGING, TARGET = "u_intake", "u_asset"
STAGED = {
    "u_code": "Code",
    "u_name": "Name",
    "u_kind": "Kind",
    "u_level": "Level",
    "u_owner": "Owner",
    "u_watchers": "Watchers",
    "u_due": "Due",
    "u_seen": "Seen",
    "u_note": "Note",
    "u_state": "State",
}
LONGER = {"u_watchers": "200", "u_note": "255"}
COLUMNS: tuple[Mapping[str, str], ...] = (
    {"element": "u_code", "column_label": "Code", "max_length": "40"},
    {"element": "u_name", "column_label": "Name", "max_length": "40", "display": "true"},
    {"element": "u_kind", "column_label": "Kind", "choice": "1"},
    {"element": "u_level", "column_label": "Level", "internal_type": "integer", "choice": "1"},
    {"element": "u_owner", "column_label": "Owner", "internal_type": "reference", "reference": "sys_user"},
    {"element": "u_home", "column_label": "Home", "internal_type": "reference", "reference": "cmn_location"},
    {
        "element": "u_watchers",
        "column_label": "Watchers",
        "internal_type": "glide_list",
        "reference": "sys_user_group",
        "max_length": "4000",
    },
    {"element": "u_due", "column_label": "Due", "internal_type": "glide_date"},
    {"element": "u_seen", "column_label": "Seen", "internal_type": "glide_date_time"},
    {"element": "u_note", "column_label": "Note", "default_value": "none", "max_length": "100"},
    {"element": "u_needed", "column_label": "Needed", "mandatory": "true"},
)
CHOICES = (
    ("u_kind", "red", "Rather red"),
    ("u_kind", "blue", "Blue"),
    ("u_level", "1", "High"),
    ("u_level", "2", "Low"),
)


def _prepared() -> Instance:
    made = create_instance(random_seed=1)
    made.clock.freeze(datetime(2024, 5, 1, 10, tzinfo=UTC))
    system = made.system()
    tables, columns = system.table("sys_db_object"), system.table("sys_dictionary")
    rows = tables.first("name=sys_import_set_row")
    assert rows is not None
    tables.insert({"name": STAGING, "label": "Intake", "super_class": rows.sys_id})
    tables.insert({"name": TARGET, "label": "Asset"})
    for name, label in STAGED.items():
        length = LONGER.get(name, "40")
        columns.insert(
            {"name": STAGING, "element": name, "column_label": label, "internal_type": "string", "max_length": length}
        )
    for column in COLUMNS:
        columns.insert({"name": TARGET, "internal_type": "string", "max_length": "40", **column})
    for element, value, label in CHOICES:
        system.table("sys_choice").insert(
            {"name": TARGET, "element": element, "value": value, "label": label, "language": "en"}
        )
    return made


@dataclass
class Workshop:
    """What the tests of imports do over and over: make maps, load rows, look at what came of them."""

    instance: Instance
    loader: Session
    maps: dict[str, str] = field(default_factory=dict)

    def make_map(
        self, *entries: Mapping[str, object], name: str = "Assets", target: str = TARGET, **settings: object
    ) -> str:
        """Make a transform map of the staging table; return its sys_id."""
        system = self.instance.system()
        made = system.table("sys_transform_map").insert(
            {"name": name, "source_table": STAGING, "target_table": target, **settings}
        )
        for entry in entries:
            system.table("sys_transform_entry").insert({"map": made.sys_id, "source_table": STAGING, **entry})
        return made.sys_id

    def load(self, staging: str = STAGING, **values: object) -> ImportResult:
        return ImportSets(self.instance).load_row(self.loader, staging, values)

    def outcome(self, staging: str = STAGING, **values: object) -> dict[str, str]:
        """Load a row that one map transforms; return the one element of the answer."""
        results = self.load(staging, **values).results
        assert len(results) == 1
        return results[0]

    def row(self, result: ImportResult) -> Record:
        return self.instance.system().table(result.staging_table).get(result.row_sys_id)

    def assets(self, query: str = "") -> list[Record]:
        return self.instance.system().table(TARGET).query(query)

    def asset(self, **values: object) -> str:
        return self.instance.system().table(TARGET).insert(values).sys_id

    def errors(self) -> list[tuple[str, str, str]]:
        """Return code, source column and target column of every row error."""
        found = self.instance.system().table("sys_import_set_row_error").query()
        return [(error["error_code"], error["source_field"], error["target_field"]) for error in found]


def entry(source: str, target: str = "", **settings: object) -> dict[str, object]:
    """Return one field map; the target column is of the same name unless given."""
    return {"source_field": source, "target_field": target or source, "choice_action": "ignore", **settings}


@pytest.fixture(scope="session")
def made_instance() -> Instance:
    return _prepared()


@pytest.fixture
def workshop(instance: Instance) -> Workshop:
    return Workshop(instance, instance.acting_as("admin"))
