"""What a command needs beside the packages that an installation without extras has."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, requires

import click

from sandtable.settings.distribution import DISTRIBUTION

# Those of developers bring what the others do.
FOR_DEVELOPERS = frozenset({"dev", "compat", "compat-agents", "docs", "release"})
_REQUIREMENT = re.compile(r"""([\w.-]+).*\bextra == ["']([\w-]+)["']""")
# Packages that are imported by another name than they are installed by.
IMPORTED_AS = {"pytest-xdist": "xdist"}


class MissingExtra(click.ClickException):
    """A command that cannot do its work without an extra; the one line names it. Exit code 2, as for a wrong option."""

    exit_code = 2

    @classmethod
    def of(cls, error: ModuleNotFoundError, command: str) -> MissingExtra | None:
        """Return what to say of a module that is not there; None when no extra would bring it."""
        module = (error.name or "").partition(".")[0]
        extra = extras().get(module)
        if extra is None:
            return None
        return cls(f"sandtable {command} needs {module}, which comes with the extra {extra}: {how_to_install(extra)}")


def how_to_install(extra: str) -> str:
    """Return the command that installs an extra. No package index has this project, so its folder is named."""
    return f"in a clone of the repository, pip install '.[{extra}]'"


def extras() -> dict[str, str]:
    """Return the extra that brings each module which an installation without extras may lack."""
    try:
        listed = requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        return {}
    found: dict[str, str] = {}
    for each in listed:
        match = _REQUIREMENT.match(each)
        if match is not None and match[2] not in FOR_DEVELOPERS:
            name = match[1].lower()
            found.setdefault(IMPORTED_AS.get(name, name.replace("-", "_")), match[2])
    return found
