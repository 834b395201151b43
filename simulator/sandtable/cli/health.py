"""`sandtable health`: whether a server answers; for container health checks and scripts."""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request

import click

PATH = "/_sandtable/health/ready"


@click.command(epilog="Exits with 0 when the server is ready, else with 1.")
@click.argument("url", required=False)
@click.option("--wait", type=click.FloatRange(min=0), default=0.0, help="Seconds to keep trying for.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def health(url: str | None, wait: float, as_json: bool) -> None:
    """Ask the server at URL whether it is ready (default: this machine, at PORT or 8080)."""
    port = os.environ.get("SANDTABLE_PORT") or os.environ.get("PORT") or "8080"
    address = (url or f"http://127.0.0.1:{port if port.isdigit() else '8080'}").rstrip("/")
    if not address.startswith(("http://", "https://")):
        raise click.UsageError(f"{address!r} is no URL; give one such as http://127.0.0.1:8080")
    deadline = time.monotonic() + wait
    trouble = ask(address)
    while trouble and time.monotonic() < deadline:
        time.sleep(0.05)
        trouble = ask(address)
    if as_json:
        click.echo(json.dumps({"url": address, "ready": not trouble, "trouble": trouble}))
    elif trouble:
        click.echo(f"{address} is not ready: {trouble}", err=True)
    else:
        click.echo(f"{address} is ready")
    if trouble:
        raise SystemExit(1)


def ask(address: str) -> str:
    """Return what keeps the server at an address from being ready, or an empty text."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{address}{PATH}", timeout=5):
            return ""
    except urllib.error.HTTPError as error:
        return f"it answered {error.code}"
    except (OSError, ValueError) as error:
        return str(getattr(error, "reason", error))
