"""Write docs/command-line.md from the commands themselves: `python docs/generate_command_line.py`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from sandtable.cli import main

PAGE = Path(__file__).parent / "command-line.md"
WIDTH = 110
HEAD = """# The command line

This page is written by `python docs/generate_command_line.py`; a test fails when it is out of date.

`sandtable --help` lists every command, each has its own `--help`. Commands come from this package and from every
installed package that offers some under the entry point group `sandtable.commands`; so the simulator, the connector and
the scenarios share one command without knowing each other.

| to | use |
|---|---|
| start an instance | `sandtable serve` |
| keep its data | `sandtable serve --data instance.db` (an answered write survives a crash) |
| have repeatable ids | `sandtable serve --random-seed 7` |
| start without the Elastic applications | `sandtable serve --empty` |
| find out what your client uses that is not simulated | `sandtable serve --strict` |
| serve HTTPS, or answer for `https://NAME.service-now.com` | `sandtable serve --tls`, `sandtable serve --proxy 8888` |
| be reached from elsewhere | `sandtable serve --host 0.0.0.0 --admin-password ... --integration-password ...` |
| set a switch of the instance | `sandtable serve --property NAME=VALUE` |
| wait until it is ready | `sandtable health --wait 10` |
| find out what an instance lacks | `sandtable doctor URL` |
| try a connector | `sandtable rehearse` |
| see which version this is | `sandtable --version`, or `sandtable version` for what it runs on |
| complete commands with the Tab key | `eval "$(sandtable completion bash)"` |

The ready line of `serve` is the only line on standard output, printed when requests are accepted; log lines go to
standard error. Ctrl-C and SIGTERM finish the requests that are being answered and exit with 0. All settings, and how to
give them in a file or in the environment, are in [settings](settings.md).

The commands for the test plane of a running instance (`reset`, `ids`, `load`, `snapshot`, `clock`, `requests`,
`verify`, `faults`, `unsimulated`, `explain`, `worlds`) print JSON with `--json`. They exit with 0 when it is done, 1
when what they name is not there or not allowed (`verify`: when the journal is not as expected), 2 when something given
is refused, and 3 when nobody answers.
"""


def page() -> str:
    """Return the whole page."""
    return HEAD + "\n".join(_sections(main, ("sandtable",), None))


def _sections(command: click.Command, names: tuple[str, ...], parent: click.Context | None) -> Iterator[str]:
    # As for a real call: a command remembers its help option, so another one here would depend on who called it before.
    settings = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    context = click.Context(command, info_name=names[-1], parent=parent, **settings)
    if parent is not None:
        yield f"{'#' * min(len(names), 4)} {' '.join(names)}\n"
        yield f"```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None and not inner.hidden:
                yield from _sections(inner, (*names, name), context)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
