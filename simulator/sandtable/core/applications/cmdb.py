"""Configuration items with their relations, as the CMDB Instance API creates, reads and changes them.

Source: ServiceNow documentation, CMDB Instance API. What comes in is identified first, as the product's identification
engine does: an item of the class with the same serial number, or else the same name, is updated instead of doubled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandtable.core.values.errors import ApiAccessDenied, BadRequest, RecordNotFound, ScriptError

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record

ROOT, RELATIONS, TYPES = "cmdb", "cmdb_rel_ci", "cmdb_rel_type"
ROLE = "itil"
IDENTIFY = "sandtable.cmdb.identify"
DEPENDENT = "sandtable.cmdb.dependent_needs_relation"
IDENTIFIERS = ("serial_number", "name")
SOURCE = "discovery_source"


@dataclass(frozen=True, slots=True)
class Relation:
    """One relation of an item, seen from it: the cmdb_rel_ci record, its type, and the item at the other end."""

    sys_id: str
    type: str
    target: str


@dataclass(frozen=True, slots=True)
class WantedRelation:
    """A relation that is to be made: the sys_id of a cmdb_rel_type, and of the item at the other end."""

    type: str
    target: str


def check_class(session: Session, name: str) -> None:
    """Refuse a table that holds no configuration items, and callers without the role itil.

    Raises UnknownTable, BadRequest, ApiAccessDenied.
    """
    dictionary = session.instance.dictionary
    dictionary.table(name)
    if not session.has_role(ROLE):
        session.explain(f"{session.user_name} needs the role {ROLE} for configuration items")
        raise ApiAccessDenied
    if not dictionary.extends(name, ROOT):
        raise BadRequest("Invalid class", f"{name} holds no configuration items: it does not extend {ROOT}")


def relations(session: Session, item: str) -> tuple[list[Relation], list[Relation]]:
    """Return the outbound relations of an item (it is the parent) and the inbound ones (it is the child)."""
    access = session.table(RELATIONS)

    def found(own: str, other: str) -> list[Relation]:
        page = access.page("", limit=None, offset=0, count=False, filters={own: item})
        return [Relation(record.sys_id, record["type"], record[other]) for record in page.records]

    return found("parent", "child"), found("child", "parent")


def save(
    session: Session,
    class_name: str,
    attributes: Mapping[str, object],
    source: str,
    outbound: Sequence[WantedRelation] = (),
    inbound: Sequence[WantedRelation] = (),
) -> Record:
    """Create an item with its relations, or update the one that it is identified as. Raises as `change`.

    Raises ScriptError for a new item of a dependent class without a relation.
    """
    instance = session.instance
    with instance.transaction():
        values = {**attributes, SOURCE: _checked_source(session, class_name, source)}
        known = identified(session, class_name, attributes)
        if known is None and not (outbound or inbound) and _is_dependent(session, class_name):
            session.explain(f"{class_name} is identified by what it hangs on: its relation has to come with it")
            raise ScriptError("Exception while executing request: null", "")
        access = session.table(class_name)
        item = access.insert(values) if known is None else access.update(known.sys_id, values)
        relate(session, class_name, item.sys_id, outbound, inbound)
        return item


def change(session: Session, class_name: str, sys_id: str, attributes: Mapping[str, object], source: str) -> Record:
    """Change attributes of an item. Raises BadRequest for a source that is no choice, RecordNotFound, AccessDenied."""
    values = {**attributes, SOURCE: _checked_source(session, class_name, source)}
    return session.table(class_name).update(sys_id, values)


def relate(
    session: Session,
    class_name: str,
    sys_id: str,
    outbound: Sequence[WantedRelation],
    inbound: Sequence[WantedRelation],
) -> None:
    """Add relations to an item; one that there is already is not doubled.

    Raises RecordNotFound for the item, BadRequest for a type or another item that does not exist.
    """
    instance = session.instance
    with instance.transaction():
        session.table(class_name).get(sys_id)
        _add(session, sys_id, outbound, own="parent", other="child", where="outbound_relations")
        _add(session, sys_id, inbound, own="child", other="parent", where="inbound_relations")


def unrelate(session: Session, class_name: str, sys_id: str, relation: str) -> None:
    """Remove a relation of an item. Raises RecordNotFound for one that does not exist or is another item's."""
    with session.instance.transaction():
        session.table(class_name).get(sys_id)
        record = session.table(RELATIONS).get(relation)
        if sys_id not in (record["parent"], record["child"]):
            raise RecordNotFound
        session.table(RELATIONS).delete(relation)


def _add(session: Session, sys_id: str, wanted: Iterable[WantedRelation], *, own: str, other: str, where: str) -> None:
    access = session.table(RELATIONS)
    for number, each in enumerate(wanted):
        if session.table(TYPES).find(each.type) is None:
            raise BadRequest("Invalid relation", f"{where}[{number}].type {each.type!r} is no record of {TYPES}")
        if session.table(ROOT).find(each.target) is None:
            raise BadRequest("Invalid relation", f"{where}[{number}].target {each.target!r} is no configuration item")
        values = {own: sys_id, other: each.target, "type": each.type}
        if access.first(filters=values) is None:
            access.insert(values)


def _checked_source(session: Session, class_name: str, source: str) -> str:
    choices = [choice.value for choice in session.instance.dictionary.choices(class_name, SOURCE)]
    if source not in choices:
        said = f"{source!r} is no choice of {SOURCE}" if source else "source is missing"
        raise BadRequest("Invalid source", f"{said}; it must be one of {', '.join(choices)}")
    return source


def _is_dependent(session: Session, class_name: str) -> bool:
    """Tell whether the nearest identification rule of a class is one that asks for a relation to its host.

    Source: ServiceNow documentation, identification rules; what the API answers is from tehubersheezy/servicenow-cli.
    """
    instance = session.instance
    if not instance.property_is_true(DEPENDENT, True):
        return False
    rules = instance.system().table("cmdb_identifier")
    for name in instance.dictionary.lineage(class_name):
        rule = rules.first(filters={"applies_to": name, "active": "true"})
        if rule is not None:
            return rule["independent"] == "false"
    return False


def identified(session: Session, class_name: str, attributes: Mapping[str, object]) -> Record | None:
    """Return the item of the class that attributes are of, or None; always None without `sandtable.cmdb.identify`."""
    if not session.instance.property_is_true(IDENTIFY, True):
        return None
    columns = session.instance.dictionary.columns(class_name)
    for name in IDENTIFIERS:
        value = str(attributes.get(name) or "")
        if value and name in columns:
            found = session.table(class_name).first(filters={name: value})
            if found is not None:
                session.explain(f"{class_name} with this {name} exists already, so it is updated")
                return found
    return None
