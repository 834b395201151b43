"""The texts that the platform takes for a date and time, in the order in which it tries them; all are read as UTC.

Source: ServiceNow support article KB0594666 (the list of GlideDateTime, said of Xanadu), and the integration tests of
Ansible's servicenow.itsm for the ISO form without a zone. Whether columns take other ISO forms, such as those that end
in `Z`, is not public: `read_zoned` reads them where the instance is set so.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

_USUAL = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?: (\d\d):(\d\d)(?::(\d\d))?)?")
# As the list has it, with milliseconds and a zone in digits; and without either, as the collection's tests send it.
_LISTED_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{3}([+-]\d{4}))?")
_ANY_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?\s?(Z|z|[+-]\d\d(?::?\d\d)?)?")
_SPACED_ZONE = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:[.,]\d{1,9})?)\s?(Z|z|[+-]\d\d:?\d\d)?")
_ZONE = re.compile(r":\d\d(?:[.,]\d+)?\s?(?:Z|z|[+-]\d\d(?::?\d\d)?)$")
# Each is a pattern, and the place of day, month, year, hour, minute, second among its groups; the order counts.
_SLASHED = (
    (r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d\d):(\d\d)", "Mdy"),
    (r"(\d{1,2})-(\d{1,2})-(\d{4}) (\d{1,2}):(\d\d):(\d\d)", "Mdy"),
    (r"(\d{1,2})-(\d{1,2})-(\d{4}) (\d{1,2}):(\d\d)", "Mdy"),
    (r"(\d{1,2})-(\d{1,2})-(\d{4})", "Mdy"),
    (r"(\d{1,2})/(\d{1,2})/(\d\d) (\d{1,2}):(\d\d):(\d\d)", "Mdy"),
    (r"(\d{1,2})/(\d{1,2})/(\d{4})", "Mdy"),
    (r"(\d{1,2})-(\d{1,2})-(\d{4}) (\d{1,2}):(\d\d):(\d\d)", "dMy"),
    (r"(\d{1,2})-(\d{1,2})-(\d{4}) (\d{1,2})\.(\d\d)\.(\d\d)", "dMy"),
    (r"(\d{1,2})-(\d{1,2})-(\d{4}) (\d{1,2})\.(\d\d)", "dMy"),
    (r"(\d{1,2})-(\d{1,2})-(\d\d) (\d{1,2}):(\d\d):(\d\d)", "dMy"),
    (r"(\d{1,2})-(\d{1,2})-(\d\d) (\d{1,2})\.(\d\d)\.(\d\d)", "dMy"),
    (r"(\d{1,2})/(\d{1,2})/(\d{4})", "dMy"),
    (r"(\d{1,2})-(\d{1,2})-(\d{4})", "dMy"),
)
_OTHERS = tuple((re.compile(pattern), letters) for pattern, letters in _SLASHED)
CENTURY = 2000  # of years that are written with two digits


def read(text: str) -> datetime | None:
    """Return the moment that a text means, naive and in UTC; None for a text in no form that the platform reads.

    The platform's own form comes first, then ISO 8601, then months before days, then days before months: 03/12/2021 is
    the 12th of March, 13/12/2021 the 13th of December.
    """
    stripped = text.strip()
    found = _USUAL.fullmatch(stripped)
    if found is not None:
        return _moment(*(int(part or 0) for part in found.groups()))
    if not stripped[:1].isdigit() or not stripped.isascii():
        return None
    found = _LISTED_ISO.fullmatch(stripped)
    if found is not None:
        return _of_iso(found)
    for pattern, letters in _OTHERS:
        found = pattern.fullmatch(stripped)
        if found is not None:
            first, second, year, *clock = (int(part) for part in found.groups())
            month, day = (first, second) if letters == "Mdy" else (second, first)
            moment = _moment(year + CENTURY if len(found.group(3)) == 2 else year, month, day, *clock)
            if moment is not None:
                return moment
    return None


def read_zoned(text: str) -> datetime | None:
    """Return the moment that any ISO 8601 text means, naive and in UTC; None for a text that is none."""
    stripped = text.strip()
    found = _ANY_ISO.fullmatch(stripped) or _ANY_ISO.fullmatch(_SPACED_ZONE.sub(r"\1T\2\3", stripped))
    return None if found is None else _of_iso(found)


def _of_iso(found: re.Match[str]) -> datetime | None:
    *parts, zone = found.groups()
    return _shifted(_moment(*(int(part or 0) for part in parts)), zone or "")


def names_zone(text: str) -> bool:
    """Tell whether a text says itself which zone it is in."""
    return _ZONE.search(text.strip()) is not None


def _moment(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime | None:
    try:
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - in UTC, without saying so
    except ValueError:
        return None


def _shifted(moment: datetime | None, zone: str) -> datetime | None:
    if moment is None or zone in ("", "Z", "z"):
        return moment
    sign, digits = zone[0], zone[1:].replace(":", "").ljust(4, "0")
    try:
        aware = datetime.fromisoformat(f"{moment.isoformat()}{sign}{digits[:2]}:{digits[2:]}")
        return aware.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
