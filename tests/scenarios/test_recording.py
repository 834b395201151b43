"""Recordings of an instance: dated, redacted, and compared with the simulator."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from sandtable_scenarios.recording import QUESTIONS, drift, load, record, save
from sandtable_scenarios.stage.findings import TargetUnreachable
from sandtable_scenarios.stage.world import World

pytestmark = pytest.mark.ours("a recording holds no secret and no trace of its instance, and shows every difference")


def test_a_simulator_does_not_drift_from_itself(run: Callable[..., Result], tmp_path: Path) -> None:
    result = run("--instance", "sandtable.library.in_process:listening_instance", "--record", str(tmp_path))
    assert result.exit_code == 0, result.output
    assert "0 differences" in result.output
    (path,) = tmp_path.iterdir()
    text = path.read_text(encoding="utf-8")
    assert set(load(path)["answers"]) == {question.name for question in QUESTIONS}
    for secret in ("elastic-integration", "elastic.integration", "127.0.0.1:", "INC0", "ISET0", "Basic "):
        assert secret not in text.replace("BASIC realm", "")


def test_a_changed_switch_is_drift(world: World) -> None:
    world.begin()
    plain = record(world.instance)
    world.begin(properties={"sandtable.elastic_itsm.coalesce_closed_incidents": "false"})
    world.instance.table.set_property("sandtable.elastic_itsm.health", "404")
    found = drift(plain, record(world.instance))
    assert {difference.question for difference in found} >= {"health of the application"}
    assert any(difference.place == "status" and difference.second == "404" for difference in found)
    assert drift(plain, plain) == []


def test_a_recording_leaves_nothing_behind(world: World) -> None:
    world.begin()
    record(world.instance)
    assert world.instance.table.rows("incident", "correlation_id=sandtable:recording") == []


@pytest.mark.parametrize("text", ["", "[]", '{"format": 2, "answers": {}}', '{"format": 1}'])
def test_what_is_no_recording_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "recording.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TargetUnreachable, match="is no recording"):
        load(path)


def test_a_recording_is_named_by_host_and_day(tmp_path: Path) -> None:
    recording = {"format": 1, "recorded": "Wed, 25 Nov 2026 10:06:12 GMT", "answers": {}}
    path = save(recording, tmp_path, "https://dev1.service-now.com")
    assert path.name == "dev1.service-now.com-25-Nov-2026.json"
    assert json.loads(path.read_text(encoding="utf-8")) == recording
