"""The connector's pages are true: their Python runs, and their table of errors is the tree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sandtable_connector import errors
from sandtable_connector.networking import KNOWN_SETTINGS
from sandtable_connector.params import EVENT_FIELDS

pytestmark = pytest.mark.ours("the pages about the connector are true")

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = ("connector.md", "connector-errors.md", "behaviour-switches.md")


@pytest.mark.parametrize("page", PAGES)
def test_the_python_of_a_page_runs(page: str) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, page, "exec"), names)


def test_the_table_of_errors_is_the_tree() -> None:
    text = (DOCS / "connector-errors.md").read_text(encoding="utf-8")
    listed = {name: retry == "yes" for name, retry in re.findall(r"^\| `(\w+)` \| (yes|no) \|", text, re.MULTILINE)}
    abstract = {errors.ConnectorError, errors.Permanent, errors.Transient}
    real = {
        name: kind.retry
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.ConnectorError) and kind not in abstract
    }
    assert listed == real


def test_every_networking_setting_is_on_the_page() -> None:
    text = (DOCS / "connector.md").read_text(encoding="utf-8")
    assert [name for name in KNOWN_SETTINGS if f"`{name}`" not in text] == []


def test_every_config_property_and_secret_is_on_the_page() -> None:
    text = (DOCS / "connector.md").read_text(encoding="utf-8")
    eleven = [
        "apiUrl",
        "isOAuth",
        "userIdentifierValue",
        "clientId",
        "jwtKeyId",
        "usesTableApi",
        "username",
        "password",
        "clientSecret",
        "privateKey",
        "privateKeyPassword",
    ]
    assert len(eleven) == 11
    assert [name for name in eleven if f"`{name}`" not in text] == []
    assert len(EVENT_FIELDS) == 11
