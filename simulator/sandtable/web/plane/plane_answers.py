"""What the test plane answers with: JSON, and refusals that name the field, the problem and the fix."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Response


def as_json(content: Any, status: int = 200) -> Response:
    """Return an answer of the plane."""
    if status == HTTPStatus.NO_CONTENT:
        return Response(status=status)
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    return Response(text.encode("utf-8", "replace"), status=status, content_type="application/json")


def refusal(status: int, field_name: str, problem: str, fix: str) -> Response:
    """Return a refusal of the plane: the field, what is wrong with it, and what to do."""
    content: Mapping[str, Any] = {"error": {"field": field_name, "problem": problem, "fix": fix}}
    return as_json(content, status)
