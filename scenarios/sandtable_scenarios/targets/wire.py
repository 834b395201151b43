"""A plain HTTP client of one instance: no connector, no cookies kept, no redirects followed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import requests

from sandtable_scenarios.stage.findings import TargetUnreachable
from sandtable_scenarios.targets.unanswered import reason_of

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
PLAIN_CLIENT = "sandtable-plain-client"
HEALTH = "/api/x_elas2_inc_int/elastic_api/health"
IMPORT = "/api/now/import/x_elas2_inc_int_elastic_incident"


class Wire:
    """Sends single requests to an instance, each in a session of its own."""

    def __init__(self, base_url: str, open_session: Callable[[], requests.Session]) -> None:
        self._root = base_url.rstrip("/")
        self._open = open_session

    def send(
        self,
        method: str,
        path: str,
        *,
        user: tuple[str, str] | None = None,
        bearer: str = "",
        headers: Mapping[str, str] | None = None,
        json: object = None,
        form: Mapping[str, str] | None = None,
        text: str | None = None,
    ) -> requests.Response:
        """Return whatever came back; raises TargetUnreachable when nothing does."""
        sent = {"Accept": "application/json", "User-Agent": PLAIN_CLIENT, **(headers or {})}
        if bearer:
            sent["Authorization"] = f"Bearer {bearer}"
        options: dict[str, Any] = {"json": json}
        if form is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
            options = {"data": urlencode(form)}
        if text is not None:
            options = {"data": text.encode("utf-8")}
        with self._open() as session:
            try:
                return session.request(
                    method,
                    self._root + path,
                    headers=sent,
                    auth=user,
                    allow_redirects=False,
                    timeout=60,
                    **options,
                )
            except requests.RequestException as problem:
                raise TargetUnreachable(
                    f"the instance does not answer {method} {path}: {reason_of(problem)}"
                ) from problem

    def token(self, assertion: str, client_id: str, client_secret: str) -> requests.Response:
        """Ask for an access token with a JWT bearer assertion."""
        form = {
            "grant_type": JWT_BEARER,
            "assertion": assertion,
            "client_id": client_id,
            "client_secret": client_secret,
        }
        return self.send("POST", "/oauth_token.do", form={name: text for name, text in form.items() if text})
