"""The connector's pages are true: their tables say what there is. What is on them is run by tests/docs."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from types import ModuleType

import pytest

import sandtable_connector
from sandtable_connector import errors
from sandtable_connector.cli import connector, deliver
from sandtable_connector.rules import parse_rules, runner
from sandtable_connector.rules.rule_file import Action, Frequency, Rule, Settings
from sandtable_connector.schemas.params import EVENT_FIELDS
from sandtable_connector.settings.networking import KNOWN_SETTINGS

pytestmark = pytest.mark.ours("the pages about the connector are true")

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("module", [sandtable_connector, runner])
def test_the_examples_of_a_docstring_run(module: ModuleType) -> None:
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0


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


def test_every_command_is_on_the_page_and_every_option_that_a_page_names_exists() -> None:
    page = (DOCS / "connector-command.md").read_text(encoding="utf-8")
    assert [name for name in connector.commands if f"`{name}`" not in page] == []
    commands = [*connector.commands.values(), deliver]
    options = {
        option
        for command in commands
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    # Options of other commands and other programs that the examples use.
    others = {"--property"}
    text = page + (DOCS / "connector-rules.md").read_text(encoding="utf-8")
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) <= options | others


def test_the_rules_of_the_page_are_rules_and_every_setting_is_on_it() -> None:
    text = (DOCS / "connector-rules.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert [len(parse_rules(block).rules) for block in blocks] == [1, 1]
    spoken_of = {*Settings.model_fields} - {"public_base_url"}
    spoken_of |= {"alert_delay", "flapping", "snooze_schedule", "mute_all", "muted_alert_ids", "notify_when", "summary"}
    known = {*Rule.model_fields, *Action.model_fields, *Frequency.model_fields, *Settings.model_fields}
    assert spoken_of <= known
    assert [name for name in spoken_of if name not in text] == []
