"""What is built on an instance and handed to it by whoever assembles one: the rooms above, as it knows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Access, Instance
    from sandtable.core.platform.writing.rules import BusinessRule


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of an instance, the same for all instances that are forked from it.

    `rules` run in every instance; `access` makes what decides about access; `roles_of` names the roles of a user by
    sys_id. `others` are values that upper rooms find again by their class, with `instance.part(Class)`.
    """

    rules: tuple[BusinessRule, ...]
    access: Callable[[Instance], Access]
    roles_of: Callable[[Instance, str], frozenset[str]]
    others: tuple[object, ...] = ()
