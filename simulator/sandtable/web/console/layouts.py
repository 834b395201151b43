"""How lists and forms of well-known tables are laid out, where no record of the instance says so (`layouts.json`)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandtable.core.platform.contracts import Instance


@dataclass(frozen=True, slots=True)
class Section:
    """One section of a form: two columns side by side, and what takes the whole width below them."""

    title: str = ""
    left: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    wide: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.left, *self.right, *self.wide)


@dataclass(frozen=True, slots=True)
class FormLayout:
    """A form: its sections, what the form itself asks for, and the tables whose records belong below it."""

    sections: tuple[Section, ...]
    mandatory: frozenset[str] = frozenset()
    related: tuple[RelatedList, ...] | None = None


@dataclass(frozen=True, slots=True)
class RelatedList:
    """Records of a table whose `column` names the record of the form; `edit` is the column that a slushbucket fills."""

    table: str
    column: str
    title: str = ""
    edit: str = ""
    columns: tuple[str, ...] = field(default=())
    query: str = ""


@cache
def _content() -> Mapping[str, Any]:
    content: dict[str, Any] = json.loads((Path(__file__).parent / "layouts.json").read_text("utf-8"))
    return content


def list_layout(table: str) -> tuple[str, ...]:
    """Return the columns that are shipped for the list of a table, none for most."""
    return tuple(_content()["lists"].get(table, ()))


def shipped_form(instance: Instance, table: str) -> FormLayout | None:
    """Return the layout that is shipped for the form of a table, or for the nearest one that it extends."""
    forms = _content()["forms"]
    for each in instance.dictionary.lineage(table):
        if each in forms:
            entry = forms[each]
            return FormLayout(
                tuple(
                    Section(
                        part.get("title", ""),
                        tuple(part.get("left", ())),
                        tuple(part.get("right", ())),
                        tuple(part.get("wide", ())),
                    )
                    for part in entry["sections"]
                ),
                frozenset(entry.get("mandatory", ())),
                tuple(_related(part) for part in entry["related"]) if "related" in entry else None,
            )
    return None


def _related(entry: Mapping[str, Any]) -> RelatedList:
    return RelatedList(
        entry["table"],
        entry["column"],
        entry.get("title", ""),
        entry.get("edit", ""),
        tuple(entry.get("columns", ())),
        entry.get("query", ""),
    )


def has_form(table: str) -> bool:
    """Return whether a form is shipped for this very table."""
    return table in _content()["forms"]
