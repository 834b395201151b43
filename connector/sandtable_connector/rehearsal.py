"""The reference connector as something to rehearse with: one call or one line in, one answer out.

``python -m sandtable_connector.rehearsal [--behaviour NAME]`` reads one JSON request per line on standard input and
writes one JSON answer per line on standard output. As a function, `connector` is what a ``module:factory`` string can
name.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TextIO

import click
import requests

from sandtable_connector.auth.tokens import MemoryTokenCache
from sandtable_connector.behaviour.switches import PRESETS, Behaviour
from sandtable_connector.connector import Connector
from sandtable_connector.errors import ConfigurationError, ConnectorError
from sandtable_connector.settings.networking import Networking
from sandtable_connector.transport.requests_transport import RequestsTransport

_REQUIRED = ("connector_type_id", "config", "secrets", "params")
_KNOWN = (*_REQUIRED, "connector_id", "networking", "from_task")


def connector(behaviour: str | Behaviour = "documented") -> Callable[..., dict[str, Any]]:
    """Return a function that carries out one request of the rehearsal protocol and never raises for a bad one.

    It takes ``{"connector_type_id", "connector_id", "config", "secrets", "params"[, "networking"][, "from_task"]}``
    and a `requests.Session` or None, and returns ``{"status": "ok", "connector_id", "data"}`` or ``{"status": "error",
    "connector_id", "message", "service_message", "retry"}``. Tokens are kept across calls by connector ID, until it
    comes with other settings.
    """
    chosen = Behaviour.preset(behaviour) if isinstance(behaviour, str) else behaviour
    tokens = MemoryTokenCache()
    settings: dict[str, str] = {}

    def rehearse(request: Mapping[str, Any], session: requests.Session | None = None) -> dict[str, Any]:
        connector_id = request.get("connector_id", "") if isinstance(request, Mapping) else ""
        try:
            _check(request)
            networking = Networking.from_settings(request.get("networking") or {})
            now = json.dumps([request["config"], request["secrets"]], sort_keys=True)
            if settings.setdefault(connector_id, now) != now:
                # Whoever saves other settings under an ID has updated that connector, which ends its token.
                settings[connector_id] = now
                tokens.delete(connector_id)
            made = Connector(
                request["connector_type_id"],
                request["config"],
                request["secrets"],
                connector_id=connector_id,
                behaviour=chosen,
                networking=networking,
                transport=RequestsTransport(session, networking, chosen),
                # Connectors without an ID share nothing, so they share no token either.
                tokens=tokens if connector_id else None,
            )
        except ConnectorError as error:
            return _answer(connector_id, error.message, None, retry=error.retry)
        result = made.execute(request["params"], from_task=bool(request.get("from_task")))
        if result.status == "ok":
            return {"status": "ok", "connector_id": connector_id, "data": result.data}
        return _answer(connector_id, result.message, result.service_message, retry=bool(result.retry))

    return rehearse


def serve(lines: Iterable[str], out: TextIO, behaviour: str | Behaviour = "documented") -> None:
    """Answer each line with one line, in order, until the lines end; a line that is not a request is answered too."""
    rehearse = connector(behaviour)
    for line in lines:
        if line.strip():
            out.write(json.dumps(_answer_line(line, rehearse), ensure_ascii=True) + "\n")
            out.flush()


def _answer_line(line: str, rehearse: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    try:
        request = json.loads(line)
    except (ValueError, RecursionError) as error:
        return _answer("", f"the line is not JSON: {error}", None, retry=False)
    return rehearse(request)


def _check(request: Any) -> None:
    if not isinstance(request, Mapping):
        raise ConfigurationError(f"a request is a JSON object with {', '.join(_REQUIRED)}")
    for name in _REQUIRED:
        if name not in request:
            raise ConfigurationError(f"{name}: missing; a request has {', '.join(_REQUIRED)}")
    for name in request:
        if name not in _KNOWN:
            raise ConfigurationError(f"{name}: unknown; a request may have {', '.join(_KNOWN)}")
    for name in ("connector_type_id", "connector_id"):
        if not isinstance(request.get(name, ""), str):
            raise ConfigurationError(f"{name}: expected text")
    if not isinstance(request.get("networking") or {}, Mapping):
        raise ConfigurationError("networking: expected the settings under xpack.actions, or null")


def _answer(connector_id: Any, message: str | None, service_message: str | None, *, retry: bool) -> dict[str, Any]:
    return {
        "status": "error",
        "connector_id": connector_id,
        "message": message,
        "service_message": service_message,
        "retry": retry,
    }


@click.command()
@click.option("--behaviour", type=click.Choice(list(PRESETS)), default="documented", show_default=True)
def main(behaviour: str) -> None:
    """Answer rehearsal requests, one JSON object per line, from standard input to standard output."""
    serve(sys.stdin, sys.stdout, behaviour)


if __name__ == "__main__":
    main()
