"""Scripts run by a test, and the answers that it plants for their outbound calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandtable.faults.forms import REQUIRED, entry
from sandtable.web.plane.operations import Call, Operation, PlaneError

if TYPE_CHECKING:
    from sandtable.scripting.host import Host

TOPIC = "Scripts"


@dataclass(frozen=True, slots=True)
class ScriptForm:
    """A script to run on the server's side of the instance."""

    script: str = entry(REQUIRED, "the text of the script")
    scope: str = entry("global", "the scope that it runs in")
    user: str = entry("admin", "the user that it runs as")
    name: str = entry("background script", "what errors call it")


@dataclass(frozen=True, slots=True)
class StubForm:
    """An answer for outbound calls of scripts to addresses that begin with `url`."""

    url: str = entry(REQUIRED, "what the address begins with")
    method: str = entry("", "the method; empty for any")
    status: int = entry(200, "status of the answer")
    body: str = entry("", "body of the answer")
    headers: dict[str, Any] = entry(dict, "headers of the answer")
    error: str = entry("", "the text of a failure, in place of an answer")


def _host(call: Call) -> Host:
    from sandtable.scripting import EngineUnusable
    from sandtable.scripting.tools import host_of

    try:
        return host_of(call.instance)
    except EngineUnusable as error:
        raise PlaneError(501, "script", "scripts cannot be run here", str(error)) from None


def run(call: Call) -> dict[str, Any]:
    """Run a script."""
    form = call.form(ScriptForm)
    try:
        session = call.instance.acting_as(form.user)
    except LookupError as error:
        raise PlaneError(404, "user", str(error), "name a user of the instance") from None
    return _host(call).background(session, form.script, scope=form.scope, name=form.name).shown()


def plant(call: Call) -> dict[str, Any]:
    """Plant an answer for outbound calls."""
    from sandtable.scripting.planted import Stub

    form = call.form(StubForm)
    headers = tuple((str(name), str(value)) for name, value in form.headers.items())
    _host(call).plant(Stub(form.url, form.method, form.status, form.body, headers, form.error))
    return {"planted": form.url}


def outbound(call: Call) -> dict[str, Any]:
    """Return the outbound calls that scripts have made."""
    calls = _host(call).outbound.calls
    return {"calls": [{"method": method, "url": url, "body": body} for method, url, body in calls]}


def forget(call: Call) -> None:
    """Forget planted answers and the calls made."""
    _host(call).forget()


OPERATIONS = (
    Operation("POST", "/scripts", run, TOPIC, "Run a script, as an administrator does in the background.", ScriptForm),
    Operation("GET", "/outbound", outbound, TOPIC, "The outbound calls that scripts have made."),
    Operation("POST", "/outbound", plant, TOPIC, "Plant an answer for outbound calls.", StubForm, status=201),
    Operation("DELETE", "/outbound", forget, TOPIC, "Forget planted answers and calls.", status=204),
)
