"""A believable company in an instance: people, groups, locations, configuration items, and a year of their work.

Everything comes from a fixed seed, so it is the same every time; only the dates move with the instance's clock, because
the year always ends today.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING

from sandtable.core.values.texts import whole_number

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance

SEED = "a company and a year of its work"
MARK = "sandtable.demo_data.scale"
LOADING = "loading"
LARGEST_SCALE = 10_000

Progress = Callable[[int, int, str], None]


class DemoDataError(Exception):
    """Demo data that cannot be loaded; the text says why and what to do."""


class FakerMissing(DemoDataError):
    """What makes up the names of people is not installed."""


def silent(done: int, total: int, what: str) -> None:
    """Tell nobody how far the loading is."""


def load(instance: Instance, *, scale: int = 1, progress: Progress = silent) -> dict[str, int]:
    """Fill an instance with demo data and return how many records of each table were made.

    Scale 1 is a company of some sixty people with a year of a thousand incidents; at scale 1000 it is a million. The
    work grows with the scale, people and configuration items with its square root. `progress` is told how many records
    of how many are done. An instance that has demo data is left as it is. Raises DemoDataError.
    """
    if not 1 <= scale <= LARGEST_SCALE:
        raise DemoDataError(f"scale must be from 1 to {LARGEST_SCALE}, not {scale}")
    if loaded_scale(instance):
        return {}
    if instance.property(MARK) == LOADING:
        raise DemoDataError(
            "demo data was being loaded here when the server was stopped, and part of it is missing; "
            "begin with another data file"
        )
    try:
        from sandtable.demodata.company import hire
    except ModuleNotFoundError as error:
        if error.name != "faker":
            raise
        raise FakerMissing("demo data needs faker, which comes with the extra demo") from None
    from sandtable.demodata.expected import keep_a_log, welcome
    from sandtable.demodata.infrastructure import build
    from sandtable.demodata.knowledge import write_articles
    from sandtable.demodata.work import a_year_of_work

    # By a text, which no number that an instance is given for its ids can equal.
    random = Random(SEED)  # noqa: S311 - repeatable, not secret
    now = instance.clock.now()
    today = datetime(now.year, now.month, now.day, tzinfo=now.tzinfo)
    made: dict[str, int] = {}
    instance.set_property(MARK, LOADING)
    with instance.transaction():
        company = hire(instance, random, scale, made)
        items = build(instance, random, scale, company, made)
        write_articles(instance, random, today, company, made)
    with instance.transaction():
        welcome(instance, made)
        keep_a_log(instance, random, today, made)
    a_year_of_work(instance, random, scale, today, company, items, made, progress)
    instance.set_property(MARK, str(scale))
    return made


def loaded_scale(instance: Instance) -> int:
    """Return the scale of the demo data in an instance; 0 when it has none."""
    return whole_number(instance.property(MARK), 0)
