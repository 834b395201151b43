"""`sandtable ca`: the certificate of the development CA, for the clients that shall trust it."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command(epilog="The private key stays in the folder and is never printed.")
@click.option("--ca-folder", envvar="SANDTABLE_CA_FOLDER", metavar="DIR", help="Folder of the CA  [the user's own]")
@click.option("--export", "target", metavar="FILE", help="Write the certificate to FILE; - prints it.")
@click.option("--renew", is_flag=True, help="Make a new CA; clients must then be given the new certificate.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def ca(ca_folder: str | None, target: str | None, renew: bool, as_json: bool) -> None:
    """Print where the certificate of the development CA is (made now if there is none), or export it."""
    from sandtable.serving.tls.authority import open_authority
    from sandtable.serving.tls.errors import AuthorityError

    try:
        authority = open_authority(Path(ca_folder) if ca_folder else None, renew=renew)
    except AuthorityError as error:
        raise click.ClickException(str(error)) from None
    if target == "-":
        click.echo(authority.certificate_pem, nl=False)
        return
    path = authority.certificate_path
    if target:
        path = Path(target)
        try:
            path.write_text(authority.certificate_pem, encoding="ascii")
        except OSError as error:
            raise click.ClickException(f"{path} cannot be written: {error.strerror or error}") from None
    if as_json:
        ends = authority.certificate.not_valid_after_utc
        described = {"certificate": str(path), "sha256": authority.fingerprint, "not_after": ends.isoformat()}
        click.echo(json.dumps(described))
    else:
        click.echo(path)
