"""What GlideElement asks of the instance: display values, choices, journals, rights, and the shape of tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sandtable.core.platform import display as displays
from sandtable.core.query import condition, evaluate, parse
from sandtable.core.values import formats, zones

if TYPE_CHECKING:
    from sandtable.core.platform.table_access import Record
    from sandtable.scripting.run import Run


def _record(run: Run, name: str, sys_id: str) -> Record | None:
    if not sys_id or not run.instance.dictionary.has(name):
        return None
    return run.session.without_access_control().table(name).find(sys_id)


def display(run: Run, name: str, sys_id: str, field: str, text: str) -> str:
    """Return what the session's user sees of a value that a field of a row holds, or is about to hold."""
    column = run.instance.dictionary.column(name, field)
    if column is None:
        return text
    record = _record(run, name, sys_id)
    if record is not None and (column.is_journal or record[field] == text):
        return displays.display_value(run.session, record, column)
    return displays.show_value(run.session, name, column, text)


def display_of(run: Run, name: str, sys_id: str) -> str:
    """Return the display value of a row."""
    return displays.record_display(run.session, name, sys_id)


def from_display(run: Run, name: str, field: str, text: str) -> str:
    """Return the value to store for what people would type into a field."""
    column = run.instance.dictionary.column(name, field)
    return text if column is None else displays.to_input(run.session, column, text, table=name)


def choices(run: Run, name: str, field: str, dependent: str) -> list[str]:
    """Return the values of a field's choice list, those of one dependent value when it is given."""
    found = run.instance.dictionary.choices(name, field)
    return [
        each.value for each in found if not each.inactive and (not dependent or each.dependent_value in ("", dependent))
    ]


def choice_label(run: Run, name: str, field: str, value: str, language: str) -> str:
    """Return the label of a choice in a language, the session's by default; the value itself without one."""
    found = run.instance.dictionary.choice_label(name, field, value, language or run.session.language)
    return value if found is None else found


def journal(run: Run, name: str, sys_id: str, field: str, count: float) -> str:
    """Return the newest entry of a journal field (1), or all of them (-1), newest first."""
    from sandtable.core.platform.journal_text import journal_text

    if not sys_id or not run.instance.dictionary.has(name):
        return ""
    whole = journal_text(run.session, name, sys_id, field)
    if count < 0 or not whole:
        return whole
    entries = whole.removesuffix("\n\n").split("\n\n")
    # An entry may hold empty lines of its own, so entries are counted by their first lines.
    marks = [
        index
        for index, part in enumerate(entries)
        if " - " in part.split("\n")[0] and part.split("\n")[0].endswith(")")
    ]
    end = marks[int(count)] if len(marks) > int(count) else len(entries)
    return "\n\n".join(entries[:end]) + "\n\n"


def can(run: Run, name: str, sys_id: str, operation: str) -> bool:
    """Tell whether the session's user may do something with a row."""
    if not run.instance.dictionary.has(name):
        return False
    return run.instance.access.can(run.session, operation, name, _record(run, name, sys_id))


def can_field(run: Run, name: str, sys_id: str, field: str, operation: str) -> bool:
    """Tell whether the session's user may do something with a field of a row."""
    if not can(run, name, sys_id, operation):
        return False
    return run.instance.access.can_field(run.session, operation, name, field)


def unreadable(run: Run, name: str) -> list[str]:
    """Return the fields of a table that the session's user may not read."""
    readable = run.instance.access.readable_columns(run.session, name)
    return [] if readable is None else [each for each in run.instance.dictionary.columns(name) if each not in readable]


def decrypted(run: Run, name: str, field: str, text: str) -> str:
    """Return the plain value of an encrypted field; one that is kept as a hash has none."""
    column = run.instance.dictionary.column(name, field)
    if column is not None and column.type == "password":
        run.instance.ledger.note("script", "GlideElement.getDecryptedValue", f"{name}.{field} is kept as a hash")
        return ""
    return text


def has_attachments(run: Run, name: str, sys_id: str) -> bool:
    """Tell whether files are attached to a row."""
    found = run.session.without_access_control().table("sys_attachment")
    return found.first(filters={"table_name": name, "table_sys_id": sys_id}) is not None


def walks(run: Run, name: str, path: str) -> bool:
    """Tell whether a path of fields leads to a column."""
    dictionary = run.instance.dictionary
    return bool(path) and dictionary.has(name) and dictionary.walk(name, path) is not None


def extends(run: Run, name: str, parent: str) -> bool:
    """Tell whether a table is another one or extends it."""
    dictionary = run.instance.dictionary
    return dictionary.has(name) and dictionary.has(parent) and dictionary.extends(name, parent)


def base_table(run: Run, name: str) -> str:
    """Return the table at the root of a hierarchy."""
    return run.instance.dictionary.root(name) if run.instance.dictionary.has(name) else name


def lineage(run: Run, name: str) -> list[str]:
    """Return a table and those it extends, nearest first."""
    return list(run.instance.dictionary.lineage(name)) if run.instance.dictionary.has(name) else []


def family(run: Run, name: str) -> list[str]:
    """Return a table and those that extend it."""
    dictionary = run.instance.dictionary
    if not dictionary.has(name):
        return []
    return [
        name,
        *(each.name for each in dictionary.tables() if each.name != name and dictionary.extends(each.name, name)),
    ]


def table_attribute(run: Run, name: str, attribute: str) -> str:
    """Return an attribute of a table's own dictionary record."""
    found = run.instance.system().table("sys_dictionary").first(f"name={name}^elementISEMPTY")
    for part in (found["attributes"] if found is not None else "").split(","):
        key, mark, value = part.partition("=")
        if key.strip() == attribute:
            return value.strip() if mark else "true"
    return ""


def check_record(run: Run, name: str, values: Mapping[str, str], text: str, every: bool) -> bool:  # noqa: FBT001
    """Tell whether values hold an encoded query, letter case counting; `every` condition, or any one of them."""
    context = run.session.without_access_control().query_context()
    if not every:
        parts = [part for part in text.split("^") if part and not part.startswith("ORDERBY") and part != "EQ"]
        return any(evaluate(parse(part.removeprefix("OR")), values, name, context) for part in parts)
    return evaluate(parse(text), values, name, context)


def variables(run: Run, name: str, sys_id: str) -> dict[str, dict[str, str]] | None:
    """Return the catalog variables of a request item, or None for another kind of record."""
    dictionary = run.instance.dictionary
    if not dictionary.has("sc_item_option_mtom") or not dictionary.has(name) or not dictionary.extends(name, "task"):
        return None
    system = run.session.without_access_control()
    found: dict[str, dict[str, str]] = {}
    for link in system.table("sc_item_option_mtom").query(condition("request_item", "=", sys_id)):
        option = system.table("sc_item_option").find(link["sc_item_option"])
        question = system.table("item_option_new").find(option["item_option_new"]) if option is not None else None
        if option is None or question is None:
            continue
        value = option["value"]
        shown = value
        if question["type"] == "8" and question["reference"]:
            shown = displays.record_display(run.session, question["reference"], value) or value
        found[question["name"]] = {"value": value, "shown": shown, "label": question["question_text"]}
    return found


def show_day(run: Run, day: str) -> str:
    """Return a day in the format of the session's user."""
    moment = zones.stored_moment(day)
    return day if moment is None else formats.show(run.session.date_format, moment)


OPERATIONS: dict[str, Callable[..., Any]] = {
    each.__name__: each
    for each in (
        display, display_of, from_display, choices, choice_label, journal, can, can_field, unreadable, decrypted,
        has_attachments, walks, extends, base_table, lineage, family, table_attribute, check_record, variables,
        show_day,
    )
}  # fmt: skip
