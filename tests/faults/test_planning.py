"""Which requests a planned fault fires on, how chance is repeated, and what a pattern matches."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandtable.faults import new_plan
from sandtable.faults.catalogue import CATALOGUE, KINDS
from sandtable.faults.connection.latency import Latency
from sandtable.faults.forms import BadForm, as_json, read, schema
from sandtable.faults.pattern import RequestPattern
from sandtable.faults.plan import Rule
from sandtable.faults.wire import Exchange, Memory

pytestmark = pytest.mark.ours("a planned fault fires when its rule says so, and the same seed repeats it")


@dataclass(frozen=True)
class Seen:
    """A request as a pattern looks at it."""

    method: str = "GET"
    path: str = "/api/now/table/incident"
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    table: str = "incident"
    api: str = "Table API"
    user: str = "admin"


def firing(rule: dict[str, Any], count: int = 10, seen: Seen | None = None) -> list[int]:
    """Return the numbers, from 1, of those requests that the fault fires on."""
    plan = new_plan()
    plan.add({"fault": "unavailable", **rule})
    return [number for number in range(1, count + 1) if plan.due(seen or Seen())]


@pytest.mark.parametrize(
    "rule, expected",
    [
        ({}, list(range(1, 11))),
        ({"times": 3}, [1, 2, 3]),
        ({"after": 7}, [8, 9, 10]),
        ({"after": 2, "times": 3}, [3, 4, 5]),
        ({"nth": [2, 5]}, [2, 5]),
        ({"probability": 0.0}, []),
        ({"probability": 1.0, "times": 1}, [1]),
        ({"when": {"method": "POST"}}, []),
        ({"when": {"method": "get,post"}, "times": 1}, [1]),
    ],
)
def test_a_rule_says_on_which_requests(rule: dict[str, Any], expected: list[int]) -> None:
    assert firing(rule) == expected


def test_only_requests_that_match_are_counted() -> None:
    plan = new_plan()
    planned = plan.add({"fault": "unavailable", "when": {"method": "POST"}, "nth": [2]})
    hits = [bool(plan.due(Seen(method=method))) for method in ("GET", "POST", "GET", "POST", "POST")]
    assert hits == [False, False, False, True, False]
    assert (planned.matched, planned.fired, planned.spent) == (2, 1, True)


@given(st.integers(0, 2**32), st.floats(0.05, 0.95))
def test_chance_is_repeated_by_seed(random_seed: int, probability: float) -> None:
    rule = {"probability": probability, "random_seed": random_seed}
    assert firing(rule, 60) == firing(rule, 60)


def test_chance_is_about_as_often_as_asked_for() -> None:
    hits = len(firing({"probability": 0.3, "random_seed": 1}, 4000))
    assert 1080 < hits < 1320  # four standard deviations around 1200
    assert firing({"probability": 0.3, "random_seed": 1}, 200) != firing({"probability": 0.3, "random_seed": 2}, 200)


def test_several_faults_fire_in_the_order_of_planning_and_a_script_counts_for_itself() -> None:
    plan = new_plan()
    plan.add({"fault": "latency"})
    plan.add({"script": ["rate-limited", "pass", "unavailable"]})
    names = [[each.fault.kind for each in plan.due(Seen())] for _ in range(4)]
    assert names == [["latency", "rate-limited"], ["latency"], ["latency", "unavailable"], ["latency"]]


def test_a_script_can_go_round() -> None:
    plan = new_plan()
    plan.add({"script": ["rate-limited", "pass"], "times": 5})
    assert [bool(plan.due(Seen())) for _ in range(7)] == [True, False, True, False, True, False, False]


# patterns ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pattern, seen, matches",
    [
        ({}, Seen(), True),
        ({"path": "/api/now/*"}, Seen(), True),
        ({"path": "*/incident"}, Seen(), True),
        ({"path": "/api/now/table"}, Seen(), False),
        ({"path": "/a[b]?"}, Seen(path="/a[b]?"), True),
        ({"path": "/a?"}, Seen(path="/ab"), False),
        ({"path": "/*"}, Seen(path="/line\nbreak"), True),
        ({"table": "inc*"}, Seen(), True),
        ({"table": "problem"}, Seen(), False),
        ({"user": "admin"}, Seen(), True),
        ({"user": "adm*"}, Seen(), False),
        ({"query": {"a": "1*"}}, Seen(query={"a": "10"}), True),
        ({"query": {"a": "*"}}, Seen(query={}), False),
        ({"headers": {"X-A": "b"}}, Seen(headers={"x-a": "b"}), True),
        ({"body_contains": "needle"}, Seen(body="a needle here"), True),
        ({"body": {"a": 1}}, Seen(body='{"a": 1, "b": 2}'), True),
        ({"body": {"a": 1}}, Seen(body='{"a": true}'), False),
        ({"body": {"a": {"b": [1, {"c": 2}]}}}, Seen(body='{"a": {"b": [1, {"c": 2, "d": 3}]}}'), True),
        ({"body": {"a": [1]}}, Seen(body='{"a": [1, 2]}'), False),
        ({"body": {"a": 1}}, Seen(body="not json"), False),
    ],
)
def test_a_pattern_matches(pattern: dict[str, Any], seen: Seen, matches: bool) -> None:
    found = read(RequestPattern, pattern)
    assert found.matches(seen) is matches
    assert bool(found.misses(seen)) is not matches


TEXT = st.text(max_size=8)


@given(
    st.builds(
        Seen, method=st.sampled_from(["GET", "POST"]), path=TEXT.map("/{}".format), table=TEXT, user=TEXT, body=TEXT
    )
)
def test_a_request_matches_the_pattern_made_of_it(seen: Seen) -> None:
    pattern = RequestPattern(
        method=seen.method, path=seen.path, table=seen.table, user=seen.user, body_contains=seen.body
    )
    assert pattern.misses(seen) == []


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | TEXT,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
        max_leaves=8,
    )
)
def test_any_json_matches_itself(value: Any) -> None:
    import json

    pattern = RequestPattern(body=value)
    assert value is None or pattern.misses(Seen(body=json.dumps(value))) == []


def test_a_replaced_fault_keeps_its_place_and_begins_anew() -> None:
    plan = new_plan()
    for kind in ("hibernating", "latency", "unavailable"):
        plan.add({"fault": kind})
    plan.due(Seen())
    replaced = plan.replace("fault-2", {"fault": "maintenance", "times": 1})
    assert replaced is not None
    assert (replaced.matched, replaced.fired) == (0, 0)
    assert [each.fault.kind for each in plan.due(Seen())] == ["hibernating", "maintenance", "unavailable"]
    assert [each.id for each in plan] == ["fault-1", "fault-2", "fault-3"]
    assert plan.replace("fault-9", {"fault": "latency"}) is None


def test_each_step_of_a_script_remembers_for_itself() -> None:
    plan = new_plan()
    plan.add({"script": ["hibernating", "hibernating"], "times": 4})
    first, second, again, once_more = [plan.due(Seen())[0].memory for _ in range(4)]
    assert first is again
    assert second is once_more
    assert first is not second


# latency -------------------------------------------------------------------------------------------------------------


def drawn(fault: Latency, count: int = 2000) -> list[float]:
    exchange = Exchange(Seen(), SimpleNamespace(), Random(5), lambda _: None, Memory())  # type: ignore[arg-type]
    return [fault.draw(exchange) for _ in range(count)]


def test_the_distributions_of_latency() -> None:
    assert set(drawn(Latency(seconds=2.0))) == {2.0}
    uniform = drawn(Latency(seconds=2.0, distribution="uniform", spread=1.0))
    assert min(uniform) >= 1.0
    assert max(uniform) <= 3.0
    assert statistics.mean(uniform) == pytest.approx(2.0, abs=0.1)
    normal = drawn(Latency(seconds=5.0, distribution="normal", spread=1.0))
    assert statistics.mean(normal) == pytest.approx(5.0, abs=0.15)
    assert statistics.stdev(normal) == pytest.approx(1.0, abs=0.15)
    exponential = drawn(Latency(seconds=2.0, distribution="exponential"))
    assert statistics.mean(exponential) == pytest.approx(2.0, abs=0.3)
    lognormal = drawn(Latency(seconds=2.0, distribution="lognormal", spread=1.0))
    assert statistics.median(lognormal) == pytest.approx(2.0, abs=0.3)
    assert statistics.mean(lognormal) > 2.5, "a long tail"
    assert max(drawn(Latency(seconds=2.0, distribution="lognormal", spread=2.0, most=4.0))) == 4.0
    assert min(drawn(Latency(seconds=0.1, distribution="normal", spread=1.0))) == 0.0


@pytest.mark.parametrize("distribution", ["constant", "uniform", "normal", "exponential", "lognormal"])
def test_every_latency_that_can_be_planned_can_be_drawn(distribution: str) -> None:
    for seconds in (0, 1e-320, 0.5, 3600):
        for spread in (1e-320, 0.5, 20, 20.1, 3600):
            form = {"seconds": seconds, "distribution": distribution, "spread": spread, "most": 7}
            if distribution == "lognormal" and spread > 20:
                with pytest.raises(BadForm, match=r"spread: is no shape .* give at most 20"):
                    read(Latency, form)
            else:
                assert all(0 <= each <= 7 for each in drawn(read(Latency, form), 300))


@pytest.mark.parametrize("location", ["", "a\r\nX: y", "/login.do\n", "/\u2603", "/log in", "/\x7f"])
def test_a_location_that_no_header_can_hold_is_refused(location: str) -> None:
    with pytest.raises(BadForm, match=r"location: .* can be in no header; percent-encode"):
        read(KINDS["login-redirect"], {"location": location})


def test_a_token_cannot_have_expired_before_there_were_times() -> None:
    with pytest.raises(BadForm, match="seconds: is out of range"):
        read(KINDS["expired-token"], {"seconds": 10**18})


# forms ---------------------------------------------------------------------------------------------------------------


def test_every_fault_describes_itself() -> None:
    assert len(KINDS) == len(CATALOGUE) >= 20
    for kind in CATALOGUE:
        described = schema(kind)
        assert (kind.__doc__ or "").strip()
        assert all(each["description"] for each in described["properties"].values())
        assert as_json(read(kind, {})) == {}


@given(st.sampled_from(CATALOGUE), st.data())
def test_what_a_fault_reads_it_writes_and_reads_again(kind: Any, data: st.DataObject) -> None:
    described = schema(kind)["properties"]
    given = {}
    for name, each in described.items():
        if data.draw(st.booleans()):
            given[name] = data.draw(value_for(each))
    refusal = refusal_of(lambda: read(kind, given))
    if refusal is None:
        fault = read(kind, given)
        assert read(kind, as_json(fault)) == fault
    else:
        assert refusal.field in described


def value_for(described: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Return values that the schema of a field allows."""
    if "enum" in described:
        return st.sampled_from(described["enum"])
    kinds = described["type"] if isinstance(described["type"], list) else [described["type"]]
    low, high = described.get("minimum"), described.get("maximum")
    if kinds[0] == "integer":
        return st.integers(low if low is not None else -1000, high if high is not None else 1000)
    if kinds[0] == "number":
        return st.floats(low if low is not None else -1e6, high if high is not None else 1e6)
    return st.text(max_size=10)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    ["fault", "with", "script", "when", "times", "after", "nth", "probability", "random_seed", "name"]
)


@given(ANYTHING | st.dictionaries(FIELDS, ANYTHING | st.sampled_from(sorted(KINDS)), max_size=5))
def test_whatever_is_sent_is_planned_or_refused_by_field(given: Any) -> None:
    plan = new_plan()
    refusal = refusal_of(lambda: plan.add(given))
    if refusal is not None:
        assert refusal.field
        assert refusal.fix
        assert not plan
    else:
        assert [planned.shown()["id"] for planned in plan] == ["fault-1"]
        plan.due(Seen())


def refusal_of(action: Callable[[], object]) -> BadForm | None:
    """Return the refusal that an action ends in, or None."""
    try:
        action()
    except BadForm as error:
        return error
    return None


def test_a_rule_is_read_with_its_limits() -> None:
    assert read(Rule, {"times": None}).times is None
    with pytest.raises(BadForm, match="did you mean times"):
        read(Rule, {"time": 1})
