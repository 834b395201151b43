"""What a user record does by itself: a name from its parts, a password that is only kept hashed, a fresh start."""

from __future__ import annotations

from sandtable.core.platform.writing.rules import INSERT_OR_UPDATE, UPDATE, BusinessRule, RuleContext
from sandtable.core.values.passwords import hash_password, is_kept_as_sent

_NAME_PARTS = ("first_name", "middle_name", "last_name")


def _compose_name(context: RuleContext) -> None:
    if not any(context.changed(part) for part in _NAME_PARTS) and not context.changed("name"):
        return
    composed = " ".join(context.current[part] for part in _NAME_PARTS if context.current[part])
    if composed:
        context.current["name"] = composed


def _hash_password(context: RuleContext) -> None:
    password = context.current["user_password"]
    if password and context.changed("user_password") and not is_kept_as_sent(password):
        context.current["user_password"] = hash_password(password, context.instance.new_sys_id()[:16])


def _be_a_machine(context: RuleContext) -> None:
    """A machine's account is for web services alone; the forms of 2026 show its identity type instead of the flag."""
    if context.changes_to("identity_type", "machine"):
        context.current["web_service_access_only"] = "true"


def _unlock(context: RuleContext) -> None:
    if context.changes_from("locked_out", "true"):
        context.current["failed_attempts"] = "0"


RULES = (
    BusinessRule("Compose the name", "sys_user", "before", INSERT_OR_UPDATE, _compose_name),
    BusinessRule("Be a machine", "sys_user", "before", INSERT_OR_UPDATE, _be_a_machine),
    BusinessRule("Hash the password", "sys_user", "before", INSERT_OR_UPDATE, _hash_password),
    BusinessRule("Unlock", "sys_user", "before", frozenset({UPDATE}), _unlock),
)
