"""The suite is tested itself: planted bugs are caught, soon, and by the rules that are about them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.mutants.__main__ import table
from tests.mutants.nursery import Nursery
from tests.mutants.planting import Edit, NotPlanted, load, names, origin_of
from tests.mutants.trial import Verdict

from sandtable_scenarios.catalogue import SCENARIOS, rule_ids

pytestmark = pytest.mark.ours("every planted bug is caught within its budget; the whole table is `make mutants`")

# One for each kind of bug; the others take minutes and are tried by `make mutants`.
HANDFUL = (
    "connector/closes_the_newest_only",
    "connector/counts_bytes",
    "connector/trusts_an_error_row",
    "connector/keeps_tokens_too_long",
    "simulator/audience_not_checked",
    "simulator/coalesces_by_prefix",
    "simulator/cors_any_port",
    "third/skips_equal_pushes",
    "third/comments_may_fail",
)


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as opened:
        yield opened


def test_there_are_enough() -> None:
    assert len(names()) >= 420
    assert {name.partition("/")[0] for name in names()} == {"connector", "simulator", "third"}


@pytest.mark.parametrize("name", names())
def test_a_bug_can_be_planted(name: str) -> None:
    mutant, about = load(name)
    assert about.endswith(".")
    assert set(mutant.caught_by) <= rule_ids()
    assert set(mutant.scenarios) <= {scenario.name for scenario in SCENARIOS}
    sources: dict[str, str] = {}
    for edit in mutant.edits:
        source = sources.get(edit.module) or origin_of(edit.module).read_text(encoding="utf-8")
        sources[edit.module] = edit.apply(source)
        assert sources[edit.module] != source
    for module, source in sources.items():
        compile(source, module, "exec")


@pytest.mark.parametrize("name", HANDFUL)
def test_a_bug_is_caught(nursery: Nursery, name: str) -> None:
    verdict = nursery.tried(name)
    assert verdict.killed, "\n".join(table([verdict]))
    assert verdict.is_shortest, verdict.story
    assert 0 < verdict.steps <= (verdict.shortest or verdict.steps)


def test_a_bug_that_fits_nowhere_is_said_to(nursery: Nursery) -> None:
    with pytest.raises(NotPlanted, match="has 0 places that read 'no such text'"):
        Edit("sandtable_connector.services.pushing", "no such text", "").apply("source")
    with pytest.raises(NotPlanted, match="there is no mutant"):
        load("connector/nothing")
    assert not nursery.tried("connector/nothing").killed


def test_the_table_says_what_escaped() -> None:
    lines = list(table([Verdict("a", rule="r", scenario="s", examples=1, within=2), Verdict("b", trouble="survived")]))
    assert lines[0].startswith("killed")
    assert lines[1].startswith("ESCAPED")
    assert "survived" in lines[1]
