"""A report that cannot be written costs neither the run nor another report."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sandtable_scenarios.cli import rehearse
from sandtable_scenarios.report.places import trouble_with
from sandtable_scenarios.search import engine
from sandtable_scenarios.stage.events import RunFinished

pytestmark = pytest.mark.ours("an hour's run is not lost to a name that is mistyped")
REPORTS = ("--json", "--junit", "--html", "--sarif", "--save")


def nothing_runs(monkeypatch: pytest.MonkeyPatch, meanwhile: Any = None) -> list[RunFinished]:
    """Put a run without scenarios in the place of the real one; `meanwhile` happens before it ends."""
    told: list[RunFinished] = []

    def run(scenarios: Any, rules: Any, world: Any, plan: Any, listeners: Any) -> RunFinished:
        if meanwhile is not None:
            meanwhile()
        finished = RunFinished((), (), (), defaultdict(dict))
        told.append(finished)
        for listener in listeners[1:]:  # the first is the terminal's
            listener(finished)
        return finished

    monkeypatch.setattr(engine, "run", run)
    return told


@pytest.mark.parametrize("flag", REPORTS)
def test_a_place_that_cannot_be_written_is_told_before_the_run(
    flag: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = nothing_runs(monkeypatch)
    (tmp_path / "file").write_text("kept")
    place = tmp_path / "file" / "report"
    done = CliRunner().invoke(rehearse, [flag, str(place), "--jobs", "1"])
    assert done.exit_code == 2
    assert f"{flag} {place} cannot be written: Not a directory" in done.output
    assert told == []
    assert (tmp_path / "file").read_text() == "kept"


def test_one_that_fails_at_the_end_leaves_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    nothing_runs(monkeypatch, gone.rmdir)
    asked = ["--junit", str(gone / "x.xml"), "--json", str(tmp_path / "x.json"), "--html", str(tmp_path / "x.html")]
    done = CliRunner().invoke(rehearse, [*asked, "--jobs", "1"])
    assert done.exit_code == 2
    assert f"--junit {gone / 'x.xml'} was not written: No such file or directory" in done.output
    assert json.loads((tmp_path / "x.json").read_text())["clean"] is True
    assert (tmp_path / "x.html").read_text().startswith("<!doctype html>")


def test_trying_a_place_leaves_nothing_behind(tmp_path: Path) -> None:
    assert trouble_with(tmp_path / "new", folder=False) == ""
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "old").write_text("an earlier report")
    assert trouble_with(tmp_path / "old", folder=False) == ""
    assert (tmp_path / "old").read_text() == "an earlier report"
    assert trouble_with(tmp_path / "folder", folder=True) == ""
    assert list((tmp_path / "folder").iterdir()) == []
    assert trouble_with(tmp_path, folder=False) == "Is a directory"


def test_a_skeleton_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    place = tmp_path / "nowhere" / "mine.py"
    done = CliRunner().invoke(rehearse, ["init", "python", str(place)])
    assert done.exit_code == 2
    assert f"{place} cannot be written: No such file or directory" in done.output
