"""What a push does with a correlation ID of only white space."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.assumed("a blank ID names no alert, and no source says that Kibana trims it")


def sent_id(stage: Any, preset: str, correlation_id: str) -> Any:
    played = stage.push(
        preset, [stage.health(), stage.row(), stage.answer(stage.record())], {"correlation_id": correlation_id}
    )
    assert played.result.status == "ok"
    return json.loads(played.script.requests[1].body)["u_correlation_id"]


@pytest.mark.parametrize("blank", [" ", "\t", " \n "])
def test_documented_sends_no_blank_id(stage: Any, blank: str) -> None:
    assert sent_id(stage, "documented", blank) is None
    assert sent_id(stage, "kibana-8.13", blank) == blank


def test_other_ids_keep_their_blanks(stage: Any) -> None:
    assert sent_id(stage, "documented", " r:a ") == " r:a "
    assert sent_id(stage, "documented", "") == ""
