"""Run the real clients and write docs/compatibility.md from what they did: `python docs/generate_compatibility.py`.

Clients that are not installed are left out of the page, so the run refuses to write unless all of CLIENTS took part:
install the extras `compat` and `compat-agents` (or name an interpreter with the latter in SANDTABLE_COMPAT_PYTHON), and
`ticketutil` without its dependencies, and name a `node_modules` with the npm client in SANDTABLE_COMPAT_NODE_MODULES.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "compatibility.md"
CLIENTS = {
    "pysnc": "PySNC",
    "pysnow": "pysnow",
    "aiosnow": "aiosnow",
    "servicenow-api": "servicenow-api",
    "servicenowpy": "servicenowpy",
    "snowloader": "snowloader",
    "servicenow-cli": "servicenow-cli",
    "mcp-server-servicenow": "mcp-server-servicenow",
    "servicenow-rest-api (npm)": "servicenow-rest-api (npm)",
    "servicenow-rest": "servicenow-rest",
    "saltext-servicenow": "saltext-servicenow",
    "servicenow-client": "servicenow-client",
    "servicenow-api-client": "servicenow-api-client",
    "artemis-servicenow": "artemis-servicenow",
    "beast-dream-snow-loader": "beast-dream-snow-loader",
    "ticketutil": "ticketutil",
    "llama-index-readers-service-now": "llama-index-readers-service-now",
    "zeep": "zeep",
    "curl": "curl",
}
HEAD = """# Compatibility with real clients

This page is written by `python docs/generate_compatibility.py` from a run of `tests/compat`. There each client is
installed by name, unmodified, and used through its public API against a live instance: over HTTPS with the development
CA, and over plain HTTP where the client can do that. Every line is a test; a gap is a test as well, which fails once
the gap is gone.

Run by hand in November 2026, as their users run them, and not in the tests because they are heavy or old: the node of
n8n, Backstage's scaffolder actions, Ansible's `servicenow.servicenow` (records, searches, OAuth, inventory through the
proxy), the MCP servers servicenow-platform-mcp (OAuth with PKCE), mfa-servicenow-mcp, simple-servicenow-mcp,
servicenow-devtools-mcp, servicenow-cmdb-mcp and cmdb-compass (each tool called once), the libraries snow, snowpy3
(JSONv2) and servicenow-api-client, and the HTTP clients of Java. What they found missing was added.

| client | version | exercised | gaps |
|---|---|---|---|
"""


def main() -> None:
    """Run the clients and write the page. Exits with 1 when a client is missing or a test fails."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/compat"]
        # The page itself is out of date until it is written.
        command += ["--deselect", "tests/compat/test_compatibility_page.py", f"--compatibility-report={report}"]
        done = subprocess.run(command, cwd=ROOT, check=False)
        rows = json.loads(report.read_text(encoding="utf-8"))["rows"] if report.exists() else []
    missing = set(CLIENTS) - {row["client"] for row in rows}
    if done.returncode or missing:
        sys.exit(f"not written: {'tests failed' if done.returncode else f'not run: {sorted(missing)}'}")
    PAGE.write_text(page(rows), encoding="utf-8")


def page(rows: list[dict[str, str]]) -> str:
    """Return the page for the rows of a report."""
    return HEAD + "".join(_summary(rows)) + "".join(_details(rows))


def _of(rows: list[dict[str, str]], client: str) -> list[dict[str, str]]:
    """Return one row for each thing that a client was made to do, with the worst result of its runs."""
    merged: dict[str, dict[str, str]] = {}
    for row in rows:
        if row["client"] == client:
            known = merged.setdefault(row["what"], dict(row))
            if row["result"] != "passed":
                known["result"] = row["result"]
    return list(merged.values())


def _summary(rows: list[dict[str, str]]) -> Iterator[str]:
    for client, name in CLIENTS.items():
        own = _of(rows, client)
        works = [row["what"] for row in own if not row["gap"] and row["result"] == "passed"]
        gaps = [row["what"] for row in own if row["gap"]]
        yield f"| {name} | {own[0]['version']} | {len(works)} | {', '.join(gaps) or 'none'} |\n"


def _details(rows: list[dict[str, str]]) -> Iterator[str]:
    for client, name in CLIENTS.items():
        own = _of(rows, client)
        yield f"\n## {name} {own[0]['version']}\n\n| exercised | result |\n|---|---|\n"
        for row in own:
            result = f"gap of the client: {row['gap']}" if row["gap"] else row["result"]
            yield f"| {row['what']} | {result} |\n"


if __name__ == "__main__":
    main()
