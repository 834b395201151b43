"""A case as Kibana's Cases API gives it: what a push reads, and what it writes back.

Source: Kibana docs, Cases API.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandtable_connector.rules.alert import expand, pick
from sandtable_connector.values.invalid_input import InvalidInput
from sandtable_connector.values.schedule import iso, moment

STATUSES = ("open", "in-progress", "closed")


@dataclass(frozen=True, slots=True)
class Person:
    """Who did something; either name may be empty."""

    full_name: str = ""
    username: str = ""

    @property
    def shown(self) -> str:
        """Return the full name, else the user name, else nothing."""
        return self.full_name or self.username

    def wire(self) -> dict[str, Any]:
        """Return the person as the API gives them."""
        return {"full_name": self.full_name or None, "username": self.username or None, "email": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseComment:
    """Something attached to a case: a comment by a person (`user`), or alerts (`alert`) with their ids."""

    id: str
    kind: str
    created_at: datetime
    comment: str = ""
    created_by: Person = Person()
    updated_at: datetime | None = None
    updated_by: Person = Person()
    pushed_at: datetime | None = None
    alert_ids: tuple[str, ...] = ()

    @property
    def author(self) -> str:
        """Return the name of whoever wrote it last."""
        return self.updated_by.shown or self.created_by.shown or "Unknown"

    @property
    def changed_at(self) -> datetime:
        """Return when it was written or last edited."""
        return max(self.created_at, self.updated_at or self.created_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePush:
    """One push of a case: through which connector, to which record, and when by our own clock."""

    connector_id: str
    connector_name: str
    external_id: str
    external_title: str
    external_url: str
    pushed_at: datetime
    pushed_by: Person = Person()

    def wire(self) -> dict[str, Any]:
        """Return the push as the API gives it (`external_service`)."""
        return {
            "connector_id": self.connector_id,
            "connector_name": self.connector_name,
            "external_id": self.external_id,
            "external_title": self.external_title,
            "external_url": self.external_url,
            "pushed_at": iso(self.pushed_at),
            "pushed_by": self.pushed_by.wire(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case with its comments and every push of it, oldest first; `fields` are the connector's own, wire names.

    `alerts` are the documents of the attached alerts, for the observables of a security incident.
    """

    id: str
    title: str
    description: str = ""
    status: str = "open"
    owner: str = "cases"
    space_id: str = "default"
    connector_id: str = "none"
    fields: Mapping[str, Any] = field(default_factory=dict)
    created_by: Person = Person()
    updated_by: Person = Person()
    comments: tuple[CaseComment, ...] = ()
    pushes: tuple[CasePush, ...] = ()
    alerts: tuple[Mapping[str, Any], ...] = ()
    closed_at: datetime | None = None

    @property
    def author(self) -> str:
        """Return who is named in the description: the last to change the case, else who made it."""
        return self.updated_by.shown or self.created_by.shown or "Unknown"

    def last_push(self, connector_id: str) -> CasePush | None:
        """Return the most recent push through a connector, None when there was none."""
        return next((push for push in reversed(self.pushes) if push.connector_id == connector_id), None)


def parse_case(given: Any) -> Case:
    """Return a case from the Cases API's JSON; InvalidInput names the field that cannot be used.

    `pushes` is ours: the pushes before the last one, which `external_service` holds. `alerts` are alert documents.
    """
    if not isinstance(given, Mapping):
        raise InvalidInput("a case is a JSON object")
    read = _Reader(given, "")
    status = read.text("status") or "open"
    if status not in STATUSES:
        raise InvalidInput(f"{status!r} is not one of {', '.join(STATUSES)}", field="status")
    connector = _Reader(read.group("connector"), "connector.")
    pushes = [_push(item, f"pushes[{number}].") for number, item in enumerate(read.items("pushes"))]
    if given.get("external_service") is not None:
        last = _push(read.group("external_service"), "external_service.")
        if last not in pushes:
            pushes.append(last)
    return Case(
        id=read.required("id"),
        title=read.required("title"),
        description=read.text("description"),
        status=status,
        owner=read.text("owner") or "cases",
        space_id=read.text("space_id") or "default",
        connector_id=connector.text("id") or "none",
        fields=connector.group("fields"),
        created_by=read.person("created_by"),
        updated_by=read.person("updated_by"),
        comments=tuple(_comment(item, f"comments[{n}].") for n, item in enumerate(read.items("comments"))),
        pushes=tuple(sorted(pushes, key=lambda push: push.pushed_at)),
        alerts=tuple(expand(item) for item in read.items("alerts")),
        closed_at=read.moment("closed_at"),
    )


def case_wire(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON a case was read from, with what a push changed written into it."""
    pushed = {comment.id: comment.pushed_at for comment in case.comments}
    comments = [
        {**item, "pushed_at": iso(at)} if (at := pushed.get(item["id"])) is not None else item
        for item in given.get("comments") or []
    ]
    wire = {**given, "status": case.status, "comments": comments, "pushes": [push.wire() for push in case.pushes]}
    if case.pushes:
        wire["external_service"] = case.pushes[-1].wire()
    if case.closed_at is not None:
        wire["closed_at"] = iso(case.closed_at)
    return wire


def alert_values(case: Case, name: str) -> list[str]:
    """Return the different values that the case's alerts have in one field, in order of appearance."""
    found: dict[str, None] = {}
    for document in case.alerts:
        value = pick(document, name)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str) and item:
                found[item] = None
    return list(found)


def _comment(given: Any, where: str) -> CaseComment:
    read = _Reader(given, where)
    kind = read.required("type")
    created = read.moment("created_at")
    if created is None:
        raise InvalidInput("the field is missing", field=f"{where}created_at")
    ids = read.given.get("alertId", [])
    listed = [ids] if isinstance(ids, str) else ids
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        raise InvalidInput(f"{ids!r} is neither an id nor a list of them", field=f"{where}alertId")
    return CaseComment(
        id=read.required("id"),
        kind=kind,
        created_at=created,
        comment=read.required("comment") if kind == "user" else "",
        created_by=read.person("created_by"),
        updated_at=read.moment("updated_at"),
        updated_by=read.person("updated_by"),
        pushed_at=read.moment("pushed_at"),
        alert_ids=tuple(listed),
    )


def _push(given: Any, where: str) -> CasePush:
    read = _Reader(given, where)
    at = read.moment("pushed_at")
    if at is None:
        raise InvalidInput("the field is missing", field=f"{where}pushed_at")
    return CasePush(
        connector_id=read.required("connector_id"),
        connector_name=read.text("connector_name"),
        external_id=read.required("external_id"),
        external_title=read.text("external_title"),
        external_url=read.text("external_url"),
        pushed_at=at,
        pushed_by=read.person("pushed_by"),
    )


class _Reader:
    """Typed reads of one JSON object; each refusal names the whole field."""

    def __init__(self, given: Any, where: str) -> None:
        if not isinstance(given, Mapping):
            raise InvalidInput("an object is needed", field=where.rstrip("."))
        self.given = given
        self.where = where

    def text(self, name: str) -> str:
        value = self.given.get(name)
        if value is not None and not isinstance(value, str):
            raise InvalidInput(f"{value!r} is not text", field=f"{self.where}{name}")
        return value or ""

    def required(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise InvalidInput("the field is missing or empty", field=f"{self.where}{name}")
        return value

    def moment(self, name: str) -> datetime | None:
        value = self.given.get(name)
        return None if value is None else moment(value, f"{self.where}{name}")

    def group(self, name: str) -> Mapping[str, Any]:
        value = self.given.get(name)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            raise InvalidInput("an object is needed", field=f"{self.where}{name}")
        return value

    def items(self, name: str) -> Sequence[Any]:
        value = self.given.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            raise InvalidInput("a list of objects is needed", field=f"{self.where}{name}")
        return value

    def person(self, name: str) -> Person:
        read = _Reader(self.group(name), f"{self.where}{name}.")
        return Person(read.text("full_name"), read.text("username"))
