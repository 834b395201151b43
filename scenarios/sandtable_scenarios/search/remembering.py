"""Stories that broke a rule, kept from run to run, the stories of each scenario apart."""

from __future__ import annotations

import json
from collections.abc import Iterator

from hypothesis.database import DirectoryBasedExampleDatabase, ExampleDatabase

from sandtable_scenarios.stage.stories import Story, StoryError, story_from_dict


def database_at(place: str | None) -> ExampleDatabase | None:
    """Return the database that a command-line value names: a folder, or a Redis address; None for none.

    Raises ImportError where a package is missing, with what to install.
    """
    if not place:
        return None
    if not place.startswith(("redis://", "rediss://")):
        return DirectoryBasedExampleDatabase(place)
    try:
        from hypothesis.extra.redis import RedisExampleDatabase
        from redis import Redis
    except ImportError as problem:
        raise ImportError("a Redis example database needs the package redis: pip install redis") from problem
    return RedisExampleDatabase(Redis.from_url(place))


def _key(scenario: str) -> bytes:
    return f"sandtable/stories/{scenario}".encode()


def _value(story: Story) -> bytes:
    return json.dumps(story.as_dict(), sort_keys=True).encode()


def remember(database: ExampleDatabase | None, scenario: str, story: Story) -> None:
    """Remember a story, where there is a database."""
    if database is not None:
        database.save(_key(scenario), _value(story))


def forget(database: ExampleDatabase | None, scenario: str, story: Story) -> None:
    """Forget a story that breaks no rule any more."""
    if database is not None:
        database.delete(_key(scenario), _value(story))


def remembered(database: ExampleDatabase | None, scenario: str) -> Iterator[Story]:
    """Yield the stories that are remembered of a scenario; what cannot be read is left out."""
    for value in sorted(database.fetch(_key(scenario))) if database is not None else ():
        try:
            yield story_from_dict(json.loads(value))
        except (ValueError, StoryError):
            continue
