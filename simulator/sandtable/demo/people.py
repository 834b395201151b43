"""People for the demo's instance, the same ones every time."""

from __future__ import annotations

from sandtable.core.platform.instance import Instance

# (first name, last name, title): written down, so that the demo needs nothing that makes names up.
PEOPLE = (
    ("Maren", "Falk", "Service desk lead"),
    ("Tomas", "Okafor", "Network engineer"),
    ("Ines", "Duarte", "Database administrator"),
    ("Wei", "Lindqvist", "Site reliability engineer"),
    ("Paulo", "Brandt", "Systems engineer"),
    ("Noor", "Hassan", "Incident manager"),
    ("Greta", "Moreau", "Storage engineer"),
    ("Callum", "Reyes", "Support agent"),
    ("Yuki", "Novak", "Security analyst"),
    ("Elif", "Sorensen", "Application owner"),
    ("Dario", "Keller", "Support agent"),
    ("Anjali", "Whitford", "Change manager"),
)


def add_people(instance: Instance) -> list[str]:
    """Add some users to an instance, each with the role itil, and return their names."""
    system = instance.system()
    role = system.table("sys_user_role").first("name=itil")
    names = []
    with instance.transaction():
        for first, last, title in PEOPLE:
            user = system.table("sys_user").insert(
                {
                    "user_name": f"{first}.{last}".lower(),
                    "first_name": first,
                    "last_name": last,
                    "email": f"{first}.{last}@example.com".lower(),
                    "title": title,
                }
            )
            if role is not None:
                system.table("sys_user_has_role").insert({"user": user.sys_id, "role": role.sys_id})
            names.append(user["name"])
    return names
