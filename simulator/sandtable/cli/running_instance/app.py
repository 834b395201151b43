"""`sandtable app`: the store applications of a running instance, installed and removed as an administrator would."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import wraps
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from sandtable.cli.groups import Group

if TYPE_CHECKING:
    import requests

PREFIX = "SANDTABLE_APP"
STORE = "/api/now/table/sys_store_app"
NAMES: Mapping[str, str] = MappingProxyType({"itsm": "x_elas2_inc_int", "sir": "x_elas2_sir_int"})
FIELDS = "sys_id,scope,name,version,active"


class Unreachable(click.ClickException):
    """No instance answered."""

    exit_code = 3


class Store:
    """The store applications of an instance, seen through the Table API. Raises click.ClickException."""

    def __init__(self, url: str, session: requests.Session, ca_file: str) -> None:
        self._address = url.rstrip("/") + STORE
        self._session = session
        self._ca_file = ca_file

    def installed(self, scope: str = "") -> list[dict[str, str]]:
        """Return the records, all or those of a scope, by scope."""
        parameters = {"sysparm_fields": FIELDS, **({"scope": scope} if scope else {})}
        rows: list[dict[str, str]] = self._asked("GET", self._address, params=parameters)
        return sorted(rows, key=lambda row: row["scope"])

    def install(self, scope: str) -> dict[str, str]:
        """Make the record that installs an application, or set the one that is there active."""
        for row in self.installed(scope):
            if row["active"] == "true":
                return row
            activated: dict[str, str] = self._asked(
                "PATCH", f"{self._address}/{row['sys_id']}", json={"active": "true"}
            )
            return activated
        made: dict[str, str] = self._asked("POST", self._address, json={"scope": scope})
        if not made["name"]:
            self._asked("DELETE", f"{self._address}/{made['sys_id']}")
            near = get_close_matches(scope, [*NAMES, *NAMES.values()], n=1)
            meant = f"did you mean {near[0]}? " if near else ""
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
            self._asked("DELETE", f"{self._address}/{row['sys_id']}")

    def _asked(self, method: str, address: str, **options: Any) -> Any:
        import requests

        try:
            answer = self._session.request(method, address, timeout=60, verify=self._ca_file or None, **options)
        except requests.RequestException as error:
            from sandtable.library.plane_client import unanswered

            raise Unreachable(unanswered(address.partition("/api/")[0], error)) from None
        if answer.status_code == 204:
            return None
        try:
            document = answer.json()
        except ValueError:
            document = None
        if answer.status_code in (200, 201) and isinstance(document, dict) and "result" in document:
            return document["result"]
        envelope = document.get("error") if isinstance(document, dict) else None
        said = "no error that can be read"
        if isinstance(envelope, dict):
            said = envelope.get("detail") or envelope.get("message") or said
        raise click.ClickException(f"{address} answered {answer.status_code}: {said}")


def store_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say where the instance is; it is called with a Store."""

    @click.option("--url", default="", help="The running instance  [this machine, at PORT or 8080]")
    @click.option("--user", default="admin", show_default=True, help="An administrator of it.")
    @click.option("--password", default="admin", help="The administrator's password.")
    @click.option("--ca", "ca_file", default="", metavar="FILE", help="CA certificates to trust, PEM.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @wraps(command)
    def wrapped(*, url: str, user: str, password: str, ca_file: str, **rest: Any) -> None:
        import requests

        port = os.environ.get("SANDTABLE_PORT") or os.environ.get("PORT") or "8080"
        address = url or f"http://127.0.0.1:{port if port.isdigit() else '8080'}"
        if not address.startswith(("http://", "https://")):
            raise click.UsageError(f"--url {address!r} is no URL; give one such as http://127.0.0.1:8080")
        if ca_file and not os.path.isfile(ca_file):  # noqa: PTH113 - the text goes on to the HTTP library as it is
            raise click.UsageError(f"--ca {ca_file} is no file")
        with requests.Session() as session:
            # As bytes, because the library would send text as Latin-1.
            session.auth = requests.auth.HTTPBasicAuth(user.encode(), password.encode())
            command(Store(address, session, ca_file), **rest)

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
