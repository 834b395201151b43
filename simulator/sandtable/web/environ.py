"""What is read off the bare environment of a request, and the keys under which the steps leave word for each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

PLANE_PREFIX = "/_sandtable"
CONSOLE_PREFIX = "/_console"
# What the keys hold: the transactions of the request; the kinds of faults that happened to it; how the answer ended;
# the refusal that a fault planned; the log that gets a line; when a server first saw the request, which may have waited
# for a worker since, in seconds of a clock that never falls; its number, where that is known before it is noted.
TRANSACTIONS = "sandtable.transactions"
FAULTS = "sandtable.faults"
ENDING = "sandtable.ending"
REFUSAL = "sandtable.refusal"
LOG = "sandtable.request_log"
ARRIVED = "sandtable.arrived"
NUMBER = "sandtable.number"


def is_for_the_plane(environ: Mapping[str, Any]) -> bool:
    """Tell whether a request is for the test plane, and not for the instance."""
    path: str = environ.get("PATH_INFO", "")
    return path == PLANE_PREFIX or path.startswith(f"{PLANE_PREFIX}/")


def is_unobserved(environ: Mapping[str, Any]) -> bool:
    """Tell whether a request only looks on: the test plane, and what pages of the console fetch by themselves.

    Such a request is in no journal, meets no planned fault, draws no randomness and opens no session.
    """
    path: str = environ.get("PATH_INFO", "")
    return path.startswith(f"{CONSOLE_PREFIX}/") or is_for_the_plane(environ)


def request_headers(environ: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers of a request by lower-case name."""
    headers = {key[5:].replace("_", "-").lower(): value for key, value in environ.items() if key.startswith("HTTP_")}
    for key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(key):
            headers[key.replace("_", "-").lower()] = environ[key]
    return headers


def parts_of(address: str) -> SplitResult:
    """Return the parts of an address that anybody may have written; one that is none leads to a host of that name."""
    try:
        return urlsplit(address)
    except ValueError:
        return SplitResult("", address, "", "", "")


def decoded_path(environ: Mapping[str, Any]) -> str:
    """Return the path inside the world, percent signs decoded."""
    return str(environ.get("PATH_INFO", "")).encode("latin-1", "replace").decode("utf-8", "replace")
