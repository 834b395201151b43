"""What people see of a stored value, and the stored value behind what people type.

`display_value` and `to_input` are each other's inverse as far as the platform's are: a label has one value, a display
value names the first record that has it, a local time is one moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from sandtable.core.platform.journal_text import journal_text, local_time
from sandtable.core.query import condition, conjunction
from sandtable.core.schema.columns import DATE_TIME_TYPES, INTEGER_TYPES, JOURNAL_TYPES, Column
from sandtable.core.schema.private_values import is_private
from sandtable.core.values import date_texts, durations, formats, money, zones
from sandtable.core.values.texts import comma_list

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record

CURRENCY_TYPES = frozenset({"currency", "price"})
CURRENCY = "glide.i18n.single_currency.code"
MASK = "********"
# A CORS rule lists the APIs with their paths, `Table API [now/table]`; elsewhere their records show a name alone.
_LISTED_API, _API_ROOT = ("sys_cors_rule", "rest_api"), "/api/"
_DEEPEST = 4  # a display column may itself be a reference; a circle of them ends here


def display_value(session: Session, record: Record, column: Column) -> str:
    """Return what the caller sees of a record's column: labels, names and times in the caller's own terms.

    A journal column shows its whole history, a password a mask; an empty value shows as nothing.
    """
    if column.type in JOURNAL_TYPES:
        return journal_text(session, record.table, record.sys_id, column.name)
    stored = record[column.name]
    if stored and is_private(record, column):
        return MASK
    return show_value(session, record.table, column, stored) if stored else ""


def show_value(session: Session, table: str, column: Column, stored: str) -> str:
    """Return what the caller sees of a stored value in a column of a table; used where there is no whole record."""
    if not stored:
        return ""
    if column.is_choice:
        return choice_label(session, table, column, stored)
    show = _SHOWN_BY_TYPE.get(column.type)
    return show(session, column, stored) if show is not None else stored


def choice_label(session: Session, table: str, column: Column, stored: str) -> str:
    """Return the label in the caller's language, else the English one, else the value itself."""
    label = session.instance.dictionary.choice_label(table, column.name, stored, session.language)
    return stored if label is None else label


def record_display(session: Session, table: str, sys_id: str) -> str:
    """Return the display value of a record by its sys_id: a user's name, a task's number.

    Empty for a record or table that does not exist. What a reference shows is not subject to access control.
    """
    return _record_display(session, table, sys_id, _DEEPEST)


def look_ahead(session: Session, references: Iterable[tuple[str, str]]) -> None:
    """Read the records behind references, given as (table, sys_id), that are about to be shown: one question a table.

    What one shows by a reference of its own is read when it is shown.
    """
    instance = session.instance
    dictionary = instance.dictionary
    wanted: dict[str, dict[str, None]] = {}
    for table, sys_id in references:
        if dictionary.has(table):
            wanted.setdefault(dictionary.root(table), {})[sys_id] = None
    with instance.lock:
        for root, ids in wanted.items():
            known: dict[str, str] = instance.cached(("display values", root), (root,), dict)
            missing = [sys_id for sys_id in ids if sys_id not in known]
            if len(missing) > 1:
                found = instance.store.read_all(root, missing)
                known.update({sys_id: "" for sys_id in missing if sys_id not in found})


def _record_display(session: Session, table: str, sys_id: str, depth: int) -> str:
    instance = session.instance
    dictionary = instance.dictionary
    if not sys_id or depth == 0 or not dictionary.has(table):
        return ""
    root = dictionary.root(table)
    with instance.lock:
        # Plain text display columns look the same to everybody: remembered until any record of that root changes.
        known: dict[str, str] = instance.cached(("display values", root), (root,), dict)
        if sys_id in known:
            return known[sys_id]
        row = instance.store.get(root, sys_id)
        if row is None:
            known[sys_id] = ""
            return ""
        column = dictionary.column(row.table, dictionary.display_column(row.table))
        if column is None:
            return ""
        stored = row.values.get(column.name, "")
        if column.is_reference:
            return _record_display(session, column.reference, stored, depth - 1)
        if not column.is_choice and column.type not in _SHOWN_BY_TYPE:
            known[sys_id] = stored
            return stored
    return show_value(session, row.table, column, stored)


# one function per kind of column -------------------------------------------------------------------------------------


def _reference(session: Session, column: Column, stored: str) -> str:
    shown = record_display(session, column.reference, stored)
    if shown and (column.table, column.name) == _LISTED_API:
        definition = session.without_access_control().table(column.reference).get(stored)
        return f"{shown} [{definition['base_uri'].removeprefix(_API_ROOT)}]"
    return shown


def _domain(session: Session, column: Column, stored: str) -> str:
    return record_display(session, column.reference, stored) or stored


def _list(session: Session, column: Column, stored: str) -> str:
    # A list may hold e-mail addresses beside references; those show as they are.
    parts = comma_list(stored)
    if not column.reference:
        return ", ".join(parts)
    return ", ".join(record_display(session, column.reference, part) or part for part in parts)


def _date_time(session: Session, column: Column, stored: str) -> str:
    return local_time(session, stored)


def _date(session: Session, column: Column, stored: str) -> str:
    moment = zones.stored_moment(stored)
    return stored if moment is None else formats.show(session.date_format, moment)


def _time(session: Session, column: Column, stored: str) -> str:
    moment = zones.stored_moment(stored)
    return stored if moment is None else formats.show(session.time_format, moment)


def _duration(session: Session, column: Column, stored: str) -> str:
    seconds = durations.seconds_of(stored)
    if seconds is None:
        return stored
    with_seconds = session.instance.property_is_true("sandtable.display.duration_seconds", False)
    return durations.show(seconds, with_seconds=with_seconds)


def _number(session: Session, column: Column, stored: str) -> str:
    if not session.instance.property_is_true("sandtable.display.thousands_separator", True):
        return stored
    return _grouped(stored)


def _grouped(stored: str) -> str:
    whole, point, rest = stored.partition(".")
    sign = "-" if whole.startswith("-") else ""
    digits = whole.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        return stored
    return f"{sign}{int(digits):,}{point}{rest}"


def _currency(session: Session, column: Column, stored: str) -> str:
    """Return an amount in the caller's currency; one in another is converted when `fx_rate` has both of them.

    Source: ServiceNow support articles KB0534905 and KB0788372: amounts come back converted to the currency of the
    caller's locale, and are kept as written.
    """
    own, wanted = own_currency(session.instance), currency_of(session)
    found = money.read(stored) if ";" in stored else money.plain(stored, own)
    if found is None:
        return stored
    code, amount = found
    if code == wanted:
        return money.show(code, amount)
    rates = _rates(session.instance)
    if code in rates and wanted in rates:
        return money.show(wanted, amount / rates[code] * rates[wanted])
    session.explain(f"fx_rate has no rates of {code} and {wanted}, so {column.name} is shown as it was written")
    return money.show(code, amount)


def currency_of(session: Session) -> str:
    """Return the code of the currency that somebody sees amounts in: that of their country, else the instance's."""
    own = own_currency(session.instance)
    if session.user is None or session.instance.property("sandtable.display.money_in", "user") != "user":
        return own
    return money.of_country(session.user["country"]) or own


def own_currency(instance: Instance) -> str:
    """Return the code of the currency that an instance counts in."""
    return instance.property(CURRENCY).strip().upper() or "USD"


def _rates(instance: Instance) -> Mapping[str, Decimal]:
    """Return how much of each currency one unit of the rates' common base is worth, by code; the latest counts."""

    def read() -> dict[str, Decimal]:
        system = instance.system()
        found: dict[str, Decimal] = {}
        for rate in system.table("fx_rate").query("ORDERBYsys_created_on^ORDERBYsys_id"):
            currency = system.table("fx_currency").find(rate["currency"])
            worth = money.read(f"USD;{rate['rate']}")
            if currency is not None and worth is not None and worth[1] > 0:
                found[currency["code"].upper()] = worth[1]
        return found

    return instance.cached("currency rates", ("fx_rate", "fx_currency"), read)


def _class_name(session: Session, column: Column, stored: str) -> str:
    dictionary = session.instance.dictionary
    return (dictionary.table(stored).label if dictionary.has(stored) else "") or stored


def _field_class(session: Session, column: Column, stored: str) -> str:
    # The records of sys_glide_object are known by their names, as on the product.
    return record_display(session, "sys_glide_object", stored) or stored


def _mask(session: Session, column: Column, stored: str) -> str:
    return MASK


_SHOWN_BY_TYPE: dict[str, Callable[[Session, Column, str], str]] = {
    "reference": _reference,
    "domain_id": _domain,
    "glide_list": _list,
    **dict.fromkeys(DATE_TIME_TYPES, _date_time),
    "glide_date": _date,
    "date": _date,
    "glide_time": _time,
    "glide_duration": _duration,
    "timer": _duration,
    **dict.fromkeys(INTEGER_TYPES, _number),
    "decimal": _number,
    "float": _number,
    **dict.fromkeys(CURRENCY_TYPES, _currency),
    "sys_class_name": _class_name,
    "internal_type": _field_class,
    "password": _mask,
    "password2": _mask,
}


# from what people type ------------------------------------------------------------------------------------------------


def to_input(session: Session, column: Column, text: str, *, table: str = "") -> str:
    """Return the value to store for a text that people typed: a label, a display value, a local time.

    `table` is the record's class, for the choice lists of child tables; the column's own table when it is not given.
    Text that means nothing to the column is returned unchanged for choices (which then meet the choice check), and as
    empty for references and dates.
    """
    if not text:
        return ""
    if column.is_choice:
        return _choice_value(session, table or column.table, column, text)
    read = _READ_BY_TYPE.get(column.type)
    return read(session, column, text) if read is not None else text


def _choice_value(session: Session, table: str, column: Column, text: str) -> str:
    dictionary = session.instance.dictionary
    wanted = text.strip().casefold()
    for language in dict.fromkeys((session.language, "en")):
        choices = dictionary.choices(table, column.name, language)
        for choice in sorted(choices, key=lambda each: each.inactive):
            if choice.label.casefold() == wanted:
                return choice.value
    return text


def _referenced(session: Session, column: Column, text: str) -> str:
    instance = session.instance
    dictionary = instance.dictionary
    text = text.strip()
    if not dictionary.has(column.reference):
        return text
    access = session.without_access_control().table(column.reference)
    if access.find(text) is not None:
        return text
    name = dictionary.display_column(column.reference)
    wanted = condition(name, "=", text)  # a value, never a query: it may read like a script
    if (column.table, column.name) == _LISTED_API and text.endswith("]"):
        shown, _, path = text[:-1].rpartition(" [")
        wanted = conjunction(condition(name, "=", shown), condition("base_uri", "=", f"{_API_ROOT}{path}"))
    found = access.first(wanted)
    return found.sys_id if found is not None else ""


def _listed(session: Session, column: Column, text: str) -> str:
    parts = comma_list(text)
    if not column.reference:
        return ",".join(parts)
    return ",".join(_referenced(session, column, part) or part for part in parts)


def _local_date_time(session: Session, column: Column, text: str) -> str:
    own = session.date_format
    for pattern in (f"{own} {session.time_format}", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm", own, "yyyy-MM-dd"):
        local = formats.read(pattern, text)
        if local is not None:
            return zones.stored_text(local, session.time_zone)
    # Then the list that the platform tries with any text; one that names its zone means that moment.
    found = date_texts.read(text)
    if found is None:
        return ""
    return str(found) if date_texts.names_zone(text) else zones.stored_text(found, session.time_zone)


def _local_date(session: Session, column: Column, text: str) -> str:
    for pattern in (session.date_format, "yyyy-MM-dd"):
        local = formats.read(pattern, text)
        if local is not None:
            return local.strftime("%Y-%m-%d")
    found = date_texts.read(text)
    return "" if found is None else found.date().isoformat()


def _spoken_duration(session: Session, column: Column, text: str) -> str:
    seconds = durations.read(text)
    return text if seconds is None else durations.stored_text(seconds)


def _plain_number(session: Session, column: Column, text: str) -> str:
    return text.replace(",", "")


def _plain_amount(session: Session, column: Column, text: str) -> str:
    own, theirs = own_currency(session.instance), currency_of(session)
    stored = money.read_shown(text, own)
    # An amount alone is one in the currency that they see amounts in.
    bare = theirs != own and not text.lstrip(" -").startswith(money.SYMBOLS.get(own, own))
    return f"{theirs};{stored}" if bare and money.plain(stored, own) is not None else stored


_READ_BY_TYPE: dict[str, Callable[[Session, Column, str], str]] = {
    "reference": _referenced,
    "glide_list": _listed,
    **dict.fromkeys(DATE_TIME_TYPES, _local_date_time),
    "glide_date": _local_date,
    "date": _local_date,
    "glide_duration": _spoken_duration,
    "timer": _spoken_duration,
    **dict.fromkeys(INTEGER_TYPES, _plain_number),
    "decimal": _plain_number,
    "float": _plain_number,
    **dict.fromkeys(CURRENCY_TYPES, _plain_amount),
}
