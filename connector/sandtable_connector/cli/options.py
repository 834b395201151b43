"""What the commands have in common: where connectors are, how failures end, how secrets come in."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from sandtable_connector.behaviour.switches import PRESETS, Behaviour
from sandtable_connector.errors import ConfigurationError, ConnectorError, ParametersRefused
from sandtable_connector.registry import NoSuchConnector, NotChangeable, Registry, TypeNotEnabled
from sandtable_connector.settings.kibana_yml import KibanaSettings, read_kibana_yml
from sandtable_connector.values.invalid_input import InvalidInput
from sandtable_connector.values.sealing import Undecryptable

OK = 0
FAILED = 1
REFUSED = 2
TRY_LATER = 3
NO_CONNECTOR = 4
INTERRUPTED = 130

Command = TypeVar("Command", bound=Callable[..., Any])


class Ended(click.ClickException):
    """A command that ends with a text on standard error and an exit code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.exit_code = code  # type: ignore[misc]


def default_registry() -> Path:
    """Return the file that keeps connectors when none is named."""
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "sandtable" / "connectors.db"


def worded(command: Command) -> Command:
    """End a command on our own errors with their text and the documented exit code, never with a traceback."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except NoSuchConnector as error:
            raise Ended(f"{error.message}. 'sandtable connector list' shows what there is.", NO_CONNECTOR) from None
        except (InvalidInput, OSError) as error:
            raise Ended(str(error), REFUSED) from None
        except ConnectorError as error:
            raise Ended(error.message, exit_code_of(error)) from None

    return run  # type: ignore[return-value]


def registry_options(command: Command) -> Command:
    """Add the options that say where connectors are and how they behave; the command is called with the Registry."""

    @worded
    @functools.wraps(command)
    def run(*, registry: str | None, kibana_yml: str | None, behaviour: str, **rest: Any) -> Any:
        return command(opened=_opened(registry, kibana_yml, behaviour), **rest)

    for option in (
        click.option(
            "--behaviour",
            type=click.Choice(list(PRESETS)),
            default="documented",
            show_default=True,
            envvar="SANDTABLE_BEHAVIOUR",
            help="What a connector does where documentation and Kibana differ.",
        ),
        click.option(
            "--kibana-yml",
            metavar="FILE",
            envvar="SANDTABLE_KIBANA_YML",
            help="Settings and preconfigured connectors: the xpack.actions of this file.",
        ),
        click.option(
            "--registry",
            metavar="FILE",
            envvar="SANDTABLE_CONNECTORS",
            help="Where created connectors are kept.  [~/.local/share/sandtable/connectors.db]",
        ),
    ):
        run = option(run)
    return run  # type: ignore[return-value]


def _opened(registry: str | None, kibana_yml: str | None, behaviour: str) -> Registry:
    """Return the registry that the options name; the key may come from SANDTABLE_ENCRYPTION_KEY."""
    settings = read_kibana_yml(kibana_yml) if kibana_yml else KibanaSettings()
    for warning in settings.warnings:
        click.echo(f"warning: {warning}", err=True)
    return Registry(
        Path(registry) if registry else default_registry(),
        key=os.environ.get("SANDTABLE_ENCRYPTION_KEY") or None,
        settings=settings,
        behaviour=Behaviour.preset(behaviour),
    )


def exit_code_of(error: ConnectorError) -> int:
    """Return the exit code of an error: refused before anything was sent, worth another try, or failed."""
    refusals = (ConfigurationError, ParametersRefused, NotChangeable, TypeNotEnabled, Undecryptable)
    if isinstance(error, refusals):
        return REFUSED
    return TRY_LATER if error.retry else FAILED


def secret_options(command: Command) -> Command:
    """Add the options for credentials; each value comes from a file, `-` being standard input, never from the line."""
    for option in (
        click.option("--private-key-password-file", metavar="FILE", help="The passphrase of the private key."),
        click.option("--private-key-file", metavar="FILE", help="RSA private key, PEM."),
        click.option("--client-secret-file", metavar="FILE", help="Client secret of the OAuth application."),
        click.option(
            "--password-file",
            metavar="FILE",
            help="Password of the user; without it SANDTABLE_CONNECTOR_PASSWORD, else it is asked for.",
        ),
        click.option("--username", help="User of Basic authentication."),
    ):
        command = option(command)
    return command


def given_secrets(
    *,
    username: str | None,
    password_file: str | None,
    client_secret_file: str | None,
    private_key_file: str | None,
    private_key_password_file: str | None,
) -> dict[str, Any]:
    """Return the secrets that the options name, under their wire names; InvalidInput for a file that cannot be read."""
    files = {
        "password": password_file,
        "clientSecret": client_secret_file,
        "privateKey": private_key_file,
        "privateKeyPassword": private_key_password_file,
    }
    if sum(file == "-" for file in files.values()) > 1:
        raise InvalidInput("only one of the secrets can come from standard input")
    secrets: dict[str, Any] = {} if username is None else {"username": username}
    for name, file in files.items():
        if file is not None:
            secrets[name] = _read_secret(file, name)
    if username is not None and "password" not in secrets:
        secrets["password"] = _password(username)
    return secrets


def _password(username: str) -> str:
    known = os.environ.get("SANDTABLE_CONNECTOR_PASSWORD")
    if known:
        return known
    if not sys.stdin.isatty():
        raise InvalidInput(
            "no password was given",
            field="password",
            fix="Use --password-file, or set SANDTABLE_CONNECTOR_PASSWORD.",
        )
    asked: str = click.prompt(f"Password of {username}", hide_input=True, err=True)
    return asked


def _read_secret(file: str, name: str) -> str:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InvalidInput("is not text", where=file, field=name, fix="A key is given as PEM, not as DER.") from None
    except OSError as error:
        raise InvalidInput(f"cannot be read: {error.strerror}", where=file, field=name) from None
    if name == "privateKey":
        if "PRIVATE KEY-----" not in text:
            raise InvalidInput(
                "holds no private key", where=file, field=name, fix="It begins with -----BEGIN ... PRIVATE KEY-----."
            )
        return text
    value = text.rstrip("\r\n")
    if not value:
        raise InvalidInput("is empty", where=file, field=name)
    return value
