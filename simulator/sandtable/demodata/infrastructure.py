"""What the company runs: services on applications on servers in racks, laptops on desks, and how they hang together."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import sqrt
from random import Random
from typing import TYPE_CHECKING

from sandtable.demodata.company import Company

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance

# (class, prefix of the name, how many at scale 1)
CLASSES = (
    ("cmdb_ci_service", "Service", 8),
    ("cmdb_ci_app_server_tomcat", "app", 12),
    ("cmdb_ci_apache_web_server", "web", 8),
    ("cmdb_ci_db_ora_instance", "ora", 5),
    ("cmdb_ci_db_postgresql_instance", "pg", 7),
    ("cmdb_ci_linux_server", "lnx", 30),
    ("cmdb_ci_win_server", "win", 15),
    ("cmdb_ci_esx_server", "esx", 6),
    ("cmdb_ci_ip_router", "rtr", 4),
    ("cmdb_ci_ip_switch", "swi", 10),
    ("cmdb_ci_ip_firewall", "fw", 3),
    ("cmdb_ci_computer", "nb", 40),
)
SERVICES = ("Web Shop", "Payroll", "Mail", "Intranet", "Warehouse", "Telephony", "Reporting", "Single Sign-On")
DEPENDS_ON, RUNS_ON = "Depends on::Used by", "Runs on::Runs"
# (class of the parent, class of the child, type of the relation)
RELATIONS = (
    ("cmdb_ci_service", "cmdb_ci_apache_web_server", DEPENDS_ON),
    ("cmdb_ci_apache_web_server", "cmdb_ci_app_server_tomcat", DEPENDS_ON),
    ("cmdb_ci_app_server_tomcat", "cmdb_ci_db_postgresql_instance", DEPENDS_ON),
    ("cmdb_ci_app_server_tomcat", "cmdb_ci_db_ora_instance", DEPENDS_ON),
    ("cmdb_ci_apache_web_server", "cmdb_ci_linux_server", RUNS_ON),
    ("cmdb_ci_app_server_tomcat", "cmdb_ci_linux_server", RUNS_ON),
    ("cmdb_ci_db_postgresql_instance", "cmdb_ci_linux_server", RUNS_ON),
    ("cmdb_ci_db_ora_instance", "cmdb_ci_win_server", RUNS_ON),
    ("cmdb_ci_linux_server", "cmdb_ci_esx_server", RUNS_ON),
    ("cmdb_ci_win_server", "cmdb_ci_esx_server", RUNS_ON),
    ("cmdb_ci_esx_server", "cmdb_ci_ip_switch", DEPENDS_ON),
    ("cmdb_ci_ip_switch", "cmdb_ci_ip_router", DEPENDS_ON),
    ("cmdb_ci_ip_router", "cmdb_ci_ip_firewall", DEPENDS_ON),
)


@dataclass(slots=True)
class Items:
    """The configuration items by class, as (sys_id, name)."""

    by_class: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def any_of(self, random: Random, classes: tuple[str, ...]) -> tuple[str, str] | None:
        """Return one item of one of some classes; None when there is none."""
        known = [name for name in classes if self.by_class.get(name)]
        return random.choice(self.by_class[random.choice(known)]) if known else None


def build(instance: Instance, random: Random, scale: int, company: Company, made: dict[str, int]) -> Items:
    """Make the configuration items and their relations."""
    system = instance.system()
    items = Items()
    places = sorted(company.places.values())
    for class_name, prefix, count in CLASSES:
        access = system.table(class_name)
        for number in range(1, round(count * sqrt(scale)) + 1):
            values = {
                "sys_id": f"{random.getrandbits(128):032x}",
                "name": _name(class_name, prefix, number),
                "location": random.choice(places),
                "operational_status": "1",
                "install_status": "1",
                "discovery_source": "ServiceNow",
            }
            owner = random.choice(company.people)
            if class_name == "cmdb_ci_computer":
                values |= {"assigned_to": owner.sys_id, "location": owner.location}
                values |= {"serial_number": f"SN{random.getrandbits(32):08X}"}
            elif class_name != "cmdb_ci_service":
                values |= {"ip_address": f"10.{random.randrange(4)}.{random.randrange(256)}.{random.randrange(1, 255)}"}
            record = access.insert(values)
            made[class_name] = made.get(class_name, 0) + 1
            items.by_class.setdefault(class_name, []).append((record.sys_id, record["name"]))
    _relate(instance, random, items, made)
    return items


def _name(class_name: str, prefix: str, number: int) -> str:
    if class_name == "cmdb_ci_service":
        name = SERVICES[(number - 1) % len(SERVICES)]
        return name if number <= len(SERVICES) else f"{name} {(number - 1) // len(SERVICES) + 1}"
    return f"{prefix}-{number:04}"


def _relate(instance: Instance, random: Random, items: Items, made: dict[str, int]) -> None:
    system = instance.system()
    types = {record["name"]: record.sys_id for record in system.table("cmdb_rel_type").query()}
    access = system.table("cmdb_rel_ci")
    for parent_class, child_class, kind in RELATIONS:
        children = items.by_class.get(child_class, [])
        for parent, _ in items.by_class.get(parent_class, []):
            if not children or kind not in types:
                continue
            child, _ = random.choice(children)
            values = {"sys_id": f"{random.getrandbits(128):032x}", "parent": parent, "child": child}
            access.insert({**values, "type": types[kind]})
            made["cmdb_rel_ci"] = made.get("cmdb_rel_ci", 0) + 1
