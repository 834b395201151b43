"""The test plane of a running instance, for programs: what `/_sandtable/` offers as methods."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from sandtable.packages.contents import packed

PREFIX = "/_sandtable"
TOKEN_HEADER = "X-Sandtable-Token"  # noqa: S105 - the name of a header
SECONDS = 60
TYPES = {".json": "application/json", ".csv": "text/csv", ".xml": "application/xml", ".zip": "application/zip"}


def unanswered(url: str, error: requests.RequestException) -> str:
    """Return in one line why a request was not answered, and what to do about it."""
    if isinstance(error, requests.exceptions.SSLError):
        return f"the certificate of {url} is not trusted: give its CA in REQUESTS_CA_BUNDLE, or --insecure"
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ReadTimeout):
        return f"{url} does not answer in time: is the instance busy, or is this its address?"
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.MissingSchema):
        return f"{url} is no address: give one such as http://127.0.0.1:8080"
    if isinstance(error, requests.exceptions.InvalidJSONError):
        return f"nothing was sent to {url}: a number in it is not finite"
    return f"nobody answers at {url}: start an instance with `sandtable serve`, or give its address with --url"


class PlaneRefusal(Exception):
    """The plane refused, or nobody answered. `field` and `fix` are empty when the answer was not the plane's own."""

    def __init__(self, problem: str, *, status: int = 0, field: str = "", fix: str = "") -> None:
        self.problem, self.status, self.field, self.fix = problem, status, field, fix
        super().__init__("; ".join(part for part in (f"{field}: {problem}" if field else problem, fix) if part))


class PlaneClient:
    """One world's test plane. Every method raises PlaneRefusal when it is refused or not answered.

    `url` is the address of the instance; `world` names one of several behind it; `token` is the control token of the
    server, if it has one; `session` is what requests go through, such as that of
    `sandtable.library.in_process.session_for`.
    """

    def __init__(
        self,
        url: str,
        *,
        world: str = "",
        token: str = "",
        session: requests.Session | None = None,
        verify: bool | str = True,
    ) -> None:
        self.url = url.rstrip("/")
        self._world = world
        self._root = f"{self.url}{f'/_worlds/{quote(world)}' if world else ''}{PREFIX}"
        self._own = session is None
        self._http = session or requests.Session()
        self._token = token
        self._verify = verify

    def __enter__(self) -> PlaneClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the session, unless it was given."""
        if self._own:
            self._http.close()

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, Any] | None = None,
        data: bytes | None = None,
        content_type: str = "",
    ) -> Any:
        """Send one request to the plane, and return its JSON, its bytes when it is a file, None when it is empty."""
        headers = {TOKEN_HEADER: self._token} if self._token else {}
        if content_type:
            headers["Content-Type"] = content_type
        asked = {name: value for name, value in (params or {}).items() if value not in (None, "")}
        try:
            answer = self._http.request(
                method,
                self._root + path,
                params={name: _text(value) for name, value in asked.items()},
                json=body,
                data=data,
                headers=headers,
                timeout=SECONDS,
                verify=self._verify,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise PlaneRefusal(unanswered(self.url, error)) from error
        if answer.status_code >= 300:
            raise self._refused(answer)
        if "json" in answer.headers.get("Content-Type", ""):
            return answer.json()
        return answer.content or None

    def _refused(self, answer: requests.Response) -> PlaneRefusal:
        status = answer.status_code
        try:
            error = answer.json()["error"]
            return PlaneRefusal(error["problem"], status=status, field=error["field"], fix=error["fix"])
        except (ValueError, KeyError, TypeError):
            text = f"{answer.url} answered {status}, and not as a test plane does"
            return PlaneRefusal(text, status=status, fix="is this a sandtable instance?")

    # state -----------------------------------------------------------------------------------------------------------

    def info(self) -> dict[str, Any]:
        """Return version, world and clock of what answers."""
        return self.call("GET", "/info")  # type: ignore[no-any-return]

    def is_ready(self) -> bool:
        """Tell whether the instance can answer."""
        try:
            self.call("GET", "/health/ready")
        except PlaneRefusal:
            return False
        return True

    def reset(self, *, random_seed: int | None = None) -> dict[str, Any]:
        """Go back to how the world began; `random_seed` makes the ids after that repeatable."""
        return self.call("POST", "/reset", {} if random_seed is None else {"random_seed": random_seed})  # type: ignore[no-any-return]

    def set_ids(self, random_seed: int) -> dict[str, Any]:
        """Make the ids of new records repeatable from here on."""
        return self.call("PUT", "/ids", {"random_seed": random_seed})  # type: ignore[no-any-return]

    def clock(self, **changes: Any) -> dict[str, Any]:
        """Return where the clock stands, after changes: set, rate, advance, freeze, unfreeze, follow."""
        if not changes:
            return self.call("GET", "/clock")  # type: ignore[no-any-return]
        return self.call("PUT", "/clock", changes)  # type: ignore[no-any-return]

    def freeze(self, at: str | None = None) -> dict[str, Any]:
        """Stop the clock, now or at an ISO time."""
        return self.clock(freeze=at or True)

    def unfreeze(self) -> dict[str, Any]:
        """Let the clock run."""
        return self.clock(unfreeze=True)

    def advance(self, seconds: float) -> dict[str, Any]:
        """Move the clock on."""
        return self.clock(advance=seconds)

    # records ---------------------------------------------------------------------------------------------------------

    def load(
        self,
        records: Mapping[str, Any] | bytes | Path,
        *,
        table: str = "",
        content_type: str = "",
        rules: bool | None = None,
        values: str = "",
        unknown: str = "",
        partial: bool = False,
    ) -> dict[str, Any]:
        """Insert or update records: lists by table, the bytes of a JSON, CSV or XML file or of an archive, or a path.

        A path may be the folder of an application. `partial` takes what can be taken of an update set or application.
        """
        params = {"table": table, "rules": rules, "values": values, "unknown": unknown, "partial": partial or None}
        if isinstance(records, Path):
            content_type = content_type or (
                "application/zip" if records.is_dir() else TYPES.get(records.suffix.lower(), "")
            )
            records = packed(records) if records.is_dir() else records.read_bytes()
        if isinstance(records, bytes):
            kind = content_type or "application/octet-stream"
            return self.call("POST", "/load", data=records, content_type=kind, params=params)  # type: ignore[no-any-return]
        return self.call("POST", "/load", dict(records), params=params)  # type: ignore[no-any-return]

    def records(self, table: str, query: str = "", *, limit: int = 100) -> list[dict[str, str]]:
        """Return stored values of records, without access control."""
        params = {"query": query, "limit": limit}
        return self.call("GET", f"/records/{_part(table)}", params=params)["records"]  # type: ignore[no-any-return]

    def record(self, table: str, sys_id: str) -> dict[str, str]:
        """Return the stored values of one record."""
        return self.call("GET", f"/records/{_part(table)}/{_part(sys_id)}")  # type: ignore[no-any-return]

    def insert(self, table: str, values: Mapping[str, Any]) -> dict[str, str]:
        """Insert a record without access control, and return it."""
        return self.call("POST", f"/records/{_part(table)}", dict(values))  # type: ignore[no-any-return]

    def update(self, table: str, sys_id: str, values: Mapping[str, Any]) -> dict[str, str]:
        """Change a record without access control, and return it."""
        path = f"/records/{_part(table)}/{_part(sys_id)}"
        return self.call("PATCH", path, dict(values))  # type: ignore[no-any-return]

    def delete(self, table: str, sys_id: str) -> None:
        """Delete a record without access control."""
        self.call("DELETE", f"/records/{_part(table)}/{_part(sys_id)}")

    # snapshots -------------------------------------------------------------------------------------------------------

    def snapshots(self) -> list[dict[str, Any]]:
        """Return the snapshots of the world."""
        return self.call("GET", "/snapshots")["snapshots"]  # type: ignore[no-any-return]

    def snapshot(self, name: str = "") -> dict[str, Any]:
        """Keep the present moment of records, clock and ids under a name."""
        return self.call("POST", "/snapshots", {"name": name})  # type: ignore[no-any-return]

    def restore(self, name: str) -> dict[str, Any]:
        """Go back to a snapshot."""
        return self.call("POST", f"/snapshots/{_part(name)}/restore")  # type: ignore[no-any-return]

    def difference(self, name: str, to: str = "", *, table: str = "", limit: int = 1000) -> dict[str, Any]:
        """Return how the present state, or another snapshot, differs from a snapshot."""
        params = {"to": to, "table": table, "limit": limit}
        return self.call("GET", f"/snapshots/{_part(name)}/diff", params=params)  # type: ignore[no-any-return]

    def delete_snapshot(self, name: str) -> None:
        """Delete a snapshot."""
        self.call("DELETE", f"/snapshots/{_part(name)}")

    def download(self, name: str) -> bytes:
        """Return a snapshot as a file."""
        return self.call("GET", f"/snapshots/{_part(name)}/file")  # type: ignore[no-any-return]

    def upload(self, name: str, data: bytes) -> dict[str, Any]:
        """Keep such a file as a snapshot."""
        path = f"/snapshots/{_part(name)}/file"
        return self.call("PUT", path, data=data, content_type="application/zip")  # type: ignore[no-any-return]

    # requests --------------------------------------------------------------------------------------------------------

    def requests(self, **filters: Any) -> list[dict[str, Any]]:
        """Return journalled requests, oldest first; filters: method, path, table, user, status, since, limit ..."""
        return self.call("GET", "/requests", params=filters)["requests"]  # type: ignore[no-any-return]

    def forget_requests(self) -> None:
        """Empty the request journal."""
        self.call("DELETE", "/requests")

    def verify(self, match: Mapping[str, Any] | None = None, **expected: int) -> dict[str, Any]:
        """Return whether as many requests match as expected: exactly, at_least, at_most; near misses if too few do."""
        return self.call("POST", "/verify", {"match": dict(match or {}), **expected})  # type: ignore[no-any-return]

    def unsimulated(self) -> list[dict[str, Any]]:
        """Return what was asked for and is not simulated."""
        return self.call("GET", "/unsimulated")["unsimulated"]  # type: ignore[no-any-return]

    def forget_unsimulated(self) -> None:
        """Empty that ledger."""
        self.call("DELETE", "/unsimulated")

    # faults ----------------------------------------------------------------------------------------------------------

    def add_fault(self, fault: str, parameters: Mapping[str, Any] | None = None, **rule: Any) -> dict[str, Any]:
        """Plan a fault; rule: when, times, after, nth, probability, random_seed."""
        body = {"fault": fault, "with": dict(parameters or {}), **rule}
        return self.call("POST", "/faults", body)  # type: ignore[no-any-return]

    def add_script(self, *steps: Any, **rule: Any) -> dict[str, Any]:
        """Plan faults that take turns; a step is a fault's name, `pass`, or an object of fault and with."""
        return self.call("POST", "/faults", {"script": list(steps), **rule})  # type: ignore[no-any-return]

    def faults(self) -> list[dict[str, Any]]:
        """Return the planned faults with their counts."""
        return self.call("GET", "/faults")["faults"]  # type: ignore[no-any-return]

    def fault_kinds(self) -> list[dict[str, Any]]:
        """Return the faults there are, with their parameters."""
        return self.call("GET", "/faults/kinds")["faults"]  # type: ignore[no-any-return]

    def remove_fault(self, fault_id: str) -> None:
        """Take back one fault."""
        self.call("DELETE", f"/faults/{_part(fault_id)}")

    def clear_faults(self) -> None:
        """Take back all faults."""
        self.call("DELETE", "/faults")

    # endpoints of one's own ------------------------------------------------------------------------------------------

    def stub(self, method: str, path: str, **answer: Any) -> dict[str, Any]:
        """Add a scripted REST resource of your own: status, headers, json or text, authentication."""
        return self.call("POST", "/stubs", {"method": method, "path": path, **answer})  # type: ignore[no-any-return]

    def stubs(self) -> list[dict[str, Any]]:
        """Return the endpoints of your own."""
        return self.call("GET", "/stubs")["stubs"]  # type: ignore[no-any-return]

    def clear_stubs(self) -> None:
        """Take all of them away."""
        self.call("DELETE", "/stubs")

    # why -------------------------------------------------------------------------------------------------------------

    def explain_query(self, table: str, query: str, *, sys_id: str = "", user: str = "") -> dict[str, Any]:
        """Return why a query matches records, one record in particular, or one user's."""
        body = {"table": table, "query": query, "sys_id": sys_id, "user": user}
        return self.call("POST", "/explain/query", body)  # type: ignore[no-any-return]

    def explain_origin(self, origin: str, path: str, method: str = "GET") -> dict[str, Any]:
        """Return whether a page of an origin may call a path, and by which rule."""
        body = {"origin": origin, "path": path, "method": method}
        return self.call("POST", "/explain/origin", body)  # type: ignore[no-any-return]

    def explain_credentials(self, **credentials: str) -> dict[str, Any]:
        """Return whether credentials open anything, and why not: user and password, bearer, or api_key."""
        return self.call("POST", "/explain/credentials", credentials)  # type: ignore[no-any-return]

    # worlds ----------------------------------------------------------------------------------------------------------

    def worlds(self) -> list[dict[str, Any]]:
        """Return the worlds of the server."""
        return self.call("GET", "/worlds")["worlds"]  # type: ignore[no-any-return]

    def create_world(self, name: str = "", *, fork: str = "", **options: Any) -> dict[str, Any]:
        """Make a world, fresh (random_seed, empty, strict) or as a copy of another."""
        body = {"name": name, "fork": fork, **options}
        return self.call("POST", "/worlds", body)  # type: ignore[no-any-return]

    def drop_world(self, name: str) -> None:
        """Drop a world."""
        self.call("DELETE", f"/worlds/{_part(name)}")


def _part(text: str) -> str:
    return quote(text, safe="")


def _text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value
