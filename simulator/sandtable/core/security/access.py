"""Access control: what a session may do with a table, a record, a field, an API.

The rules are records of sys_security_acl and sys_security_acl_role. The nearest table of the lineage that has rules for
the operation decides, then the rules named `*`; of several rules one must pass (and no Deny-Unless rule may fail). No
rule at all means yes. Source: ServiceNow documentation, access control list rules.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from sandtable.core.platform.views import TABLES, VIEWS, is_view
from sandtable.core.platform.writing.script_host import host_of
from sandtable.core.query import asked_fields, evaluate
from sandtable.core.security.acl_rules import DENY_UNLESS, LOGGED_IN, AclRule, rules_of
from sandtable.core.values.errors import ApiAccessDenied, QueryDenied, WebServiceDenied
from sandtable.core.values.texts import comma_list

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record
    from sandtable.core.query import AskedField, Query

READ, CREATE, WRITE, DELETE = "read", "create", "write", "delete"
WRITING = {CREATE: "exempt_create", WRITE: "exempt_write", DELETE: "exempt_delete"}
READ_ONLY_ROLE = "snc_read_only"
ADMIN = "admin"
SCRIPT_WRITER = "snc_required_script_writer_permission"
SCRIPTED = frozenset(
    {
        "sys_script",
        "sys_script_include",
        "sys_script_client",
        "sysauto_script",
        "sys_ui_action",
        "sys_ui_policy",
        "sys_ui_page",
        "sys_ui_script",
        "sys_script_fix",
        "sysevent_script_action",
        "sys_ws_operation",
        "sys_transform_script",
        "sys_security_acl",
        "sys_processor",
        "sys_web_service",
    }
)
GUEST_NAMES = frozenset({"", "guest"})
QUERY_MATCH_OPERATORS = frozenset(
    {"=", "!=", "IN", "NOT IN", "SAMEAS", "NSAMEAS", "ANYTHING", "EMPTYSTRING", "ISEMPTY", "ISNOTEMPTY"}
)
# Lists that answer 403 instead of an empty list when the caller may read none of the table.
REFUSED_LISTS = (
    "sys_db_object,sys_plugins,metric_definition,metric_instance,sys_security_acl,sys_security_acl_role,oauth_entity,oauth_jwt,jwt_verifier_map,oauth_jwt_claims,"
    "oauth_credential,sys_certificate,sys_cors_rule,sys_ws_definition,sys_ws_operation,sys_scope_privilege"
)

AccessScript = Callable[["Session", str, "Record | None"], bool]


@dataclass(frozen=True, slots=True)
class AccessScripts:
    """The scripts of access controls that applications bring along, by the name in the script column."""

    by_name: Mapping[str, AccessScript]


class AccessControl:
    """The access control of one instance. It keeps nothing: the rules are records, remembered until they change."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    # tables and records ----------------------------------------------------------------------------------------

    def can(self, session: Session, operation: str, table: str, record: Record | None = None) -> bool:
        """Tell whether a session may read, create, write or delete; a record's own conditions count when it is given.

        Without a record, conditions are taken as passed: the question is whether it is possible at all.
        """
        if not session.enforced:
            return True
        roles = session.roles
        if operation in WRITING and READ_ONLY_ROLE in roles and not self._exempt(table, WRITING[operation]):
            session.explain(f"{session.user_name} has {READ_ONLY_ROLE}, so no {operation} on {table}")
            return False
        if operation in WRITING and table in SCRIPTED and not self._may_script(session, roles):
            session.explain(f"records of {table} hold scripts, which only holders of {SCRIPT_WRITER} may write")
            return False
        rules = rules_of(self._instance)
        elevated = "security_admin" in roles and self._elevates()
        key = (operation, table, roles, session.user_name in GUEST_NAMES, elevated)
        known = rules.remembered.get(key)
        if known is None:
            matching = rules.for_table(self._instance.dictionary.lineage(table), operation)
            known = self._decide(session, matching, table, record)
            # Of a rule that lets administrators by, an administrator meets neither condition nor script.
            by = ADMIN in roles
            if not any(each.depends_on_record and not (by and each.admin_overrides) for each in matching):
                if len(rules.remembered) > 20_000:
                    rules.remembered.clear()
                rules.remembered[key] = known
        if not known:
            session.explain(f"{session.user_name} may not {operation} {table}: no access control lets them")
        return known

    def _may_script(self, session: Session, roles: frozenset[str]) -> bool:
        return SCRIPT_WRITER in roles or self._instance.property("sandtable.access.script_writers", "any") != "role"

    def _exempt(self, table: str, kind: str) -> bool:
        listed = self._instance.property(f"glide.security.{READ_ONLY_ROLE}_role.tables.{kind}")
        return table in comma_list(listed)

    # fields ----------------------------------------------------------------------------------------------------

    def can_field(self, session: Session, operation: str, table: str, element: str) -> bool:
        """Tell whether the rules for a single field allow the operation; the table's own rules are asked by `can`."""
        if not session.enforced:
            return True
        if is_view(self._instance, table):
            return self._can_behind(session, operation, table, element)
        if (
            operation in WRITING
            and element.startswith("sys_")
            and self._instance.property_is_true("glide.rest.table_api.admin_only_sys_fields", False)
            and not session.is_admin
        ):
            return False
        lineage = self._instance.dictionary.lineage(table)
        return self._decide(session, rules_of(self._instance).for_field(lineage, operation, element), table, None)

    def _can_behind(self, session: Session, operation: str, view: str, element: str) -> bool:
        """Ask the field rules of the table that a column of a database view comes from (KB0551018)."""

        def read() -> list[tuple[str, str]]:
            system = self._instance.system()
            found = system.table(TABLES).query(f"view.name={view}")
            return [(each["variable_prefix"] or each["table"], each["table"]) for each in found]

        for prefix, table in self._instance.cached(("tables behind", view), (VIEWS, TABLES), read):
            own = element.removeprefix(f"{prefix}_")
            if own != element and self._instance.dictionary.has(table):
                return self.can_field(session, operation, table, own)
        return True

    def readable_columns(
        self, session: Session, table: str, among: Collection[str] | None = None
    ) -> frozenset[str] | None:
        """Return the names of the columns that a session may read, or None for all of them.

        `among` are those to ask about; all of the table unless given.
        """
        if not session.enforced or not rules_of(self._instance).guards_fields(READ):
            return None
        columns = self._instance.dictionary.columns(table) if among is None else among
        readable = frozenset(name for name in columns if self.can_field(session, READ, table, name))
        return None if len(readable) == len(columns) else readable

    # APIs and web services -------------------------------------------------------------------------------------

    def check_api(self, session: Session, api: str, table: str = "") -> None:
        """Refuse a platform API, such as `Table API`, to a session; with a table, also one closed to web services.

        The rules for the APIs themselves are inactive in a new instance. Raises ApiAccessDenied, WebServiceDenied.
        """
        self.check_endpoint(session, api)
        if table and not self._instance.dictionary.table(table).ws_access:
            session.explain(f"{table} is closed to web services: sys_db_object.ws_access is false")
            raise WebServiceDenied(table)

    def check_endpoint(self, session: Session, name: str) -> None:
        """Refuse a REST endpoint by the REST_Endpoint rules of that name. Raises ApiAccessDenied."""
        if not session.enforced:
            return
        if self._explicit_roles() and not session.has_role("snc_internal"):
            session.explain(f"explicit roles are on and {session.user_name} lacks snc_internal")
            raise ApiAccessDenied
        rules = rules_of(self._instance).for_endpoint(name)
        if not self._decide(session, rules, "", None):
            wanted = sorted({role for rule in rules for role in rule.roles})
            session.explain(f"{session.user_name} needs one of the roles {', '.join(wanted) or '(none)'} for {name}")
            raise ApiAccessDenied

    def passes_any(self, session: Session, sys_ids: Iterable[str]) -> bool:
        """Tell whether a session passes any of these access controls, as a scripted REST resource lists them."""
        if not session.enforced:
            return True
        wanted = set(sys_ids)
        rules = [rule for each in rules_of(self._instance).by_name.values() for rule in each if rule.sys_id in wanted]
        if any(self._passes(session, rule, "", None) for rule in rules):
            return True
        session.explain(f"{session.user_name} passes none of the access controls of the resource")
        return False

    def _explicit_roles(self) -> bool:
        instance = self._instance
        return instance.cached(
            ("explicit roles",),
            ("sys_package",),
            lambda: bool(instance.system().table("sys_plugins").query("source=com.glide.explicit_roles^active=true")),
        )

    # queries ---------------------------------------------------------------------------------------------------

    def hides_query(self, session: Session, table: str, query: Query) -> bool:
        """Tell whether a query asks about fields that the session may not read, as far as the instance looks.

        Property `sandtable.access.query_acl`: `off` never looks; `read` refuses fields that cannot be read, by the
        rules for their table or their own; `unknown` refuses fields that do not exist as well; `query_acl` (default)
        asks the rules for the operations query_match and query_range, and where none speaks of a field, those for
        reading it. Fields inside RLQUERY, SUBQUERY and JOIN and those
        that a full text search looks at count like any other.

        Raises QueryDenied when the list itself is refused: property `sandtable.access.refused_lists` names the tables
        whose lists are refused, rather than empty, for a session that may not read the table at all (`*` for all).
        """
        if not session.enforced:
            return False
        refused = comma_list(self._instance.property("sandtable.access.refused_lists", REFUSED_LISTS))
        if ("*" in refused or table in refused) and not self.can(session, READ, table):
            raise QueryDenied
        mode = self._instance.property("sandtable.access.query_acl", "query_acl")
        if mode == "off":
            return False
        asked = asked_fields(query, table, self._instance.dictionary)
        return any(self._is_hidden(session, mode, each) for each in asked)

    def _is_hidden(self, session: Session, mode: str, asked: AskedField) -> bool:
        dictionary, table = self._instance.dictionary, asked.table
        steps = dictionary.walk(table, asked.path) if dictionary.has(table) else None
        if steps is None:
            return mode == "unknown"
        operation = READ
        if mode == "query_acl":
            operation = "query_match" if asked.operator in QUERY_MATCH_OPERATORS else "query_range"
        for step in steps:
            if not self._may_query(session, operation, table, step.name):
                session.explain(f"{session.user_name} may not {operation} {table}.{step.name}, which the query uses")
                return True
            table = step.reference or table
        return False

    def _may_query(self, session: Session, operation: str, table: str, element: str) -> bool:
        """Tell whether a field may be asked about: by its query rules, else (as `*.*` delegates) by its read rules.

        Who may read none of a table gets no rows, whatever they ask.
        """
        rules = rules_of(self._instance)
        lineage = self._instance.dictionary.lineage(table)
        ruled = rules.for_table(lineage, operation) or rules.for_field(lineage, operation, element)
        if operation != READ and not ruled:
            return self.can_field(session, READ, table, element)
        return self.can(session, operation, table) and self.can_field(session, operation, table, element)

    # one decision ----------------------------------------------------------------------------------------------

    def _decide(self, session: Session, rules: Iterable[AclRule], table: str, record: Record | None) -> bool:
        passed, asked = False, False
        for rule in rules:
            if rule.decision == DENY_UNLESS:
                if not self._passes(session, rule, table, record):
                    return False
                continue
            asked = True
            passed = passed or self._passes(session, rule, table, record)
        return passed or not asked

    def _passes(self, session: Session, rule: AclRule, table: str, record: Record | None) -> bool:
        roles = session.roles
        if rule.admin_overrides and ADMIN in roles:
            return True
        if rule.empty:
            session.explain(f"{rule} has no role, condition or script, so it passes nobody")
            return False
        if rule.roles and not rule.roles & self._effective(roles, rule):
            return False
        if rule.attribute and not self._attribute_holds(session, rule):
            return False
        if rule.condition is not None and record is not None:
            context = session.query_context()
            if not evaluate(rule.condition, record, record.table, context):
                return False
        return not rule.script or self._script_passes(session, rule, table, record)

    def _effective(self, roles: frozenset[str], rule: AclRule) -> frozenset[str]:
        """Return the roles in force: an elevated one only when the instance lets calls elevate."""
        if "security_admin" in rule.roles and not self._elevates():
            roles = roles - {"security_admin"}
        return roles | {"public"}

    def _elevates(self) -> bool:
        return self._instance.property_is_true("sandtable.access.elevated_roles", False)

    def _attribute_holds(self, session: Session, rule: AclRule) -> bool:
        if rule.attribute == LOGGED_IN:
            return session.user_name not in GUEST_NAMES
        self._instance.ledger.note("security attribute", rule.attribute, str(rule))
        return False

    def _script_passes(self, session: Session, rule: AclRule, table: str, record: Record | None) -> bool:
        script = SCRIPTS.get(rule.script) or self._instance.part(AccessScripts).by_name.get(rule.script)
        if script is None:
            host = host_of(self._instance)
            if host is not None:
                return host.access(session, str(rule), rule.script, table, record)
            self._instance.ledger.note(
                "script", "sys_security_acl", f"{rule}: its script is not run, so it passes nobody"
            )
            return False
        return script(session, table, record)


def _may_see_parent(session: Session, table: str, record: Record | None) -> bool:
    """An attachment is as open as the record it belongs to."""
    if record is None:
        return True
    parent, sys_id = record["table_name"], record["table_sys_id"]
    dictionary = session.instance.dictionary
    return dictionary.has(parent) and session.table(parent).find(sys_id) is not None


# The scripts of the platform's own rules, by what stands in the rule's script column.
SCRIPTS: Mapping[str, AccessScript] = MappingProxyType({"sandtable.parent_record": _may_see_parent})
