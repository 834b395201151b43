"""Stock tables are what the vendor's declarations and exports say: `stock_definitions.txt` against the instance.

A line is a table, then `<` a table above it, `="` its label, and its columns: `name`, `name>table` for a reference,
`name>>table` for a list of them, `name:type`, and `name{a|b}` for choices.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sandtable.core.platform.instance import Instance

SOURCE = "type declarations of the vendor's SDK, and update sets in public repositories"
COLUMN = re.compile(r"(?P<name>\w+)(?:(?P<arrow>>>?)(?P<reference>\w+)|:(?P<type>\w+)|\{(?P<choices>[^}]*)\})?")
TABLE = re.compile(r'(?P<name>\w+)(?P<above>(?:<\w+)*)(?:="(?P<label>[^"]*)")?(?::(?P<columns>.*))?')


def lines() -> list[str]:
    text = Path(__file__).with_name("stock_definitions.txt").read_text(encoding="utf-8")
    return re.sub(r"\n  ", " ", text).splitlines()


def differences(instance: Instance, line: str) -> list[str]:
    """Return what an instance has otherwise than a line says."""
    dictionary, said = instance.dictionary, TABLE.fullmatch(line)
    assert said is not None, line
    name = said["name"]
    if not dictionary.has(name):
        return [f"no table {name}"]
    lineage, columns = dictionary.lineage(name), dictionary.columns(name)
    found = [f"{name} is not below {each}" for each in said["above"].split("<")[1:] if each not in lineage]
    if said["label"] and dictionary.table(name).label != said["label"]:
        found.append(f"{name} is called {dictionary.table(name).label}")
    for part in (said["columns"] or "").split():
        asked = COLUMN.fullmatch(part)
        assert asked is not None, part
        column = columns.get(asked["name"])
        if column is None:
            found.append(f"no column {name}.{asked['name']}")
            continue
        if asked["reference"] and column.reference != asked["reference"]:
            found.append(f"{name}.{column.name} points at {column.reference or 'nothing'}")
        if asked["arrow"] == ">" and not column.is_reference and column.reference:
            found.append(f"{name}.{column.name} is a list")
        if asked["type"] and column.type != asked["type"]:
            found.append(f"{name}.{column.name} is of type {column.type}")
        choices = {choice.value for choice in dictionary.choices(name, column.name)}
        found += [
            f"{part} has no {each}" for each in (asked["choices"] or "").split("|") if each and each not in choices
        ]
    return found


@pytest.mark.documented(SOURCE)
def test_stock_tables_are_as_declared(instance: Instance) -> None:
    assert [each for line in lines() for each in differences(instance, line)] == []


@pytest.mark.ours("the comparison sees each kind of difference")
@pytest.mark.parametrize(
    "line",
    [
        "no_such_table",
        "task<sys_user",
        'task="Chore"',
        "task: nosuch",
        "task: assigned_to>sys_user_group",
        "task: watch_list>sys_user",
        "task: priority:string",
        "sys_script: access{private}",
    ],
)
def test_a_difference_is_seen(instance: Instance, line: str) -> None:
    assert len(differences(instance, line)) == 1
