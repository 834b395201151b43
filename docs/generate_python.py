"""Write docs/python.md from what the packages export: `python docs/generate_python.py`."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent / "python.md"
# Modules that programs of other people import, and the page that shows how.
MODULES = {
    "sandtable": "in-process.md",
    "sandtable.demodata": "demo-data.md",
    "sandtable.library.in_process": "record-and-replay.md",
    "sandtable.oauth.setup": "oauth.md",
    "sandtable.recording": "record-and-replay.md",
    "sandtable_connector": "connector.md",
    "sandtable_connector.cases": "connector-command.md",
    "sandtable_connector.delivery": "connector-rules.md",
    "sandtable_connector.kibana_api": "connector-command.md",
    "sandtable_connector.registry": "connector-command.md",
    "sandtable_connector.rules": "connector-rules.md",
    "sandtable_scenarios.catalogue": "scenarios.md",
}
# Modules that export without a list of names.
UNLISTED = {
    "sandtable.demodata": ("load",),
    "sandtable.oauth.setup": ("create_jwt_client",),
}
WITH_METHODS = {"SimulatedInstance", "PlaneClient", "Connector"}
# Values and aliases, which have no docstring of their own.
VALUES = {
    "TYPES": "The connector types, by id.",
    "DEFAULT_URL": "The address of an instance that was given none.",
    "ACTIONS": "What a step of a story can do, by name.",
    "RULES": "Every rule, in the order of reports.",
    "SCENARIOS": "Every scenario, in the order of a run.",
}
HEAD = """# Names for Python

This page is written by `python docs/generate_python.py`; a test fails when it is out of date. It lists what programs
may import, with the first sentence of each docstring; `help(name)` in Python shows the whole. The name of a module
leads to the page that shows how it is used. Whatever is not listed here may change without notice.
"""


def page() -> str:
    """Return the whole page."""
    return "\n".join((HEAD, *(line for name in MODULES for line in _module(name))))


def _module(name: str) -> Iterator[str]:
    module = importlib.import_module(name)
    yield f"## [`{name}`]({MODULES[name]})\n"
    yield "| name | what it is |"
    yield "|---|---|"
    for each in UNLISTED.get(name) or sorted(module.__all__, key=str.lower):
        value = getattr(module, each)
        yield f"| `{each}{_parameters(value)}` | {_sentence(each, value)} |"
        if each in WITH_METHODS:
            for method, function in vars(value).items():
                if not method.startswith("_") and inspect.isfunction(function):
                    yield f"| `{each}.{method}{_parameters(function)}` | {_sentence(method, function)} |"
    yield ""


def _parameters(value: Any) -> str:
    if not inspect.isfunction(value):
        return ""
    given = [
        ("*" if each.kind is each.VAR_POSITIONAL else "**" if each.kind is each.VAR_KEYWORD else "") + each.name
        for each in inspect.signature(value).parameters.values()
        if each.name != "self"
    ]
    return f"({', '.join(given)})"


def _sentence(name: str, value: Any) -> str:
    # A type alias or a constant would show the words of its class.
    documented = inspect.isclass(value) or inspect.isfunction(value) or inspect.ismodule(value)
    text = (inspect.getdoc(value) or "") if documented else VALUES[name]
    first = re.split(r"(?<=\.)\s|\n\n", " ".join(text.split("\n\n")[0].split()), maxsplit=1)[0]
    if not first:
        raise ValueError(f"{name} has no docstring")
    return first.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
