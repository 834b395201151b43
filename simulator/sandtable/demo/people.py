"""People for the demo's instance, the same ones every time."""

from __future__ import annotations

from faker import Faker

from sandtable.core.platform.instance import Instance

SEED = 2026
HOW_MANY = 12


def add_people(instance: Instance) -> list[str]:
    """Add some users to an instance, each with the role itil, and return their names."""
    faker = Faker("en_US")
    faker.seed_instance(SEED)
    system = instance.system()
    role = system.table("sys_user_role").first("name=itil")
    names = []
    with instance.transaction():
        for _ in range(HOW_MANY):
            first, last = faker.first_name(), faker.last_name()
            user = system.table("sys_user").insert(
                {
                    "user_name": f"{first}.{last}".lower(),
                    "first_name": first,
                    "last_name": last,
                    "email": f"{first}.{last}@example.com".lower(),
                    "title": faker.job()[:60],
                }
            )
            if role is not None:
                system.table("sys_user_has_role").insert({"user": user.sys_id, "role": role.sys_id})
            names.append(user["name"])
    return names
