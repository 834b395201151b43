"""The columns of a table as XML, `TABLE.do?SCHEMA`.

Source: public clients that read it (sn-schema, MirrorRepository), and the processor that an instance has for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from flask import Response

from sandtable.core.security.access import READ
from sandtable.web.wire.xml_form import DECLARATION

if TYPE_CHECKING:
    from sandtable.core.schema.columns import Column
    from sandtable.web.transaction import Transaction


def answer(transaction: Transaction, name: str) -> Response:
    """Return the columns of a table that the caller may read; a refusal is an answer of 200, too."""
    text = "".join(_table(transaction, name))
    return Response(DECLARATION + text, content_type="text/xml;charset=UTF-8")


def _table(transaction: Transaction, name: str) -> Iterator[str]:
    access, dictionary = transaction.instance.access, transaction.instance.dictionary
    if not dictionary.has(name):
        yield f"<error>Invalid table: {escape(name)}</error>"
        return
    transaction.table = name
    if not dictionary.table(name).ws_access or not access.can(transaction.session, READ, name):
        yield f"<error>Insufficient rights to access table: {escape(name)}</error>"
        return
    readable = access.readable_columns(transaction.session, name)
    yield f"<{name}>"
    for column in dictionary.columns(name).values():
        if readable is None or column.name in readable:
            yield _element(transaction, column)
    yield f"</{name}>"


def _element(transaction: Transaction, column: Column) -> str:
    dictionary = transaction.instance.dictionary
    told = {
        "name": column.name,
        "internal_type": column.type,
        "max_length": str(column.max_length),
        "choice_list": "true" if column.is_choice else "false",
        "active_status": "true" if column.active else "false",
    }
    if column.reference and dictionary.has(column.reference):
        shown = dictionary.display_column(column.reference)
        told |= {"display_field": shown, "reference_table": column.reference}
        display = dictionary.columns(column.reference).get(shown)
        if display is not None:
            told["reference_field_max_length"] = str(display.max_length)
    return f"<element {' '.join(f'{key}={quoteattr(value)}' for key, value in told.items())}/>"
