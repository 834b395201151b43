"""A small Table API client for looking at an instance from outside, independent of every connector."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import requests
from requests.structures import CaseInsensitiveDict

from sandtable_scenarios.stage.findings import TargetUnreachable, Unavailable
from sandtable_scenarios.targets.unanswered import reason_of

Row = dict[str, str]
ONLOOKER = "sandtable-scenarios"
"""The User-Agent of calls that only look at, or prepare, what a story is about."""


def straight(
    session: requests.Session,
    method: str,
    url: str,
    headers: Mapping[str, str],
    *,
    params: Mapping[str, Any] | None = None,
    body: object = None,
) -> requests.Response:
    """Send one call straight to a session's transport: no cookies, no redirects, and half of the time saved.

    The URL is one that needs no quoting; ``body`` is sent as JSON unless it is None. Raises what `requests` raises.
    """
    prepared = requests.PreparedRequest()
    prepared.method = method
    prepared.url = f"{url}?{urlencode(params)}" if params else url
    prepared.headers = CaseInsensitiveDict(headers)
    prepared.hooks = {}
    if body is not None:
        prepared.body = json.dumps(body).encode()
        prepared.headers["Content-Type"] = "application/json"
    if method != "GET":
        prepared.headers["Content-Length"] = str(len(prepared.body or b""))
    verify = True if session.verify is None else session.verify
    answer = session.get_adapter(url).send(prepared, timeout=60, verify=verify)
    for hook in session.hooks["response"]:
        hook(answer)
    return answer


class TableApi:
    """Plain verbs on the tables of one instance, as one user; raw values, references as sys_ids."""

    def __init__(self, base_url: str, session: requests.Session, user: str, password: str) -> None:
        self._root = base_url.rstrip("/") + "/api/now/table/"
        self._http = session
        pair = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
        self._authorization = f"Basic {pair}"
        self.user = user

    def call(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, body: object = None
    ) -> requests.Response:
        """Send one call and return whatever came back; raises TargetUnreachable when nothing does."""
        headers = {"Accept": "application/json", "User-Agent": ONLOOKER, "Authorization": self._authorization}
        try:
            return straight(self._http, method, self._root + path, headers, params=params, body=body)
        except requests.RequestException as problem:
            raise TargetUnreachable(f"the instance does not answer {method} {path}: {reason_of(problem)}") from problem

    def _result(self, response: requests.Response, wanted: str) -> Any:
        if response.status_code >= 400:
            raise Unavailable(f"{self.user} may not {wanted}: {response.status_code} {response.text[:200]}")
        return response.json()["result"]

    def rows(self, table: str, query: str = "", fields: Sequence[str] = (), limit: int = 10000) -> list[Row]:
        """Return the rows that an encoded query finds, in the order it asks for."""
        params = {"sysparm_exclude_reference_link": "true", "sysparm_limit": str(limit), "sysparm_query": query}
        if fields:
            params["sysparm_fields"] = ",".join(fields)
        return list(self._result(self.call("GET", table, params=params), f"read {table}"))

    def row(self, table: str, sys_id: str) -> Row | None:
        """Return one row, or None when there is no such record."""
        response = self.call("GET", f"{table}/{sys_id}", params={"sysparm_exclude_reference_link": "true"})
        return None if response.status_code == 404 else dict(self._result(response, f"read {table}"))

    def insert(self, table: str, values: Mapping[str, str]) -> Row:
        """Insert a row and return it as the instance keeps it."""
        params = _writing(table)
        return dict(self._result(self.call("POST", table, params=params, body=dict(values)), f"insert into {table}"))

    def update(self, table: str, sys_id: str, values: Mapping[str, str]) -> Row:
        """Change some fields of a row and return it."""
        params = _writing(table)
        return dict(
            self._result(self.call("PATCH", f"{table}/{sys_id}", params=params, body=dict(values)), f"update {table}")
        )

    def delete(self, table: str, sys_id: str) -> None:
        """Delete a row; one that is gone already is fine."""
        response = self.call("DELETE", f"{table}/{sys_id}")
        if response.status_code not in (204, 404):
            raise Unavailable(f"{self.user} may not delete from {table}: {response.status_code}")

    def set_property(self, name: str, value: str) -> None:
        """Set a system property, creating its record when there is none."""
        found = self.rows("sys_properties", f"name={name}", ("sys_id",), 1)
        if found:
            self.update("sys_properties", found[0]["sys_id"], {"value": value})
        else:
            self.insert("sys_properties", {"name": name, "value": value, "type": "string"})


def _writing(table: str) -> dict[str, str]:
    """Return the parameters of a write; the password of a user counts only as a display value."""
    params = {"sysparm_exclude_reference_link": "true"}
    return {**params, "sysparm_input_display_value": "true"} if table == "sys_user" else params
