"""Write docs/tables.md from the shipped data and rules: `python docs/generate_tables.py`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from sandtable.core.behaviour import RULES
from sandtable.core.schema.dictionary_data import DATA_FOLDER, read_baseline

PAGE = Path(__file__).parent / "tables.md"
HEAD = """# Tables and stock behaviour

This page is written by `python docs/generate_tables.py` from files in `simulator/sandtable/core/schema/data/tables/`
and the rules in `simulator/sandtable/core/behaviour/`; a test fails when it is out of date.

Everything on it is data: the tables are records of `sys_db_object`, their columns records of `sys_dictionary`, the
choices records of `sys_choice`. Creating such a record through any API makes a table, column or choice at once. Columns
that every table has (`sys_id`, `sys_created_on`, `sys_created_by`, `sys_updated_on`, `sys_updated_by`,
`sys_mod_count`, `sys_tags`) are not counted below.
"""


def page() -> str:
    """Return the whole page."""
    return "\n".join((HEAD, *_tables(), *_people(), *_behaviour(), *_switches()))


def _families() -> Iterator[tuple[str, dict[str, list[dict[str, object]]]]]:
    for path in sorted(DATA_FOLDER.glob("*.json")):
        yield path.stem, json.loads(path.read_text(encoding="utf-8"))


def _tables() -> Iterator[str]:
    family = read_baseline()
    choices = Counter(choice.table for choice in family.choices)
    records = Counter(record.table for record in family.records)
    yield "## Tables"
    for name, data in _families():
        rows = [entry for entry in data.get("tables", ()) if set(entry) - {"name", "columns"}]
        if not rows:
            continue
        yield f"\n### {name}.json\n"
        yield "| table | label | extends | numbers | own columns | choices | records at first start |"
        yield "|---|---|---|---|---|---|---|"
        for entry in rows:
            table = str(entry["name"])
            columns = entry.get("columns", [])
            assert isinstance(columns, list)
            cells = (
                f"`{table}`",
                str(entry.get("label", "")),
                f"`{entry['extends']}`" if entry.get("extends") else "",
                str(entry.get("number", "")),
                str(len(columns)),
                str(choices[table] or ""),
                str(records[table] or ""),
            )
            yield f"| {' | '.join(cells)} |"


def _people() -> Iterator[str]:
    users = {r.sys_id: r.values for r in read_baseline().records if r.table == "sys_user"}
    roles = {r.sys_id: r.values["name"] for r in read_baseline().records if r.table == "sys_user_role"}
    granted: dict[str, list[str]] = {}
    for record in read_baseline().records:
        if record.table == "sys_user_has_role" and record.values.get("inherited") == "false":
            granted.setdefault(record.values["user"], []).append(roles[record.values["role"]])
    yield "\n## People of a fresh instance\n"
    yield "Those with a password use their user ID as the password. The others cannot log in until one is set.\n"
    yield "| user ID | name | granted roles | password |"
    yield "|---|---|---|---|"
    for sys_id, values in sorted(users.items(), key=lambda each: each[1]["user_name"]):
        secret = "yes" if values.get("user_password") else ""
        name = values.get("name", "")
        yield f"| `{values['user_name']}` | {name} | {', '.join(sorted(granted.get(sys_id, ())))} | {secret} |"


def _behaviour() -> Iterator[str]:
    yield "\n## Stock business rules\n"
    yield "A rule of a table runs for the tables that extend it too, `global` for all. Lower order runs first."
    yield "\n| table | rule | when | on | order |"
    yield "|---|---|---|---|---|"
    for rule in sorted(RULES, key=lambda each: (each.table, each.when != "before", each.order, each.name)):
        operations = ", ".join(sorted(rule.operations))
        yield f"| `{rule.table}` | {rule.name} | {rule.when} | {operations} | {rule.order} |"


def _switches() -> Iterator[str]:
    yield "\n## Switches\n"
    yield "Where releases differ or facts are thin, a `sys_properties` record decides. Set it like any other record.\n"
    yield "| property | default | what it does |"
    yield "|---|---|---|"
    properties = [record.values for record in read_baseline().records if record.table == "sys_properties"]
    for values in sorted(properties, key=lambda each: each["name"]):
        if values["name"].startswith("sandtable."):
            yield f"| `{values['name']}` | `{values.get('value', '')}` | {values.get('description', '')} |"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
