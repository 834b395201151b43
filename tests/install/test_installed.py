"""Installed as the README says, without extras: every command works, or says in one line which extra it needs.

The wheel is unpacked beside the packages that it requires and nothing else, linked from the environment of the tests:
nothing is loaded from elsewhere, and what an installation without extras lacks is really not there.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution, entry_points
from pathlib import Path

import pytest
from tests.docs.offered import every_command
from tests.docs.pages import ROOT, blocks, commands
from tests.docs.terminal import Terminal, differs

from sandtable.cli.extras import extras
from sandtable.demo.story import FOLDER
from sandtable.settings.distribution import DISTRIBUTION

pytestmark = pytest.mark.ours("what the README tells people to install does what the README says")

NAME = re.compile(r"[\w.-]+")
OPTIONAL = {"hypothesis": "scenarios", "faker": "demo", "redis": "redis"}


def required(name: str, seen: dict[str, Distribution]) -> dict[str, Distribution]:
    """Return a distribution and all that it requires without extras, by normalized name."""
    key = name.lower().replace("_", "-")
    if key in seen:
        return seen
    found = seen[key] = distribution(name)
    for requirement in found.requires or []:
        text, _, marker = requirement.partition(";")
        match = NAME.match(text)
        # Markers but those of extras are about other interpreters and systems.
        if match is not None and "extra" not in marker and not ("==" in marker or "<" in marker):
            required(match[0], seen)
    return seen


def link(found: Distribution, site: Path) -> None:
    """Let an environment have a distribution of the environment of the tests."""
    home = Path(str(found.locate_file("")))
    for top in {file.parts[0] for file in found.files or () if file.parts[0] not in ("..", "__pycache__")}:
        if not (site / top).exists():
            (site / top).symlink_to(home / top)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the commands of an environment with the wheel of this project, what it requires, and pytest."""
    if "SANDTABLE_INSTALLED" in os.environ:  # `make release` has installed what it built, as a stranger would
        return Path(os.environ["SANDTABLE_INSTALLED"])
    folder = tmp_path_factory.mktemp("installed")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "env", with_pip=False)
    site = Path(sysconfig.get_path("purelib", "venv", vars={"base": str(folder / "env")}))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    needed: dict[str, Distribution] = {}
    for name in (DISTRIBUTION, "pytest"):
        required(name, needed)
    for key, found in needed.items():
        if key != DISTRIBUTION:
            link(found, site)
    python = folder / "env" / "bin" / "python"
    script = folder / "env" / "bin" / "sandtable"
    script.write_text(f"#!{python}\nfrom sandtable.cli import main\n\nmain()\n", encoding="utf-8")
    script.chmod(0o755)
    return python.parent


@pytest.fixture
def terminal(installed: Path, tmp_path: Path) -> Iterator[Terminal]:
    opened = Terminal(tmp_path, programs=(installed,))
    yield opened
    opened.close()


def run(installed: Path, *words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {"HOME": str(folder), "PATH": f"{installed}{os.pathsep}{os.environ['PATH']}", "LANG": "C"}
    return subprocess.run(
        [str(installed / "python"), *words], cwd=folder, env=environment, capture_output=True, text=True
    )


def test_it_is_the_wheel_and_has_no_extras(installed: Path, tmp_path: Path) -> None:
    there = f"[name for name in {sorted(OPTIONAL)} if importlib.util.find_spec(name)]"
    asked = f"import importlib.util, sandtable; print(sandtable.__file__, *{there})"
    done = run(installed, "-c", asked, folder=tmp_path)
    assert done.stdout.split() == [str(next(installed.parent.rglob("sandtable/__init__.py")))], done.stderr


def test_every_module_of_an_extra_is_known() -> None:
    assert {name: extras()[name] for name in OPTIONAL} == OPTIONAL
    assert {"flask", "click", "mypy", "pysnc"} & set(extras()) == set()


COMMANDS = [name.split()[1:] for name, _ in every_command()]
# One process asks for the help of all, because starting a hundred interpreters proves no more.
ALL_HELP = f"""
import sys
from click.testing import CliRunner
from sandtable.cli import main
wrong = []
for words in {COMMANDS!r}:
    done = CliRunner().invoke(main, [*words, "--help"])
    if done.exit_code or "Usage:" not in done.output:
        wrong.append((words, done.output, done.exception))
print(wrong)
"""


def test_every_command_has_its_help(installed: Path, tmp_path: Path) -> None:
    done = run(installed, "-c", ALL_HELP, folder=tmp_path)
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr


@pytest.mark.parametrize(
    "command, module, extra",
    [
        ("rehearse --profile quick", "hypothesis", "scenarios"),
        ("rehearse --list", "hypothesis", "scenarios"),
        ("serve --demo-data --port 0", "faker", "demo"),
    ],
)
def test_what_needs_an_extra_says_so_in_one_line(
    installed: Path, tmp_path: Path, command: str, module: str, extra: str
) -> None:
    done = run(installed, str(installed / "sandtable"), *command.split(), folder=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert re.fullmatch(rf"Error: .*\b{module}\b.*\bextra {extra}: .*pip install '\.\[{extra}\]'\n", done.stderr), done


def test_other_modules_that_are_missing_are_no_extras(monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    import sandtable.cli as command_line

    def broken(target: str) -> None:
        raise ModuleNotFoundError("No module named 'flask'", name="flask")

    monkeypatch.setattr(command_line, "_loaded", broken)
    done = CliRunner().invoke(command_line.main, ["version"])
    assert isinstance(done.exception, ModuleNotFoundError)


def test_the_commands_of_the_readme(terminal: Terminal) -> None:
    for command in commands("README.md"):
        if command.text.startswith(("pip install", "make ", "docker ")):
            continue
        code, printed = terminal.type(command)
        where = f"README.md:{command.line}: $ {command.text}\n{printed}"
        if "rehearse" in command.text:
            assert (code, "Traceback" in printed) == (2, False), where
            assert "comes with the extra scenarios" in printed, where
            continue
        assert code == 0, where
        assert not command.shown.strip() or not differs(command.shown, printed), where


def test_the_programs_of_the_readme(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "incident_client.py").write_text((ROOT / "examples" / "incident_client.py").read_text(encoding="utf-8"))
    for number, block in enumerate(blocks("README.md", "python")):
        assert "def test_" in block.text, "a program that is no test would have to be run here"
        (tmp_path / f"test_block_{number}.py").write_text(block.text, encoding="utf-8")
    done = run(installed, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_demo_runs_without_extras(installed: Path, tmp_path: Path) -> None:
    done = run(installed, "-m", "sandtable.demo", "--folder", str(FOLDER), folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "every step ended as the rules say" in done.stdout


def test_the_plugin_costs_next_to_nothing_where_nothing_asks_for_it(installed: Path, tmp_path: Path) -> None:
    """Of all modules that a run of pytest imports, ours are few, and import nothing that pytest would not."""
    (tmp_path / "test_other.py").write_text("def test_other():\n    pass\n", encoding="utf-8")
    told = (
        "import sys, pytest; pytest.main(['-q', '-p', 'no:cacheprovider', *sys.argv[1:]]); print(*sorted(sys.modules))"
    )
    with_it = run(installed, "-c", told, folder=tmp_path).stdout.split("\n")[-2].split()
    without = run(installed, "-c", told, "-p", "no:sandtable", "-p", "no:sandtable_scenarios", folder=tmp_path)
    added = set(with_it) - set(without.stdout.split("\n")[-2].split())
    ours = {point.value for point in entry_points(group="pytest11") if point.value.startswith("sandtable")}
    assert ours <= set(with_it)
    assert added == {name for each in ours for name in (each, each.rpartition(".")[0], each.partition(".")[0])}
    imports = f"import pytest, time; t = time.process_time(); import {', '.join(sorted(ours))}"
    # Of the processor, and the best of some: a machine that is busy with something else takes its time for anything.
    assert (
        min(
            float(run(installed, "-c", f"{imports}; print(time.process_time() - t)", folder=tmp_path).stdout)
            for _ in range(3)
        )
        < 0.01
    )
