"""Options of the commands that read a running instance: where it is, who reads, how fast."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sandtable.core.values.texts import comma_list

if TYPE_CHECKING:
    from sandtable.cloning.reading import Reader

Command = TypeVar("Command", bound=Callable[..., Any])


def reading_options(command: Command) -> Command:
    """Add the options of an account that reads."""
    for option in reversed(
        (
            click.option("--from", "url", required=True, metavar="URL", help="https://dev12345.service-now.com."),
            click.option("--user", default="", help="The account that reads."),
            click.option("--password", default="", help="Its password."),
            click.option(
                "--client-id", default="", help="OAuth client; alone it reads as itself, with --user as that."
            ),
            click.option("--client-secret", default="", help="Secret of the OAuth client."),
            click.option("--bearer-token", default="", help="An OAuth token that is there already."),
            click.option(
                "--page", default=1000, show_default=True, type=click.IntRange(1, 10_000), help="Rows asked for."
            ),
            click.option(
                "--per-second", default=10.0, show_default=True, type=click.FloatRange(0.01), help="Requests."
            ),
            click.option("--ca", "ca_file", default="", metavar="FILE", help="CA certificates to trust, PEM."),
        )
    ):
        command = option(command)
    return command


def table_names(tables: str) -> list[str]:
    """Return the names and patterns of a comma list. Raises click.UsageError when there are none."""
    names = comma_list(tables)
    if not names:
        raise click.UsageError("--tables names none; give a comma list of tables or patterns, such as incident,u_*")
    return names


def reader_of(url: str, given: dict[str, Any]) -> Reader:
    """Return what reads an instance as the options say. Raises click.UsageError, which names the option."""
    import requests

    from sandtable.cli.running_instance.doctor import address_of, check_ca
    from sandtable.cloning.reading import Reader
    from sandtable.cloning.sign_in import Account, sign_in

    if not (given["user"] or given["client_id"] or given["bearer_token"]):
        raise click.UsageError("nobody would read: give --user and --password, or --client-id, or --bearer-token")
    for name, needs in (("password", "user"), ("client_secret", "client_id"), ("user", "password")):
        if given[name] and not given[needs]:
            raise click.UsageError(f"--{name.replace('_', '-')} needs --{needs.replace('_', '-')} beside it")
    session = requests.Session()
    if given["ca_file"]:
        check_ca(given["ca_file"])
        session.verify = given["ca_file"]
    keys = ("user", "password", "client_id", "client_secret")
    account = Account(**{key: given[key] for key in keys}, token=given["bearer_token"])
    address = address_of(url)
    return Reader(address, sign_in(address, account, session), page=given["page"], pause=1 / given["per_second"])
