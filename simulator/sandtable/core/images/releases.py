"""Releases as values: what differs between families, as named sets of properties, roles, tables and choices.

The set of a family says what its instances answer by default; each switch is an ordinary system property that may still
be set alone. Two axes stand beside the family, since instances of one family differ in them: how far the restriction of
Basic authentication is in force, and whether the instance was upgraded or is new.

Source: `core/schema/data/releases.json`, where every entry names its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sandtable.core.schema.dictionary_data import DATA_FOLDER
from sandtable.core.values.texts import nearest

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance

FILE = DATA_FOLDER.parent / "releases.json"
OPEN, TRACKING, ENFORCED = BASIC_AUTH = ("open", "tracking", "enforced")
UPGRADED, NEW = KINDS = ("upgraded", "new")
RELEASE, BASIC, KIND = "sandtable.release.family", "sandtable.release.basic_auth", "sandtable.release.instance"


class UnknownRelease(ValueError):
    """A family, or a value of one of the two axes, that there is not; the text says which there are."""

    def __init__(self, what: str, given: str, known: Iterable[str]) -> None:
        self.what, self.given = what, given
        listed = list(known)
        near = nearest(given.lower(), listed)
        meant = f"; did you mean {near}?" if near else ""
        super().__init__(f"{what} must be one of {', '.join(listed)}, not {given!r}{meant}")


@dataclass(frozen=True, slots=True)
class Switch:
    """One property that differs; `value` is None where the family has no record of it."""

    name: str
    value: str | None
    about: str
    source: str
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Release:
    """What instances of a family and kind are like: properties, and the roles, tables and choices they do not have."""

    family: str
    kind: str
    basic_auth: str
    switches: tuple[Switch, ...]
    absent: Mapping[str, tuple[Mapping[str, str], ...]]


@lru_cache(maxsize=1)
def _data() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def families() -> tuple[str, ...]:
    """Return the names of the families, oldest first."""
    return tuple(_data()["releases"])


def default_family() -> str:
    """Return the family that an instance is of when nobody says."""
    return str(_data()["default"])


def release(family: str = "", *, basic_auth: str = "", kind: str = "") -> Release:
    """Return what a family is like. `basic_auth` is open unless the instance is new, which is enforced.

    Raises UnknownRelease.
    """
    data = _data()
    family = (family or default_family()).strip().lower()
    kind = (kind or UPGRADED).strip().lower()
    for what, given, known in (("release", family, families()), ("instance", kind, KINDS)):
        if given not in known:
            raise UnknownRelease(what, given, known)
    basic = (basic_auth or (ENFORCED if kind == NEW else OPEN)).strip().lower()
    if basic not in BASIC_AUTH:
        raise UnknownRelease("basic_auth", basic, BASIC_AUTH)
    switches = [_switch(entry, family) for entry in data["switches"]]
    switches += [_switch(entry, family) if kind == NEW else _older(entry) for entry in data["new_instance"]]
    restriction = "ServiceNow documentation, restriction of Basic authentication"
    switches += [
        Switch(name, value, "Whether Basic authentication of people is watched, and refused", restriction)
        for name, value in data["basic_auth"][basic].items()
    ]
    order = families()
    absent = {
        sort: tuple(entry for entry in data[sort] if order.index(entry["since"]) > order.index(family))
        for sort in ("roles", "tables", "choices")
    }
    return Release(family, kind, basic, tuple(switches), MappingProxyType(absent))


def _switch(entry: Mapping[str, Any], family: str) -> Switch:
    unsure = family in entry.get("unsure", ())
    return Switch(entry["name"], entry["values"][family], entry["about"], entry["source"], unsure)


def _older(entry: Mapping[str, Any]) -> Switch:
    """Return a switch of new instances as an upgraded one has it: as the oldest family does."""
    return Switch(entry["name"], entry["values"][families()[0]], entry["about"], entry["source"])


def apply_release(instance: Instance, wanted: Release) -> None:
    """Make an instance one of a family and kind. Roles, tables and choices that came later are taken away."""
    system = instance.system()
    with instance.transaction():
        for switch in wanted.switches:
            if switch.value is not None:
                instance.set_property(switch.name, switch.value)
                continue
            found = system.table("sys_properties").first(filters={"name": switch.name})
            if found is not None:
                system.table("sys_properties").delete(found.sys_id)
        for name, value in ((RELEASE, wanted.family), (BASIC, wanted.basic_auth), (KIND, wanted.kind)):
            instance.set_property(name, value)
        _take_away(instance, wanted)
        _let_itil_edit_items(instance)
        _spare_the_integration(instance, wanted)


def _take_away(instance: Instance, wanted: Release) -> None:
    system = instance.system()
    for entry in wanted.absent["roles"]:
        _delete(instance, "sys_user_role", {"name": entry["name"]})
    for entry in wanted.absent["choices"]:
        wanted_choice = {"name": entry["table"], "element": entry["element"], "value": entry["value"]}
        _delete(instance, "sys_choice", wanted_choice)
    for entry in wanted.absent["tables"]:
        if instance.dictionary.has(entry["name"]):
            for record in system.table(entry["name"]).query():
                system.table(entry["name"]).delete(record.sys_id)
            _delete(instance, "sys_db_object", {"name": entry["name"]})


def _delete(instance: Instance, table: str, filters: Mapping[str, str]) -> None:
    access = instance.system().table(table)
    for record in access.page("", limit=None, offset=0, count=False, filters=filters).records:
        access.delete(record.sys_id)


def _let_itil_edit_items(instance: Instance) -> None:
    """Have the role itil contain sn_cmdb_editor, or not, as the switch says."""
    system = instance.system()
    roles, links = system.table("sys_user_role"), system.table("sys_user_role_contains")
    itil, editor = (roles.first(filters={"name": name}) for name in ("itil", "sn_cmdb_editor"))
    if itil is None or editor is None:
        return
    link = {"role": itil.sys_id, "contains": editor.sys_id}
    found = links.first(filters=link)
    edits = instance.property_is_true("sandtable.access.itil_edits_items", True)
    if edits and found is None:
        links.insert(link)
    elif not edits and found is not None:
        links.delete(found.sys_id)


def _spare_the_integration(instance: Instance, wanted: Release) -> None:
    """Make the shipped integration user one for web services alone, where people are refused."""
    users = instance.system().table("sys_user")
    found = users.first(filters={"user_name": "elastic.integration"})
    if found is not None and wanted.basic_auth == ENFORCED:
        users.update(found.sys_id, {"web_service_access_only": "true"})


@dataclass(frozen=True, slots=True)
class ReleaseInForce:
    """What an instance says of its release, and which switches somebody has set to something else."""

    family: str
    kind: str
    basic_auth: str
    differing: Mapping[str, tuple[str | None, str]]


def release_in_force(instance: Instance) -> ReleaseInForce:
    """Return the family and kind of an instance, and the switches that differ: (value of the set, value in force)."""
    given = {name: instance.property(name) for name in (RELEASE, BASIC, KIND)}
    try:
        wanted = release(given[RELEASE], basic_auth=given[BASIC], kind=given[KIND])
    except UnknownRelease:
        return ReleaseInForce(given[RELEASE], given[KIND], given[BASIC], {})
    differing = {
        switch.name: (switch.value, instance.property(switch.name))
        for switch in wanted.switches
        if instance.property(switch.name) != (switch.value or "")
    }
    return ReleaseInForce(wanted.family, wanted.kind, wanted.basic_auth, MappingProxyType(differing))
