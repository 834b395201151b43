"""`sandtable serve --workers`: several processes behind one port."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib import import_module
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from sandtable.cli.serving.beginning import begun_meter, begun_worlds, exposure_warnings, ready_line, release_lines
from sandtable.cli.serving.listening import BETWEEN_LOOKS, SIGNALS, leave_when_told, reach_lines, stop_when_told

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance
    from sandtable.serving.workers.supervisor import Place
    from sandtable.settings.settings import Settings
    from sandtable.web.worlds.worlds import Worlds


def run_workers(settings: Settings) -> None:
    """Serve from several processes until SIGINT or SIGTERM; a second one ends them at once.

    Raises click.ClickException when one of them cannot start, or the port is taken.
    """
    leave_when_told()
    gc.disable()
    from sandtable.serving.assembly import warm
    from sandtable.serving.server import ServerError, bound, url_of
    from sandtable.serving.workers.supervisor import Supervisor, WorkersError

    for shared in ("web.app", "web.plane.catalogue", "serving.workers.spread_worlds"):
        import_module(f"sandtable.{shared}")  # once, for all processes
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    warm(settings)
    try:
        listener = bound(settings.host, settings.port)
        supervisor = Supervisor(
            settings.workers,
            lambda place, ready: _work(settings, listener, place, ready),
            lambda line: click.echo(line, err=True),
        )
    except (ServerError, WorkersError) as error:
        raise click.ClickException(str(error)) from None
    parent = os.getpid()

    def told(number: int, frame: FrameType | None) -> None:
        if os.getpid() != parent:
            os._exit(128 + number)  # a process that has just been forked
        if supervisor.is_stopping:
            supervisor.stop(at_once=True)
            os._exit(128 + number)
        supervisor.wake()

    for number in SIGNALS:
        signal.signal(number, told)
    gc.freeze()
    try:
        supervisor.start()
        if not supervisor.is_stopping:
            scheme = "https" if settings.tls or settings.tls_certificate else "http"
            url = settings.base_url or url_of(scheme, settings.host, int(listener.getsockname()[1]))
            click.echo(ready_line(url, settings))
            supervisor.run()
        click.echo("stopping", err=True)
    except WorkersError as error:
        raise click.ClickException(str(error)) from None
    finally:
        listener.close()
        supervisor.stop()


def _work(settings: Settings, listener: socket.socket, place: Place, ready: Callable[[], None]) -> None:
    """Serve as one process of several until SIGTERM, or until nobody is there who could send it."""
    from sandtable.serving.assembly import client_authorities
    from sandtable.serving.reach import Reach
    from sandtable.serving.server import ServerError
    from sandtable.serving.tls.errors import AuthorityError
    from sandtable.serving.workers.asking import Answers, ask_all
    from sandtable.serving.workers.post import Post, PostError
    from sandtable.serving.workers.spread_worlds import FIRST, SpreadWorlds, kept_apart
    from sandtable.web.app import create_app
    from sandtable.web.journal.request_log import RequestLog

    # Ctrl-C goes to all processes of a terminal; the one that started this one says when it is time.
    signal.signal(signal.SIGTERM, lambda number, frame: os._exit(128 + number))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    directory = place.directory()
    is_first = place.number == FIRST

    def gather(default: Instance, make: Callable[..., Instance]) -> Worlds:
        return SpreadWorlds(default, make, place.folder, place.number, directory)

    own = settings if is_first else replace(settings, demo_data=False, load=())
    post = None
    questions: dict[str, Callable[..., Any]] = {}
    try:
        meter = begun_meter(settings)
        if settings.in_database:  # every process answers for every world
            worlds = begun_worlds(own)
            worlds.health = directory.condition
        else:
            worlds = begun_worlds(own if is_first else replace(own, data=""), gather)
            assert isinstance(worlds, SpreadWorlds)
            post = Post(place.folder, place.number, worlds.place_of)
            questions |= worlds.questions
        app = kept_apart(create_app(worlds, settings, log=RequestLog(settings.log)))
        if meter is not None:
            app = meter.around(app)
            questions["samples"] = meter.samples
        trusted = partial(client_authorities, worlds)
        reach = Reach(app, settings, trusted, listener=listener, post=post).start()
    except (click.ClickException, PostError, ServerError, AuthorityError) as error:
        click.echo(f"Error: {error.message if isinstance(error, click.ClickException) else error}", err=True)
        sys.exit(1)
    Answers(place.folder, place.number, questions).start()
    if meter is not None:
        meter.watch(worlds, reach.server)
        worlds.metrics = lambda: meter.told(
            {
                str(number + 1): told
                for number, told in ask_all(place.folder, range(settings.workers), "samples").items()
            }
        )
    if is_first:
        for warning in exposure_warnings(settings, worlds.default):
            click.echo(f"warning: {warning}", err=True)
        for line in (*reach_lines(reach), *release_lines(worlds.default)):
            click.echo(line, err=True)
    stopped = stop_when_told()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    gc.enable()
    ready()
    while not stopped.wait(BETWEEN_LOOKS):
        if place.is_orphan():
            break
    reach.stop()
    if post is not None:
        post.close()
    worlds.default.close()
    directory.close()
    if place.is_orphan():
        with contextlib.suppress(OSError):
            shutil.rmtree(place.folder)
