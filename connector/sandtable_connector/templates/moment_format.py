"""The letters of moment's formats, in English (source: the documentation of moment, "Format"; observed with 2.31)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from sandtable_connector.values.calendar import DAY, civil_from_days, days_from_civil

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_TOKENS = re.compile(
    r"(\[[^\[]*\])|(\\e)|(\\)?(eHHmm|[Hh]mm(?:ss)?|Mo|MM?M?M?|Do|DDDo|DD?D?D?|ddd?d?|do?|w[o|w]?|W[o|W]?|Qo?|N{1,5}"
    r"|YYYYYY|YYYYY|YYYY|YY|y{2,4}|yo?|gg(?:ggg?)?|GG(?:GGG?)?|e|E|a|A|hh?|HH?|kk?|mm?|ss?|S{1,9}|x|X|zz?|ZZ?"
    "|[^\n\r\u2028\u2029])"
)
_LONG = re.compile(r"(\[[^\[]*\])|(\\)?(LTS|LT|LL?L?L?|l{1,4})")
_LONG_FORMATS = {
    "LTS": "h:mm:ss A",
    "LT": "h:mm A",
    "L": "MM/DD/YYYY",
    "LL": "MMMM D, YYYY",
    "LLL": "MMMM D, YYYY h:mm A",
    "LLLL": "dddd, MMMM D, YYYY h:mm A",
}
_SHORTER = re.compile("MMMM|MM|DD|dddd")
_LONG_FORMATS |= {
    name.lower(): _SHORTER.sub(lambda long: long[0][1:], _LONG_FORMATS[name]) for name in ("L", "LL", "LLL", "LLLL")
}


@dataclass(frozen=True)
class Moment:
    """Milliseconds since 1970 seen in a zone: its offset from UTC in seconds, and its short name."""

    milliseconds: int
    offset: int
    zone: str

    @cached_property
    def clock(self) -> tuple[int, int]:
        """Days since 1970, and milliseconds of the day, by the zone's clock."""
        return divmod(self.milliseconds + self.offset * 1000, DAY)

    @cached_property
    def date(self) -> tuple[int, int, int]:
        return civil_from_days(self.clock[0])

    @property
    def year(self) -> int:
        return self.date[0]

    @property
    def hour(self) -> int:
        return self.clock[1] // 3_600_000

    @property
    def minute(self) -> int:
        return self.clock[1] // 60_000 % 60

    @property
    def second(self) -> int:
        return self.clock[1] // 1000 % 60

    @property
    def millisecond(self) -> int:
        return self.clock[1] % 1000

    @property
    def weekday(self) -> int:
        """Sunday is 0."""
        return (self.clock[0] + 4) % 7

    @property
    def day_of_year(self) -> int:
        return self.clock[0] - days_from_civil(self.year, 1, 1) + 1

    def week(self, *, first_day: int, first_week_has: int) -> tuple[int, int]:
        """Return the year of a week and its number: weeks begin on a day, and week 1 holds a day of January."""
        for year in (self.year + 1, self.year, self.year - 1):
            anchor = days_from_civil(year, 1, first_week_has)
            start = anchor - (anchor + 4 - first_day) % 7
            if self.clock[0] >= start:
                return year, (self.clock[0] - start) // 7 + 1
        raise AssertionError("a day is in a week of its year, or of one beside it")


def formatted(moment: Moment, pattern: str) -> str:
    """Return a moment printed by a format; what stands in brackets, and what is no letter, is printed as it is."""
    for _ in range(6):
        if not _LONG.search(pattern):
            break
        pattern = _LONG.sub(lambda found: _LONG_FORMATS.get(found[0], found[0]), pattern)
    return "".join(_printed(moment, match[0]) for match in _TOKENS.finditer(pattern))


def _printed(moment: Moment, token: str) -> str:
    if token in _LETTERS:
        return _LETTERS[token](moment)
    if re.match(r"\[.", token, re.DOTALL):
        return re.sub(r"^\[|\]\Z", "", token)
    return token.replace("\\", "")


def _filled(number: int, length: int, *, signed: bool = False) -> str:
    sign = "-" if number < 0 else "+" if signed else ""
    return sign + str(abs(number)).rjust(length, "0")


def _ordinal(number: int) -> str:
    if abs(number) % 100 // 10 == 1:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def _offset(moment: Moment, separator: str) -> str:
    minutes = abs(moment.offset) // 60
    return f"{'-' if moment.offset < 0 else '+'}{minutes // 60:02d}{separator}{minutes % 60:02d}"


def _half(moment: Moment) -> str:
    return "PM" if moment.hour > 11 else "AM"


def _era_year(moment: Moment) -> int:
    return moment.year if moment.year > 0 else 1 - moment.year


def _locale_week(moment: Moment) -> tuple[int, int]:
    return moment.week(first_day=0, first_week_has=1)


def _iso_week(moment: Moment) -> tuple[int, int]:
    return moment.week(first_day=1, first_week_has=4)


def _remainder(number: int, divisor: int) -> int:
    """Return what is left of a division as JavaScript reckons it, with the sign of the number."""
    return abs(number) % divisor * (-1 if number < 0 else 1)


def _fraction(digits: int) -> Callable[[Moment], str]:
    if digits <= 3:
        return lambda moment: _filled(moment.millisecond // 10 ** (3 - digits), digits)
    return lambda moment: _filled(moment.millisecond * 10 ** (digits - 3), digits)


def _numbers(
    token: str, number: Callable[[Moment], int], *, ordinal: bool = False
) -> dict[str, Callable[[Moment], str]]:
    """Return the letters of a number: plain, two digits, and with st, nd, rd or th."""
    found: dict[str, Callable[[Moment], str]] = {
        token: lambda moment: str(number(moment)),
        token * 2: lambda moment: _filled(number(moment), 2),
    }
    if ordinal:
        found[f"{token}o"] = lambda moment: _ordinal(number(moment))
    return found


_LETTERS: dict[str, Callable[[Moment], str]] = {
    **_numbers("M", lambda moment: moment.date[1], ordinal=True),
    "MMM": lambda moment: _MONTHS[moment.date[1] - 1][:3],
    "MMMM": lambda moment: _MONTHS[moment.date[1] - 1],
    **_numbers("D", lambda moment: moment.date[2], ordinal=True),
    "DDD": lambda moment: str(moment.day_of_year),
    "DDDo": lambda moment: _ordinal(moment.day_of_year),
    "DDDD": lambda moment: _filled(moment.day_of_year, 3),
    "d": lambda moment: str(moment.weekday),
    "do": lambda moment: _ordinal(moment.weekday),
    "dd": lambda moment: _WEEKDAYS[moment.weekday][:2],
    "ddd": lambda moment: _WEEKDAYS[moment.weekday][:3],
    "dddd": lambda moment: _WEEKDAYS[moment.weekday],
    "e": lambda moment: str(moment.weekday),
    "E": lambda moment: str(moment.weekday or 7),
    "eHHmm": lambda moment: f"{moment.weekday}{moment.hour:02d}{moment.minute:02d}",
    **_numbers("w", lambda moment: _locale_week(moment)[1], ordinal=True),
    **_numbers("W", lambda moment: _iso_week(moment)[1], ordinal=True),
    "gg": lambda moment: _filled(_remainder(_locale_week(moment)[0], 100), 2),
    "gggg": lambda moment: _filled(_locale_week(moment)[0], 4),
    "ggggg": lambda moment: _filled(_locale_week(moment)[0], 5),
    "GG": lambda moment: _filled(_remainder(_iso_week(moment)[0], 100), 2),
    "GGGG": lambda moment: _filled(_iso_week(moment)[0], 4),
    "GGGGG": lambda moment: _filled(_iso_week(moment)[0], 5),
    "Q": lambda moment: str((moment.date[1] + 2) // 3),
    "Qo": lambda moment: _ordinal((moment.date[1] + 2) // 3),
    "Y": lambda moment: _filled(moment.year, 4) if moment.year <= 9999 else f"+{moment.year}",
    "YY": lambda moment: _filled(_remainder(moment.year, 100), 2),
    "YYYY": lambda moment: _filled(moment.year, 4),
    "YYYYY": lambda moment: _filled(moment.year, 5),
    "YYYYYY": lambda moment: _filled(moment.year, 6, signed=True),
    "y": lambda moment: str(_era_year(moment)),
    "yo": lambda moment: _ordinal(_era_year(moment)),
    "yy": lambda moment: _filled(_era_year(moment), 2),
    "yyy": lambda moment: _filled(_era_year(moment), 3),
    "yyyy": lambda moment: _filled(_era_year(moment), 4),
    **{"N" * count: lambda moment: "AD" if moment.year > 0 else "BC" for count in (1, 2, 3, 5)},
    "NNNN": lambda moment: "Anno Domini" if moment.year > 0 else "Before Christ",
    "A": _half,
    "a": lambda moment: _half(moment).lower(),
    **_numbers("H", lambda moment: moment.hour),
    **_numbers("h", lambda moment: moment.hour % 12 or 12),
    **_numbers("k", lambda moment: moment.hour or 24),
    "hmm": lambda moment: f"{moment.hour % 12 or 12}{moment.minute:02d}",
    "hmmss": lambda moment: f"{moment.hour % 12 or 12}{moment.minute:02d}{moment.second:02d}",
    "Hmm": lambda moment: f"{moment.hour}{moment.minute:02d}",
    "Hmmss": lambda moment: f"{moment.hour}{moment.minute:02d}{moment.second:02d}",
    **_numbers("m", lambda moment: moment.minute),
    **_numbers("s", lambda moment: moment.second),
    **{"S" * digits: _fraction(digits) for digits in range(1, 10)},
    "Z": lambda moment: _offset(moment, ":"),
    "ZZ": lambda moment: _offset(moment, ""),
    "z": lambda moment: moment.zone,
    "zz": lambda moment: moment.zone,
    "X": lambda moment: str(moment.milliseconds // 1000),
    "x": lambda moment: str(moment.milliseconds),
}
