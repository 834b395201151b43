"""The test plane of a simulated instance, as a scenario uses it. A real instance has none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import requests

from sandtable_scenarios.stage.findings import TargetUnreachable
from sandtable_scenarios.targets.table_api import straight
from sandtable_scenarios.targets.unanswered import reason_of

PREFIX = "/_sandtable"
# What is looked at of a request in the journal.
MEMBERS = "method,path,query,status,request_headers,request_body"


class PlaneOfTarget:
    """Snapshots, clock, faults and the request journal of one simulated instance."""

    def __init__(self, base_url: str, session: requests.Session, token: str = "") -> None:
        self._root = base_url.rstrip("/") + PREFIX
        self._http = session
        self._headers = {"X-Sandtable-Token": token} if token else {}
        self.has_planned = True
        # How often the journal was emptied: what came before is not in it any more.
        self.journals = 0
        self._scripts: bool | None = None

    def _call(self, method: str, path: str, body: object = None, params: Mapping[str, Any] | None = None) -> Any:
        try:
            response = straight(self._http, method, self._root + path, self._headers, params=params, body=body)
        except requests.RequestException as problem:
            raise TargetUnreachable(f"the test plane does not answer: {reason_of(problem)}") from problem
        if response.status_code >= 400:
            raise TargetUnreachable(
                f"the test plane refused {method} {path}: {response.status_code} {response.text[:300]}"
            )
        return response.json() if response.content else None

    def is_there(self) -> bool:
        """Whether this instance has a test plane that answers; raises TargetUnreachable when it wants a token."""
        try:
            response = self._http.get(f"{self._root}/info", headers=self._headers, timeout=20)
        except requests.RequestException as problem:
            raise TargetUnreachable(f"the instance does not answer: {reason_of(problem)}") from problem
        if response.status_code == 401 and "X-Sandtable-Token" in response.text:
            raise TargetUnreachable("the test plane refuses this token, or the lack of one: see --plane-token")
        return response.status_code == 200 and "json" in response.headers.get("Content-Type", "")

    def runs_scripts(self) -> bool:
        """Whether the scripts of records run on this instance."""
        if self._scripts is None:
            try:
                self._scripts = not self._call("POST", "/scripts", {"script": "1"})["error"]
            except TargetUnreachable:
                self._scripts = False
        return self._scripts

    def save(self, name: str) -> None:
        """Save the present state under a name."""
        self._call("POST", "/snapshots", {"name": name})

    def restore(self, name: str) -> None:
        """Put the instance back to a saved state."""
        self._call("POST", f"/snapshots/{name}/restore")

    def worlds(self) -> list[str]:
        """Return the names of the worlds of this server."""
        return [each["name"] for each in self._call("GET", "/worlds")["worlds"]]

    def world(self) -> str:
        """Return the name of the world that is this instance."""
        this: str = self._call("GET", "/worlds")["this"]
        return this

    def fork(self, name: str) -> str:
        """Make a world as a copy of this instance; return the path under which it is reached."""
        this = self.world()
        path: str = self._call("POST", "/worlds", {"name": name, "fork": this})["path"]
        return path

    def drop_world(self, name: str) -> None:
        """Drop a world."""
        self._call("DELETE", f"/worlds/{name}")

    def advance(self, seconds: float) -> None:
        """Move the clock of the instance forward."""
        self._call("PUT", "/clock", {"advance": seconds})

    def freeze(self, at: str | None = None) -> None:
        """Stop the clock of the instance, now or at an ISO time."""
        self._call("PUT", "/clock", {"freeze": at or True})

    def unfreeze(self) -> None:
        """Let the clock of the instance run again."""
        self._call("PUT", "/clock", {"unfreeze": True})

    def inject(self, fault: Mapping[str, Any]) -> None:
        """Plan a fault; the mapping is the JSON form of the test plane."""
        self.has_planned = True
        self._call("POST", "/faults", dict(fault))

    def clear_faults(self) -> None:
        """Take back every planned fault."""
        if self.has_planned:
            self._call("DELETE", "/faults")
            self.has_planned = False

    def forget_requests(self) -> None:
        """Empty the request journal."""
        self._call("DELETE", "/requests")
        self.journals += 1

    def requests(self, **filters: str) -> Sequence[Mapping[str, Any]]:
        """Return what reached the instance since the journal was emptied, oldest first; ``filters`` are the plane's."""
        params = {"limit": 10000, "members": MEMBERS, **filters}
        answer = self._call("GET", "/requests", params=params)
        return answer["requests"] if isinstance(answer, dict) else answer  # type: ignore[no-any-return]
