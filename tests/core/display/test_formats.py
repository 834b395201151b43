from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandtable.core.values import durations, formats, zones

AT = datetime(2024, 5, 1, 13, 5, 9)  # noqa: DTZ001 - patterns know no zone
PATTERNS = [
    ("yyyy-MM-dd HH:mm:ss", "2024-05-01 13:05:09"),
    ("dd/MM/yyyy HH:mm:ss", "01/05/2024 13:05:09"),
    ("MM-dd-yyyy hh:mm:ss a", "05-01-2024 01:05:09 PM"),
    ("dd.MM.yyyy hh.mm.ss a", "01.05.2024 01.05.09 PM"),
    ("dd-MM-yyyy HH.mm.ss", "01-05-2024 13.05.09"),
    ("d MMM yyyy H:mm", "1 May 2024 13:05"),
    ("dd MMMM yy", "01 May 24"),
    ("yyyy'y' ''MM''", "2024y '05'"),
]


@pytest.mark.documented("ServiceNow docs: user date and time formats are Java patterns")
@pytest.mark.parametrize(("pattern", "text"), PATTERNS)
def test_show(pattern: str, text: str) -> None:
    assert formats.show(pattern, AT) == text


@pytest.mark.documented("ServiceNow docs: user date and time formats are Java patterns")
@pytest.mark.parametrize(
    ("pattern", "text", "hour"),
    [("hh:mm a", "12:00 AM", 0), ("hh:mm a", "12:00 PM", 12), ("hh:mm a", "01:00 pm", 13), ("HH:mm", "00:00", 0)],
)
def test_the_twelve_hour_clock(pattern: str, text: str, hour: int) -> None:
    found = formats.read(pattern, text)
    assert found is not None
    assert found.hour == hour


@pytest.mark.ours("what does not fit a pattern is no date, never a wrong one")
@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("yyyy-MM-dd", "2024-13-01"),
        ("yyyy-MM-dd", "2024-02-30"),
        ("yyyy-MM-dd", "01.02.2024"),
        ("yyyy-MM-dd", "2024-02-03 10:00:00"),
        ("hh:mm a", "13:00 PM"),
        ("MMM", "Foo"),
        ("yyyy-MM-dd", ""),
    ],
)
def test_what_does_not_fit(pattern: str, text: str) -> None:
    assert formats.read(pattern, text) is None


@pytest.mark.ours("showing and reading are each other's inverse to the second")
@given(
    st.datetimes(min_value=datetime(1000, 1, 1), max_value=datetime(9999, 12, 31)),  # noqa: DTZ001
    st.sampled_from(["yyyy-MM-dd", "dd/MM/yyyy", "MM-dd-yyyy", "dd.MM.yyyy", "d MMM yyyy"]),
    st.sampled_from(["HH:mm:ss", "hh:mm:ss a", "hh.mm.ss a", "H:m:s"]),
)
def test_show_and_read(at: datetime, date_format: str, time_format: str) -> None:
    pattern = f"{date_format} {time_format}"
    assert formats.read(pattern, formats.show(pattern, at)) == at.replace(microsecond=0)


@pytest.mark.documented("ServiceNow docs: database times are UTC, display times are the user's")
@pytest.mark.parametrize(
    ("zone", "local"),
    [
        ("UTC", "2024-07-01 12:00:00"),
        ("GMT", "2024-07-01 12:00:00"),
        ("US/Pacific", "2024-07-01 05:00:00"),
        ("Europe/Berlin", "2024-07-01 14:00:00"),
        ("Asia/Kolkata", "2024-07-01 17:30:00"),
        ("GMT+2", "2024-07-01 14:00:00"),
        ("GMT-05:30", "2024-07-01 06:30:00"),
        ("No/Where", "2024-07-01 12:00:00"),
        ("../../etc/passwd", "2024-07-01 12:00:00"),
        ("", "2024-07-01 12:00:00"),
    ],
)
def test_zones(zone: str, local: str) -> None:
    moment = zones.stored_moment("2024-07-01 12:00:00")
    assert moment is not None
    shown = zones.to_zone(moment, zone)
    assert formats.show("yyyy-MM-dd HH:mm:ss", shown) == local
    assert zones.stored_text(shown.replace(tzinfo=None), zone) == "2024-07-01 12:00:00"


@pytest.mark.ours("a stored text that is no moment is told apart")
@pytest.mark.parametrize("text", ["", "soon", "2024-99-01", "12"])
def test_no_moment(text: str) -> None:
    assert zones.stored_moment(text) is None


@pytest.mark.assumed("the wording of durations is known from screens, not from a captured answer")
@pytest.mark.parametrize(
    ("stored", "shown", "in_full"),
    [
        ("1970-01-02 04:23:17", "1 Day 4 Hours 23 Minutes", "1 Day 4 Hours 23 Minutes 17 Seconds"),
        ("1970-01-01 00:01:00", "1 Minute", "1 Minute"),
        ("1970-01-01 00:00:17", "17 Seconds", "17 Seconds"),
        ("1970-01-01 00:00:00", "0 Seconds", "0 Seconds"),
        ("1970-03-21 20:38:50", "79 Days 20 Hours 38 Minutes", "79 Days 20 Hours 38 Minutes 50 Seconds"),
        ("3600", "1 Hour", "1 Hour"),
        ("-60", "-1 Minute", "-1 Minute"),
    ],
)
def test_durations(stored: str, shown: str, in_full: str) -> None:
    seconds = durations.seconds_of(stored)
    assert seconds is not None
    assert durations.show(seconds) == shown
    assert durations.show(seconds, with_seconds=True) == in_full


@pytest.mark.recorded("stored form of a duration: 1 day 4 h 23 m 17 s is 1970-01-02 04:23:17")
def test_the_stored_form_of_a_duration() -> None:
    assert durations.stored_text(((24 + 4) * 60 + 23) * 60 + 17) == "1970-01-02 04:23:17"


@pytest.mark.ours("a duration that people write is read as they meant it")
@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1 Day 4 Hours 23 Minutes", 102_180),
        ("2 hours, 5 seconds", 7_205),
        ("1 04:23:17", 102_197),
        ("04:23", 15_780),
        ("soon", None),
        ("3 apples", None),
        ("", None),
    ],
)
def test_reading_durations(text: str, seconds: int | None) -> None:
    assert durations.read(text) == seconds


@pytest.mark.ours("durations survive being shown in full and read again")
@given(st.integers(min_value=0, max_value=10**9))
def test_durations_round_trip(seconds: int) -> None:
    assert durations.read(durations.show(seconds, with_seconds=True)) == seconds
    assert durations.seconds_of(durations.stored_text(seconds)) == seconds
