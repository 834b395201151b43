"""The plain client itself: every action of the protocol, one pass each, nothing remembered but tokens."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import requests

from sandtable_scenarios.plain.calls import Caller, Failed
from sandtable_scenarios.plain.shapes import (
    ACTIONS,
    INCIDENT,
    OBSERVABLES,
    OWN,
    Refused,
    check_close,
    check_event,
    check_fields,
    check_push,
    check_settings,
    require,
)

TABLES = {".servicenow": "incident", ".servicenow-sir": "sn_si_incident", ".servicenow-itom": "em_event"}
SCOPES = {".servicenow": "x_elas2_inc_int", ".servicenow-sir": "x_elas2_sir_int"}
STAGING = {".servicenow": "elastic_incident", ".servicenow-sir": "elastic_si_incident"}
KINDS = (("dest_ip", "ipv4-addr"), ("source_ip", "ipv4-addr"), ("malware_hash", "SHA256"), ("malware_url", "URL"))
CLOSING = {"state": "7", "close_code": "Closed/Resolved by Caller", "close_notes": "Closed by Caller"}
ENDED = ("7", "8")
OWN_COLUMNS = {kind: (*INCIDENT, *own, "caller_id", "opened_by") for kind, own in OWN.items()}
MILLISECONDS = re.compile(r"\d+")
Execute = Callable[..., dict[str, Any]]


def connector() -> Execute:
    """Return a function that carries out one request of the rehearsal protocol through a session."""
    tokens: dict[object, tuple[str, float]] = {}

    def execute(request: Mapping[str, Any], session: requests.Session | None = None) -> dict[str, Any]:
        try:
            data = Plain(request, session or requests.Session(), tokens).run(request["params"])
        except Refused as problem:
            return {"status": "error", "message": "refused", "service_message": str(problem), "retry": False}
        except Failed as problem:
            return {
                "status": "error",
                "message": "failed",
                "service_message": str(problem),
                "retry": problem.retry,
            }
        return {"status": "ok", "data": data}

    return execute


class Plain:
    """One connector as a request describes it."""

    def __init__(
        self, request: Mapping[str, Any], session: requests.Session, tokens: dict[object, tuple[str, float]]
    ) -> None:
        self.kind = str(request["connector_type_id"])
        config, secrets = request["config"], request["secrets"]
        check_settings(self.kind, config, secrets)
        self.caller = Caller(session, config, secrets, tokens, request.get("connector_id"))
        self.user = None if config.get("isOAuth") else secrets["username"]
        self.table = TABLES[self.kind]
        self.imports = self.kind in STAGING and config.get("usesTableApi") is False

    def run(self, params: Mapping[str, Any]) -> Any:
        """Carry out one sub-action; raises Refused before anything is sent, and Failed."""
        name, given = params.get("subAction"), params.get("subActionParams", {})
        require(name in ACTIONS[self.kind], f"subAction: {name!r} is not known")
        if name == "pushToService":
            if not self.imports and (given.get("incident") or {}).get("additional_fields") is not None:
                raise Refused("additional_fields: not without the application")
            return self.push(*check_push(self.kind, given))
        if name == "closeIncident":
            return self.close(*check_close(given))
        if name == "addEvent":
            return self.event(check_event(given))
        if name == "getChoices":
            return self.choices(check_fields(given))
        if name == "getFields":
            return self.fields()
        require(isinstance(given, Mapping) and set(given) == {"externalId"}, "subActionParams: an external ID alone")
        require(isinstance(given["externalId"], str), "externalId: no text")
        return self.record(given["externalId"])

    def push(self, incident: dict[str, Any], extra: dict[str, Any], comments: list[tuple[str, str]]) -> dict[str, Any]:
        """Write the incident, then each comment, then the observables."""
        target = incident.pop("externalId", None)
        if not (incident.get("correlation_id") or "").strip():
            incident["correlation_id"] = None
        seen = _observables(incident)
        if self.imports:
            incident = {name: value for name, value in incident.items() if name not in OBSERVABLES}
        else:
            # Without the application each kind has a column, and no list.
            lists = {name: incident[name] for name in OBSERVABLES if isinstance(incident.get(name), list)}
            incident |= {name: ",".join(values) for name, values in lists.items()}
        people = {} if target is not None or self.user is None else {"caller_id": self.user, "opened_by": self.user}
        date = "sys_updated_on" if target is not None else "sys_created_on"
        told = self._written({**incident, **people}, extra, target, date)
        added = []
        for comment_id, text in comments:
            self._written({**incident, "work_notes": text}, extra, told["id"], "sys_updated_on")
            added.append({"commentId": comment_id, "pushedDate": told["pushedDate"]})
        if seen and self.imports:
            scope = SCOPES[self.kind]
            self.caller.result("POST", f"/api/{scope}/elastic_api/incident/{told['id']}/observables/bulk", seen)
        return {**told, **({"comments": added} if comments else {})}

    def close(self, target: str | None, correlation_id: str | None) -> dict[str, Any]:
        """Close one incident: the one that is named, or the latest open one with the correlation ID."""
        if target is not None:
            try:
                found = [self.record(target)]
            except Failed as problem:
                if "404" not in str(problem):
                    raise
                return {}
        else:
            found = self._matching(str(correlation_id)) if (correlation_id or "").strip() else []
        still_open = [row for row in found if row["state"] not in ENDED]
        if not still_open:
            return self._told(found[0], "sys_updated_on") if found else {}
        return self._written(CLOSING, {}, still_open[0]["sys_id"], "sys_updated_on")

    def _matching(self, correlation_id: str) -> list[Any]:
        value = correlation_id.replace("^", "^^")
        query = quote(f"correlation_id={value}^ORDERBYDESCsys_created_on", safe="")
        rows = self.caller.result("GET", f"/api/now/table/{self.table}?sysparm_query={query}&sysparm_limit=1000")
        wanted = correlation_id.strip().casefold()
        return [row for row in rows if row.get("correlation_id", "").strip().casefold() == wanted]

    def event(self, record: dict[str, Any]) -> dict[str, Any]:
        """Send one event."""
        moment = record.pop("time_of_event", None)
        if moment is not None:
            record["time_of_event"] = _moment(moment)
        self.caller.result("POST", "/api/global/em/jsonv2", {"records": [record]})
        return {}

    def choices(self, names: list[str]) -> Any:
        """Return the choices of some fields."""
        require(names, "fields: none")
        query = quote(f"nameINtask,{self.table}^elementIN{','.join(names)}^language=en", safe="")
        wanted = "label,value,dependent_value,element"
        return self.caller.result(
            "GET", f"/api/now/table/sys_choice?sysparm_query={query}&sysparm_fields={wanted}&sysparm_limit=10000"
        )

    def fields(self) -> Any:
        """Return the writable text columns of the table."""
        query = quote(
            f"name=task^ORname={self.table}^internal_type=string^active=true^array=false^read_only=false", safe=""
        )
        wanted = "max_length,element,column_label,mandatory"
        return self.caller.result(
            "GET", f"/api/now/table/sys_dictionary?sysparm_query={query}&sysparm_fields={wanted}&sysparm_limit=10000"
        )

    def record(self, sys_id: str) -> Any:
        """Return one record."""
        require(sys_id.strip() and sys_id not in (".", ".."), "externalId: no sys_id")
        return self.caller.result("GET", f"/api/now/table/{self.table}/{quote(sys_id, safe='')}")

    def _written(
        self, values: Mapping[str, Any], extra: Mapping[str, Any], target: str | None, date: str
    ) -> dict[str, Any]:
        given = {name: value for name, value in values.items() if value is not None}
        if self.imports:
            scope, table = SCOPES[self.kind], STAGING[self.kind]
            self.caller.result("GET", f"/api/{scope}/elastic_api/health")
            own = {f"u_{name}" for name in OWN_COLUMNS[self.kind]}
            # What the form has a field for is the form's, also where it is left empty there.
            added = {name: value for name, value in extra.items() if name not in own}
            body = {**added, **{f"u_{name}": value for name, value in given.items()}}
            if target is not None:
                body["elastic_incident_id"] = target
            rows = self.caller.result("POST", f"/api/now/import/{scope}_{table}", body)
            row = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}
            if row.get("status") == "error":
                raise Failed("the row ended in an error", retry=False)
        elif target is not None:
            require(target.strip() and target not in (".", ".."), "externalId: no sys_id")
            row = self.caller.result("PATCH", f"/api/now/table/{self.table}/{quote(target, safe='')}", given)
        else:
            row = self.caller.result("POST", f"/api/now/table/{self.table}", given)
        sys_id = row.get("sys_id") if isinstance(row, dict) else None
        if not sys_id:
            raise Failed("an answer that names no record", retry=False)
        return self._told(self.record(str(sys_id)), date)

    def _told(self, record: Any, date: str) -> dict[str, Any]:
        sys_id = record.get("sys_id") if isinstance(record, dict) else None
        if not sys_id:
            raise Failed("a record without a sys_id", retry=False)
        told = {
            "id": sys_id,
            "title": record.get("number"),
            "url": f"{self.caller.base}/nav_to.do?uri={self.table}.do?sys_id={sys_id}",
        }
        moment = record.get(date)
        written = moment.replace(" ", "T") if moment else f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}"
        return {**told, "pushedDate": f"{written}.000Z"}


def _observables(incident: Mapping[str, Any]) -> list[dict[str, str]]:
    found: dict[tuple[str, str], None] = {}
    for name, kind in KINDS:
        given = incident.get(name) or []
        for value in re.split(r"[ ,|\r\n\t]+", given) if isinstance(given, str) else given:
            if value:
                found[value, kind] = None
    return [{"value": value, "type": kind} for value, kind in found]


def _moment(text: str) -> str:
    if MILLISECONDS.fullmatch(text):
        moment = datetime.fromtimestamp(int(text) / 1000, UTC)
    else:
        moment = datetime.fromisoformat(text)
        # A date alone is a day of UTC.
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
