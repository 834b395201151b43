"""`sandtable serve --demo-data`."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from sandtable.cli.demo_data import fill
from sandtable.serving.assembly import create_instance
from sandtable.settings.settings import Settings, SettingsError

pytestmark = [pytest.mark.ours("demo data comes with a flag, once, and says what it is"), pytest.mark.reads_clock]


def test_fill(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = str(tmp_path / "instance.db")
    instance = create_instance(data=file)
    fill(instance, 1)
    assert "1,000 incidents" in capsys.readouterr().err
    instance.close()
    again = create_instance(data=file)
    fill(again, 5)
    assert "demo data of scale 1 is there already" in capsys.readouterr().err
    assert again.system().table("incident").count() == 1000
    again.close()


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "faker", None)
    monkeypatch.delitem(sys.modules, "sandtable.demodata.company", raising=False)
    instance = create_instance()
    with pytest.raises(click.ClickException, match=r"needs faker, .* pip install '\.\[demo\]'"):
        fill(instance, 1)
    instance.close()


@pytest.mark.parametrize("scale", [0, 10_001])
def test_the_setting_is_checked(scale: int) -> None:
    with pytest.raises(SettingsError, match="scale must be between 1 and 10000"):
        Settings(scale=scale)
