"""A running instance as commands reach it: where it is, and its records through the Table API."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from sandtable.settings.settings import TRUE

if TYPE_CHECKING:
    import requests

TIMEOUT = 60  # seconds
URL_VARIABLE = "SANDTABLE_URL"  # the instance that every command means which works on a running one
WHERE = f"The running instance  [{URL_VARIABLE}, else this machine at PORT or 8080]"


class Unreachable(click.ClickException):
    """No instance answered."""

    exit_code = 3


def own_address(environ: Mapping[str, str] = os.environ) -> str:
    """Return the address on this machine of a server with these settings."""
    port = environ.get("SANDTABLE_PORT") or environ.get("PORT") or "8080"
    tls = environ.get("SANDTABLE_TLS", "").strip().lower() in TRUE or environ.get("SANDTABLE_TLS_CERTIFICATE")
    return f"{'https' if tls else 'http'}://127.0.0.1:{port if port.isdigit() else '8080'}"


def checked_url(address: str, option: str = "--url ") -> str:
    """Return an address without a slash at the end. Raises click.UsageError for one that is no URL."""
    if not address.startswith(("http://", "https://")):
        raise click.UsageError(f"{option}{address!r} is no URL; give one such as http://127.0.0.1:8080")
    return address.rstrip("/")


def instance_address(given: str | None) -> str:
    """Return the address of the instance that a command works on.

    The given one, else that of SANDTABLE_URL, else this machine at SANDTABLE_PORT, PORT or 8080. Raises
    click.UsageError for what is no URL.
    """
    if given is not None:
        return checked_url(given)
    named = os.environ.get(URL_VARIABLE, "").strip()
    return checked_url(named, f"{URL_VARIABLE} ") if named else own_address()


class TableApi:
    """The Table API of an instance, asked as one user. Raises click.ClickException; Unreachable if nobody answers."""

    def __init__(self, url: str, session: requests.Session, ca_file: str) -> None:
        self._url, self._session, self._ca_file = url, session, ca_file

    def list(self, table: str, **parameters: str) -> list[dict[str, str]]:
        """Return the records that the parameters ask for."""
        rows: list[dict[str, str]] = self._asked("GET", table, params=parameters)
        return rows

    def insert(self, table: str, values: Mapping[str, str]) -> dict[str, str]:
        """Make a record and return it."""
        made: dict[str, str] = self._asked("POST", table, json=values)
        if not isinstance(made, dict) or not isinstance(made.get("sys_id"), str):
            raise click.ClickException(f"{self._url} answered something that is no record of {table}")
        return made

    def update(self, table: str, sys_id: str, values: Mapping[str, str]) -> dict[str, str]:
        """Change a record and return it."""
        changed: dict[str, str] = self._asked("PATCH", f"{table}/{sys_id}", json=values)
        return changed

    def delete(self, table: str, sys_id: str) -> None:
        """Delete a record."""
        self._asked("DELETE", f"{table}/{sys_id}")

    def _asked(self, method: str, path: str, **options: Any) -> Any:
        import requests

        address = f"{self._url}/api/now/table/{path}"
        try:
            # A session's own setting would lose against REQUESTS_CA_BUNDLE.
            answer = self._session.request(method, address, timeout=TIMEOUT, verify=self._ca_file or None, **options)
        except requests.RequestException as error:
            from sandtable.library.plane_client import unanswered

            raise Unreachable(unanswered(self._url, error)) from None
        if answer.status_code == 204:
            return None
        try:
            document = answer.json()
        except ValueError:
            document = None
        if answer.status_code in (200, 201) and isinstance(document, dict) and "result" in document:
            return document["result"]
        if answer.status_code == 401:
            raise click.ClickException(f"{address} refused the user or the password (401)")
        envelope = document.get("error") if isinstance(document, dict) else None
        said = "no error that can be read"
        if isinstance(envelope, dict):
            said = envelope.get("detail") or envelope.get("message") or said
        why = answer.headers.get("X-Sandtable-Explain", "")
        raise click.ClickException(f"{address} answered {answer.status_code}: {said}{f' ({why})' if why else ''}")


@contextmanager
def table_api(url: str, user: str, password: str, ca_file: str) -> Iterator[TableApi]:
    """Hand out the Table API of an instance for one user. Raises click.UsageError for a URL or a file that is none."""
    import requests

    if ca_file and not os.path.isfile(ca_file):  # noqa: PTH113 - the text goes on to the HTTP library as it is
        raise click.UsageError(f"--ca {ca_file} is no file")
    with requests.Session() as session:
        # As bytes, because the library would send text as Latin-1.
        session.auth = requests.auth.HTTPBasicAuth(user.encode(), password.encode())
        session.headers["X-Sandtable-Explain"] = "true"
        yield TableApi(checked_url(url), session, ca_file)
