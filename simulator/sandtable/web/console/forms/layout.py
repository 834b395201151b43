"""The layout of a form: of records of the instance, of what is shipped, or worked out from the dictionary."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sandtable.core.schema.columns import JOURNAL_TYPES
from sandtable.web.console.forms.fields import kind_of
from sandtable.web.console.layouts import FormLayout, RelatedList, Section, has_form, shipped_form
from sandtable.web.console.navigator import plural_of

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance
    from sandtable.core.schema.columns import Column

WIDE = frozenset({"textarea", "code", "journal"})
UNSHOWN = frozenset({"sys_id", "sys_domain_path", "sys_domain", "sys_tags"})
MOST_RELATED = 6
# Records about records would follow from every reference to a table; these say nothing on a form.
BESIDE_THE_POINT = frozenset({"sys_audit", "sys_attachment", "sys_journal_field"})


def form_layout(instance: Instance, table: str, view: str) -> FormLayout:
    """Return the sections and related lists of a table's form in a view."""
    shipped = shipped_form(instance, table)
    sections = _from_records(instance, table, view)
    if not sections:
        sections = shipped.sections if shipped is not None else _worked_out(instance, table)
    sections = _with_own_columns(instance, table, sections)
    mandatory = shipped.mandatory if shipped is not None else frozenset[str]()
    if shipped is not None and shipped.related is not None:
        related = tuple(each for each in shipped.related if _exists(instance, each))
    else:
        related = _references_to(instance, table)
    return FormLayout(sections, mandatory, related)


def other_columns(instance: Instance, table: str, sections: tuple[Section, ...]) -> Section:
    """Return a section of everything else that a record has."""
    shown = {name for section in sections for name in section.names}
    columns = instance.dictionary.columns(table)
    rest = [
        name
        for name, column in columns.items()
        if name not in shown and name not in UNSHOWN and column.type not in JOURNAL_TYPES
    ]
    rest.sort(key=lambda name: (name.startswith("sys_"), (columns[name].label or name).casefold()))
    return _in_two("All other fields", rest, columns)


def _exists(instance: Instance, related: RelatedList) -> bool:
    dictionary = instance.dictionary
    return dictionary.has(related.table) and related.column in dictionary.columns(related.table)


def _from_records(instance: Instance, table: str, view: str) -> tuple[Section, ...]:
    """Return the sections that sys_ui_section and sys_ui_element say, where there are such tables and records."""
    dictionary = instance.dictionary
    if not (dictionary.has("sys_ui_section") and dictionary.has("sys_ui_element")):
        return ()
    tables = ("sys_metadata", "sys_ui_element")
    return instance.cached(("console form", table, view), tables, lambda: _read(instance, table, view))


def _read(instance: Instance, table: str, view: str) -> tuple[Section, ...]:
    system = instance.system()
    records = system.table("sys_ui_section").query(f"name={table}")
    names = {"": ("", "default", "Default view")}.get(view, (view,))
    sections = []
    for section in records:
        shown = section["view_name"] or section["view"]
        if shown not in names and not (view == "" and not shown):
            continue
        elements = system.table("sys_ui_element").query(f"sys_ui_section={section.sys_id}^ORDERBYposition")
        left: list[str] = []
        right: list[str] = []
        column = left
        for element in elements:
            if element["type"] == ".split" or element["element"].startswith(".split"):
                column = right
            elif element["element"].startswith((".begin_split", ".end_split")) or element["type"] in (
                ".begin_split",
                ".end_split",
            ):
                column = left
            elif not element["element"].startswith("."):
                column.append(element["element"])
        if left or right:
            sections.append(Section(section["caption"], tuple(left), tuple(right)))
    return tuple(sections)


def _worked_out(instance: Instance, table: str) -> tuple[Section, ...]:
    """Return a form of a table's own columns, those of its parents behind them, what the platform writes left out."""
    dictionary = instance.dictionary
    columns = dictionary.columns(table)
    names: list[str] = []
    for each in dictionary.lineage(table):
        names += [name for name in dictionary.table(each).columns if name in columns and not name.startswith("sys_")]
    if not names:
        names = [name for name in columns if name not in UNSHOWN]
    display = dictionary.display_column(table)
    ordered = [name for name in (display,) if name in names] + [
        name for name in dict.fromkeys(names) if name != display
    ]
    return (_in_two("", ordered, columns),)


def _in_two(title: str, names: list[str], columns: object) -> Section:
    assert hasattr(columns, "__getitem__")
    narrow = [name for name in names if kind_of(columns[name]) not in WIDE]
    wide = [name for name in names if kind_of(columns[name]) in WIDE]
    half = (len(narrow) + 1) // 2
    return Section(title, tuple(narrow[:half]), tuple(narrow[half:]), tuple(wide))


def _with_own_columns(instance: Instance, table: str, sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """Add what a table has beyond the one that its form was laid out for."""
    dictionary = instance.dictionary
    columns = dictionary.columns(table)
    shown = {name for section in sections for name in section.names}
    own: list[str] = []
    for each in dictionary.lineage(table):
        if has_form(each):
            break
        own += [
            name
            for name in dictionary.table(each).columns
            if name in columns and name not in shown and not name.startswith("sys_")
        ]
    else:
        return sections
    if not own:
        return sections
    extra: Section = _in_two(dictionary.table(table).label or table, list(dict.fromkeys(own)), columns)
    return (*sections[:1], extra, *sections[1:])


def _references_to(instance: Instance, table: str) -> tuple[RelatedList, ...]:
    """Return the related lists that the dictionary suggests: the tables with a reference to this very one."""

    def found() -> tuple[RelatedList, ...]:
        dictionary = instance.dictionary
        lists = [
            RelatedList(each.name, column.name, plural_of(instance, each.name))
            for each in dictionary.tables()
            if each.name not in BESIDE_THE_POINT
            for column in each.columns.values()
            if column.is_reference and column.reference == table and not column.name.startswith("sys_")
        ]
        counts: dict[str, int] = {}
        for one in lists:
            counts[one.table] = counts.get(one.table, 0) + 1
        columns = {one: dictionary.column(one.table, one.column) for one in lists}
        return tuple(
            replace(one, title=f"{one.title} ({column.label})" if counts[one.table] > 1 and column else one.title)
            for one, column in columns.items()
        )[:MOST_RELATED]

    return instance.dictionary.memo(("console related", table), found)


def readable_sections(
    sections: tuple[Section, ...], columns: dict[str, Column]
) -> list[tuple[str, list[Column], list[Column], list[Column]]]:
    """Return the sections with the columns that there are and that may be read; empty sections are left out."""
    shown = []
    for section in sections:
        parts = [
            [columns[name] for name in names if name in columns]
            for names in (section.left, section.right, section.wide)
        ]
        if any(parts):
            shown.append((section.title, *parts))
    return shown  # type: ignore[return-value]
