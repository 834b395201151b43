"""Whatever can be used is on a page: names, settings, options, commands, faults, routes, APIs, fixtures, properties."""

from __future__ import annotations

import dataclasses
import importlib
import re

import pytest
from tests.docs.offered import every_command, options_of
from tests.docs.pages import NAMES, read
from werkzeug.routing import Rule

from sandtable.faults.catalogue import CATALOGUE
from sandtable.serving.assembly import make_worlds
from sandtable.settings.settings import NOT_SETTINGS, Settings
from sandtable.web.app import BLUEPRINTS, create_app
from sandtable.web.environ import PLANE_PREFIX as PREFIX
from sandtable.web.plane.catalogue import OPERATIONS

pytestmark = pytest.mark.ours("whatever can be used is on a page")

EVERYTHING = "\n".join(read(name) for name in NAMES)
PACKAGES = ("sandtable", "sandtable_connector", "sandtable_scenarios")
BOTH_PLUGINS = ("sandtable.pytest.plugin", "sandtable_scenarios.pytest_plugin")


def static_part(rule: Rule) -> str:
    """Return the path of a route up to what stands for something else, without its version."""
    return re.sub(r"/v<int:version>", "", rule.rule).split("<")[0].rstrip("/") or "/"


@pytest.mark.parametrize("package", PACKAGES)
def test_every_exported_name(package: str) -> None:
    names = getattr(importlib.import_module(package), "__all__", ())
    assert names or package == "sandtable_scenarios"
    assert [name for name in names if not re.search(rf"`{name}\b", EVERYTHING)] == []


def test_every_variable_of_a_page_or_a_command_leaves_serve_alone() -> None:
    named = {found + "X" * found.endswith("_") for found in re.findall(r"SANDTABLE_[A-Z0-9_]+", EVERYTHING)}
    options = [option for _, command in every_command() for option in command.params]
    named |= {each.envvar for each in options if isinstance(each.envvar, str)}
    prefixes = [command.context_settings.get("auto_envvar_prefix") for _, command in every_command()]
    named |= {f"{prefix}_X" for prefix in prefixes if prefix}
    settings = {f"SANDTABLE_{each.name.upper()}" for each in dataclasses.fields(Settings)}
    assert len(named) > len(settings)
    assert sorted(name for name in named - settings if not NOT_SETTINGS.fullmatch(name)) == []


def test_every_setting() -> None:
    page = read("docs/settings.md")
    assert [each.name for each in dataclasses.fields(Settings) if f"| `{each.name}` |" not in page] == []


def test_every_command_and_option() -> None:
    page = read("docs/command-line.md")
    missing = []
    for name, command in every_command():
        section = page.partition(f" {name}\n")[2].partition("\n#")[0] if name != "sandtable" else page
        missing += [f"{name} {option}" for option in options_of(command) if option not in section]
        missing += [name] if not section else []
    assert missing == []


def test_every_fault_with_its_parameters() -> None:
    page = read("docs/faults.md")
    for kind in CATALOGUE:
        section = page.partition(f"### {kind.kind}\n")[2].partition("\n### ")[0]
        assert section, kind.kind
        assert [each.name for each in dataclasses.fields(kind) if f"| `{each.name}` |" not in section] == []  # type: ignore[arg-type]


def test_every_operation_of_the_test_plane() -> None:
    page = read("docs/test-plane.md")
    assert [each.path for each in OPERATIONS if f"`{each.method} {PREFIX}{each.path}`" not in page] == []


def test_every_api() -> None:
    page = read("docs/http-api.md")
    app = create_app(make_worlds(Settings(random_seed=1)))
    routes: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        routes.setdefault(rule.endpoint.partition(".")[0], set()).add(static_part(rule))
    assert set(routes) == {blueprint.name for blueprint in BLUEPRINTS}
    routes.pop("plane")  # has a page of its own, see above
    assert {f"{name} {path}" for name, paths in routes.items() for path in paths if f"`{path}" not in page} == set()


@pytest.mark.parametrize("plugin", BOTH_PLUGINS)
def test_every_fixture(plugin: str) -> None:
    module = importlib.import_module(plugin)
    fixtures = [name for name, value in vars(module).items() if "fixture" in type(value).__name__.lower()]
    assert len(fixtures) >= 2
    assert [name for name in fixtures if f"`{name}`" not in EVERYTHING] == []


def test_every_option_of_the_plugin() -> None:
    from sandtable_scenarios.pytest_plugin import OPTIONS

    page = read("docs/scenarios.md")
    assert [name for name, *_ in OPTIONS if f"`--sandtable-{name}`" not in page] == []
