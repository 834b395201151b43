"""Differences that are expected of a named connector, listed by rule."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import yaml

from sandtable_scenarios.stage.findings import Known


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
        result[str(rule)] = Known(entry["reason"], str(entry.get("issue", "")))
    return result
