"""Whatever is typed in any place of any command, it ends with a line that says what was wrong, and not in a trace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from sandtable.cli import main

pytestmark = pytest.mark.ours("the command line says what it does, and stops in good order")

NOBODY = "http://127.0.0.1:9"
# They go on until they are stopped, or begin a run; what they cannot begin with is asserted where they are tested.
GO_ON = {("serve",), ("record",), ("replay",), ("connector", "serve"), ("rehearse",)}
RAW = ("Errno", "ConnectionPool", "object at 0x", "Traceback", "codec can't")


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command that does something, with the words that name it."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from commands(inner, (*path, name))
    elif path not in GO_ON:
        yield path, command


def typed(command: click.Command, wrong: click.Parameter, value: str) -> list[str]:
    """Return the words of a command line in which one parameter has a value, and all that are required have one."""
    words = []
    for each in command.params:
        given = value if each is wrong else each.type.choices[0] if isinstance(each.type, click.Choice) else "x"
        if isinstance(each, click.Argument) and (each.required or each is wrong):
            words += [str(given)] * max(each.nargs, 1)
        elif isinstance(each, click.Option) and each.is_flag and each is wrong:
            words.append(each.opts[0])
        elif isinstance(each, click.Option) and (each.required or each is wrong):
            words.append(f"{each.opts[-1]}={given}")
        elif each.name == "url":
            words.append(f"--url={NOBODY}")
    return words


@pytest.mark.parametrize("value", ["", "a folder"])
def test_no_word_in_no_place_ends_in_a_trace(value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a folder").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    wrong, asked = {}, 0
    for path, command in commands(main):
        for parameter in command.params:
            if parameter.name in ("help", "follow"):
                continue
            is_number = isinstance(parameter.type, click.types.FloatParamType | click.types.IntParamType)
            words = [*path, *typed(command, parameter, "nan" if value and is_number else value)]
            result = CliRunner().invoke(main, words, input="")
            asked += 1
            if not isinstance(result.exception, SystemExit | None) or any(raw in result.output for raw in RAW):
                wrong[" ".join(words)] = repr(result.exception) + result.output[-200:]
    assert wrong == {}
    assert asked > 250
