"""`sandtable version`: what is installed."""

from __future__ import annotations

import json
import platform
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of

import click

from sandtable.settings.distribution import installed_version

PARTS = ("flask", "orjson", "apsw")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def version(as_json: bool) -> None:
    """Print the version of Sandtable and of what it runs on."""
    found = {"sandtable": installed_version() or "not installed"}
    for part in PARTS:
        try:
            found[part] = version_of(part)
        except PackageNotFoundError:
            found[part] = "not installed"
    found["python"] = platform.python_version()
    if as_json:
        click.echo(json.dumps(found))
    else:
        click.echo(" ".join(f"{name} {number}" for name, number in found.items()))
