"""What goes when a record goes: memberships and grants of a user, group or role, the parts of a definition."""

from __future__ import annotations

from collections.abc import Callable

from sandtable.core.platform.writing.rules import DELETE, BusinessRule, RuleContext

# (deleted record's table, table of what goes with it, column that points back)
CASCADES = (
    ("sys_user", "sys_user_has_role", "user"),
    ("sys_user", "sys_user_grmember", "user"),
    ("sys_user_group", "sys_user_grmember", "group"),
    ("sys_user_group", "sys_group_has_role", "group"),
    ("sys_user_role", "sys_user_has_role", "role"),
    ("sys_user_role", "sys_group_has_role", "role"),
    ("sys_user_role", "sys_user_role_contains", "role"),
    ("sys_user_role", "sys_user_role_contains", "contains"),
    # An access control keeps its link to a role that is gone: whether it denies then is a property.
    ("sys_security_acl", "sys_security_acl_role", "sys_security_acl"),
    ("sys_data_policy2", "sys_data_policy_rule", "sys_data_policy"),
    ("sys_transform_map", "sys_transform_entry", "map"),
    ("sys_transform_map", "sys_transform_script", "map"),
    ("sys_ws_definition", "sys_ws_operation", "web_service_definition"),
    ("cmdb_ci", "cmdb_rel_ci", "parent"),
    ("cmdb_ci", "cmdb_rel_ci", "child"),
    ("sys_attachment", "sys_attachment_doc", "sys_attachment"),
    ("sys_attachment", "sys_attachment_attribute", "sys_attachment"),
)


def _cascading(child: str, reference: str) -> Callable[[RuleContext], None]:
    def delete_children(context: RuleContext) -> None:
        access = context.elevated.table(child)
        for record in access.query(f"{reference}={context.sys_id}"):
            # Deleting one may have deleted the next: inherited roles go with the grant they came from.
            if access.find(record.sys_id) is not None:
                access.delete(record.sys_id)

    return delete_children


RULES = tuple(
    BusinessRule(f"Delete {child} by {reference}", parent, "after", frozenset({DELETE}), _cascading(child, reference))
    for parent, child, reference in CASCADES
)
