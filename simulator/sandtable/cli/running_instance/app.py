"""`sandtable app`: the store applications of a running instance, installed and removed as an administrator would."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import wraps
from types import MappingProxyType
from typing import Any

import click

from sandtable.cli.groups import Group
from sandtable.cli.running_instance.reached import WHERE, TableApi, instance_address, table_api
from sandtable.core.values.texts import nearest

PREFIX = "SANDTABLE_APP"
STORE = "sys_store_app"
NAMES: Mapping[str, str] = MappingProxyType({"itsm": "x_elas2_inc_int", "sir": "x_elas2_sir_int"})
FIELDS = "sys_id,scope,name,version,active"


class Store:
    """The store applications of an instance, seen through the Table API. Raises click.ClickException."""

    def __init__(self, records: TableApi) -> None:
        self._records = records

    def installed(self, scope: str = "") -> list[dict[str, str]]:
        """Return the records, all or those of a scope, by scope."""
        rows = self._records.list(STORE, sysparm_fields=FIELDS, **({"scope": scope} if scope else {}))
        return sorted(rows, key=lambda row: row["scope"])

    def install(self, scope: str) -> dict[str, str]:
        """Make the record that installs an application, or set the one that is there active."""
        for row in self.installed(scope):
            return row if row["active"] == "true" else self._records.update(STORE, row["sys_id"], {"active": "true"})
        made = self._records.insert(STORE, {"scope": scope})
        if not made["name"]:
            self._records.delete(STORE, made["sys_id"])
            near = nearest(scope, [*NAMES, *NAMES.values()])
            meant = f"did you mean {near}? " if near else ""
            raise click.ClickException(
                f"the store has no application of scope {scope}; {meant}it has {', '.join(NAMES.values())}"
            )
        return made

    def remove(self, scope: str) -> None:
        """Delete the record of an application, and with it all that the application brought."""
        rows = self.installed(scope)
        if not rows:
            raise click.ClickException(f"no application of scope {scope} is installed")
        for row in rows:
            self._records.delete(STORE, row["sys_id"])


def store_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say where the instance is; it is called with a Store."""

    @click.option("--url", default="", help=WHERE)
    @click.option("--user", default="admin", show_default=True, help="An administrator of it.")
    @click.option("--password", default="admin", help="The administrator's password.")
    @click.option("--ca", "ca_file", default="", metavar="FILE", help="CA certificates to trust, PEM.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @wraps(command)
    def wrapped(*, url: str, user: str, password: str, ca_file: str, **rest: Any) -> None:
        with table_api(instance_address(url or None), user, password, ca_file) as records:
            command(Store(records), **rest)

    return wrapped


SETTINGS: dict[str, Any] = {"max_content_width": 120, "auto_envvar_prefix": PREFIX}


@click.group(cls=Group, epilog=f"Options can be given as {PREFIX}_..., such as {PREFIX}_PASSWORD.")
def app() -> None:
    """List, install and remove the store applications of a running instance."""


def complete_apps(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Return the applications of the catalogue whose names or scopes begin with what was typed."""
    from sandtable.apps import CATALOGUE

    names = [*NAMES, *(each.scope for each in CATALOGUE)]
    return [name for name in dict.fromkeys(names) if name.startswith(incomplete)]


@app.command("list", context_settings=SETTINGS)
@store_options
def list_apps(store: Store, *, as_json: bool) -> None:
    """Print the applications that are installed."""
    rows = store.installed()
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        click.echo(
            f"{row['scope']:<20} {row['version']:<8} {row['name']}{'' if row['active'] == 'true' else ' (inactive)'}"
        )


@app.command(context_settings=SETTINGS)
@click.argument("name", shell_complete=complete_apps)
@store_options
def install(store: Store, *, name: str, as_json: bool) -> None:
    """Install the application NAME: itsm, sir, or a scope. Installing it again changes nothing."""
    row = store.install(NAMES.get(name, name))
    if as_json:
        click.echo(json.dumps({field: row[field] for field in FIELDS.split(",")}, indent=2))
    else:
        click.echo(f"{row['name']} {row['version']} ({row['scope']}) is installed")


@app.command(context_settings=SETTINGS)
@click.argument("name", shell_complete=complete_apps)
@store_options
def remove(store: Store, *, name: str, as_json: bool) -> None:
    """Remove the application NAME with its tables and all that is in them."""
    scope = NAMES.get(name, name)
    store.remove(scope)
    click.echo(json.dumps({"scope": scope, "removed": True}) if as_json else f"{scope} is removed")
