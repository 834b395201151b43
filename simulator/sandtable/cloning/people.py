"""Invented people in the place of real ones: the same person is the same invention in every run."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faker import Faker

PEOPLE = "sys_user"
EMPTIED = ("home_phone", "phone", "mobile_phone", "street", "zip", "photo", "avatar", "employee_number", "middle_name")
KEPT_NAMES = frozenset({"admin", "guest", "system", "system.administrator", "maint"})


class InventedPeople:
    """Turns a row of sys_user into one of somebody who does not exist; sys_id, roles and references stay."""

    def __init__(self) -> None:
        from faker import Faker

        self._faker: Faker = Faker("en_US")

    def of(self, row: dict[str, str]) -> dict[str, str]:
        """Return the invented row; the accounts that every instance has stay as they are."""
        if row.get("user_name") in KEPT_NAMES:
            return row
        digest = hashlib.sha256(row["sys_id"].encode()).digest()
        self._faker.seed_instance(int.from_bytes(digest[:8], "big"))
        first, last = self._faker.first_name(), self._faker.last_name()
        name = f"{first}.{last}".lower().replace(" ", "") + f".{digest.hex()[:6]}"
        said = {
            "first_name": first,
            "last_name": last,
            "name": f"{first} {last}",
            "user_name": name,
            "email": f"{name}@example.com",
        }
        return {**row, **{column: text for column, text in said.items() if column in row}} | {
            column: "" for column in EMPTIED if column in row
        }
