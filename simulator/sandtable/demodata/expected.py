"""What clients' own test suites look for in a fresh developer instance: known people, roles, a log, a display zone.

Source: the public live tests of PySNC and the integration targets of the Ansible collection servicenow.itsm.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sandtable.demodata.bulk import BulkWriter, sys_id_for

if TYPE_CHECKING:
    from random import Random

    from sandtable.core.platform.instance import Instance

FINANCE = "a581ab703710200044e0bfc8bcbe5de8"
FINANCE_HEAD = "46c5bf6ca9fe1981010713e3ac7d3384"
ZONE_PROPERTY, ZONE = "glide.sys.default.tz", "US/Pacific"
ADMINISTRATORS = 12
LOG_ENTRIES = 720
DAEMONS = (
    ("sys_trigger", "Scheduled job finished"),
    ("Text index", "Text indexes are up to date"),
    ("SLA", "Task SLAs updated"),
    ("com.glide.ui.ServletErrorListener", "No sessions to clean up"),
    ("Event processor", "Event queue is empty"),
    ("Table cleaner", "Nothing to delete"),
)
GROUPS_OF_ADMINISTRATORS = (
    ("Knowledge Administrators", "knowledge_admin"),
    ("Catalog Administrators", "catalog_admin"),
    ("User Administrators", "user_admin"),
    ("Asset Administrators", "asset"),
)


def welcome(instance: Instance, made: dict[str, int]) -> None:
    """Let the people that tests of clients know keep their places, and let the instance show times of its zone."""
    # Who has been hired for the department works under its head.
    instance.system().table("cmn_department").update(FINANCE, {"dept_head": FINANCE_HEAD})
    _promote(instance, made)
    if instance.property(ZONE_PROPERTY, "UTC") == "UTC":
        instance.set_property(ZONE_PROPERTY, ZONE)


def _promote(instance: Instance, made: dict[str, int]) -> None:
    """Give some people the role admin, and some groups roles of administrators."""
    system = instance.system()
    roles = {record["name"]: record.sys_id for record in system.table("sys_user_role").query("nameLIKEadmin")}
    holders = system.table("sys_user_has_role").query("role.name=admin^ORDERBYsys_created_on")
    people = system.table("sys_user").query("active=true^titleISNOTEMPTY^ORDERBYuser_name")
    holding = {record["user"] for record in holders}
    for person in [each for each in people if each.sys_id not in holding][: max(0, ADMINISTRATORS - len(holding))]:
        granted = {"user": person.sys_id, "role": roles["admin"], "inherited": "false", "state": "active"}
        system.table("sys_user_has_role").insert({"sys_id": sys_id_for(person.sys_id, "admin"), **granted})
        made["sys_user_has_role"] = made.get("sys_user_has_role", 0) + 1
    for name, role in GROUPS_OF_ADMINISTRATORS:
        if role not in roles:
            continue
        group = system.table("sys_user_group").insert({"sys_id": sys_id_for("sys_user_group", name), "name": name})
        granted = {"group": group.sys_id, "role": roles[role]}
        system.table("sys_group_has_role").insert({"sys_id": sys_id_for(*granted.values()), **granted})
        made["sys_user_group"] = made.get("sys_user_group", 0) + 1


def keep_a_log(instance: Instance, random: Random, today: datetime, made: dict[str, int]) -> None:
    """Write the log of the last month: one entry an hour of what works in the background."""
    writer = BulkWriter(instance, random, made)
    for hour in range(LOG_ENTRIES, 0, -1):
        source, message = DAEMONS[hour % len(DAEMONS)]
        moment = (today - timedelta(hours=hour)).strftime("%Y-%m-%d %H:%M:%S")
        stamps = {"sys_created_on": moment, "sys_created_by": "system", "sys_class_name": "syslog"}
        writer.add("syslog", {"level": "0", "source": source, "message": message, **stamps})
    writer.flush()
