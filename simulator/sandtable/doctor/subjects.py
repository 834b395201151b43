"""The applications that can be examined, as data. Source: Kibana documentation, ServiceNow connectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

SCRIPTABLE, TABLE = "scriptable", "sys_db_object"
# Beside these the application needs to read its target table.
SCRIPT_PRIVILEGES = (
    "GlideRecord.insert",
    "GlideRecord.setValue",
    "GlideRecordSecure.getValue",
    "ScriptableServiceResultBuilder.setBody",
    "ScopedGlideElement",
)


@dataclass(frozen=True, slots=True)
class Subject:
    """One of Elastic's applications: its scope, its name in the store, its tables, and the roles its user needs."""

    scope: str
    name: str
    api: str
    staging: str
    table: str
    table_label: str
    roles: tuple[str, ...]

    @property
    def health(self) -> str:
        """The path of the application's health resource."""
        return f"/api/{self.scope}/elastic_api/health"

    @property
    def application_role(self) -> str:
        """The role that the application itself brings for its user."""
        return f"{self.scope}.integration_user"

    @property
    def privileges(self) -> tuple[tuple[str, str, str], ...]:
        """The cross-scope privileges that must be allowed, as (name, type, operation)."""
        scripts = tuple((name, SCRIPTABLE, "execute") for name in SCRIPT_PRIVILEGES)
        return (*scripts, (self.table, TABLE, "read"))


_COMMON = ("import_set_loader", "import_transformer", "personalize_choices")
SUBJECTS: Mapping[str, Subject] = MappingProxyType(
    {
        "itsm": Subject(
            "x_elas2_inc_int",
            "Elastic for ITSM",
            "Elastic ITSM API",
            "x_elas2_inc_int_elastic_incident",
            "incident",
            "Incident",
            (*_COMMON, "x_elas2_inc_int.integration_user"),
        ),
        "sir": Subject(
            "x_elas2_sir_int",
            "Elastic for Security Operations",
            "Elastic SIR API",
            "x_elas2_sir_int_elastic_si_incident",
            "sn_si_incident",
            "Security Incident",
            (*_COMMON, "x_elas2_sir_int.integration_user", "sn_si.basic"),
        ),
    }
)
