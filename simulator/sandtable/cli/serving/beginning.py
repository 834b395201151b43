"""What a server begins with, and what it says of that when it is ready."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sandtable.cli.extras import MissingExtra
from sandtable.cli.plane.asking import in_options, nothing_of
from sandtable.settings.settings import Settings

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance
    from sandtable.serving.metrics import Meter
    from sandtable.web.worlds.stubs import Stub
    from sandtable.web.worlds.worlds import Worlds


def _load(worlds: Worlds, paths: tuple[str, ...]) -> None:
    """Load what settings name into the default world, which then begins with it. Raises click.ClickException."""
    if not paths:
        return
    from sandtable.library.loaded import LoadError, load_path

    def fill(instance: Instance) -> None:
        for path in paths:
            try:
                done = load_path(instance, Path(path))
            except LoadError as error:
                raise click.ClickException(f"--load {_as_command(str(error))}") from None
            for part, told in done:
                counts = ", ".join(f"{told[name]} {name}" for name in ("inserted", "updated", "deleted") if told[name])
                click.echo(f"loaded {part}: {counts or nothing_of(told)}", err=True)

    worlds.world(worlds.default.name).begin_filled(fill)


def _as_command(advice: str) -> str:
    """Return advice about a parameter of the test plane as an option of the command that has it."""
    return re.sub(r"\b(unknown|partial|table)=(\w+)", lambda found: f"`sandtable load {in_options(found[0])}`", advice)


def begun_worlds(settings: Settings, gather: Callable[..., Worlds] | None = None) -> Worlds:
    """Return the worlds of a server, the default one with what it is to begin with. Raises click.ClickException."""
    from sandtable.serving.assembly import AssemblyError, make_worlds

    try:
        worlds = make_worlds(settings, gather) if gather is not None else make_worlds(settings)
    except AssemblyError as error:
        raise click.ClickException(str(error)) from None
    if worlds.default.store.notice:
        click.echo(f"{settings.data}: {worlds.default.store.notice}", err=True)
    if settings.demo_data:
        from sandtable.cli.demo_data import fill

        worlds.world(worlds.default.name).begin_filled(lambda instance: fill(instance, settings.scale))
    worlds.begin_with_stubs(stubs_in(settings.stubs))
    _load(worlds, settings.load if worlds.default.store.was_empty else ())
    return worlds


def stubs_in(path: str) -> list[Stub]:
    """Return the endpoints that a TOML file declares; none without a path. Raises click.ClickException."""
    from sandtable.faults.forms import BadForm, read
    from sandtable.web.worlds.stubs import Stub

    if not path:
        return []
    try:
        document = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise click.ClickException(f"--stubs {path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise click.ClickException(f"--stubs {path} is not TOML: it is no text in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise click.ClickException(f"--stubs {path} is not TOML: {error}") from None
    if not document:
        raise click.ClickException(f"--stubs {path} declares nothing; each endpoint is a table [[stub]]")
    listed = document.pop("stub", [])
    if document or not isinstance(listed, list):
        name = next(iter(document), "stub")
        raise click.ClickException(f"--stubs {path}: {name} is no [[stub]]; each endpoint is a table of that name")
    try:
        return [read(Stub, each, f"stub {number}") for number, each in enumerate(listed, 1)]
    except BadForm as error:
        raise click.ClickException(f"--stubs {path}: {error}") from None


def begun_meter(settings: Settings) -> Meter | None:
    """Return what counts for Prometheus, if it is asked for. Raises click.ClickException without the extra."""
    if not settings.metrics:
        return None
    try:
        from sandtable.serving.metrics import Meter
    except ModuleNotFoundError as error:
        raise MissingExtra.of(error, "serve --metrics") or error from None
    return Meter()


def ready_line(url: str, settings: Settings) -> str:
    """Return the line that says the server is ready: its URL first, then who can sign in."""
    users = [("admin", settings.admin_password, Settings.admin_password)]
    if not settings.empty:
        users.append(("elastic.integration", settings.integration_password, Settings.integration_password))
    # A password that somebody chose is theirs to know; it does not go into a log.
    shown = [f"{name} / {password if password == default else '********'}" for name, password, default in users]
    return f"ready at {url}  ({', '.join(shown)})"


def release_lines(instance: Instance) -> list[str]:
    """Return what differs from the default release, and what somebody has set otherwise; nothing for the default."""
    from sandtable.core.images import releases

    now = releases.release_in_force(instance)
    lines = []
    if (now.family, now.kind, now.basic_auth) != (releases.default_family(), releases.UPGRADED, releases.OPEN):
        lines.append(f"answers as {now.family}, {now.kind}, Basic authentication {now.basic_auth}")
    if now.basic_auth == releases.ENFORCED:
        lines.append("passwords of people do not open the APIs: use the integration user, a role or OAuth")
    if now.differing:
        lines.append(f"set otherwise than {now.family}: {', '.join(now.differing)}")
    return lines


def exposure_warnings(settings: Settings, instance: Instance) -> list[str]:
    """Return what to tell somebody whose instance others can reach: what lets them in that they could know."""
    if not settings.exposed:
        return []
    reached = f"{settings.host} can be reached by other machines, and "
    warnings = []
    if settings.has_default_password:
        warnings.append(
            f"{reached}the passwords are those of the documentation; set --admin-password and --integration-password"
        )
    from sandtable.serving.assembly import sample_logins

    samples = sample_logins(instance)
    if samples:
        more = f" and {len(samples) - 3} more" if len(samples) > 3 else ""
        warnings.append(
            f"{reached}{', '.join(samples[:3])}{more} sign in with their own name as the password; "
            "start with --no-sample-logins"
        )
    if settings.plane and not settings.plane_token:
        warnings.append(
            f"{reached}the test plane, which reads and changes everything, asks for no token; "
            "set --plane-token, or switch it off with --no-plane"
        )
    return warnings
