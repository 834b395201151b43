"""The people of the company: where they sit, whom they report to, which groups they work in."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from math import sqrt
from random import Random
from typing import TYPE_CHECKING

from faker import Faker

from sandtable.demodata.bulk import sys_id_for

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance
    from sandtable.core.platform.record import Record

PEOPLE = 60
SUPPORT_GROUPS = (
    "Service Desk",
    "Network",
    "Software",
    "Hardware",
    "Database",
    "Incident Management",
    "Change Management",
    "Problem Solving",
)
ITIL_GROUPS = frozenset(SUPPORT_GROUPS)
# (name, city, country, time zone)
SITES = (
    ("Elbkai 12, Hamburg", "Hamburg", "Germany", "Europe/Berlin"),
    ("410 Harbor Way, Boston,MA", "Boston", "USA", "US/Eastern"),
    ("77 Juniper Road, Denver,CO", "Denver", "USA", "US/Mountain"),
    ("9 Quayside, Dublin", "Dublin", "Ireland", "Europe/Dublin"),
    ("Rua das Flores 31, Porto", "Porto", "Portugal", "Europe/Lisbon"),
    ("2-14 Minato, Yokohama", "Yokohama", "Japan", "Asia/Tokyo"),
)
TITLES = {
    "IT": ("Systems Engineer", "Support Agent", "Network Engineer", "Database Administrator"),
    "Sales": ("Account Manager", "Sales Engineer", "Inside Sales"),
    "Development": ("Developer", "Senior Developer", "Test Engineer"),
    "Finance": ("Accountant", "Controller", "Payroll Clerk"),
    "HR": ("Recruiter", "HR Partner"),
    "Product Management": ("Product Manager", "Designer"),
    "Customer Support": ("Support Engineer", "Customer Advocate"),
}


@dataclass(frozen=True, slots=True)
class Person:
    """One employee, as far as their work needs to know them."""

    sys_id: str
    user_name: str
    location: str
    company: str
    department: str


@dataclass(slots=True)
class Company:
    """Everybody, the members of each support group, and the places."""

    people: list[Person] = field(default_factory=list)
    groups: dict[str, str] = field(default_factory=dict)
    members: dict[str, list[Person]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)


def hire(instance: Instance, random: Random, scale: int, made: dict[str, int]) -> Company:
    """Fill the company with people, and return it."""
    fake = Faker("en_US")
    fake.seed_instance(random.getrandbits(32))
    company = Company()
    _open_sites(instance, company, made)
    departments = _named(instance, "cmn_department")
    owner = instance.system().table("core_company").query(limit=1)
    taken = {record["user_name"] for record in instance.system().table("sys_user").query()}
    count = round(PEOPLE * sqrt(scale))
    heads: dict[str, str] = {}
    names = sorted(departments)
    for number in range(count):
        department = names[number % len(names)]
        # The first of each department leads it, the others report to them.
        person = _employ(
            instance,
            fake,
            random,
            taken,
            title=f"Head of {department}"
            if department not in heads
            else random.choice(TITLES.get(department, ("Clerk",))),
            department=departments[department],
            manager=heads.get(department, ""),
            company=owner[0].sys_id if owner else "",
            location=random.choice(sorted(company.places)),
            place_of=company.places,
        )
        made["sys_user"] = made.get("sys_user", 0) + 1
        if department not in heads:
            heads[department] = person.sys_id
            instance.system().table("cmn_department").update(person.department, {"dept_head": person.sys_id})
        company.people.append(person)
    _staff(instance, random, company, departments.get("IT", ""), made)
    return company


def _open_sites(instance: Instance, company: Company, made: dict[str, int]) -> None:
    table = instance.system().table("cmn_location")
    for name, city, country, zone in SITES:
        values = {"name": name, "full_name": name, "city": city, "country": country, "time_zone": zone}
        record = table.insert({"sys_id": sys_id_for("cmn_location", name), **values})
        company.places[name] = record.sys_id
        made["cmn_location"] = made.get("cmn_location", 0) + 1


def _employ(
    instance: Instance,
    fake: Faker,
    random: Random,
    taken: set[str],
    *,
    title: str,
    department: str,
    manager: str,
    company: str,
    location: str,
    place_of: dict[str, str],
) -> Person:
    first, last = fake.first_name(), fake.last_name()
    user_name = base = f"{_plain(first)}.{_plain(last)}"
    number = 1
    while user_name in taken:
        number += 1
        user_name = f"{base}{number}"
    taken.add(user_name)
    record = (
        instance.system()
        .table("sys_user")
        .insert(
            {
                "sys_id": f"{random.getrandbits(128):032x}",
                "user_name": user_name,
                "first_name": first,
                "last_name": last,
                "email": f"{user_name}@example.com",
                "title": title,
                "department": department,
                "manager": manager,
                "company": company,
                "location": place_of[location],
                "phone": f"+1 555 01{random.randrange(100):02}",
                "time_zone": next(zone for name, _, _, zone in SITES if name == location),
                "active": "true",
                "vip": "true" if title.startswith("Head") else "false",
            }
        )
    )
    return Person(record.sys_id, user_name, place_of[location], company, department)


def _staff(instance: Instance, random: Random, company: Company, it: str, made: dict[str, int]) -> None:
    """Put the people of IT into the support groups, one of them as manager, and let the groups do their work."""
    system = instance.system()
    groups = _named(instance, "sys_user_group")
    engineers = [person for person in company.people if person.department == it] or company.people
    roles = _named(instance, "sys_user_role")
    for number, name in enumerate(SUPPORT_GROUPS):
        if name not in groups:
            continue
        company.groups[name] = groups[name]
        first = engineers[number % len(engineers)]
        others = random.sample(engineers, min(len(engineers), 4 + len(engineers) // 6))
        company.members[name] = [first, *(person for person in others if person is not first)]
        system.table("sys_user_group").update(groups[name], {"manager": first.sys_id})
        if name in ITIL_GROUPS and "itil" in roles and not _has_role(instance, groups[name], roles["itil"]):
            granted = {"group": groups[name], "role": roles["itil"]}
            system.table("sys_group_has_role").insert({"sys_id": sys_id_for(*granted.values()), **granted})
        for person in company.members[name]:
            member = {"user": person.sys_id, "group": groups[name]}
            system.table("sys_user_grmember").insert({"sys_id": sys_id_for(*member.values()), **member})
            made["sys_user_grmember"] = made.get("sys_user_grmember", 0) + 1


def _has_role(instance: Instance, group: str, role: str) -> bool:
    table = instance.system().table("sys_group_has_role")
    return table.first(filters={"group": group, "role": role}) is not None


def _named(instance: Instance, table: str) -> dict[str, str]:
    records: list[Record] = instance.system().table(table).query()
    return {record["name"]: record.sys_id for record in records}


def _plain(name: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z]", "", ascii_only.lower())
