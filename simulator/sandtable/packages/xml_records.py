"""The records in one XML document: an export, an update, an update set, or the description of a table.

Each shape is read to the same values. Of a field's element the direct text counts alone: a condition may carry its
parsed form as child elements. Source: files of each kind, and ServiceNow documentation, update set special handlers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from sandtable.packages.database_xml import described_tables
from sandtable.packages.records import (
    CHANGE,
    CHANGE_MATCHING,
    DELETE,
    DELETE_MATCHING,
    PUT,
    PackagedRecord,
    PackageError,
)

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

DEEPEST = 60
ACTIONS = {action.lower(): action for action in (PUT, CHANGE, DELETE, DELETE_MATCHING, CHANGE_MATCHING)}
ACTIONS |= {"insert": PUT, "": PUT}
UPDATE, RETRIEVED = "sys_update_xml", "sys_remote_update_set"
# Wrappers that stand for a whole list: what is in the instance under the same head goes first. The head's column by
# which the rows belong to it, and the table of the rows.
LISTS = {
    "sys_ui_section": ("sys_ui_element", "sys_ui_section"),
    "sys_ui_form_sections": ("sys_ui_form_section", "sys_ui_form"),
    "sys_ui_list": ("sys_ui_list_element", "list_id"),
    "sys_ui_related": ("sys_ui_related_list_entry", "list_id"),
}
HEADS = {
    "sys_ui_section": "sys_ui_section",
    "sys_ui_form_sections": "sys_ui_form",
    "sys_ui_list": "sys_ui_list",
    "sys_ui_related": "sys_ui_related_list",
}
CHOICES = ("sys_choice", "sys_choice_v2", "sys_choice_set")


def parsed(data: bytes, where: str) -> Element:
    """Return the root of a document.

    Raises PackageError for what is no XML, declares a document type, or nests too deep.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    if not data.strip():
        raise PackageError(where, "is empty")
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except ParseError as error:
        if b"\n<<<<<<< " in data and b"\n>>>>>>> " in data:
            raise PackageError(where, "holds the marks of a merge that was not finished (<<<<<<<); finish it") from None
        raise PackageError(where, f"is no XML that can be read, or is cut short: {error}") from None
    except (DefusedXmlException, ValueError) as error:
        raise PackageError(
            where, f"holds what no export has, and is refused: {error or type(error).__name__}"
        ) from None
    level = [root]
    for _ in range(DEEPEST):
        level = [child for element in level for child in element]
        if not level:
            return root
    raise PackageError(where, f"elements are nested deeper than {DEEPEST}")


def records_in(data: bytes, where: str, *, recorded: str = "") -> list[PackagedRecord]:
    """Return the records of a document, in its order, captured at that moment. Raises PackageError, with the place."""
    return list(_records(parsed(data, where), where, recorded))


def records_of(root: Element, where: str, left: list[PackageError] | None = None) -> list[PackagedRecord]:
    """Return the records below the root of a document, as `records_in` does.

    Updates of a set that cannot be read go into `left`.
    """
    return list(_records(root, where, "", left))


def rows_of_sets(root: Element, where: str) -> list[tuple[dict[str, str], list[dict[str, str]]]]:
    """Return the columns of each update set's own record and of its updates, as a file has them.

    A file holds one set, or a set with its children. Raises PackageError.
    """
    heads = [{field.tag: field.text or "" for field in each} for each in root.findall(RETRIEVED)]
    if root.tag != "unload" or not heads:
        raise PackageError(where, f"holds no <{RETRIEVED}>; give an update set, as its export writes it")
    updates = [{field.tag: field.text or "" for field in each} for each in root.findall(UPDATE)]
    if len(heads) == 1:
        return [(heads[0], updates)]
    return [
        (head, [each for each in updates if each.get("remote_update_set", "") == head.get("sys_id")]) for head in heads
    ]


def _records(
    root: Element, where: str, recorded: str, left: list[PackageError] | None = None
) -> Iterator[PackagedRecord]:
    if root.tag == "unload":
        for index, child in enumerate(root):
            try:
                yield from _exported(child, f"{where}: {child.tag}[{index}]" if where else f"{child.tag}[{index}]")
            except PackageError as error:
                if left is None or child.tag != UPDATE:
                    raise
                left.append(error)
    elif root.tag == "record_update":
        for child in root:
            for record in _updated(child, where, recorded):
                yield replace(record, captured=True)
    elif root.tag == "database":
        yield from described_tables(root, where)
    else:
        raise PackageError(
            where,
            f"its root is <{root.tag}>, which is none of unload, record_update and database; "
            "give an update set, an export of records, or a file of an application",
        )


def _exported(child: Element, where: str) -> Iterator[PackagedRecord]:
    if child.tag == UPDATE and child.find("payload") is not None:
        yield from _captured(child, where)
    elif child.tag != RETRIEVED:
        yield _record(child, where, "")


def _captured(update: Element, where: str) -> Iterator[PackagedRecord]:
    """Yield the records of one update of a set; an update that deletes does so whatever its payload says."""
    name = (update.findtext("name") or "").strip()
    place = f"{where} {name}".rstrip()
    recorded = (update.findtext("sys_recorded_at") or "").strip()
    place = f"{place}.payload"
    inside = list(_records(parsed((update.findtext("payload") or "").encode(), place), place, recorded))
    if not inside:
        raise PackageError(place, "holds no record; a payload is a record_update with one")
    if (update.findtext("action") or "").strip().upper() != DELETE:
        yield from inside
        return
    for record in inside:
        if record.action not in (DELETE_MATCHING, CHANGE_MATCHING):
            yield replace(record, action=DELETE, where=place, query="", recorded=recorded)


def _updated(child: Element, where: str, recorded: str) -> Iterator[PackagedRecord]:
    """Yield the records of one child of a record_update: a record, or a wrapper around those of a whole list."""
    inside = list(child)
    if child.tag in CHOICES and (child.get("field") is not None or child.tag != "sys_choice") and child.get("table"):
        yield from _choices(child, where, recorded)
    elif (
        child.tag in LISTS
        and child.get("table")
        and any(each.tag in (*LISTS, *HEADS.values()) or _is_row(each) for each in inside)
    ):
        yield from _list(child, where, recorded)
    elif child.tag == "sys_documentation" and any(each.tag == "sys_documentation" for each in inside):
        for each in inside:
            yield _record(each, where, recorded, action=child.get("action", ""))
    elif child.tag == "sys_dictionary":
        yield _dictionary(child, where, recorded)
    elif child.tag == "related_items_node":
        for each in inside:
            yield _record(each, where, recorded)
    else:
        yield _record(child, where, recorded)


def _is_row(element: Element) -> bool:
    return element.tag in {rows for rows, _ in LISTS.values()}


def _choices(wrapper: Element, where: str, recorded: str) -> Iterator[PackagedRecord]:
    """Yield the choices of a column: the third version replaces the whole list, the fourth says what goes first."""
    table, column = wrapper.get("table", ""), wrapper.get("field") or wrapper.get("element") or ""
    replaces = wrapper.tag != "sys_choice_v2"
    if replaces and table and column and wrapper.get("action", PUT).upper() != "UPDATE":
        query = f"name={table}^element={column}"
        yield PackagedRecord("sys_choice", DELETE_MATCHING, {}, where, query=query, recorded=recorded)
    if wrapper.get("action", "").upper() == DELETE:
        return
    for each in wrapper:
        record = _record(each, where, recorded)
        filled = {"name": table, "element": column} if each.tag == "sys_choice" else {}
        yield PackagedRecord(
            record.table, record.action, {**filled, **record.values}, where, record.hints, record.query, recorded
        )


def _list(wrapper: Element, where: str, recorded: str) -> Iterator[PackagedRecord]:
    """Yield a form's or list's head and rows; the rows that the instance has under the same head go first."""
    rows, column = LISTS[wrapper.tag]
    heads = [each for each in wrapper if each.tag == HEADS[wrapper.tag]]
    deleted = wrapper.get("action", "").upper() == DELETE
    for head in heads:
        found = _record(head, where, recorded)
        yield found
        if found.sys_id:
            query = f"{column}={found.sys_id}"
            yield PackagedRecord(rows, DELETE_MATCHING, {}, where, query=query, recorded=recorded)
        deleted = deleted or found.action == DELETE
    if not deleted:
        for each in wrapper:
            if each not in heads:
                yield _record(each, where, recorded)


def _dictionary(element: Element, where: str, recorded: str) -> PackagedRecord:
    """Return an entry of the dictionary, whose name and element may stand in attributes alone."""
    record = _record(element, where, recorded)
    named = {"name": element.get("table", ""), "element": element.get("element", "")}
    values = {**{key: value for key, value in named.items() if value}, **record.values}
    hints = dict(record.hints)
    if element.get("extends"):
        hints["extends"] = {"name": element.get("extends", "")}
    return PackagedRecord(record.table, record.action, values, where, hints, record.query, recorded)


def _record(element: Element, where: str, recorded: str, *, action: str = "") -> PackagedRecord:
    given = (element.get("action") or action or "").lower()
    if given not in ACTIONS:
        raise PackageError(
            where, f"<{element.tag}> is to {given!r}, which is none of {', '.join(sorted(filter(None, ACTIONS)))}"
        )
    values, hints = {}, {}
    for field in element:
        values[field.tag] = field.text or ""
        described = {name: ("" if text == "NULL" else text) for name, text in field.attrib.items()}
        if described:
            hints[field.tag] = described
    query, meant = element.get("query", ""), ACTIONS[given]
    if meant == DELETE and query and not values.get("sys_id"):
        meant = DELETE_MATCHING  # so the file of a deleted workflow takes the values of its activities away
    return PackagedRecord(element.tag, meant, values, where, hints, query=query, recorded=recorded)
