"""What the scenarios promise about themselves: every rule is exercised, explained, and on the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandtable_scenarios.catalogue import ACTIONS, RULES, SCENARIOS, ChoiceError, chosen_scenarios, rule_ids
from sandtable_scenarios.checks_page import page
from sandtable_scenarios.expected import load_known, presets
from sandtable_scenarios.stage.findings import Rule

pytestmark = pytest.mark.ours("every rule has a scenario, an explanation and a place on the generated page")

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_ids_are_unique() -> None:
    assert len(rule_ids()) == len(RULES)
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_a_rule_is_explained_and_exercised(rule: Rule) -> None:
    assert not rule.title.endswith(".")
    assert len(rule.explanation) > 30
    assert [scenario.name for scenario in SCENARIOS if rule.id in scenario.rules]


def test_scenarios_name_rules_that_exist() -> None:
    assert {rule for scenario in SCENARIOS for rule in scenario.rules} <= rule_ids()


def test_actions_have_a_sentence() -> None:
    assert [name for name, action in ACTIONS.items() if not (action.__doc__ or "").strip()] == []


@pytest.mark.parametrize("name", presets())
def test_known_differences_have_reasons(name: str) -> None:
    known = load_known(name, rule_ids())
    assert known
    assert all(entry.reason for entry in known.values())


def test_the_page_of_checks_is_up_to_date() -> None:
    written = (DOCS / "checks.md").read_text(encoding="utf-8")
    assert written == page(), "write it again: python -m sandtable_scenarios.checks_page > docs/checks.md"


def test_patterns_that_match_nothing_are_refused() -> None:
    with pytest.raises(ChoiceError, match="no rule matches 'clsoe"):
        chosen_scenarios(("clsoe.*",))
    with pytest.raises(ChoiceError, match="no scenario matches"):
        chosen_scenarios(names=("nothing",))
    crossing = {"browsers", "wildcards", "cors-columns", "bounded"}
    assert {scenario.name for scenario in chosen_scenarios(("cors.*",))} == crossing
