"""The time of an instance, which a test may stop, move and speed up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

TEXT_FORMAT = "%Y-%m-%d %H:%M:%S"
# Everything that the platform adds to the time, such as the life of a token, has to be a time as well.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC).timestamp()
LATEST = datetime(9000, 1, 1, tzinfo=UTC).timestamp()


@dataclass(frozen=True, slots=True)
class ClockState:
    """Where a clock stands: at source time `anchor` it showed `shown`, and runs `rate` times as fast since.

    `frozen` tells that it does not run at all. All times are unix seconds.
    """

    anchor: float
    shown: float
    rate: float
    frozen: bool


class Clock:
    """A clock driven by a source of unix seconds; UTC, and second-granular where it becomes text.

    It can be put into the years 1970 to 9000; one that runs on until then stops.
    """

    def __init__(self, source: Callable[[], float]) -> None:
        self.source = source
        self._state: ClockState | None = None  # None: shows what the source shows, the common case
        self.changed: Callable[[], None] = lambda: None  # called when somebody has put it otherwise
        self._second = -1
        self._text = ""

    def timestamp(self) -> float:
        """Return unix seconds, with fractions."""
        state = self._state
        if state is None:
            return self.source()
        if state.frozen:
            return state.shown
        return _nearest(state.shown + (self.source() - state.anchor) * state.rate)

    def now(self) -> datetime:
        """Return the time as an aware datetime in UTC."""
        return datetime.fromtimestamp(self.timestamp(), UTC)

    def text(self) -> str:
        """Return the time as the platform stores it, such as `2024-05-01 13:45:09` (UTC)."""
        second = int(self.timestamp() // 1)
        if second != self._second:
            self._text = datetime.fromtimestamp(second, UTC).strftime(TEXT_FORMAT)
            self._second = second
        return self._text

    @property
    def frozen(self) -> bool:
        return self._state is not None and self._state.frozen

    @property
    def rate(self) -> float:
        return 1.0 if self._state is None else self._state.rate

    def freeze(self, at: datetime | str | None = None) -> None:
        """Stop the clock, now or at the given time, which may be ISO 8601 text; one without zone is taken as UTC.

        Raises ValueError for a text that is no time, and for one outside of the clock's years.
        """
        shown = self.timestamp() if at is None else _within(_moment(at).timestamp(), repr(at))
        self._state = ClockState(self.source(), shown, self.rate, frozen=True)
        self.changed()

    def unfreeze(self) -> None:
        """Let the clock run on from what it shows."""
        if self.frozen:
            self._state = ClockState(self.source(), self.timestamp(), self.rate, frozen=False)
            self.changed()

    def advance(self, seconds: float | timedelta) -> None:
        """Move the clock by seconds, forward or (negative) back; a frozen clock stays frozen.

        Raises ValueError for a move out of the clock's years.
        """
        by = seconds.total_seconds() if isinstance(seconds, timedelta) else seconds
        shown = _within(self.timestamp() + by, f"{by} seconds from {self.text()}")
        self._state = ClockState(self.source(), shown, self.rate, self.frozen)
        self.changed()

    def jump(self, seconds: float) -> None:
        """Move the clock as `advance` does, but no farther than it goes."""
        self._state = ClockState(self.source(), _nearest(self.timestamp() + seconds), self.rate, self.frozen)
        self.changed()

    def set_rate(self, rate: float) -> None:
        """Let the clock run `rate` times as fast as its source. Raises ValueError unless rate is above 0."""
        if not rate > 0:
            raise ValueError(f"The rate of a clock must be above 0, not {rate!r}; use freeze() to stop it")
        self._state = ClockState(self.source(), self.timestamp(), rate, self.frozen)
        self.changed()

    def state(self) -> ClockState | None:
        """Return where the clock stands, for `restore`; None when it shows its source."""
        return self._state

    def restore(self, state: ClockState | None) -> None:
        """Put the clock back; a running clock continues as if it had never been changed."""
        self._state = state
        self.changed()

    def follow(self, state: ClockState | None) -> None:
        """Show what another process has put the clock to."""
        self._state = state


def _moment(at: datetime | str) -> datetime:
    if isinstance(at, str):
        try:
            at = datetime.fromisoformat(at.strip())
        except ValueError:
            raise ValueError(f"{at!r} is no time; give one such as 2026-03-01T08:00:00Z") from None
    if not isinstance(at, datetime):
        raise TypeError(f"the clock is set to a datetime, or to a text such as 2026-03-01T08:00:00Z, not to {at!r}")
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _nearest(seconds: float) -> float:
    return min(LATEST, max(EARLIEST, seconds))


def _within(seconds: float, what: str) -> float:
    if not EARLIEST <= seconds <= LATEST:
        raise ValueError(f"{what} is out of the years 1970 to 9000, in which a clock can be")
    return seconds
