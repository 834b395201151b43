"""`sandtable record`: a reverse proxy that writes down, redacted, what a client and an instance say to each other."""

from __future__ import annotations

from typing import Any

import click

from sandtable.cli.serving.listening import listen, listening_options


@click.command(
    epilog="Secrets (credentials, tokens, cookies), e-mail addresses and telephone numbers are replaced before "
    "anything is written. Read the files before you give them to others."
)
@click.option("--upstream", required=True, metavar="URL", help="The instance, such as https://acme.service-now.com.")
@click.option("--out", "folder", required=True, metavar="DIR", help="Folder for the files; an older recording goes on.")
@listening_options
@click.option(
    "--redact",
    "columns",
    multiple=True,
    metavar="NAME",
    help="A column with personal data, or a header with a secret; repeatable.",
)
@click.option("--upstream-ca", default="", metavar="FILE", help="PEM file with the CA of the upstream.")
@click.option("--timeout", default=60.0, show_default=True, type=click.FloatRange(0.1), help="Seconds for an answer.")
@click.option("--keep-files", is_flag=True, help="Keep bodies that are no text; nothing in them is redacted.")
def record(
    upstream: str,
    folder: str,
    columns: tuple[str, ...],
    upstream_ca: str,
    timeout: float,
    keep_files: bool,  # noqa: FBT001 - click passes flags by name
    **listening: Any,
) -> None:
    """Pass requests on to an instance, and keep each exchange as a file."""
    from sandtable.recording import Exchange, RecordingError, RecordingProxy, Redactor

    def tell(exchange: Exchange) -> None:
        click.echo(f"{exchange.answer.status} {exchange.name}", err=True)

    def complain(problem: str) -> None:
        click.echo(f"Error: {problem}", err=True)

    redactor = Redactor(upstream, columns, keep_files=keep_files)
    try:
        proxy = RecordingProxy(
            upstream, folder, redactor, ca_file=upstream_ca, timeout=timeout, tell=tell, complain=complain
        )
    except RecordingError as error:
        raise click.UsageError(str(error)) from None
    listen(proxy, f"recording {proxy.upstream} in {proxy.folder}", **listening)
