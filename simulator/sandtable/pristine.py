"""New instances in milliseconds: copies of one that was put together once in this process."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sandtable.assembly import create_instance

if TYPE_CHECKING:
    from sandtable.core.instance import Instance


def new_instance(*, name: str, base_url: str, seed: int | None = None, empty: bool, strict: bool) -> Instance:
    """Return a new instance with the default applications and users, or (`empty`) without the Elastic ones.

    `seed` makes the ids of what is written from here on repeatable.
    """
    instance = _pristine(empty=empty).fork(name)
    instance.base_url = base_url
    instance.random.seed(seed)
    instance.ledger.strict = strict
    return instance


# Never handed out and never written to, so that nothing is shared but the work of putting it together.
@lru_cache(maxsize=2)
def _pristine(*, empty: bool) -> Instance:
    return create_instance(seed=0, empty=empty)
