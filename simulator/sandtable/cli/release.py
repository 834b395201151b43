"""`sandtable release`: what the releases that an instance can answer as are like, and where that is from."""

from __future__ import annotations

import json

import click

from sandtable.core.images.releases import (
    BASIC_AUTH,
    KINDS,
    Release,
    UnknownRelease,
    default_family,
    families,
)
from sandtable.core.images.releases import (
    release as release_of,
)


@click.group()
def release() -> None:
    """What the releases that an instance can answer as are like."""


@release.command()
def list() -> None:  # noqa: A001 - the name of the command
    """Name the releases, oldest first."""
    for name in families():
        click.echo(f"{name}{'  (default)' if name == default_family() else ''}")


@release.command()
@click.argument("name", default="")
@click.option("--basic-auth", type=click.Choice(BASIC_AUTH), default=None, help="Restriction of Basic authentication.")
@click.option("--instance", "kind", type=click.Choice(KINDS), default="upgraded", help="Upgraded or new.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(name: str, basic_auth: str | None, kind: str, as_json: bool) -> None:  # noqa: FBT001 - click calls it by name
    """Show the properties, roles, tables and choices of a release, each with its source."""
    try:
        wanted = release_of(name, basic_auth=basic_auth or "", kind=kind)
    except UnknownRelease as error:
        raise click.UsageError(str(error)) from None
    click.echo(json.dumps(as_document(wanted), indent=2) if as_json else as_text(wanted))


def as_document(wanted: Release) -> dict[str, object]:
    """Return a release as JSON."""
    return {
        "release": wanted.family,
        "instance": wanted.kind,
        "basic_auth": wanted.basic_auth,
        "switches": [
            {"name": each.name, "value": each.value, "about": each.about, "source": each.source, "unsure": each.unsure}
            for each in wanted.switches
        ],
        "absent": {sort: [dict(entry) for entry in entries] for sort, entries in wanted.absent.items()},
    }


def as_text(wanted: Release) -> str:
    """Return a release in lines."""
    lines = [f"{wanted.family}, {wanted.kind}, basic_auth {wanted.basic_auth}", ""]
    for each in wanted.switches:
        value = "no record" if each.value is None else (each.value or '""')
        lines.append(f"{each.name} = {value}{'  (unsure)' if each.unsure else ''}")
        lines.append(f"    {each.about}. Source: {each.source}.")
    for sort, entries in wanted.absent.items():
        for entry in entries:
            named = entry.get("name") or f"{entry['table']}.{entry['element']} {entry['value']}"
            lines.append(f"without the {sort.removesuffix('s')} {named}, which came with {entry['since']}")
            lines.append(f"    Source: {entry['source']}.")
    return "\n".join(lines)
