"""The check that a browser makes when a connector's form is saved: is the Elastic app there, and may this page ask?

Source: Kibana 8.13 docs, create a CORS rule; elastic/kibana#134659 for the texts; Fetch standard for the preflight.
None of Kibana's proxy, TLS and host settings apply to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sandtable_connector.behaviour.switches import Behaviour
from sandtable_connector.connector_types import ConnectorType
from sandtable_connector.errors import ConnectorError
from sandtable_connector.transport.answers import parse_body, result_of
from sandtable_connector.transport.messages import Request, Response, Transport
from sandtable_connector.transport.urls import Urls

NOT_INSTALLED = (
    "Elastic ServiceNow App not installed",
    "Please go to the ServiceNow app store and install the application",
    "Error message: Failed to fetch. Check the URL or the CORS configuration of your ServiceNow instance.",
)

NOT_JSON = "The answer is no JSON object, so it is not the Elastic app's"


@dataclass(frozen=True, kw_only=True)
class AppCheck:
    """What the form shows: nothing to complain about and the app's version, or a callout's lines."""

    installed: bool
    lines: tuple[str, ...] = ()
    version: str = ""


def check_from_browser(
    kind: ConnectorType, api_url: str, *, origin: str, authorization: str, transport: Transport
) -> AppCheck:
    """Ask the app's health resource as a page of ``origin`` would, preflight included, and return what is shown.

    ``authorization`` is the whole header value; being a header of its own it makes the browser ask for permission
    first.
    """
    url = Urls(api_url, Behaviour.documented()).health(kind.scope)
    try:
        if _origin_of(url) != origin:
            asked = {
                "Origin": origin,
                "Access-Control-Request-Method": "GET",
                "Access-Control-Request-Headers": "authorization",
            }
            if not _permits(transport.send(Request("OPTIONS", url, asked)), origin):
                return AppCheck(installed=False, lines=NOT_INSTALLED)
        headers = {"Accept": "*/*", "Authorization": authorization, "Origin": origin}
        response = transport.send(Request("GET", url, headers))
    except ConnectorError:
        return AppCheck(installed=False, lines=NOT_INSTALLED)
    if _origin_of(url) != origin and not _names(response, origin):
        return AppCheck(installed=False, lines=NOT_INSTALLED)
    return _shown(response)


def _shown(response: Response) -> AppCheck:
    if not 200 <= response.status < 300:
        text = f"Received status: {response.status} when attempting to get application information"
        return AppCheck(installed=False, lines=(text,))
    body = parse_body(response)
    if not isinstance(body, Mapping):
        # A page, such as that of an instance that sleeps: the browser's script fails on reading it.
        return AppCheck(installed=False, lines=(NOT_JSON,))
    result = result_of(body)
    found: Mapping[str, Any] = result if isinstance(result, Mapping) else {}
    if "error" in found or found.get("status") == "failure":
        problem = found.get("error")
        message = problem.get("message") if isinstance(problem, Mapping) else None
        return AppCheck(installed=False, lines=(str(message or "UNKNOWN"),))
    return AppCheck(installed=True, version=str(found.get("version", "")))


def _permits(response: Response, origin: str) -> bool:
    methods = _listed(response, "Access-Control-Allow-Methods")
    headers = _listed(response, "Access-Control-Allow-Headers")
    # A star never covers Authorization; GET needs no permission of its own.
    return (
        200 <= response.status < 300
        and _names(response, origin)
        and (not methods or bool({"get", "*"} & methods))
        and "authorization" in headers
    )


def _names(response: Response, origin: str) -> bool:
    return response.header("Access-Control-Allow-Origin") in (origin, "*")


def _listed(response: Response, name: str) -> set[str]:
    return {item.strip().lower() for item in (response.header(name) or "").split(",") if item.strip()}


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
