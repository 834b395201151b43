"""Which roles a user has: granted, through groups and their parents, contained in other roles."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandtable.core.platform.instance import Instance
from sandtable.core.platform.session import Session
from sandtable.core.security.roles import granted_roles, role_names, roles_of

pytestmark = pytest.mark.documented("ServiceNow docs, roles: granted to users and groups, inherited, contained")


@dataclass
class Register:
    """Makes roles, groups and grants, by name."""

    instance: Instance
    user: str

    def role(self, name: str, *contains: str) -> str:
        made = self.instance.system().table("sys_user_role").insert({"name": name}).sys_id
        for each in contains:
            self.contain(made, each)
        return made

    def contain(self, role: str, contains: str) -> str:
        table = self.instance.system().table("sys_user_role_contains")
        return table.insert({"role": role, "contains": contains}).sys_id

    def group(self, *roles: str, parent: str = "", member: bool = False) -> str:
        system = self.instance.system()
        made = system.table("sys_user_group").insert({"name": "g", "parent": parent}).sys_id
        for role in roles:
            system.table("sys_group_has_role").insert({"group": made, "role": role})
        if member:
            system.table("sys_user_grmember").insert({"user": self.user, "group": made})
        return made

    def grant(self, role: str, **values: str) -> str:
        table = self.instance.system().table("sys_user_has_role")
        return table.insert({"user": self.user, "role": role, **values}).sys_id

    @property
    def roles(self) -> set[str]:
        return set(roles_of(self.instance, self.user))


@pytest.fixture
def register(instance: Instance) -> Register:
    return Register(instance, instance.system().table("sys_user").insert({"user_name": "clerk"}).sys_id)


def test_a_granted_role_and_what_it_contains(register: Register) -> None:
    low = register.role("x_low")
    middle = register.role("x_middle", low)
    register.role("x_other")
    register.grant(register.role("x_high", middle))
    assert register.roles == {"x_high", "x_middle", "x_low"}
    assert granted_roles(register.instance, register.user) != set()


@pytest.mark.parametrize("state, counts", [("active", True), ("", True), ("requested", False), ("inactive", False)])
def test_the_state_of_a_grant(register: Register, state: str, counts: bool) -> None:
    register.grant(register.role("x_one"), state=state)
    assert register.roles == ({"x_one"} if counts else set())


def test_roles_come_through_groups_and_their_parents(register: Register) -> None:
    top = register.group(register.role("x_top"))
    middle = register.group(register.role("x_middle", register.role("x_inside")), parent=top)
    register.group(register.role("x_own"), parent=middle, member=True)
    register.group(register.role("x_sister"), parent=middle)
    assert register.roles == {"x_own", "x_middle", "x_inside", "x_top"}


def test_roles_do_not_come_from_groups_below(register: Register) -> None:
    upper = register.group(register.role("x_upper"), member=True)
    register.group(register.role("x_lower"), parent=upper)
    assert register.roles == {"x_upper"}


@pytest.mark.ours("a circle of roles or groups ends, and gives each role in it")
def test_circles(register: Register) -> None:
    first = register.role("x_first")
    second = register.role("x_second", first)
    register.contain(first, second)
    register.contain(second, second)
    one = register.group(second, member=True)
    two = register.group(register.role("x_two"), parent=one)
    register.instance.system().table("sys_user_group").update(one, {"parent": two})
    assert register.roles == {"x_first", "x_second", "x_two"}


@pytest.mark.ours("grants are records: what changes counts at once, and a restored moment too")
def test_every_change_counts_at_once(register: Register) -> None:
    system = register.instance.system()
    assert register.roles == set()
    role = register.role("x_one")
    grant = register.grant(role)
    assert register.roles == {"x_one"}
    contained = register.contain(role, register.role("x_inside"))
    assert register.roles == {"x_one", "x_inside"}
    snapshot = register.instance.snapshot()
    system.table("sys_user_role_contains").delete(contained)
    system.table("sys_user_role").update(role, {"name": "x_renamed"})
    assert register.roles == {"x_renamed"}
    system.table("sys_user_has_role").delete(grant)
    group = register.group(role, member=True)
    assert register.roles == {"x_renamed"}
    member = system.table("sys_user_grmember").query(f"group={group}")[0]
    system.table("sys_user_grmember").delete(member.sys_id)
    assert register.roles == set()
    register.instance.restore(snapshot)
    register.instance.release(snapshot)
    assert register.roles == {"x_one", "x_inside"}


@pytest.mark.ours("what points nowhere gives nothing and breaks nothing")
def test_loose_ends(register: Register) -> None:
    system = register.instance.system()
    gone = register.role("x_gone")
    register.grant(gone)
    register.grant("")
    register.contain(register.role("x_kept", gone), "f" * 32)
    system.table("sys_user_grmember").insert({"user": register.user, "group": ""})
    system.table("sys_user_grmember").insert({"user": register.user, "group": "f" * 32})
    register.group(gone, parent="f" * 32, member=True)
    system.table("sys_user_role").delete(gone)
    assert register.roles == set()
    assert roles_of(register.instance, "") == frozenset()
    assert roles_of(register.instance, "nobody^ORuser!=x") == frozenset()
    assert role_names(register.instance, ["f" * 32]) == frozenset()


@pytest.mark.parametrize(
    "role, contained",
    [
        ("itil", {"sn_incident_write", "sn_change_write", "sn_problem_write", "sn_request_write", "cmdb_read"}),
        ("itil", {"snc_platform_rest_api_access"}),
        ("import_admin", {"import_set_loader", "import_transformer", "import_scheduler"}),
    ],
)
def test_what_the_roles_of_the_platform_contain(register: Register, role: str, contained: set[str]) -> None:
    found = register.instance.system().table("sys_user_role").query(f"name={role}")[0]
    register.grant(found.sys_id)
    assert register.roles >= contained | {role}


def test_an_administrator_has_every_role(admin: Session, itil: Session) -> None:
    assert admin.has_role("x_never_heard_of")
    assert (admin.is_admin, itil.is_admin) == (True, False)
    assert itil.has_role("nothing", "itil")
    assert not itil.has_role("admin")


@pytest.mark.ours("containment is the closure of what each role contains, whatever its shape")
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12),
    st.sets(st.integers(0, 5), max_size=2),
)
def test_containment_is_a_closure(made_instance: Instance, contains: list[tuple[int, int]], granted: set[int]) -> None:
    snapshot = made_instance.snapshot()
    try:
        register = Register(made_instance, made_instance.system().table("sys_user").insert({"user_name": "x"}).sys_id)
        roles = [register.role(f"x_{number}") for number in range(6)]
        for outer, inner in contains:
            register.contain(roles[outer], roles[inner])
        for number in granted:
            register.grant(roles[number])
        reached = set(granted)
        for _ in range(6):
            reached |= {inner for outer, inner in contains if outer in reached}
        assert register.roles == {f"x_{number}" for number in reached}
    finally:
        made_instance.restore(snapshot)
        made_instance.release(snapshot)
