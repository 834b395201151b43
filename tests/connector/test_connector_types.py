"""The facts of the three connector types."""

from __future__ import annotations

from typing import Any

import pytest

from sandtable_connector import TYPES
from sandtable_connector.connector_types import ITOM, ITSM, SIR

pytestmark = pytest.mark.documented("Kibana docs, ServiceNow connectors; the store's pages of Elastic's applications")

STORE = "https://store.servicenow.com/sn_appstore_store.do#!/store/application/"
COMMON = ("getFields", "getIncident", "handshake", "pushToService", "getChoices")
FACTS: list[tuple[Any, dict[str, Any]]] = [
    (
        ITSM,
        {
            "id": ".servicenow",
            "name": "ServiceNow ITSM",
            "features": ("alerting", "cases", "uptime", "siem"),
            "table": "incident",
            "staging_table": "x_elas2_inc_int_elastic_incident",
            "scope": "x_elas2_inc_int",
            "comment_field": "work_notes",
            "sub_actions": (*COMMON, "closeIncident"),
            "form_choices": ("urgency", "severity", "impact", "category", "subcategory"),
            "has_app": True,
            "store_link": f"{STORE}7148dbc91bf1f450ced060a7234bcb88",
        },
    ),
    (
        SIR,
        {
            "id": ".servicenow-sir",
            "name": "ServiceNow SecOps",
            "features": ("alerting", "cases", "siem"),
            "table": "sn_si_incident",
            "staging_table": "x_elas2_sir_int_elastic_si_incident",
            "scope": "x_elas2_sir_int",
            "comment_field": "work_notes",
            "sub_actions": COMMON,
            "form_choices": ("category", "subcategory", "priority"),
            "has_app": True,
            "store_link": f"{STORE}2f0746801baeb01019ae54e4604bcb0f",
        },
    ),
    (
        ITOM,
        {
            "id": ".servicenow-itom",
            "name": "ServiceNow ITOM",
            "features": ("alerting", "siem"),
            "table": "em_event",
            "staging_table": "",
            "scope": "",
            "comment_field": "",
            "sub_actions": ("addEvent", "getChoices"),
            "form_choices": ("severity",),
            "has_app": False,
            "store_link": "",
        },
    ),
]


@pytest.mark.parametrize("kind, facts", FACTS, ids=[facts["id"] for _, facts in FACTS])
def test_a_type(kind: Any, facts: dict[str, Any]) -> None:
    expected = {"licence": "platinum", **facts}
    assert {name: getattr(kind, name) for name in expected} == expected


def test_there_are_three() -> None:
    assert TYPES == (ITSM, SIR, ITOM)
