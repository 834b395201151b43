"""`sandtable oauth`: set up what a client needs to ask an instance for tokens."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

import click

from sandtable.cli.groups import Group
from sandtable.cli.running_instance.reached import URL_VARIABLE, TableApi, table_api

PREFIX = "SANDTABLE_OAUTH"


@click.group(cls=Group)
def oauth() -> None:
    """Set up OAuth clients of an instance."""


@oauth.command(
    "create-jwt-client",
    context_settings={"max_content_width": 120, "auto_envvar_prefix": PREFIX},
    epilog="Exits with 0 when all three records were made, 1 when the instance refused (and none was left), 2 for "
    f"wrong use, 3 when no instance could be reached. Every option can be given as {PREFIX}_..., which keeps passwords "
    "out of the list of processes.",
)
@click.argument("certificate", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--url", default="", help=f"A running instance, ours or a real one  [{URL_VARIABLE}]")
@click.option("--user", default="admin", show_default=True, help="An administrator of it.")
@click.option("--password", default="", help="The administrator's password.")
@click.option("--ca", "ca_file", default="", metavar="FILE", help="CA certificates to trust, PEM.")
@click.option(
    "--data", default="", metavar="FILE", help="Instead of --url: the data file of an instance that is not running."
)
@click.option("--name", default="JWT client", show_default=True, help="Name of the three records.")
@click.option("--user-field", default="email", show_default=True, help="Column of sys_user that identifies a user.")
@click.option("--client-id", default="", help="Client ID; generated when left out.")
@click.option("--client-secret", default="", help="Client secret; generated when left out.")
@click.option("--key-id", default="", help="JWT key ID (kid); generated when left out.")
@click.option("--public", is_flag=True, help="A public client, which needs no secret.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def create_jwt_client(certificate: Path, url: str, data: str, as_json: bool, **given: Any) -> None:
    """Register a JWT client that signs with the key of CERTIFICATE (PEM): certificate, endpoint and verifier map."""
    url = url or ("" if data else os.environ.get(URL_VARIABLE, "").strip())
    if bool(url) == bool(data):
        raise click.UsageError("give either --url of a running instance or --data of one that is not running")
    pem = _certificate(certificate)
    made = _in_file(data, pem, given) if data else _by_table_api(url, pem, given)
    if as_json:
        click.echo(json.dumps(made, indent=2))
        return
    for label, name in (
        ("Client ID", "client_id"),
        ("Client secret", "client_secret"),
        ("JWT key ID", "key_id"),
        ("User field", "user_field"),
    ):
        click.echo(f"{label + ':':<15}{made[name]}")


def _certificate(path: Path) -> str:
    from sandtable.oauth.signed.certificates import BadCertificate, read_pem

    try:
        text = path.read_text(encoding="ascii")
        read_pem(text)
    except UnicodeDecodeError:
        raise click.UsageError(f"{path} is not usable: it is no PEM text") from None
    except BadCertificate as error:
        raise click.UsageError(f"{path} is not usable: {error}") from None
    return text


def _in_file(data: str, pem: str, given: dict[str, Any]) -> dict[str, str]:
    import dataclasses

    from sandtable.core.values.errors import PlatformError
    from sandtable.oauth.setup import create_jwt_client as create
    from sandtable.serving.assembly import AssemblyError, create_instance

    if not Path(data).is_file():
        raise click.UsageError(
            f"--data {data} is no file; start an instance with it first: sandtable serve --data {data}"
        )
    names = ("name", "user_field", "client_id", "client_secret", "key_id", "public")
    try:
        instance = create_instance(data=data)
        try:
            return dataclasses.asdict(create(instance, pem, **{name: given[name] for name in names}))
        finally:
            instance.close()
    except (AssemblyError, PlatformError) as error:
        raise click.ClickException(str(error)) from None


def _by_table_api(url: str, pem: str, given: dict[str, Any]) -> dict[str, str]:
    """Make the three records one after the other; what was made is deleted again when a later one is refused."""
    # The API does not show a generated secret, so it is made here.
    secret = given["client_secret"] or secrets.token_hex(16)
    name, made = given["name"], []
    with table_api(url, given["user"], given["password"], given["ca_file"]) as records:

        def insert(table: str, **values: str) -> dict[str, str]:
            record = records.insert(table, values)
            made.append((table, record["sys_id"]))
            return record

        try:
            certificate = insert("sys_certificate", name=name, pem_certificate=pem)
            client = insert(
                "oauth_jwt",
                name=name,
                user_field=given["user_field"],
                client_secret=secret,
                public_client="true" if given["public"] else "false",
                **({"client_id": given["client_id"]} if given["client_id"] else {}),
            )
            row = insert(
                "jwt_verifier_map",
                name=name,
                oauth_jwt=client["sys_id"],
                sys_certificate=certificate["sys_id"],
                **({"kid": given["key_id"]} if given["key_id"] else {}),
            )
        except click.ClickException:
            for table, sys_id in reversed(made):
                _take_back(records, table, sys_id)
            raise
    return {
        "client_id": client["client_id"],
        "client_secret": secret,
        "key_id": row["kid"],
        "user_field": client["user_field"],
        "oauth_jwt": client["sys_id"],
        "jwt_verifier_map": row["sys_id"],
        "sys_certificate": certificate["sys_id"],
    }


def _take_back(records: TableApi, table: str, sys_id: str) -> None:
    try:
        records.delete(table, sys_id)
    except click.ClickException as error:
        click.echo(f"could not be taken back, delete it by hand: {table} {sys_id}: {error.message}", err=True)
