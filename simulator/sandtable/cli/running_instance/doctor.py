"""`sandtable doctor`: what an instance lacks for a connector to work, and the fix."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from sandtable.cli.running_instance.reached import URL_VARIABLE

if TYPE_CHECKING:
    from sandtable.doctor.findings import Finding
    from sandtable.doctor.patient import OAuthClient, Patient

PREFIX = "SANDTABLE_DOCTOR"
SIGNS = {"ok": "ok     ", "broken": "BROKEN ", "unknown": "unknown", "skipped": "-      "}
OAUTH = ("client_id", "client_secret", "private_key", "key_id", "user_identifier")


@click.command(
    context_settings={"max_content_width": 120, "auto_envvar_prefix": PREFIX},
    epilog="Exits with 0 when nothing is broken, 1 when something is, 2 for wrong use, 3 when no instance could be "
    f"reached, 4 when not all could be examined for want of credentials. "
    f"Every option can be given as {PREFIX}_..., which keeps passwords out of the list of processes.",
)
@click.argument("url", envvar=URL_VARIABLE)
@click.option("--user", default="", help="The integration user.")
@click.option("--password", default="", help="Its password.")
@click.option("--app", type=click.Choice(["itsm", "sir"]), default="itsm", show_default=True, help="Elastic's app.")
@click.option("--origin", default="", help="Kibana's address as the browser shows it, to check the CORS rule.")
@click.option("--admin-user", default="", help="An administrator, to see what the integration user cannot.")
@click.option("--admin-password", default="", help="The administrator's password.")
@click.option("--client-id", default="", help="OAuth: client ID of the JWT API endpoint.")
@click.option("--client-secret", default="", help="OAuth: its client secret.")
@click.option("--private-key", default="", metavar="FILE", help="OAuth: the RSA private key, PEM.")
@click.option("--private-key-password", default="", help="OAuth: the key's password, if it has one.")
@click.option("--key-id", default="", help="OAuth: JWT key ID of the verifier map.")
@click.option("--user-identifier", default="", help="OAuth: the integration user, in the endpoint's user field.")
@click.option("--ca", "ca_file", default="", metavar="FILE", help="CA certificates to trust, PEM.")
@click.option("--try-import", is_flag=True, help="Send a row, which makes a record (deleted if there is an admin).")
@click.option("--timeout", type=click.FloatRange(min=0.1), default=30.0, show_default=True, help="Seconds per call.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(url: str, as_json: bool, **given: Any) -> None:
    """Check what a connector needs of the instance at URL, ours or a real one, and name the first thing it lacks."""
    patient = patient_of(url, given)
    from sandtable.doctor import examination

    findings = []
    with patient.session:
        for finding in examination.examine(patient):
            findings.append(finding)
            if not as_json:
                click.echo(line_of(finding))
    if as_json:
        click.echo(json.dumps(examination.report(patient, findings), indent=2))
    else:
        found = examination.first_broken(findings)
        unchecked = examination.unchecked(findings)
        if found:
            click.echo(f"\nfirst broken: {found.check}\nfix: {found.fix}")
        elif unchecked:
            click.echo(f"\nnot checked: {', '.join(unchecked)}")
            click.echo("fix: give --user and --password, or --client-id and what else OAuth needs")
        else:
            click.echo(f"\nnothing is broken{_but(examination.unseen(findings))}")
    raise SystemExit(examination.exit_code(findings))


def _but(unseen: list[str]) -> str:
    """Return what to add to good news that does not cover everything."""
    hints = [text for name, text in (("import", "--try-import"),) if name in unseen]
    if set(unseen) - {"import"}:
        hints.insert(0, "--admin-user")
    return f"; not seen: {', '.join(unseen)} ({' and '.join(hints)} would)" if unseen else ""


def line_of(finding: Finding) -> str:
    """Return a finding for people."""
    return f"{SIGNS[finding.outcome]} {finding.check:<12} {finding.text}"


def patient_of(url: str, given: dict[str, Any]) -> Patient:
    """Return what is to be examined. Raises click.UsageError, which names the option."""
    import requests

    from sandtable.doctor.patient import Patient
    from sandtable.doctor.subjects import SUBJECTS

    for name, needs in (("password", "user"), ("admin_password", "admin_user")):
        if given[name] and not given[needs]:
            raise click.UsageError(f"--{name.replace('_', '-')} needs --{needs.replace('_', '-')} beside it")
    if given["user"] and not given["password"] and not given["admin_user"]:
        raise click.UsageError("--user needs --password beside it, or an administrator (--admin-user) to look at it")
    if given["admin_user"] and not given["admin_password"]:
        raise click.UsageError("--admin-user needs --admin-password beside it")
    if given["ca_file"]:
        check_ca(given["ca_file"])
    return Patient(
        url=address_of(url),
        subject=SUBJECTS[given["app"]],
        session=requests.Session(),
        user=given["user"],
        password=given["password"],
        admin_user=given["admin_user"],
        admin_password=given["admin_password"],
        origin=origin_of(given["origin"]),
        oauth=client_of(given),
        try_import=given["try_import"],
        timeout=given["timeout"],
        ca_file=given["ca_file"],
    )


def check_ca(path: str) -> None:
    """Raise click.UsageError for a file that holds no certificate to trust."""
    import ssl

    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:
        missing = error.strerror if not isinstance(error, ssl.SSLError) else "it holds no certificate in PEM"
        raise click.UsageError(f"--ca {path} cannot be used: {missing}") from None


def address_of(url: str) -> str:
    """Return the address of an instance without a slash at the end; the error shows no credentials it may hold."""
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise click.UsageError("URL is no http or https address; give one such as https://dev12345.service-now.com")
    if parts.username or parts.password:
        raise click.UsageError("URL holds credentials; give them with --user and --password")
    if parts.query or parts.fragment:
        raise click.UsageError("URL has a query; give the address of the instance alone")
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def origin_of(text: str) -> str:
    """Return an origin as a browser sends it: no path, no slash, no default port."""
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise click.UsageError("--origin is scheme, host and port of Kibana, such as https://kibana.example.com:5601")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != default else "")


def client_of(given: dict[str, Any]) -> OAuthClient | None:
    """Return the OAuth client when one was given, complete."""
    from sandtable.doctor.patient import OAuthClient

    missing = [name for name in OAUTH if not given[name]]
    if len(missing) == len(OAUTH):
        return None
    if missing:
        raise click.UsageError(f"for OAuth, --{missing[0].replace('_', '-')} is missing")
    try:
        key = Path(given["private_key"]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise click.UsageError(f"--private-key {given['private_key']} cannot be read: {reason}") from None
    return OAuthClient(
        client_id=given["client_id"],
        client_secret=given["client_secret"],
        private_key=key,
        key_id=given["key_id"],
        user_identifier=given["user_identifier"],
        private_key_password=given["private_key_password"],
    )
