"""Reading a rule file, with complaints that name the file, the line and the field."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from sandtable_connector.rules.rule_file import RuleFile
from sandtable_connector.values.invalid_input import InvalidInput
from sandtable_connector.values.yaml_text import load_yaml


@dataclass(frozen=True, slots=True)
class _Lines:
    """Where in a YAML text a field stands."""

    root: yaml.Node | None

    def of(self, path: Sequence[int | str]) -> int | None:
        node, line = self.root, None
        for step in path:
            if isinstance(node, yaml.MappingNode):
                found = [(key, value) for key, value in node.value if key.value == str(step)]
                if not found:
                    break
                line, node = found[0][0].start_mark.line + 1, found[0][1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.start_mark.line + 1
            else:
                break
        return line


def _dotted(path: Sequence[int | str]) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _known_fields(path: Sequence[int | str]) -> list[str]:
    """Return the fields that would have been understood beside the one at a path."""
    model: type[BaseModel] | None = RuleFile
    for step in path[:-1]:
        if isinstance(step, int) or model is None:
            continue
        info = model.model_fields.get(step)
        models = list(_models_in(info.annotation)) if info is not None else []
        model = models[0] if models else None
    return sorted(model.model_fields) if model is not None else []


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _models_in(inner)


def parse_rules(text: str, *, source: str = "rules") -> RuleFile:
    """Return the rule file in a YAML (or JSON) text; raises InvalidInput with file, line, field and what is wrong."""
    try:
        root, given = load_yaml(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{source} line {mark.line + 1}" if mark is not None else source
        raise InvalidInput(f"not YAML: {getattr(error, 'problem', None) or error}", where=where) from None
    if not isinstance(given, Mapping) or not ("rules" in given or "id" in given):
        raise InvalidInput(
            "a rule file is a mapping with a list `rules`", where=source, fix="Start the file with `rules:`."
        )
    single = "rules" not in given
    try:
        return RuleFile.model_validate({"rules": [given]} if single else dict(given))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = [step for step in first["loc"] if step not in ("span",)]
        if single:
            path = path[2:]
        line = _Lines(root).of(path)
        raise InvalidInput(
            _problem(first),
            where=f"{source} line {line}" if line else source,
            field=_dotted(path),
            fix=_advice(first, list(first["loc"])),
        ) from None


def _problem(error: Any) -> str:
    cause = (error.get("ctx") or {}).get("error")
    if isinstance(cause, InvalidInput):
        inner = f"{cause.field}: {cause.problem}" if cause.field else cause.problem
        return f"{inner}. {cause.fix}" if cause.fix else inner
    if cause is not None:
        return str(cause)
    return {"missing": "the field is missing", "extra_forbidden": "unknown field"}.get(
        error["type"], f"{error['msg']}, not {error['input']!r}"
    )


def _advice(error: Any, path: list[int | str]) -> str:
    if error["type"] != "extra_forbidden":
        return ""
    known = _known_fields(path)
    close = difflib.get_close_matches(str(path[-1]), known, 1)
    return f"Did you mean {close[0]}?" if close else f"Known here: {', '.join(known)}."


def read_rules(path: str | Path) -> RuleFile:
    """Return the rule file at a path; raises InvalidInput also when it cannot be read."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise InvalidInput(f"cannot be read: {reason}", where=str(path)) from None
    return parse_rules(text, source=str(path))
