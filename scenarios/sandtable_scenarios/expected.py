"""Differences that are expected of a named connector, listed by rule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from sandtable_scenarios.stage.findings import Known, When


class KnownError(ValueError):
    """A list of known differences that cannot be used; the text names the entry and the fix."""


def presets() -> tuple[str, ...]:
    """Return the names of the lists that come with the package."""
    folder = files("sandtable_scenarios") / "known"
    return tuple(sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")))


def load_known(name: str, rule_ids: frozenset[str]) -> Mapping[str, Known]:
    """Return the known differences of a preset or a YAML file: rule id -> reason and issue.

    Raises KnownError for an unknown preset, an unreadable file, or a rule that does not exist.
    """
    if name in presets():
        text = (files("sandtable_scenarios") / "known" / f"{name}.yaml").read_text(encoding="utf-8")
    else:
        try:
            text = Path(name).read_text(encoding="utf-8")
        except OSError as problem:
            raise KnownError(
                f"{name!r} is neither a preset ({', '.join(presets())}) nor a readable file: {problem}"
            ) from problem
    try:
        data = yaml.safe_load(text) or {}
    except yaml.YAMLError as problem:
        raise KnownError(f"{name}: is not YAML: {problem}") from problem
    if not isinstance(data, Mapping):
        raise KnownError(f"{name}: must map rule ids to a reason and an issue")
    result = {}
    for rule, entry in data.items():
        if rule not in rule_ids:
            raise KnownError(f"{name}: there is no rule {rule!r}; `sandtable rehearse --list` prints them")
        if not isinstance(entry, Mapping) or not isinstance(entry.get("reason"), str):
            raise KnownError(f"{name}: {rule} needs a 'reason'")
        unknown = set(entry) - {"reason", "issue", "when", "sometimes"}
        if unknown:
            raise KnownError(f"{name}: {rule} has no {sorted(unknown)[0]!r}; it has reason, issue, when and sometimes")
        sometimes = entry.get("sometimes", False)
        if not isinstance(sometimes, bool):
            raise KnownError(f"{name}: {rule}: 'sometimes' is true or false")
        circumstances = tuple(_when(each, f"{name}: {rule}") for each in _list(entry.get("when")))
        result[str(rule)] = Known(entry["reason"], str(entry.get("issue", "")), circumstances, sometimes)
    return result


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _when(entry: Any, where: str) -> When:
    """Return one set of circumstances; raises KnownError for what is none."""
    if not isinstance(entry, Mapping) or set(entry) - {"step", "after", "found", "values"}:
        raise KnownError(f"{where}: 'when' has step, after, found and values")
    values, found = entry.get("values") or {}, entry.get("found", "")
    if not isinstance(values, Mapping) or not isinstance(found, str):
        raise KnownError(f"{where}: 'values' maps arguments to classes, and 'found' is a regular expression")
    try:
        re.compile(found)
    except re.error as problem:
        raise KnownError(f"{where}: 'found' is no regular expression: {problem}") from problem
    return When(
        tuple(map(str, _list(entry.get("step")))),
        tuple(map(str, _list(entry.get("after")))),
        found,
        {str(argument): tuple(map(str, _list(classes))) for argument, classes in values.items()},
    )
