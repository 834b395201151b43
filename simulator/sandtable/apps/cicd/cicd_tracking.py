"""Work that the CI/CD API starts: done at once, told by a tracker. A status is a text, the percentage a number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandtable.core.applications.scripted_resources import ScriptRequest, ScriptResponse, failure
from sandtable.core.values.errors import PlatformError
from sandtable.core.values.texts import whole_number

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record

BASE = "/api/sn_cicd"
TRACKERS = "sys_execution_tracker"
PENDING, DONE, FAILED = "0", "2", "3"
LABELS = {"0": "Pending", "1": "Running", "2": "Successful", "3": "Failed", "4": "Canceled"}


@dataclass(slots=True)
class Done:
    """What work has come to: a message, details, the record it was about, and where results are (a path below BASE).

    Work that `failed` in this way keeps what it wrote, such as the results of a test suite.
    """

    message: str = "This operation succeeded"
    detail: str = ""
    source: tuple[str, str] = ("", "")
    results: tuple[str, str] = ("", "")
    more: dict[str, Any] = field(default_factory=dict)
    failed: bool = False


class WorkFailed(Exception):
    """Work that was begun and failed: nothing of it is kept, and the text is for the tracker."""

    def __init__(self, message: str, done: Done | None = None) -> None:
        self.done = done or Done()
        super().__init__(message)


def system_of(request: ScriptRequest) -> Session:
    """Return the session that does the work: the platform itself, as background work is done."""
    return request.session.instance.system()


def start(request: ScriptRequest, name: str, work: Callable[[], Done]) -> dict[str, Any]:
    """Do work, keep what came of it in a tracker, and answer as for work that has just been queued."""
    instance = request.session.instance
    begun = instance.clock.text()
    state, trouble = DONE, ""
    try:
        with instance.transaction():
            done = work()
        state = FAILED if done.failed else DONE
    except WorkFailed as error:
        state, trouble, done = FAILED, str(error), error.done
    except (PlatformError, ValueError) as error:
        state, trouble, done = FAILED, getattr(error, "detail", "") or str(error), Done()
    tracker = (
        instance.system()
        .table(TRACKERS)
        .insert(
            {
                "name": name,
                "state": state,
                "message": trouble or done.message,
                "detail_message": done.detail or trouble,
                "percent_complete": "100",
                "start_time": begun,
                "completion_time": instance.clock.text(),
                "source_table": done.source[0],
                "source": done.source[1],
                "result": "/".join(part for part in done.results if part),
            }
        )
    )
    links = {"progress": link(request, "progress", tracker.sys_id)}
    told = {"status": PENDING, "status_label": LABELS[PENDING], "status_message": "", "status_detail": "", "error": ""}
    return {"links": {**links, **done.more.pop("links", {})}, **told, "percent_complete": 0, **done.more}


def shown(request: ScriptRequest, tracker: Record) -> dict[str, Any]:
    """Return a tracker as the progress of its work."""
    failed = tracker["state"] == FAILED
    links: dict[str, Any] = {"progress": link(request, "progress", tracker.sys_id)}
    if tracker["source"]:
        url = f"{request.session.instance.base_url}/api/now/table/{tracker['source_table']}/{tracker['source']}"
        links["source"] = {"id": tracker["source"], "url": url}
    if tracker["result"]:
        path, _, sys_id = tracker["result"].rpartition("/")
        links["results"] = link(request, path, sys_id)
    percent = tracker["percent_complete"]
    return {
        "links": links,
        "status": tracker["state"],
        "status_label": LABELS.get(tracker["state"], ""),
        "status_message": tracker["message"],
        "status_detail": tracker["detail_message"],
        "error": tracker["message"] if failed else "",
        "percent_complete": whole_number(percent, 0),
    }


def asked(request: ScriptRequest, name: str) -> str:
    """Return a parameter, which may come in the body as well."""
    body = request.body if isinstance(request.body, dict) else {}
    value = request.query.get(name, body.get(name, ""))
    return ("true" if value else "false") if isinstance(value, bool) else str(value or "")


def is_true(request: ScriptRequest, name: str) -> bool:
    """Tell whether a parameter is true."""
    return asked(request, name).strip().lower() == "true"


def missing(name: str) -> ScriptResponse:
    """Return the answer for a parameter that is required."""
    return failure(400, "Missing parameter", f"{name} is required")


def not_found(what: str) -> ScriptResponse:
    """Return the answer for something that is not here."""
    return failure(404, "Record not found", what)


def link(request: ScriptRequest, path: str, sys_id: str) -> dict[str, str]:
    """Return a link to something below the API."""
    return {"id": sys_id, "url": f"{request.session.instance.base_url}{BASE}/{path}/{sys_id}"}
