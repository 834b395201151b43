"""The clock of an instance: stopped, moved, sped up and put back, without a look at the time of the machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandtable.core.values.clock import Clock

pytestmark = [pytest.mark.ours("the time of an instance is a value that tests set"), pytest.mark.reads_clock]

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


@dataclass
class Source:
    seconds: float = NOON.timestamp()

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def clock(source: Source) -> Clock:
    return Clock(source)


def test_a_clock_shows_its_source(clock: Clock, source: Source) -> None:
    assert (clock.now(), clock.text(), clock.frozen, clock.rate) == (NOON, "2024-05-01 12:00:00", False, 1.0)
    source.seconds += 61.9
    assert clock.text() == "2024-05-01 12:01:01"
    assert clock.timestamp() == source.seconds


@pytest.mark.parametrize(
    "at, text",
    [
        (datetime(2024, 5, 1, 10, tzinfo=UTC), "2024-05-01 10:00:00"),
        (datetime(2024, 5, 1, 10), "2024-05-01 10:00:00"),  # noqa: DTZ001 - a time without zone is the point
        (datetime(2024, 5, 1, 10, tzinfo=timezone(timedelta(hours=2))), "2024-05-01 08:00:00"),
        (None, "2024-05-01 12:00:00"),
    ],
)
def test_a_frozen_clock_stands_still(clock: Clock, source: Source, at: datetime | None, text: str) -> None:
    clock.freeze(at)
    source.seconds += 1_000
    assert (clock.frozen, clock.text()) == (True, text)


def test_a_frozen_clock_can_be_moved_and_runs_on_from_there(clock: Clock, source: Source) -> None:
    clock.freeze()
    clock.advance(60)
    assert (clock.text(), clock.frozen) == ("2024-05-01 12:01:00", True)
    source.seconds += 5
    clock.unfreeze()
    source.seconds += 5
    assert (clock.text(), clock.frozen) == ("2024-05-01 12:01:05", False)
    clock.unfreeze()
    assert clock.text() == "2024-05-01 12:01:05"


@pytest.mark.parametrize("seconds, text", [(90, "2024-05-01 12:01:31"), (-3_600, "2024-05-01 11:00:01")])
def test_a_running_clock_can_be_moved(clock: Clock, source: Source, seconds: float, text: str) -> None:
    clock.advance(seconds)
    source.seconds += 1
    assert clock.text() == text


def test_a_clock_can_run_faster(clock: Clock, source: Source) -> None:
    clock.set_rate(60)
    source.seconds += 2
    assert clock.text() == "2024-05-01 12:02:00"
    clock.set_rate(0.5)
    source.seconds += 4
    assert (clock.text(), clock.rate) == ("2024-05-01 12:02:02", 0.5)
    clock.freeze()
    clock.set_rate(10)
    source.seconds += 4
    assert (clock.text(), clock.frozen) == ("2024-05-01 12:02:02", True)
    clock.unfreeze()
    source.seconds += 1
    assert clock.text() == "2024-05-01 12:02:12"


@pytest.mark.parametrize("rate", [0, -1, float("nan"), -0.0])
def test_a_clock_runs_forward_only(clock: Clock, rate: float) -> None:
    with pytest.raises(ValueError, match="must be above 0.*use freeze"):
        clock.set_rate(rate)
    assert clock.rate == 1.0


def test_a_clock_is_put_back(clock: Clock, source: Source) -> None:
    untouched = clock.state()
    clock.freeze(NOON)
    frozen = clock.state()
    clock.advance(500)
    clock.restore(frozen)
    assert (clock.text(), clock.frozen) == ("2024-05-01 12:00:00", True)
    source.seconds += 7
    clock.restore(untouched)
    assert (clock.text(), clock.frozen) == ("2024-05-01 12:00:07", False)


def test_a_clock_is_set_to_a_text(clock: Clock) -> None:
    clock.freeze("2026-01-02T05:04:05+02:00")
    assert clock.text() == "2026-01-02 03:04:05"
    clock.freeze("2026-01-02")
    assert clock.text() == "2026-01-02 00:00:00"
    clock.advance(timedelta(days=1, seconds=1))
    assert clock.text() == "2026-01-03 00:00:01"
    with pytest.raises(ValueError, match="'yesterday' is no time; give one such as"):
        clock.freeze("yesterday")
    with pytest.raises(TypeError, match="such as 2026-03-01T08:00:00Z, not to 5"):
        clock.freeze(5)  # type: ignore[arg-type]
    assert clock.text() == "2026-01-03 00:00:01"


@pytest.mark.parametrize("seconds", [1e15, -1e15, float("nan"), float("inf"), -1_800_000_000, 221_842_000_000])
def test_a_clock_is_not_moved_out_of_its_years(clock: Clock, seconds: float) -> None:
    with pytest.raises(ValueError, match="out of the years 1970 to 9000"):
        clock.advance(seconds)
    assert clock.text() == "2024-05-01 12:00:00"


@pytest.mark.parametrize("at", ["9999-12-31", "1969-12-31T23:59:59Z", datetime(1, 1, 1, tzinfo=UTC)])
def test_a_clock_is_not_set_out_of_its_years(clock: Clock, at: datetime | str) -> None:
    with pytest.raises(ValueError, match="out of the years 1970 to 9000"):
        clock.freeze(at)
    assert (clock.text(), clock.frozen) == ("2024-05-01 12:00:00", False)


def test_a_clock_that_runs_to_its_end_stops_there(clock: Clock, source: Source) -> None:
    clock.freeze("8999-12-31T23:59:59Z")
    clock.unfreeze()
    source.seconds += 1e12
    assert clock.text() == "9000-01-01 00:00:00"
    clock.restore(None)
    source.seconds = NOON.timestamp()
    clock.advance(0)
    source.seconds = -1e12
    assert clock.text() == "1970-01-01 00:00:00"


@pytest.mark.parametrize(
    "seconds, text",
    [(60, "2024-05-01 12:01:00"), (-1e12, "1970-01-01 00:00:00"), (1e12, "9000-01-01 00:00:00")],
)
def test_a_clock_jumps_no_farther_than_it_goes(clock: Clock, source: Source, seconds: float, text: str) -> None:
    clock.freeze()
    clock.jump(seconds)
    source.seconds += 5
    assert (clock.text(), clock.frozen) == (text, True)


@given(
    st.lists(
        st.tuples(st.sampled_from(["pass", "advance", "rate", "freeze", "unfreeze"]), st.integers(1, 1_000)),
        max_size=12,
    )
)
def test_text_time_and_seconds_always_agree(steps: list[tuple[str, int]]) -> None:
    source = Source()
    clock = Clock(source)
    expected, rate, frozen = source.seconds, 1.0, False
    for step, amount in steps:
        if step == "pass":
            source.seconds += amount
            expected += 0 if frozen else amount * rate
        elif step == "advance":
            clock.advance(amount)
            expected += amount
        elif step == "rate":
            clock.set_rate(amount)
            rate = amount
        elif step == "freeze":
            clock.freeze()
            frozen = True
        else:
            clock.unfreeze()
            frozen = False
        assert clock.timestamp() == pytest.approx(expected, abs=1e-3)
        assert clock.now() == datetime.fromtimestamp(clock.timestamp(), UTC)
        assert clock.text() == clock.now().strftime("%Y-%m-%d %H:%M:%S")
        assert clock.frozen == frozen
