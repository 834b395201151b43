"""Commands that keep connectors: create, list, show, update, delete."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import click

from sandtable_connector.cli import showing
from sandtable_connector.cli.options import (
    FAILED,
    Ended,
    given_secrets,
    registry_options,
    secret_options,
)
from sandtable_connector.connector import Connector
from sandtable_connector.connector_types import TYPES
from sandtable_connector.forms.browser import check_from_browser
from sandtable_connector.forms.guided_update import AFFECTS_ALL, guided_update
from sandtable_connector.registry import ConnectorRecord, Registry
from sandtable_connector.settings.networking import Networking
from sandtable_connector.transport.requests_transport import RequestsTransport
from sandtable_connector.values.invalid_input import InvalidInput

_CONFIG_OPTIONS = {
    "url": "apiUrl",
    "client_id": "clientId",
    "jwt_key_id": "jwtKeyId",
    "user_identifier": "userIdentifierValue",
}


def config_options(command: Any) -> Any:
    """Add the options for a connector's config."""
    for option in (
        click.option("--user-identifier", help="OAuth: the value of the user field the application names."),
        click.option("--jwt-key-id", help="OAuth: key id of the JWT verifier map."),
        click.option("--client-id", help="OAuth: id of the application."),
        click.option("--oauth/--basic", "is_oauth", default=None, help="OAuth instead of Basic authentication."),
        click.option("--url", help="The instance's URL."),
    ):
        command = option(command)
    return command


@click.command()
@click.option("--type", "type_id", type=click.Choice([kind.id for kind in TYPES]), default=".servicenow")
@click.option("--name", required=True, help="A name for people.")
@click.option("--id", "connector_id", help="The connector's id.  [a new UUID]")
@click.option("--table-api", is_flag=True, help="Make it in the deprecated form, which writes through the Table API.")
@click.option(
    "--check-app", is_flag=True, help="Ask the Elastic app first, as the form does; if it fails, keep nothing."
)
@click.option("--origin", metavar="URL", help="With --check-app: ask as a page of this Kibana would, CORS included.")
@config_options
@secret_options
@registry_options
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
def create(
    type_id: str,
    name: str,
    connector_id: str | None,
    table_api: bool,
    check_app: bool,
    origin: str | None,
    opened: Registry,
    wants_json: bool,
    **given: Any,
) -> None:
    """Make a connector; its secrets are sealed before they are written."""
    config, secrets = _taken_apart(given)
    if type_id != ".servicenow-itom":
        config["usesTableApi"] = table_api
    if origin is not None and not check_app:
        raise InvalidInput("is only of use with --check-app", field="--origin")
    if check_app and not table_api and type_id != ".servicenow-itom":
        _check_app(opened, type_id, config, secrets, origin)
    _shown(opened.create(type_id, name, config, secrets, connector_id=connector_id), wants_json)


@click.command("list")
@registry_options
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
def list_all(opened: Registry, wants_json: bool) -> None:
    """List every connector, those of a kibana.yml included."""
    records = opened.all()
    if wants_json:
        showing.as_json([record.wire() for record in records])
    else:
        showing.connectors(records)


@click.command()
@click.argument("connector_id", metavar="ID")
@registry_options
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
def show(connector_id: str, opened: Registry, wants_json: bool) -> None:
    """Show one connector; its secrets are never shown."""
    _shown(opened.get(connector_id), wants_json)


@click.command()
@click.argument("connector_id", metavar="ID")
@click.option("--name", help="A new name.")
@click.option("--guided", is_flag=True, help="Bring a deprecated connector up to date: app check, URL, credentials.")
@click.option("--yes", is_flag=True, help="Do not ask before a guided update.")
@config_options
@secret_options
@registry_options
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
def update(
    connector_id: str,
    name: str | None,
    guided: bool,
    yes: bool,
    opened: Registry,
    wants_json: bool,
    **given: Any,
) -> None:
    """Change a connector; what is not given stays, secrets too."""
    config, secrets = _taken_apart(given)
    record = opened.get(connector_id)
    if guided:
        if not yes:
            click.confirm(f"{AFFECTS_ALL} Go on?", abort=True, err=True)
        record = guided_update(opened, connector_id, config=config, secrets=secrets)
        if name is not None:
            record = opened.rename(connector_id, name)
    elif config or secrets:
        # A change of how to authenticate leaves nothing of the other way behind.
        changed = config.get("isOAuth", (record.config or {}).get("isOAuth")) != (record.config or {}).get("isOAuth")
        record = opened.update(
            connector_id,
            name=name if name is not None else record.name,
            config=_without_oauth(opened, connector_id, config) if changed else opened.config_of(connector_id, config),
            secrets=secrets if changed else opened.secrets_of(connector_id, secrets),
        )
    elif name is not None:
        record = opened.rename(connector_id, name)
    else:
        raise InvalidInput("nothing to change was given", fix="See 'sandtable connector update --help'.")
    _shown(record, wants_json)


@click.command()
@click.argument("connector_id", metavar="ID")
@registry_options
def delete(connector_id: str, opened: Registry) -> None:
    """Delete a connector with its secrets."""
    opened.delete(connector_id)


def _check_app(
    opened: Registry, type_id: str, config: dict[str, Any], secrets: dict[str, Any], origin: str | None
) -> None:
    """Ask for the Elastic app from here, or as a page of a Kibana would; ConnectorError or Ended when it is missing."""
    made = Connector(type_id, config, secrets, behaviour=opened.behaviour, networking=opened.settings.networking)
    if origin is None:
        made.service().check_application()
        return
    found = check_from_browser(
        made.type,
        made.config["apiUrl"],
        origin=origin.rstrip("/"),
        authorization=made.authorization(),
        transport=RequestsTransport(None, Networking(), opened.behaviour),  # a browser has none of Kibana's settings
    )
    if not found.installed:
        raise Ended("\n".join(found.lines), FAILED)


def _taken_apart(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    config: dict[str, Any] = {wire: given[name] for name, wire in _CONFIG_OPTIONS.items() if given[name] is not None}
    url = config.get("apiUrl")
    if url is not None and not re.match(r"https?://[^/\s]", url, re.IGNORECASE):
        raise InvalidInput(f"{url!r} is no address of an instance", field="--url", fix=f"Write https://{_bare(url)}.")
    if given["is_oauth"] is not None:
        config["isOAuth"] = given["is_oauth"]
    secrets = given_secrets(
        username=given["username"],
        password_file=given["password_file"],
        client_secret_file=given["client_secret_file"],
        private_key_file=given["private_key_file"],
        private_key_password_file=given["private_key_password_file"],
    )
    return config, secrets


def _bare(url: str) -> str:
    """Return what may have been meant: the address without a scheme that is no web address."""
    return re.sub(r"^[a-zA-Z][a-zA-Z0-9+.-]*:/*", "", url).strip("/ ") or "dev00000.service-now.com"


def _without_oauth(opened: Registry, connector_id: str, config: dict[str, Any]) -> dict[str, Any]:
    oauth = dict.fromkeys(("clientId", "jwtKeyId", "userIdentifierValue"))
    return opened.config_of(connector_id, {**(oauth if not config["isOAuth"] else {}), **config})


def _shown(record: ConnectorRecord, wants_json: bool) -> None:
    if wants_json:
        showing.as_json(record.wire())
    else:
        showing.connector(record)


COMMANDS: tuple[click.Command, ...] = (create, list_all, show, update, delete)
