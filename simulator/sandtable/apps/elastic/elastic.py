"""What Elastic's two applications have in common: how a row finds its record, and the switches for what nobody knows.

Each switch is a system property `sandtable.<room>.<switch>`; the records, with descriptions, come with the application.
Sources: Kibana documentation of the ServiceNow connectors, and issues that users filed about the applications.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandtable.core.applications.scripted_resources import ScriptRequest, ScriptResponse, answering_refusals, failure
from sandtable.core.imports.row_transform import RowTransform, TransformScript
from sandtable.core.imports.transform import matching
from sandtable.core.security.scope_privileges import GLOBAL, SCRIPTABLE, Privilege, require_privilege
from sandtable.core.values.errors import ApiAccessDenied, ScopeAccessNotGranted

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record
    from sandtable.core.security.access import AccessScript

INSERT_RECORD = Privilege("GlideRecord.insert", SCRIPTABLE)
SET_VALUE = Privilege("GlideRecord.setValue", SCRIPTABLE)
GET_VALUE = Privilege("GlideRecordSecure.getValue", SCRIPTABLE)
SET_BODY = Privilege("ScriptableServiceResultBuilder.setBody", SCRIPTABLE)
ELEMENT = Privilege("ScopedGlideElement", SCRIPTABLE)

INCIDENT_ID, CORRELATION = "elastic_incident_id", "correlation_id"
HIBERNATING = (
    "<html><head><title>Instance Hibernating page</title></head><body>Your instance is hibernating.</body></html>"
)


@dataclass(frozen=True, slots=True)
class ElasticApplication:
    """One of Elastic's applications: its scope, its switches' room, its tables, and who may read what it writes."""

    scope: str
    room: str
    staging: str
    read_target: Privilege

    @property
    def target(self) -> str:
        return self.read_target.target_name

    @property
    def role(self) -> str:
        return f"{self.scope}.integration_user"

    def switch(self, instance: Instance, name: str) -> str:
        """Return the value of a switch; its record comes with the application."""
        return instance.property(f"sandtable.{self.room}.{name}")

    # the health resource ---------------------------------------------------------------------------------------

    def health(self, version: str) -> Callable[[ScriptRequest], Any]:
        """Return the script of the health resource."""

        def answer(request: ScriptRequest) -> ScriptResponse | dict[str, Any]:
            require_privilege(request.session, SET_BODY)
            state = self.switch(request.session.instance, "health")
            if state == "no_result":
                return ScriptResponse(200, {}, raw=True)
            if state == "html":
                return ScriptResponse(200, HIBERNATING, {"Content-Type": "text/html;charset=UTF-8"}, raw=True)
            if state in ("", "200"):
                return {"name": "Elastic", "scope": self.scope, "version": version}
            return _broken_health(state)

        return answering_refusals(answer)

    # the transform ---------------------------------------------------------------------------------------------

    def transform_scripts(self, finish: Callable[[RowTransform], None] | None = None) -> tuple[TransformScript, ...]:
        """Return the scripts of the transform map; `finish` runs on a row that is about to be written."""

        def before(row: RowTransform) -> None:
            self._before(row)
            if finish is not None and not row.ignore:
                finish(row)

        return (
            TransformScript(self.staging, "onBefore", before, self.scope),
            TransformScript(self.staging, "onComplete", self._complete, self.scope),
        )

    def _before(self, row: RowTransform) -> None:
        require_privilege(row.session, GET_VALUE)
        require_privilege(row.session, ELEMENT)
        require_privilege(row.session, self.read_target)
        complaint = self._complaint(row)
        if complaint:
            row.refuse(complaint)
            return
        self._choose(row)
        if row.ignore:
            return
        if row.action == "insert":
            require_privilege(row.session, INSERT_RECORD)
        try:
            require_privilege(row.session, SET_VALUE)
        except ScopeAccessNotGranted:
            if self.switch(row.instance, "set_value_refused") != "field_empty":
                raise
            row.target.clear()
        if self.switch(row.instance, "null_values") == "overwrite":
            _overwrite_with_empty(row)
        row.apply_data_policies = self.switch(row.instance, "closure_data_policy") == "on"

    def _complaint(self, row: RowTransform) -> str:
        """Return why the row is refused for what was sent, or nothing."""
        if self.switch(row.instance, "import_response") == "error_row":
            return self.switch(row.instance, "import_error_message")
        if row.unknown and self.switch(row.instance, "unknown_column") == "error":
            return f"Invalid staging column: {', '.join(row.unknown)}"
        given, kept = row.given[f"u_{CORRELATION}"], row.source[f"u_{CORRELATION}"]
        if len(given) > len(kept) and self.switch(row.instance, "long_correlation_id") == "error":
            return f"Correlation ID exceeds the maximum length of {len(kept)} characters"
        return ""

    def _choose(self, row: RowTransform) -> None:
        """Decide which record the row updates; none means insert."""
        row.skip = False
        by_id = self._by_id(row)
        by_correlation = self._by_correlation(row)
        first, second = by_id, by_correlation
        if self.switch(row.instance, "precedence") == CORRELATION:
            first, second = by_correlation, by_id
        row.existing = first or second
        stale = row.source[INCIDENT_ID] and by_id is None
        if stale and (row.existing is None or first is by_id):
            if self.switch(row.instance, "stale_elastic_incident_id") != "insert":
                row.refuse("Target record not found")
                row.status_message = f"No record of {self.target} has the sys_id {row.source[INCIDENT_ID]}"
            else:
                row.existing = by_correlation

    def _by_id(self, row: RowTransform) -> Record | None:
        sys_id = row.source[INCIDENT_ID]
        return row.session.in_scope(GLOBAL).table(self.target).find(sys_id) if sys_id else None

    def _by_correlation(self, row: RowTransform) -> Record | None:
        if not any(entry.target_field == CORRELATION for entry in row.map.coalescing):
            return None
        wanted = row.target[CORRELATION]
        if not wanted and (row.source[INCIDENT_ID] or self.switch(row.instance, "empty_correlation_id") != "coalesce"):
            return None
        found = matching(row.session.in_scope(GLOBAL), self.target, {CORRELATION: wanted})
        if self.switch(row.instance, "coalesce_closed_incidents") == "false":
            found = [record for record in found if record["active"] == "true"]
        if not found:
            return None
        return found[-1] if self.switch(row.instance, "several_matches") == "newest" else found[0]

    def _complete(self, row: RowTransform) -> None:
        answer = self.switch(row.instance, "import_response")
        if answer == "no_rows":
            row.results.clear()
        elif answer == "two_rows":
            row.results += [dict(element) for element in row.results]
        elif answer == "ignored_without_sys_id":
            row.results[:] = [
                {"transform_map": row.map.name, "table": row.map.target_table, "status": "ignored"} for _ in row.results
            ]

    # what the integration user may read ------------------------------------------------------------------------

    def access_scripts(self) -> dict[str, AccessScript]:
        """Return the scripts of the application's access controls, by the names that stand in those records."""
        return {f"{self.scope}.read_back": self._read_back, f"{self.scope}.sys_created_on": self._sys_created_on}

    def _read_back(self, session: Session, table: str, record: Record | None) -> bool:
        answer = self.switch(session.instance, "read_back")
        if answer not in ("403", "404") or not self.concerns(session):
            return True
        if answer == "403" and record is not None:
            raise ApiAccessDenied
        return record is None

    def _sys_created_on(self, session: Session, table: str, record: Record | None) -> bool:
        return self.switch(session.instance, "read_back") != "no_created_on" or not self.concerns(session)

    def concerns(self, session: Session) -> bool:
        """Tell whether a session is the integration user's: one with the application's role who is no administrator."""
        return self.role in session.roles and not session.is_admin


def _broken_health(state: str) -> ScriptResponse:
    texts = {
        "401": ("User Not Authenticated", "Required to provide Auth information"),
        "403": ("User Not Authorized", "Failed API level ACL Validation"),
        "404": ("Requested URI does not represent any resource", None),
    }
    message, detail = texts.get(state, ("Script execution failed", None))
    return failure(int(state) if state in texts else 500, message, detail)


def _overwrite_with_empty(row: RowTransform) -> None:
    for entry in row.map.entries:
        sent = entry.source_field in row.given and entry.source_field not in row.unknown
        if sent and not row.given[entry.source_field]:
            row.target[entry.target_field] = ""
