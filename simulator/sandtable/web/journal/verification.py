"""Whether the journal holds what a test expects, and what came closest when it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandtable.faults.forms import BadForm, as_json, entry
from sandtable.web.journal.request_journal import EntryPattern, RequestJournal

NEAR_MISSES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Expectation:
    """Which requests are expected, and how many; at least one when no number is given."""

    match: EntryPattern = entry(EntryPattern, "which requests are counted; all when left out")
    exactly: int | None = entry(None, "how many there must be", least=0)
    at_least: int | None = entry(None, "how many there must be or more", least=0)
    at_most: int | None = entry(None, "how many there must be or fewer", least=0)
    since: int = entry(0, "leaves out requests up to this id of the journal", least=0)

    def __post_init__(self) -> None:
        if self.exactly is not None and (self.at_least is not None or self.at_most is not None):
            raise BadForm("exactly", "cannot be combined with at_least or at_most", "leave out one or the other")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise BadForm("at_most", f"is below at_least: {self.at_most} < {self.at_least}", "exchange the two")

    def holds(self, count: int) -> bool:
        """Tell whether a number of requests is as expected."""
        if self.exactly is not None:
            return count == self.exactly
        least = 1 if self.at_least is None and self.at_most is None else self.at_least or 0
        return least <= count and (self.at_most is None or count <= self.at_most)

    def text(self) -> str:
        """Return the expected number in words."""
        if self.exactly is not None:
            return f"exactly {self.exactly}"
        parts = [f"at least {self.at_least}"] if self.at_least is not None else []
        parts += [f"at most {self.at_most}"] if self.at_most is not None else []
        return " and ".join(parts) or "at least 1"


def verify(journal: RequestJournal, expectation: Expectation) -> dict[str, Any]:
    """Return whether the journal is as expected, with the requests that match and, if too few do, the near misses.

    A near miss is a request that fails the fewest conditions; its reasons say which, and what was there instead.
    """
    everything = journal.entries(since=expectation.since)
    missed = [(each, expectation.match.misses(each)) for each in everything]
    matching = [each for each, reasons in missed if not reasons]
    verified = expectation.holds(len(matching))
    result: dict[str, Any] = {
        "verified": verified,
        "expected": expectation.text(),
        "count": len(matching),
        "match": as_json(expectation.match),
        "matching": [each.line() for each in matching],
        "near_misses": [],
    }
    too_few = not verified and (expectation.at_most is None or len(matching) < expectation.at_most)
    if too_few and not (expectation.exactly is not None and len(matching) > expectation.exactly):
        closest = sorted(((len(reasons), each.id, each, reasons) for each, reasons in missed if reasons))
        result["near_misses"] = [
            {"request": each.line(), "id": each.id, "reasons": reasons}
            for _, _, each, reasons in closest[:NEAR_MISSES_SHOWN]
        ]
    return result
