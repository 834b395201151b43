"""Two tables without rules of their own, one the child of the other, and what makes users and rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from sandtable.core.platform.instance import Instance
from sandtable.core.platform.session import Session
from sandtable.serving.assembly import create_instance

PARENT, CHILD = "u_paper", "u_letter"


@dataclass
class Court:
    """Makes users with roles and access controls, as an administrator with the elevated role would."""

    instance: Instance

    def role(self, name: str) -> str:
        roles = self.instance.system().table("sys_user_role")
        found = roles.first(f"name={name}")
        return found.sys_id if found is not None else roles.insert({"name": name}).sys_id

    def user(self, *roles: str, name: str = "litigant") -> Session:
        """Make a user with roles and return their session."""
        system = self.instance.system()
        user = system.table("sys_user").insert({"user_name": name, "active": "true"})
        for role in roles:
            system.table("sys_user_has_role").insert({"user": user.sys_id, "role": self.role(role)})
        return self.instance.acting_as(name)

    def rule(self, name: str, operation: str, *roles: str, **values: str) -> str:
        """Make an access control; return its sys_id."""
        system = self.instance.system()
        made = system.table("sys_security_acl").insert({"name": name, "operation": operation, **values})
        for role in roles:
            system.table("sys_security_acl_role").insert(
                {"sys_security_acl": made.sys_id, "sys_user_role": self.role(role)}
            )
        return made.sys_id

    def paper(self, table: str = CHILD, **values: str) -> str:
        return self.instance.system().table(table).insert(values).sys_id

    def can(self, session: Session, operation: str, table: str = CHILD, sys_id: str = "") -> bool:
        record = self.instance.system().table(table).get(sys_id) if sys_id else None
        return self.instance.access.can(session, operation, table, record)


def _with_papers() -> Instance:
    made = create_instance(random_seed=1)
    made.clock.freeze(datetime(2024, 5, 1, 10, tzinfo=UTC))
    system = made.system()
    parent = system.table("sys_db_object").insert({"name": PARENT, "label": "Paper", "is_extendable": "true"})
    for element in ("u_title", "u_secret", "u_state"):
        system.table("sys_dictionary").insert({"name": PARENT, "element": element, "internal_type": "string"})
    for element, table in (("u_writer", "sys_user"), ("u_answer_to", PARENT)):
        system.table("sys_dictionary").insert(
            {"name": PARENT, "element": element, "internal_type": "reference", "reference": table}
        )
    system.table("sys_db_object").insert({"name": CHILD, "label": "Letter", "super_class": parent.sys_id})
    return made


@pytest.fixture(scope="session")
def made_instance() -> Instance:
    return _with_papers()


@pytest.fixture
def court(instance: Instance) -> Court:
    return Court(instance)
