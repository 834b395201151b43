"""Records of any table, read and written as the platform itself: without access control."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandtable.core.values.errors import Aborted, PlatformError, RecordNotFound, UnknownTable
from sandtable.faults.forms import BadForm, entry
from sandtable.web.plane.loading.unknown_columns import refuse_unknown
from sandtable.web.plane.operations import Call, Operation, PlaneError

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import TableAccess
    from sandtable.core.platform.record import Record

TOPIC = "Records"


@dataclass(frozen=True, slots=True)
class RecordQuery:
    """Which records of a table."""

    query: str = entry("", "an encoded query", example="active=true^ORDERBYDESCsys_created_on")
    limit: int = entry(100, "how many records at most", least=0, most=100_000)
    offset: int = entry(0, "how many to leave out first", least=0)


def access_to(call: Call, table: str) -> TableAccess:
    """Return the platform's own access to a table. Raises PlaneError."""
    try:
        return call.instance.system().table(table)
    except UnknownTable:
        fix = "GET /_sandtable/records/sys_db_object lists the tables"
        raise PlaneError(404, "table", f"there is no table {table!r}", fix) from None


def shown(record: Record) -> dict[str, str]:
    """Return a record as JSON: its class, and the stored value of each column that has one."""
    return {"sys_class_name": record.table, **record.values_copy()}


def find(call: Call, table: str) -> dict[str, Any]:
    """Return the records that a query matches."""
    asked = call.query(RecordQuery)
    access = access_to(call, table)
    with call.instance.ledger.collect() as notes:
        page = access.page(asked.query, limit=asked.limit, offset=asked.offset)
    ignored = [str(note) for note in notes]
    return {"table": table, "total": page.total, "records": [shown(each) for each in page.records], "ignored": ignored}


def get(call: Call, table: str, sys_id: str) -> dict[str, str]:
    """Return one record."""
    return shown(_got(access_to(call, table), sys_id))


def insert(call: Call, table: str) -> dict[str, str]:
    """Insert a record."""
    access = access_to(call, table)
    values = _values(call, table)
    try:
        return shown(access.insert(values))
    except PlatformError as error:
        raise refused(error) from None


def update(call: Call, table: str, sys_id: str) -> dict[str, str]:
    """Change a record."""
    access = access_to(call, table)
    values = _values(call, table)
    _got(access, sys_id)
    try:
        return shown(access.update(sys_id, values))
    except PlatformError as error:
        raise refused(error) from None


def delete(call: Call, table: str, sys_id: str) -> None:
    """Delete a record."""
    access = access_to(call, table)
    _got(access, sys_id)
    try:
        access.delete(sys_id)
    except PlatformError as error:
        raise refused(error) from None


def _got(access: TableAccess, sys_id: str) -> Record:
    try:
        return access.get(sys_id)
    except RecordNotFound:
        fix = f"GET /_sandtable/records/{access.name} lists those there are"
        raise PlaneError(404, "sys_id", f"there is no record {sys_id!r} of {access.name}", fix) from None


def _values(call: Call, table: str) -> dict[str, Any]:
    values = call.json()
    if not isinstance(values, dict):
        raise PlaneError(400, "body", "is no JSON object", 'send columns and values, such as {"state": "1"}')
    for name, value in values.items():
        if not isinstance(value, str | int | float | bool) and value is not None:
            raise BadForm(name, "must be a text, a number, true, false or null", "stored values are texts")
    refuse_unknown(call.instance, table, values, "")
    return values


def refused(error: PlatformError, where: str = "record") -> PlaneError:
    """Return the platform's refusal of a write as one of the plane, with the reason that a rule gives for itself."""
    reason = error.reason if isinstance(error, Aborted) else ""
    problem = f"{error}: {reason}" if reason else str(error)
    return PlaneError(422, where, problem, "the instance's own rules refuse it; change what they name")


OPERATIONS = (
    Operation("GET", "/records/{table}", find, TOPIC, "Records of a table, stored values.", query=RecordQuery),
    Operation(
        "POST", "/records/{table}", insert, TOPIC, "Insert a record; rules run, access control does not.", status=201
    ),
    Operation("GET", "/records/{table}/{sys_id}", get, TOPIC, "One record, stored values."),
    Operation("PATCH", "/records/{table}/{sys_id}", update, TOPIC, "Change columns of a record."),
    Operation("DELETE", "/records/{table}/{sys_id}", delete, TOPIC, "Delete a record.", status=204),
)
