"""Access control records read into rules, and which of them speak about an operation on a table or a field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandtable.core.query import Query, parse

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance

RECORD, REST_ENDPOINT = "record", "REST_Endpoint"
ALLOW_IF, DENY_UNLESS = "allow", "deny"
TABLES = ("sys_security_acl", "sys_security_acl_role", "sys_user_role", "sys_properties")
LOGGED_IN = "UserIsAuthenticated"


@dataclass(frozen=True, slots=True)
class AclRule:
    """One active access control: who passes it.

    All parts must pass: any one of `roles` (empty: nobody is asked for a role), the security attribute, the condition
    on the record, the script. A rule with no part at all passes nobody. `admin_overrides` lets administrators by.
    """

    sys_id: str
    name: str
    operation: str
    kind: str = RECORD
    decision: str = ALLOW_IF
    roles: frozenset[str] = frozenset()
    attribute: str = ""
    condition: Query | None = None
    script: str = ""
    admin_overrides: bool = True

    @property
    def depends_on_record(self) -> bool:
        return self.condition is not None or bool(self.script)

    @property
    def empty(self) -> bool:
        return not (self.roles or self.attribute or self.condition or self.script)

    def __str__(self) -> str:
        return f"access control {self.name} {self.operation} ({self.sys_id})"


@dataclass(frozen=True, slots=True)
class AclRules:
    """All active rules of an instance by kind, name and operation; `remembered` holds decisions that need no record."""

    by_name: Mapping[tuple[str, str, str], tuple[AclRule, ...]]
    guarded_fields: frozenset[tuple[str, str]]
    remembered: dict[object, bool] = field(default_factory=dict)

    def for_table(self, lineage: Iterable[str], operation: str) -> tuple[AclRule, ...]:
        """Return the rules of the nearest table of the lineage that has any, else those for every table."""
        for name in (*lineage, "*"):
            found = self.by_name.get((RECORD, name, operation))
            if found:
                return found
        return ()

    def for_field(self, lineage: Iterable[str], operation: str, element: str) -> tuple[AclRule, ...]:
        """Return the field rules of the nearest table, one field before all fields of a table, else none."""
        if (operation, element) not in self.guarded_fields and (operation, "*") not in self.guarded_fields:
            return ()
        names = list(lineage)
        for pattern in (element, "*"):
            for name in (*names, "*"):
                found = self.by_name.get((RECORD, f"{name}.{pattern}", operation))
                if found:
                    return found
        return ()

    def guards_fields(self, operation: str) -> bool:
        """Tell whether any rule for single fields and this operation exists."""
        return any(each == operation for each, _ in self.guarded_fields)

    def for_endpoint(self, name: str) -> tuple[AclRule, ...]:
        """Return the rules of a REST endpoint, named as its access control names it; none when it has none."""
        return self.by_name.get((REST_ENDPOINT, name, "execute"), ())


def rules_of(instance: Instance) -> AclRules:
    """Return the rules of an instance, remembered until an access control or a role changes."""
    return instance.cached(("access control rules",), TABLES, lambda: _read(instance))


def _read(instance: Instance) -> AclRules:
    system = instance.system()
    role_names = {role.sys_id: role["name"] for role in system.table("sys_user_role").query()}
    roles: dict[str, set[str]] = {}
    strict = instance.property_is_true("glide.security.acl_with_invalid_roles_strict_deny", False)
    for link in system.table("sys_security_acl_role").query():
        named = roles.setdefault(link["sys_security_acl"], set())
        name = role_names.get(link["sys_user_role"], "nobody" if strict else "")
        # A role that is gone restricts where the instance is strict: nobody has it.
        named.update({name} - {""})
    grouped: dict[tuple[str, str, str], list[AclRule]] = {}
    guarded: set[tuple[str, str]] = set()
    for record in system.table("sys_security_acl").query("active=true"):
        rule = AclRule(
            record.sys_id,
            record["name"],
            record["operation"],
            record["type"] or RECORD,
            record["decision_type"] or ALLOW_IF,
            frozenset(roles.get(record.sys_id, ())),
            record["security_attribute"],
            parse(record["condition"]) if record["condition"] else None,
            record["script"] if record["advanced"] == "true" else "",
            record["admin_overrides"] == "true",
        )
        grouped.setdefault((rule.kind, rule.name, rule.operation), []).append(rule)
        _, dot, element = rule.name.partition(".")
        if dot and rule.kind == RECORD:
            guarded.add((rule.operation, element))
    return AclRules({key: tuple(rules) for key, rules in grouped.items()}, frozenset(guarded))
