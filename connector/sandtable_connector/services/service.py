"""What the connector does with an instance, request by request.

Source: Kibana 8.13 docs; observed request sequences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sandtable_connector.behaviour.switches import Behaviour
from sandtable_connector.connector_types import ConnectorType
from sandtable_connector.errors import (
    ABSENT,
    AnswerUnusable,
    ConnectorError,
    InstanceUnavailable,
    ParametersRefused,
    Redactor,
    RowRefused,
    for_status,
)
from sandtable_connector.schemas.config import Config
from sandtable_connector.services.error_texts import Step, compose
from sandtable_connector.services.sender import Sender, standard_headers
from sandtable_connector.settings.networking import Networking
from sandtable_connector.transport.answers import json_body, parse_body, result_of
from sandtable_connector.transport.messages import Log, Request
from sandtable_connector.transport.urls import Urls
from sandtable_connector.values.dates import pushed_date
from sandtable_connector.values.javascript_text import counts_as_true, printed

NOT_WITH_DEPRECATED = "ServiceNow additional fields are not supported for deprecated connectors."


@dataclass(frozen=True, kw_only=True)
class Service:
    """One instance as one connector sees it; every method is one pass without retries and raises ConnectorError.

    ``caller`` is the user name written to caller and opened_by of a new incident, None under OAuth.
    """

    kind: ConnectorType
    config: Config
    caller: str | None
    sender: Sender
    urls: Urls
    behaviour: Behaviour
    networking: Networking
    clock: Callable[[], float]
    log: Log
    redact: Redactor

    @property
    def imports(self) -> bool:
        """Return whether records are written through the app's import set, not the Table API."""
        return self.kind.has_app and not self.config.is_deprecated

    @contextmanager
    def step(self, step: Step) -> Iterator[None]:
        """Word every failure inside as the failure of this step, keeping its class and its facts."""
        try:
            yield
        except ConnectorError as error:
            bracketed = self.behaviour.error_texts == "bracketed"
            raise error.restated(compose(step, error, bracketed=bracketed, redact=self.redact)) from error

    def call(self, method: str, url: str, body: Any = ABSENT) -> Any:
        """Send one request and return the answer's parsed body, which has a ``result``.

        Raises the error for a status that is not 2xx, and InstanceUnavailable for an answer no instance gives.
        """
        return self.called(method, url, body)[0]

    def called(self, method: str, url: str, body: Any = ABSENT) -> tuple[Any, int]:
        """Send one request as `call` does, and return the answer's parsed body and its status."""
        headers = standard_headers(self.behaviour)
        content: bytes | None = None
        if body is not ABSENT:
            headers["Content-Type"] = "application/json"
            content = json_body(body)
        response = self.sender.send(Request(method, url, headers, content))
        parsed = parse_body(response)
        if not 200 <= response.status < 300:
            raise for_status(response.status, parsed)
        if parsed is None and self.behaviour.javascript_slips:
            raise InstanceUnavailable("Cannot read properties of null (reading 'result')")
        if result_of(parsed) is None:
            host = self._named_host(url)
            raise InstanceUnavailable(f"There is an issue with your Service Now Instance. Please check {host}.")
        return parsed, response.status

    def check_application(self) -> None:
        """Ask the Elastic app's health resource; the version is only logged, no minimum is enforced."""
        with self.step(Step("Unable to get application version", "get", "health")):
            found = self.call("GET", self.urls.health(self.kind.scope))["result"]
            scope, version = (found.get("scope"), found.get("version")) if isinstance(found, Mapping) else (None, None)
            self.log("debug", f"Create incident: Application scope: {scope}: Application version{version}")

    def create_incident(self, incident: Mapping[str, Any]) -> dict[str, Any]:
        """Write a new incident (or what the app's transform makes of it) and return its title, id, date and url."""
        with self.step(Step("Unable to create incident", "post", self._endpoint)):
            self._refuse_additional_fields(incident)
            opened = {**incident, "caller_id": self.caller, "opened_by": self.caller}
            if self.imports:
                self.check_application()
                sys_id = self._imported(self.prepared(opened))
            else:
                answer = self.call("POST", self.urls.table(self.kind.table), self.prepared(opened))
                sys_id = self._written_id(answer["result"])
            record = self.read_incident(sys_id)
            return self.described(record, "sys_created_on")

    def update_incident(self, incident_id: Any, incident: Mapping[str, Any]) -> dict[str, Any]:
        """Write to the incident with that sys_id (ABSENT: with none) and return its title, id, date and url."""
        shown = printed(incident_id)
        method = "post" if self.imports else "patch"
        with self.step(Step(f"Unable to update incident with id {shown}", method, self._endpoint)):
            self._refuse_additional_fields(incident)
            if self.imports:
                self.check_application()
                sys_id = self._imported({**self.prepared(incident), "elastic_incident_id": incident_id})
            else:
                url = self.urls.record(self.kind.table, shown)
                sys_id = self._written_id(self.call("PATCH", url, self.prepared(incident))["result"])
            record = self.read_incident(sys_id)
            return self.described(record, "sys_updated_on")

    def read_incident(self, sys_id: Any) -> Any:
        """Return the record with that sys_id, as the Table API gives it."""
        shown = printed(sys_id)
        with self.step(Step(f"Unable to get incident with id {shown}", "get", "table")):
            if isinstance(sys_id, str) and self.urls.is_blank(sys_id) and self.behaviour.blank_ids == "refused":
                raise ParametersRefused("Incident id is empty.")
            return self.call("GET", self.urls.record(self.kind.table, shown))["result"]

    def incidents_with(self, correlation_id: str) -> Any:
        """Return the incidents with that correlation ID, newest first, as the Table API gives them."""
        with self.step(Step(f"Unable to get incident by correlation ID {correlation_id}", "get", "table")):
            if self.urls.is_blank(correlation_id) and self.behaviour.blank_ids == "refused":
                raise ParametersRefused("Correlation ID is empty.")
            return self.call("GET", self.urls.by_correlation(self.kind.table, correlation_id))["result"]

    def fields(self) -> list[Any]:
        """Return the dictionary rows of the writable text columns of the type's table."""
        with self.step(Step("Unable to get fields", "get", "table")):
            found = self.call("GET", self.urls.fields(self.kind.table))["result"]
            # An answer of another shape is handed on as it is in JavaScript, unless it counts as false there.
            as_it_is = isinstance(found, list) or (self.behaviour.javascript_slips and counts_as_true(found))
            return found if as_it_is else []

    def choices(self, fields: Sequence[str]) -> Any:
        """Return the choices of some fields, untouched: duplicates, inactive ones and both tables' rows included."""
        with self.step(Step("Unable to get choices", "get", "table")):
            return self.call("GET", self.urls.choices(self.kind.table, fields))["result"]

    def prepared(self, incident: Mapping[str, Any]) -> dict[str, Any]:
        """Return the body for an incident: in import mode every field is prefixed ``u_``, additional fields are not.

        A field of the incident wins over an additional one of the same name, even when it is null.
        """
        own = {name: value for name, value in incident.items() if name not in ("additional_fields", "externalId")}
        if not self.imports:
            return own
        prefixed = {f"u_{name}": value for name, value in own.items()}
        return {**(incident.get("additional_fields") or {}), **prefixed}

    def described(self, record: Any, date_field: str) -> dict[str, Any]:
        """Return what an action reports about a record: title, id, pushedDate, url; AnswerUnusable for a bad date."""
        values = record if isinstance(record, Mapping) else {}
        sys_id = values.get("sys_id", ABSENT)
        slips = self.behaviour.javascript_slips
        if (sys_id is ABSENT or sys_id is None) and not slips:
            raise AnswerUnusable(f"the {self.kind.table} that was written came back without a sys_id")
        number = values.get("number", ABSENT)
        reported = {
            "title": ABSENT if number is None and not slips else number,
            "id": sys_id,
            "pushedDate": pushed_date(values.get(date_field), self.behaviour, self.clock),
            "url": self.urls.view(self.kind.table, printed(sys_id)),
        }
        return {name: value for name, value in reported.items() if value is not ABSENT}

    def is_closed(self, record: Any) -> bool:
        """Return whether a record's state, as exact text, is one that counts as closed."""
        state = record.get("state") if isinstance(record, Mapping) else None
        return isinstance(state, str) and state in self.behaviour.closed_states

    @property
    def _endpoint(self) -> str:
        return "import_set" if self.imports else "table"

    def _refuse_additional_fields(self, incident: Mapping[str, Any]) -> None:
        # An empty object is refused as well: JavaScript holds it for true.
        if not self.imports and incident.get("additional_fields") is not None:
            raise ParametersRefused(NOT_WITH_DEPRECATED, status=400)

    def _imported(self, body: Mapping[str, Any]) -> Any:
        answer, answered = self.called("POST", self.urls.import_set(self.kind.staging_table), body)
        rows = answer["result"]
        row = self._first_row(rows, answered)
        if isinstance(row, Mapping) and row.get("status") == "error":
            said = row.get("error_message", ABSENT)
            text = "" if said is ABSENT else self.redact(printed(said))
            raise RowRefused(text, status=answered, user_error=True)
        return self._written_id(row)

    def _first_row(self, rows: Any, answered: int) -> Any:
        """Return the first row of an import set's answer; AnswerUnusable where there is none to read."""
        if not self.behaviour.javascript_slips:
            if not isinstance(rows, list) or not rows or not isinstance(rows[0], Mapping):
                raise AnswerUnusable("Unexpected result", status=answered)
            return rows[0]
        # Whatever has a length and a first part passes for rows in JavaScript, and what has none fails on reading it.
        if isinstance(rows, list | str) and not rows:
            raise AnswerUnusable("Unexpected result", status=answered)
        if isinstance(rows, list | str):
            first: Any = rows[0]
        else:
            first = rows.get("0", ABSENT) if isinstance(rows, Mapping) else ABSENT
        if first is ABSENT or first is None:
            word = "null" if first is None else "undefined"
            raise AnswerUnusable(f"Cannot read properties of {word} (reading 'status')", status=answered)
        return first

    def _written_id(self, row: Any) -> Any:
        sys_id = row.get("sys_id", ABSENT) if isinstance(row, Mapping) else ABSENT
        if self.behaviour.javascript_slips:
            return sys_id
        if sys_id is not ABSENT and sys_id is not None:
            return str(sys_id)
        status = row.get("status") if isinstance(row, Mapping) else None
        ended = f'; the import set row ended in status "{status}"' if status else ""
        raise AnswerUnusable(f"the instance did not say which record was written{ended}")

    def _named_host(self, url: str) -> str:
        if self.behaviour.instance_named_by == "url":
            return urlsplit(url).hostname or ""
        return self.networking.route(url, self.behaviour).server_name
