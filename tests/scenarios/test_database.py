"""The example database: stories that broke a rule are remembered, in a folder or shared between machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

KIBANA = "sandtable_connector.rehearsal:connector?behaviour=kibana-8.13"

pytestmark = pytest.mark.ours("a story that broke a rule is told again in the next run")


def test_a_database_remembers_the_stories_that_broke_a_rule(run: Callable[..., Result], tmp_path: Path) -> None:
    place, report = tmp_path / "examples", tmp_path / "run.json"
    told = []
    for _ in range(2):
        result = run(
            *("--connector", KIBANA, "--scenario", "overlong", "--database", str(place), "--json", str(report))
        )
        assert result.exit_code == 1, result.output
        assert any(path.is_file() for path in place.rglob("*"))
        told.append(json.loads(report.read_text(encoding="utf-8"))["findings"])
    assert {finding["rule"] for finding in told[1]} >= {told[0][0]["rule"]}
    assert told[1][0]["examples"] == 1


def test_a_shared_database_says_what_it_needs(run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    result = run("--database", "redis://127.0.0.1/0", "--scenario", "gone")
    assert result.exit_code == 2
    assert "needs the package redis" in result.output
