"""What may be done with the fields of a form: by the dictionary, access control, and the data policies that hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandtable.core.behaviour.data_policy import policies_of
from sandtable.core.platform.writing.coercion import STAMPS
from sandtable.core.query import evaluate

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record
    from sandtable.core.schema.columns import Column

CREATE, WRITE = "create", "write"
# The product computes these; its form shows them and takes nothing for them.
COMPUTED = frozenset({"sys_class_name", "sys_id", "sys_domain", "sys_domain_path", "sys_update_name", "sys_package"})
COMPUTED_BY_TABLE: Mapping[str, frozenset[str]] = {"task": frozenset({"priority"})}


@dataclass(frozen=True, slots=True)
class Rights:
    """The marks of a form's fields: which may be changed, and which must not stay empty."""

    session: Session
    table: str
    operation: str
    may_write: bool
    mandatory: frozenset[str]
    closed: frozenset[str]

    def is_mandatory(self, column: Column) -> bool:
        """Tell whether a field has the mark of one that must be filled in."""
        return (column.mandatory or column.name in self.mandatory) and not self.is_read_only(column)

    def is_read_only(self, column: Column) -> bool:
        """Tell whether a field takes no input."""
        if not self.may_write or column.read_only or column.calculated:
            return True
        if column.name in STAMPS or column.name in COMPUTED or column.name in self.closed:
            return True
        for each in self.session.instance.dictionary.lineage(self.table):
            if column.name in COMPUTED_BY_TABLE.get(each, ()):
                return True
        return not self.session.instance.access.can_field(self.session, self.operation, self.table, column.name)


def rights_of(
    session: Session,
    record: Record,
    *,
    is_new: bool,
    of_form: frozenset[str],
    as_typed: Mapping[str, str] | None = None,
) -> Rights:
    """Return the rights for a record, as it is stored or with what is typed so far."""
    access = session.instance.access
    operation = CREATE if is_new else WRITE
    may = access.can(session, operation, record.table, None if is_new else record)
    values: Mapping[str, str] = record
    if as_typed is not None:
        values = Typed({**record.values_copy(), **as_typed})
    mandatory, closed = set(of_form), set()
    context = session.without_access_control().query_context()
    for policy in policies_of(session.instance, record.table):
        if evaluate(policy.condition, values, record.table, context):
            mandatory |= set(policy.mandatory)
            closed |= set(policy.read_only)
    # A policy closes a field of a stored record; of a new one nothing is closed yet.
    return Rights(
        session, record.table, operation, may, frozenset(mandatory), frozenset() if is_new else frozenset(closed)
    )


class Typed(dict[str, str]):
    """Values by column, where a column without one reads as empty text, as in a record."""

    def __missing__(self, name: str) -> str:
        return ""
