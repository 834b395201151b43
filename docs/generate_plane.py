"""Write the pages of the test plane: test-plane.md, faults.md, and the OpenAPI document test-plane.json.

`python docs/generate_plane.py`. Tables come from the operations and faults themselves, the words around them from here.
"""

# ruff: noqa: E501 - a row of a table cannot be broken

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sandtable.faults.catalogue import CATALOGUE
from sandtable.faults.forms import schema
from sandtable.faults.pattern import RequestPattern
from sandtable.faults.plan import Rule
from sandtable.web.environ import PLANE_PREFIX as PREFIX
from sandtable.web.plane.catalogue import OPERATIONS
from sandtable.web.plane.openapi import document

FOLDER = Path(__file__).parent
PLANE_HEAD = """# The test plane

What a test may do to an instance and ask about it, beside what the instance offers itself: put it back, load records, stop
its clock, let things go wrong, see what came in, ask why. It lives under one prefix, `/_sandtable/`, which the simulated
product knows nothing of: faults, authentication, rate limits and the journal do not apply to it.

Over HTTP it is JSON, described by [test-plane.json](test-plane.json) (OpenAPI 3.1, also served as
`/_sandtable/openapi.json`). In Python it is `sandtable.library.plane_client.PlaneClient`, on the
command line the verbs `reset`, `ids`, `load`, `snapshot`, `clock`, `requests`, `verify`, `faults`, `unsimulated`,
`explain` and `worlds`, each with `--url`, `--world` and `--json`.

```console
$ sandtable snapshot take clean
kept as clean, ... bytes
$ sandtable faults add rate-limited --with '{"retry_after": 5}' --table incident --times 1
fault-1 is planned
$ curl -s -u admin:admin -H 'Content-Type: application/json' -d '{"urgency": "1"}' http://127.0.0.1:8080/api/now/table/incident
{"error":{"message":"Rate limit exceeded",...
$ sandtable verify --method POST --path '/api/now/table/incident' --status 429 --exactly 1
1 requests match, exactly 1 expected
$ sandtable snapshot restore clean
back at clean, saved at ...
```

```python
import requests
from sandtable import PlaneClient

incidents = "http://127.0.0.1:8080/api/now/table/incident"
with PlaneClient("http://127.0.0.1:8080") as control:
    control.reset(random_seed=42)
    control.freeze("2026-01-01T00:00:00Z")
    control.add_script("unavailable", "pass", when={"method": "POST"})
    for expected in (503, 201):  # your client, in the place of this
        assert requests.post(incidents, json={"urgency": "1"}, auth=("admin", "admin")).status_code == expected
    assert control.verify({"method": "POST", "body": {"urgency": "1"}}, exactly=2)["verified"]
```

## Who may use it

Everybody who reaches the server, unless it is started with `--no-plane` (then the prefix answers 404, the health
checks excepted) or with `--plane-token`, which is then asked for in the header `X-Sandtable-Token` (or as a bearer). A
request that carries an `Origin` other than the server's own is refused, so that no web page can reset an instance on the
machine of somebody who looks at it. A server on a loopback address answers its plane by loopback names, its base URL, the
hosts of its proxy and certificate, and its worlds below those; called by any other name it refuses with 403, because a page
that leads a name of its own here would share its origin.

## What is refused

A refusal names the field, what is wrong with it, and what to do, and nothing is half done:

```json
{"error": {"field": "with.seconds", "problem": "must be a number, not '1'", "fix": "give one from 0 to 3600"}}
```

400: the body cannot be read. 404: there is no such path, snapshot, record, world. 405: another method is meant. 422: a
field is no good. Unknown fields and columns are refused, with the name that was probably meant.

## Operations

"""
PLANE_TAIL = """
## Moments: reset, snapshot, restore

Three words, for the plane, the command line and the library alike:

```
beginning ----- writes ----- snapshot "a" ----- writes ----- now
    ^                            ^                            |
    |                            +------- restore "a" --------+
    +--------------------- reset -----------------------------+
```

`reset` goes back to how the world began: records, dictionary, clock and ids. It forgets sessions, the journal, planned
faults and the ledger, and leaves snapshots alone. An instance kept in a file (`--data`) goes back to a fresh one.

A snapshot is a whole copy under a name, independent of all others: restore any, in any order, as often as you like. A
restore leaves the journal and planned faults as they are, and ends all sessions. `snapshot download` writes one to a
file (a ZIP archive with a database and a page of JSON; nothing in it is ever executed) that another server can take.
With ten thousand incidents each of these takes some milliseconds; `python -m bench restore` prints how many.

## Records

| what | `Content-Type` | by default |
|---|---|---|
| `{"incident": [{...}], "sys_user": [{...}]}` | `application/json` | stored values, rules run, unknown columns refused |
| an answer of the Table API, with `?table=` | `application/json` | the same; `{"value": ...}` is taken for its value |
| CSV, with `?table=` | `text/csv` | names or labels, what a person sees (labels of choices, names of references), rules run |
| the platform's XML export (`<unload>`, list XML) | `application/xml` | stored values, no rules, unknown columns ignored and listed |
| an update set, a file of an application | `application/xml` | the same; tables and columns of the platform that are not here are made, and listed |

A record whose `sys_id` exists is updated. All records are loaded, or none, and the refusal says which one it was. A value that
its column would not keep (a date that is none, a name that nobody has) is refused like an unknown column; `unknown=ignore` leaves
both out and lists them.

## Journal and verification

The journal keeps the newest requests (property `sandtable.journal.size`) with headers and bodies, secrets replaced by
stars, bodies cut after 64 KiB; a body that the instance refused to read is not in it. Each entry tells who called, which records the request changed and how, which faults
happened to it, what in it is not simulated, and why it went as it did. `verify` counts those that match a pattern:
`exactly`, `at_least`, `at_most`; when there are too few it answers with the nearest misses and, for each, which condition
failed and what was there instead. Patterns are those of [faults](faults.md).

## Explanations

`explain/query` takes an encoded query apart: how many records each condition lets through alone and after those before
it, which condition a given record fails, what access control hides from a given user, what was ignored. `explain/origin`
says which CORS rule decides about a page, `explain/credentials` why a user name, a token or a key opens nothing.

## Worlds

`POST /worlds` makes another instance in the same server, fresh or as a copy of one that exists (`fork`). It is reached
under `/_worlds/<name>/` before any path, its own test plane included, or by a host name that begins with `<name>.`. Worlds
share nothing: a hundred test clients can each have one.
"""
FAULTS_HEAD = """# Faults

Things that go wrong between a client and an instance, planned over the [test plane](test-plane.md). Each is one file
in `simulator/sandtable/faults/`, a callable that gets the exchange and the way to proceed, so that they compose: what one
proceeds to may be another, in the order in which they were planned. In process they surface as the exceptions of a real
connection, and a wait that is longer than the client's time-out ends as one.

```console
$ sandtable faults add hibernating --with '{"wakes_after_calls": 3}'
$ sandtable faults add lost-answer --method POST --path '/api/now/import/*' --nth 2
$ sandtable faults add rate-limited unavailable pass        # a script: the next three answers
$ sandtable faults list
...
fault-2  lost-answer ...
$ sandtable faults clear
```

```json
{"fault": "latency", "with": {"distribution": "lognormal", "seconds": 0.2, "spread": 1},
 "when": {"table": "incident", "user": "elastic.integration"}, "probability": 0.3, "random_seed": 7}
```

## When a fault fires

A fault fires on every request that `when` matches, unless its rule says less. A `script` in place of `fault` lists several
that take turns (each the name of a fault, an object of `fault` and `with`, or `pass`) and ends after the last, unless
`times` says more. Chance comes from a source of its own: the same `random_seed` makes the same choices.

"""
FAULTS_MIDDLE = """
A pattern, in `when` as in the journal's filters, is met when all of its conditions are:

"""
FAULTS_KINDS = """
## The faults

"""


def control_page() -> str:
    """Return docs/test-plane.md."""
    rows = (f"| {each.topic} | `{each.method} {PREFIX}{each.path}` | {each.summary} |\n" for each in OPERATIONS)
    table = "| topic | operation | what it does |\n|---|---|---|\n" + "".join(rows)
    return PLANE_HEAD + table + PLANE_TAIL


def faults_page() -> str:
    """Return docs/faults.md."""
    kinds = "\n".join(line for kind in CATALOGUE for line in _kind(kind))
    return FAULTS_HEAD + _fields(schema(Rule)) + FAULTS_MIDDLE + _fields(schema(RequestPattern)) + FAULTS_KINDS + kinds


def openapi_text() -> str:
    """Return docs/test-plane.json."""
    return json.dumps(document(OPERATIONS, PREFIX), indent=1, ensure_ascii=False) + "\n"


def _kind(kind: Any) -> Iterator[str]:
    yield f"### {kind.kind}\n"
    # The indentation of a docstring would make code of its later paragraphs.
    yield "\n".join(line.strip() for line in (kind.__doc__ or "").strip().splitlines()) + "\n"
    described = schema(kind)
    if described["properties"]:
        yield _fields(described)


def _fields(described: Mapping[str, Any]) -> str:
    rows = ["| field | default | meaning |", "|---|---|---|"]
    for name, each in described["properties"].items():
        default = each.get("default")
        shown = "" if default is None or default == "" else f"`{json.dumps(default)}`"
        meaning = each["description"]
        if "enum" in each:
            meaning += f" ({', '.join(f'`{value}`' for value in each['enum'] if value)})"
        rows.append(f"| `{name}` | {shown} | {meaning} |")
    return "\n".join(rows) + "\n"


PAGES = {
    FOLDER / "test-plane.md": control_page,
    FOLDER / "faults.md": faults_page,
    FOLDER / "test-plane.json": openapi_text,
}

if __name__ == "__main__":
    for place, text in PAGES.items():
        place.write_text(text(), encoding="utf-8")
