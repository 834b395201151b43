"""Behaviour is one value of named switches; its page is written from its fields."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

import sandtable_connector
from sandtable_connector import Behaviour
from sandtable_connector.behaviour import PRESETS
from sandtable_connector.behaviour.page import page

pytestmark = pytest.mark.ours("every difference between sources and releases is a named, documented switch")

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_public_names_are_these() -> None:
    assert sandtable_connector.__all__ == [
        "TYPES",
        "Behaviour",
        "Connector",
        "ConnectorError",
        "ConnectorType",
        "CustomHost",
        "ExecutionResult",
        "MemoryTokenCache",
        "Networking",
        "Request",
        "RequestsTransport",
        "Response",
        "StoredToken",
        "TokenCache",
        "Transport",
        "connector_type",
        "errors",
    ]
    for name in sandtable_connector.__all__:
        public = getattr(sandtable_connector, name)
        assert name == "TYPES" or public.__doc__, name


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_a_preset_is_known_by_its_name(name: str) -> None:
    assert Behaviour.preset(name).name == name
    assert Behaviour.preset(name) == Behaviour.preset(name)


def test_an_unknown_preset_or_switch_or_value_is_named() -> None:
    with pytest.raises(ValueError, match=r"no behaviour preset 'kibana-7'; known: documented, kibana-8\.13"):
        Behaviour.preset("kibana-7")
    with pytest.raises(ValueError, match="no behaviour switch 'lenient'; known: additional_fields_known, "):
        Behaviour.documented().having(lenient=True)
    with pytest.raises(ValueError, match="close_target is 'oldest'; it must be one of 'latest open', 'newest'"):
        Behaviour.documented().having(close_target="oldest")


def test_every_switch_says_what_it_means_and_how_we_know() -> None:
    for item in dataclasses.fields(Behaviour):
        assert item.metadata["meaning"], item.name
        assert item.metadata["evidence"], item.name


def test_every_switch_matters_to_some_preset_or_is_an_option() -> None:
    presets = [dataclasses.asdict(Behaviour.preset(name)) for name in PRESETS]
    same = {name for name in presets[0] if len({repr(preset[name]) for preset in presets}) == 1}
    assert same == {"failed_template_functions", "jti_claim", "reopens_closed"}


def test_the_page_is_written_from_the_fields() -> None:
    written = (DOCS / "behaviour-switches.md").read_text(encoding="utf-8")
    assert written == page(), (
        "write it again: python -m sandtable_connector.behaviour.page > docs/behaviour-switches.md"
    )
