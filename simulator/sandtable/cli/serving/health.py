"""`sandtable health`: whether a server answers; for container health checks and scripts."""

from __future__ import annotations

import json
import os
import ssl
import time
import urllib.error
import urllib.request

import click

from sandtable.cli.running_instance.reached import URL_VARIABLE, checked_url, own_address
from sandtable.settings.unanswered import innermost_reason

PATH = "/_sandtable/health/ready"


@click.command(epilog="Exits with 0 when the server is ready, else with 1.")
@click.argument("url", required=False)
@click.option("--url", "option", default=None, metavar="URL", help="The same, as for the other commands.")
@click.option("--wait", type=click.FloatRange(min=0), default=0.0, help="Seconds to keep trying for.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def health(url: str | None, option: str | None, wait: float, as_json: bool) -> None:
    """Ask the server at URL whether it is ready.

    Default: the one of SANDTABLE_URL, else the one that this environment's settings would start.
    """
    if url and option and url != option:
        raise click.UsageError(f"the URL is given twice: {url} and {option}; give one")
    url = url or option or os.environ.get(URL_VARIABLE, "").strip() or None
    address = checked_url(url or own_address(), "")
    deadline = time.monotonic() + wait
    trouble = ask(address, own=url is None)
    while trouble and time.monotonic() < deadline:
        time.sleep(0.05)
        trouble = ask(address, own=url is None)
    if as_json:
        click.echo(json.dumps({"url": address, "ready": not trouble, "trouble": trouble}))
    elif trouble:
        click.echo(f"{address} is not ready: {trouble}", err=True)
    else:
        click.echo(f"{address} is ready")
    if trouble:
        raise SystemExit(1)


def ask(address: str, *, own: bool = False) -> str:
    """Return what keeps the server at an address from being ready, or an empty text.

    The certificate of an `own` server is not checked: its name may be any, and the question is whether it answers.
    """
    handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
    if own:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        handlers.append(urllib.request.HTTPSHandler(context=context))
    opener = urllib.request.build_opener(*handlers)
    try:
        with opener.open(f"{address}{PATH}", timeout=5):
            return ""
    except urllib.error.HTTPError as error:
        return f"it answered {error.code}"
    except (OSError, ValueError) as error:
        return innermost_reason(error)
