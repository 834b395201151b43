"""Dates as instances write them, and what JavaScript makes of others."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandtable_connector import Behaviour, errors
from sandtable_connector.values.calendar import iso_text
from sandtable_connector.values.dates import event_time, iso, pushed_date
from sandtable_connector.values.javascript_dates import LATEST, read_date

DOCUMENTED, KIBANA = Behaviour.documented(), Behaviour.kibana_8_13()
PARIS = timezone(timedelta(hours=2))


def clock() -> float:
    return 1_700_000_000.25


@pytest.mark.recorded("Kibana's unit tests of pushedDate; observed with Node 20")
@pytest.mark.parametrize(
    "value, documented, kibana",
    [
        ("2020-03-10 12:24:20", "2020-03-10T12:24:20.000Z", "2020-03-10T12:24:20.000Z"),
        (None, "2023-11-14T22:13:20.250Z", "2023-11-14T22:13:20.250Z"),
        ("", None, None),
        ("2020-03-10T12:24:20Z", None, None),
        ("2020-03-10T12:24:20", None, None),
        ("13.03.2020 12:24:20", None, None),
        ("10.03.2020 12:24:20", None, "2020-10-03T12:24:20.000Z"),
        ("10/3/20", None, "2020-10-03T00:00:00.000Z"),
        ("2020.03.10 1:2:3", None, "2020-03-10T01:02:03.000Z"),
        ("2020-01-01 24:00:00", None, "2020-01-02T00:00:00.000Z"),
        ("2020-03-10 12:24:20.5", None, "2020-03-10T12:24:20.500Z"),
        ("13/03/2020 12:24:20", None, None),
        ("10/03/2020 12:24:20", None, "2020-10-03T12:24:20.000Z"),
        ("10-03-2020 12:24:20", None, "2020-10-03T12:24:20.000Z"),
        ("2020-02-30 00:00:00", None, "2020-03-01T00:00:00.000Z"),
        ("2020-02-32 00:00:00", None, None),
        ("2020-13-01 00:00:00", None, None),
        ("2020-01-01 25:00:00", None, None),
        ("03/10/2020 01:02:03 PM", None, "2020-03-10T13:02:03.000Z"),
        ("2020-03-10", None, "2020-03-10T00:00:00.000Z"),
        (5, None, "2001-05-01T00:00:00.000Z"),
        ("0", None, "2000-01-01T00:00:00.000Z"),
        ("32", None, "2032-01-01T00:00:00.000Z"),
        ("1/2/3", None, "2003-01-02T00:00:00.000Z"),
        ("2020-03-10 12:24:20 EST", None, "2020-03-10T12:24:20.000Z"),
        (["2020-03-10 12:24:20"], None, "2020-03-10T12:24:20.000Z"),
        ("٢٠٢٠-٠٣-١٠ ١٢:٢٤:٢٠", None, None),
    ],
)
def test_when_a_record_was_written(value: object, documented: str | None, kibana: str | None) -> None:
    for preset, expected in ((DOCUMENTED, documented), (KIBANA, kibana)):
        if expected is None:
            with pytest.raises(errors.AnswerUnusable, match="^Invalid time value$"):
                pushed_date(value, preset, clock)
        else:
            assert pushed_date(value, preset, clock) == expected


@pytest.mark.documented("ServiceNow docs, Table API: dates are in UTC, whatever the zone of the client's machine")
@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of the process cannot be changed on this system")
@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/Los_Angeles"])
def test_the_zone_of_the_machine_plays_no_part(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        try:
            for preset in (DOCUMENTED, KIBANA):
                assert pushed_date("2020-03-10 12:24:20", preset, clock) == "2020-03-10T12:24:20.000Z"
                assert pushed_date(None, preset, clock) == "2023-11-14T22:13:20.250Z"
                assert event_time("1583843060000", preset) == "2020-03-10 12:24:20"
            assert event_time("2020-03-10T12:24:20", DOCUMENTED) == "2020-03-10 12:24:20"
        finally:
            patch.undo()
            time.tzset()


@pytest.mark.recorded("Kibana's unit tests of the ITOM connector; observed with Node 20")
@pytest.mark.parametrize(
    "text, documented, kibana",
    [
        ("1634122304981", "2021-10-13 10:51:44", "2021-10-13 10:51:44"),
        ("  1634122304981 \n", "2021-10-13 10:51:44", "2021-10-13 10:51:44"),
        ("-1000", "1969-12-31 23:59:59", "1969-12-31 23:59:59"),
        ("99999999999999999999", None, None),
        ("2021-10-13T10:51:44.981Z", "2021-10-13 10:51:44", "2021-10-13 10:51:44"),
        ("2021-10-13T10:51:44+02:00", "2021-10-13 08:51:44", "2021-10-13 08:51:44"),
        ("2021-10-13", "2021-10-13 00:00:00", "2021-10-13 00:00:00"),
        ("2021-10", "2021-10-01 00:00:00", "2021-10-01 00:00:00"),
        ("2020-02-30", None, "2020-03-01 00:00:00"),
        ("2021-10-13T10:51:44+23:59", "2021-10-12 10:52:44", "2021-10-12 10:52:44"),
        ("2021-10-13T10:51:44+24:00", None, None),
        ("2021-10-13T10:51:44+10:60", None, None),
        ("2021-10-13t10:51:44z", "2021-10-13 10:51:44", "2021-10-13 10:51:44"),
        ("2021-10-13T24:00:00Z", None, "2021-10-14 00:00:00"),
        ("2021/10/13 10:51", None, "2021-10-13 08:51:00"),
        ("13-Oct-2021 10:51", None, "2021-10-13 08:51:00"),
        ("2021-10-13T10:51:44", "2021-10-13 10:51:44", "2021-10-13 08:51:44"),
        ("2021-10-13 10:51:44", "2021-10-13 10:51:44", "2021-10-13 08:51:44"),
        ("Wed, 13 Oct 2021 10:51:44 GMT", None, "2021-10-13 10:51:44"),
        ("Oct 13, 2021 10:51:44 UTC", None, "2021-10-13 10:51:44"),
        ("13 Oct 2021 10:51:44 +0200", None, "2021-10-13 08:51:44"),
        ("Wed Oct 13 2021 10:51:44 GMT+0200 (CEST)", None, "2021-10-13 08:51:44"),
        ("2021-10-13T10:51:44+0200", None, "2021-10-13 08:51:44"),
        ("+5", "1970-01-01 00:00:00", "2001-04-30 22:00:00"),
        ("007", "1970-01-01 00:00:00", "2001-06-30 22:00:00"),
        ("Oct 13", None, "2001-10-12 22:00:00"),
        ("+012345-01-01", None, "12345-01-01 00:00:00"),
        ("0099-01-01", "0099-01-01 00:00:00", "99-01-01 00:00:00"),
        ("1e3", None, None),
        ("soon", None, None),
        ("", None, None),
    ],
)
def test_an_events_time(text: str, documented: str | None, kibana: str | None) -> None:
    assert event_time(text, DOCUMENTED, local=PARIS) == documented
    assert event_time(text, KIBANA, local=PARIS) == kibana


@pytest.mark.ours("any text is a date or it is not; nothing else happens")
@given(st.text() | st.from_regex(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(Z| GMT)?", fullmatch=True))
def test_any_text(text: str) -> None:
    read = read_date(text)
    assert read is None or abs(read) <= LATEST
    for preset in (DOCUMENTED, KIBANA):
        written = event_time(text, preset, local=UTC)
        assert written is None or written.count(":") == 2


@pytest.mark.ours("what is written can be read again")
@given(st.integers(-LATEST, LATEST))
def test_round_trip(milliseconds: int) -> None:
    assert read_date(iso_text(milliseconds)) == milliseconds
    if 0 <= milliseconds < 10**14:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
        assert iso(moment) == iso_text(milliseconds)
