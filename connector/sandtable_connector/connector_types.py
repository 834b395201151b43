"""The three connector types, as data (source: Kibana docs, ServiceNow connectors)."""

from __future__ import annotations

from dataclasses import dataclass

from sandtable_connector.errors import ConfigurationError


@dataclass(frozen=True, kw_only=True)
class ConnectorType:
    """What distinguishes one connector type: its table, its staging table and app, and what it can be asked to do.

    ``form_choices`` are the fields whose choices its form asks for.
    """

    id: str
    name: str
    licence: str = "platinum"
    features: tuple[str, ...]
    table: str
    staging_table: str = ""
    scope: str = ""
    app_id: str = ""
    comment_field: str = ""
    sub_actions: tuple[str, ...]
    form_choices: tuple[str, ...]

    @property
    def has_app(self) -> bool:
        """Return whether the type posts to an Elastic app's import set (and so can be deprecated when it does not)."""
        return bool(self.staging_table)

    @property
    def store_link(self) -> str:
        """Return the address of the type's app in the ServiceNow store, or empty text."""
        if not self.app_id:
            return ""
        return f"https://store.servicenow.com/sn_appstore_store.do#!/store/application/{self.app_id}"


ITSM = ConnectorType(
    id=".servicenow",
    name="ServiceNow ITSM",
    features=("alerting", "cases", "uptime", "siem"),
    table="incident",
    staging_table="x_elas2_inc_int_elastic_incident",
    scope="x_elas2_inc_int",
    app_id="7148dbc91bf1f450ced060a7234bcb88",
    comment_field="work_notes",
    sub_actions=("getFields", "getIncident", "handshake", "pushToService", "getChoices", "closeIncident"),
    form_choices=("urgency", "severity", "impact", "category", "subcategory"),
)
SIR = ConnectorType(
    id=".servicenow-sir",
    name="ServiceNow SecOps",
    features=("alerting", "cases", "siem"),
    table="sn_si_incident",
    staging_table="x_elas2_sir_int_elastic_si_incident",
    scope="x_elas2_sir_int",
    app_id="2f0746801baeb01019ae54e4604bcb0f",
    comment_field="work_notes",
    sub_actions=("getFields", "getIncident", "handshake", "pushToService", "getChoices"),
    form_choices=("category", "subcategory", "priority"),
)
ITOM = ConnectorType(
    id=".servicenow-itom",
    name="ServiceNow ITOM",
    features=("alerting", "siem"),
    table="em_event",
    sub_actions=("addEvent", "getChoices"),
    form_choices=("severity",),
)

TYPES: tuple[ConnectorType, ...] = (ITSM, SIR, ITOM)


def connector_type(type_id: str) -> ConnectorType:
    """Return the type of that id; ConfigurationError names the known ones."""
    for known in TYPES:
        if known.id == type_id:
            return known
    raise ConfigurationError(f"there is no connector type {type_id!r}; known: {', '.join(t.id for t in TYPES)}")
