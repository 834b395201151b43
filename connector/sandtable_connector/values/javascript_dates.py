"""Dates as V8 reads them (`new Date(text)`), for any year that JavaScript knows.

A moment is milliseconds since 1970, UTC; years run from -271821 to 275760. ISO 8601 forms are read strictly; any other
text goes through V8's tolerant reading of words, numbers and signs.
Source: ECMA-262, Date.parse; observed with Node 20.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sandtable_connector.values.calendar import DAY, days_from_civil

LATEST = 8_640_000_000_000_000
"""The furthest moment from 1970 that a JavaScript date can be."""

_DIGITS_KEPT = 9
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ZONES = {"z": 0, "ut": 0, "utc": 0, "gmt": 0, "cdt": -5, "cst": -6, "edt": -4, "est": -5, "mdt": -6, "mst": -7}
_ZONES |= {"pdt": -7, "pst": -8}
_HALVES = {"am": 0, "pm": 12}
_BLANKS = frozenset(
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)

LocalOffset = Callable[[int], int]
"""Given milliseconds of a local clock, how many of them that clock is ahead of UTC."""


def utc_clock(_: int) -> int:
    """A host whose clock is UTC."""
    return 0


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # number, sign, word, blank, other, end
    text: str = ""
    number: int = 0

    @property
    def length(self) -> int:
        return len(self.text)

    def has(self, sign: str) -> bool:
        return self.kind == "sign" and self.text == sign

    @property
    def plus_or_minus(self) -> bool:
        return self.kind == "sign" and self.text in "+-"

    def digits(self, count: int) -> bool:
        return self.kind == "number" and self.length == count

    @property
    def is_z(self) -> bool:
        return self.kind == "word" and self.text == "z"


_END = _Token("end")


class _Tokens:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.peek = self._scan()

    def next(self) -> _Token:
        token = self.peek
        self.peek = self._scan()
        return token

    def skip(self, sign: str) -> bool:
        found = self.peek.has(sign)
        if found:
            self.next()
        return found

    def _scan(self) -> _Token:
        if self.at >= len(self.text):
            return _END
        start = self.at
        first = self.text[start]
        self.at += 1
        if "0" <= first <= "9":
            self._past(lambda character: "0" <= character <= "9")
            digits = self.text[start : self.at]
            return _Token("number", digits, int(digits.lstrip("0")[:_DIGITS_KEPT] or 0))
        if first in ":-+.)":
            return _Token("sign", first)
        if first >= "A" and first not in _BLANKS:
            self._past(lambda character: character >= "A" and character not in _BLANKS)
            return _Token("word", _lower(self.text[start : self.at]))
        if first in _BLANKS:
            return _Token("blank", first)
        if first == "(":
            self.at = start
            self.past_parentheses()
        return _Token("other", first)

    def past_parentheses(self) -> None:
        depth = 0
        while self.at < len(self.text):
            depth += {"(": 1, ")": -1}.get(self.text[self.at], 0)
            self.at += 1
            if depth <= 0:
                break

    def _past(self, belongs: Callable[[str], bool]) -> None:
        while self.at < len(self.text) and belongs(self.text[self.at]):
            self.at += 1


def _lower(word: str) -> str:
    return "".join(character.lower() if character < "\x80" else character for character in word)


@dataclass
class _Found:
    """What was read so far of day, time and zone; a part that cannot be is found out at the end."""

    days: list[int] = field(default_factory=list)
    month: int | None = None
    is_iso: bool = False
    times: list[int] = field(default_factory=list)
    half: int | None = None
    sign: int | None = None
    hours: int | None = None
    minutes: int | None = None

    def add_day(self, number: int) -> bool:
        if len(self.days) == 3:
            return False
        self.days.append(number)
        return True

    def add_time(self, number: int) -> bool:
        if len(self.times) == 4:
            return False
        self.times.append(number)
        return True

    def end_time(self, number: int) -> None:
        self.times = [*self.times, number, 0, 0, 0][:4]

    def time_goes_on(self, number: int) -> bool:
        limits = {1: 59, 2: 59, 3: 999}
        return 0 <= number <= limits.get(len(self.times), -1)

    def set_zone(self, hours: int) -> None:
        self.sign, self.hours, self.minutes = (-1 if hours < 0 else 1), abs(hours), 0

    @property
    def is_utc(self) -> bool:
        return self.hours == 0 and self.minutes == 0

    def moment(self, local: LocalOffset) -> int | None:
        day, time = self._day(), self._time()
        if day is None or time is None:
            return None
        clock = day * DAY + time
        if self.sign is None:
            moment = clock - local(clock)
        else:
            # V8 reckons the offset in 32 bits.
            seconds = ((self.hours or 0) * 3600 + (self.minutes or 0) * 60) % 2**32
            if seconds >= 2**31:
                return None
            moment = clock - self.sign * seconds * 1000
        return moment if abs(moment) <= LATEST else None

    def _day(self) -> int | None:
        if not self.days:
            return None
        first, second, third = (*self.days, 1, 1)[:3]
        if self.month is None:
            if self.is_iso or not 1 <= first <= 31:
                year, month, day = first, second, third
            else:
                month, day, year = first, second, third
        else:
            month = self.month
            year, day = (second, first) if 1 <= first <= 31 else (first, second)
        if not self.is_iso and 0 <= year <= 99:
            year += 2000 if year <= 49 else 1900
        return days_from_civil(year, month, day) if 1 <= month <= 12 and 1 <= day <= 31 else None

    def _time(self) -> int | None:
        hour, minute, second, millisecond = (*self.times, 0, 0, 0, 0)[:4]
        if self.half is not None:
            if not 0 <= hour <= 12:
                return None
            hour = hour % 12 + self.half
        within = 0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 59 and 0 <= millisecond <= 999
        if not within and (hour, minute, second, millisecond) != (24, 0, 0, 0):
            return None
        return ((hour * 60 + minute) * 60 + second) * 1000 + millisecond


def read_date(text: str, *, local: LocalOffset = utc_clock) -> int | None:
    """Return the moment that `new Date(text)` is, or None for an invalid date.

    `local` is the host's clock, for texts that name no zone (a date alone in ISO form is UTC).
    """
    tokens, found = _Tokens(text), _Found()
    token = _iso(tokens, found)
    if token is None or not _tolerant(token, tokens, found):
        return None
    return found.moment(local)


def _iso(tokens: _Tokens, found: _Found) -> _Token | None:
    """Read an ISO 8601 date and time; return the token that is none of it, or None where it is one and broken."""
    if tokens.peek.plus_or_minus:
        sign = tokens.next()
        if not tokens.peek.digits(6):
            return sign
        year = tokens.next().number
        if sign.text == "-" and year == 0:
            return sign
        found.add_day(-year if sign.text == "-" else year)
    elif tokens.peek.digits(4):
        found.add_day(tokens.next().number)
    else:
        return tokens.next()
    for latest in (12, 31):
        if not tokens.skip("-"):
            break
        if not (tokens.peek.digits(2) and 1 <= tokens.peek.number <= latest):
            return tokens.next()
        found.add_day(tokens.next().number)
    if not (tokens.peek.kind == "word" and tokens.peek.text == "t"):
        if tokens.peek.kind != "end":
            return tokens.next()
    elif not _iso_time(tokens, found):
        return None
    if found.sign is None and not found.times:
        found.set_zone(0)
    found.is_iso = True
    return _END


def _iso_time(tokens: _Tokens, found: _Found) -> bool:
    tokens.next()
    for latest in (24, 59, 59):
        if len(found.times) and not tokens.skip(":"):
            if len(found.times) == 1:
                return False
            break
        within = tokens.peek.digits(2) and tokens.peek.number <= latest
        if not within or (found.times[:1] == [24] and tokens.peek.number > 0):
            return False
        found.add_time(tokens.next().number)
    if len(found.times) == 3 and tokens.skip("."):
        if tokens.peek.kind != "number" or (found.times[0] == 24 and tokens.peek.number > 0):
            return False
        found.add_time(_milliseconds(tokens.next()))
    return _iso_zone(tokens, found) and tokens.peek.kind == "end"


def _iso_zone(tokens: _Tokens, found: _Found) -> bool:
    if tokens.peek.is_z:
        tokens.next()
        found.set_zone(0)
    elif tokens.peek.plus_or_minus:
        found.sign = 1 if tokens.next().text == "+" else -1
        if tokens.peek.digits(4):
            found.hours, found.minutes = divmod(tokens.next().number, 100)
        else:
            if not tokens.peek.digits(2):
                return False
            found.hours = tokens.next().number
            if not tokens.skip(":") or not tokens.peek.digits(2):
                return False
            found.minutes = tokens.next().number
        return found.hours <= 23 and found.minutes <= 59
    return True


def _milliseconds(token: _Token) -> int:
    if token.length <= 3:
        return token.number * int(10 ** (3 - token.length))
    kept: int = token.number // 10 ** (min(token.length, _DIGITS_KEPT) - 3)
    return kept


def _tolerant(token: _Token, tokens: _Tokens, found: _Found) -> bool:
    """Read what is left, word by word; False where V8 gives up."""
    number_seen = bool(found.days)
    while token.kind != "end":
        if token.kind == "number":
            number_seen = True
            if not _number(token, tokens, found):
                return False
        elif token.kind == "word":
            if not _word(token, tokens, found, number_seen=number_seen):
                return False
        elif token.plus_or_minus and (found.is_utc or found.times):
            number_seen = True
            if not _offset(token, tokens, found):
                return False
        elif (token.plus_or_minus or token.has(")")) and number_seen:
            return False
        token = tokens.next()
    return True


def _number(token: _Token, tokens: _Tokens, found: _Found) -> bool:
    number = token.number
    if tokens.skip(":"):
        if tokens.skip(":"):
            if found.times:
                return False
            found.times = [number, 0]
            return True
        if not found.add_time(number):
            return False
        if tokens.peek.has("."):
            tokens.next()
        return True
    if tokens.skip(".") and found.time_goes_on(number):
        found.add_time(number)
        if tokens.peek.kind != "number":
            return False
        found.end_time(_milliseconds(tokens.next()))
        return True
    if found.hours is not None and found.minutes is None and 0 <= number <= 59:
        found.minutes = number
        return True
    if found.time_goes_on(number):
        found.end_time(number)
        after = tokens.peek
        return after.kind in ("end", "blank") or after.is_z or after.plus_or_minus
    if not found.add_day(number):
        return False
    tokens.skip("-")
    return True


def _word(token: _Token, tokens: _Tokens, found: _Found, *, number_seen: bool) -> bool:
    if token.text in _HALVES and found.times:
        found.half = _HALVES[token.text]
    elif token.text[:3] in _MONTHS:
        found.month = _MONTHS.index(token.text[:3]) + 1
        tokens.skip("-")
    elif token.text in _ZONES and number_seen:
        found.set_zone(_ZONES[token.text])
    else:
        # Words that mean nothing may stand before the first number, apart from it.
        return not number_seen and tokens.peek.kind != "number"
    return True


def _offset(token: _Token, tokens: _Tokens, found: _Found) -> bool:
    found.sign = 1 if token.text == "+" else -1
    following = tokens.next() if tokens.peek.kind == "number" else _Token("number")
    if tokens.peek.has(":"):
        found.hours, found.minutes = following.number, None
    elif following.length in (1, 2):
        found.hours, found.minutes = following.number, 0
    elif following.length in (3, 4):
        found.hours, found.minutes = divmod(following.number, 100)
    else:
        return False
    return True
