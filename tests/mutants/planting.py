"""Planting a bug: the source of a module is changed while it is imported, and nothing on disk."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

FOLDER = Path(__file__).parent
SIDES = ("connector", "simulator", "third")
# A connector of another make, to plant bugs in: the plain client of the scenarios under a name of its own.
THIRD_PARTY, MODEL = "third_party", "sandtable_scenarios.plain"


class NotPlanted(Exception):
    """A bug that cannot be planted; the text says in which module, and why."""


@dataclass(frozen=True)
class Edit:
    """A piece of the source of a module, found exactly once, and what stands there instead."""

    module: str
    old: str
    new: str

    def apply(self, source: str) -> str:
        """Return the changed source; NotPlanted when the old text is not there exactly once."""
        count = source.count(self.old)
        if count != 1:
            raise NotPlanted(f"{self.module} has {count} places that read {self.old!r}; make the bug fit the code")
        return source.replace(self.old, self.new)


@dataclass(frozen=True)
class Mutant:
    """One bug.

    edits       how it is planted
    scenarios   where it shows, in the order in which they are tried
    caught_by   rules of which one must be found broken; none named: whichever
    within      stories until then, at most
    shortest    how many steps the shortest story has that shows it, 0 where nobody has looked
    """

    edits: tuple[Edit, ...]
    scenarios: tuple[str, ...]
    caught_by: tuple[str, ...] = ()
    within: int = 60
    shortest: int = 0


def names() -> list[str]:
    """Return the names of all mutants, such as ``connector/closes_the_oldest``."""
    return [
        f"{side}/{path.stem}" for side in SIDES for path in sorted((FOLDER / side).glob("*.py")) if path.stem != "test"
    ]


def load(name: str) -> tuple[Mutant, str]:
    """Return a mutant and the sentence that describes it."""
    path = FOLDER / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"sandtable_mutant_{path.stem}", path)
    if spec is None or spec.loader is None or not path.exists():
        raise NotPlanted(f"there is no mutant {name!r}; there are {', '.join(names())}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    mutant: Mutant = module.MUTANT
    return mutant, (module.__doc__ or "").strip().splitlines()[0]


def _is_third_party(module: str) -> bool:
    return module.partition(".")[0] == THIRD_PARTY


def origin_of(module: str) -> Path:
    """Return the file that an edit changes when its module is imported."""
    name = MODEL + module.removeprefix(THIRD_PARTY) if _is_third_party(module) else module
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin)


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, fullname: str, path: str, edits: Sequence[Edit]) -> None:
        super().__init__(fullname, path)
        self._edits = edits

    def get_code(self, fullname: str) -> Any:
        # Straight from the source: a cached code object would be one without the bug.
        source = Path(self.path).read_text(encoding="utf-8")
        if _is_third_party(fullname):
            source = source.replace(MODEL, THIRD_PARTY)
        for edit in self._edits:
            source = edit.apply(source)
        return compile(source, self.path, "exec", dont_inherit=True)


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, edits: Sequence[Edit]) -> None:
        self._edits = edits

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        edits = [edit for edit in self._edits if edit.module == fullname]
        if _is_third_party(fullname):
            found = importlib.util.find_spec(MODEL + fullname.removeprefix(THIRD_PARTY))
        else:
            found = importlib.machinery.PathFinder.find_spec(fullname, path) if edits else None
        if found is None or found.origin is None:
            return None
        loader = _Loader(fullname, found.origin, edits)
        return importlib.util.spec_from_file_location(
            fullname, found.origin, loader=loader, submodule_search_locations=found.submodule_search_locations
        )


def plant(mutant: Mutant) -> None:
    """Plant a bug in this process, and see that every module with an edit takes it; NotPlanted when one cannot."""
    for edit in mutant.edits:
        if edit.module in sys.modules:
            raise NotPlanted(f"{edit.module} is imported already; plant the bug in a fresh process")
    sys.meta_path.insert(0, _Finder(mutant.edits))
    for edit in mutant.edits:
        importlib.import_module(edit.module)
