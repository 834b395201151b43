"""What a page names is there: options, commands, settings of the environment, properties, faults, files."""

from __future__ import annotations

import dataclasses
import re

import pytest
from tests.docs.offered import every_command, options_of
from tests.docs.pages import FENCE, NAMES, ROOT, commands, read

import sandtable
from sandtable.core.schema.dictionary_data import read_baseline
from sandtable.settings.settings import Settings

pytestmark = pytest.mark.ours("a page names nothing that is not there")

# Options of other programs that the pages show, of the demo, of `make soak`, and of what `make test` prints.
FOREIGN = {
    "--most",  # python -m bench
    "--prefix",  # npm
    *("--build-arg", "--cap-drop", "--format", "--read-only", "--rm", "--tmpfs", "--volumes"),
    *("--cacert", "--cert", "--key", "--data-urlencode", "--pyargs", "--keep", "--live", "--check"),
    *("--kills", "--requests", "--slow", "--minutes"),
    *("--clock", "--marked", "--together", "--only", "--list", "--write"),  # of tools/anywhere.py
}
FOLDERS = "docker|docs|examples|fixtures|simulator|connector|scenarios|tests|bench"
SOURCES = "\n".join(
    path.read_text(encoding="utf-8")
    for folder in ("simulator", "connector", "scenarios", "docker", "tools")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in (".py", ".json", ".yaml", ".yml", "") and path.is_file()
)


COMMANDS = dict(every_command())
OPTIONS = {option for command in COMMANDS.values() for option in options_of(command)} | {"--help"}
PROPERTIES = {record.values["name"] for record in read_baseline().records if record.table == "sys_properties"}


@pytest.mark.parametrize("name", NAMES)
def test_options(name: str) -> None:
    named = set(re.findall(r"(?<![\w/-])--[a-z][a-z-]+\b(?!-)", read(name)))
    plugin = {option for option in named if option.startswith("--sandtable-")}
    assert {option for option in plugin if f'"{option.removeprefix("--sandtable-")}"' not in SOURCES} == set()
    assert named - plugin - OPTIONS - FOREIGN == set()


@pytest.mark.parametrize("name", NAMES)
def test_commands(name: str) -> None:
    named = re.findall(r"`(sandtable [a-z]+)\b", FENCE.sub("", read(name)))
    named += [found for command in commands(name) for found in re.findall(r"\b(sandtable [a-z]+)\b", command.text)]
    assert [each for each in named if each not in COMMANDS] == []


@pytest.mark.parametrize("name", NAMES)
def test_names_in_the_environment(name: str) -> None:
    named = set(re.findall(r"\bSANDTABLE_[A-Z_]*[A-Z]\b(?![_*])", read(name)))
    known = {option[2:].replace("-", "_").upper() for option in OPTIONS}
    known |= {f"{group}_{option}" for group in ("APP", "DOCTOR", "OAUTH") for option in known}
    known |= {field.name.upper() for field in dataclasses.fields(Settings)}
    known |= set(re.findall(r"SANDTABLE_(TEST_[A-Z]+)", (ROOT / "tests" / "conftest.py").read_text(encoding="utf-8")))
    unknown = {each for each in named if each.removeprefix("SANDTABLE_") not in known}
    assert {each for each in unknown if each not in SOURCES} == set()


@pytest.mark.parametrize("name", NAMES)
def test_properties(name: str) -> None:
    named = set(re.findall(r"`((?:glide|sandtable|com\.(?:snc|glide))\.[a-z0-9_.]+[a-z0-9_])`", read(name)))
    python = {f"sandtable.{each}" for each in sandtable.__all__}
    python |= {each for each in named if any((ROOT / "simulator").glob(f"{each.replace('.', '/')}*"))}
    assert {each for each in named - python - PROPERTIES if each not in SOURCES} == set()


@pytest.mark.parametrize("name", NAMES)
def test_files(name: str) -> None:
    prose = FENCE.sub("", read(name))
    named = re.findall(
        r"`((?:docker|docs|examples|fixtures|simulator|connector|scenarios|tests|bench)/[\w./-]+)`", prose
    )
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_host_of_a_package_index_and_no_place_where_it_was_made(name: str) -> None:
    words = ("pypi.org", "pythonhosted", "registry.npmjs", "/work/", "/root/")
    assert [word for word in words if word in read(name)] == []
