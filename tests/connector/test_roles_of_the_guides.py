"""What each connector can do when its user lacks one role of its guide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandtable.library.in_process import DEFAULT_URL, session_for
from sandtable.serving.assembly import create_instance
from sandtable.web.app import create_app
from sandtable.web.worlds.worlds import Worlds
from sandtable_connector import Connector, RequestsTransport

pytestmark = pytest.mark.documented("Kibana docs, ServiceNow ITSM, SecOps and ITOM connectors: roles of the user")

IMPORT_ROLES = ("import_set_loader", "import_transformer", "personalize_choices")
GUIDES: dict[str, tuple[str, ...]] = {
    ".servicenow": (*IMPORT_ROLES, "x_elas2_inc_int.integration_user"),
    ".servicenow-sir": (*IMPORT_ROLES, "sn_si.basic", "x_elas2_sir_int.integration_user"),
    ".servicenow-itom": ("personalize_choices", "evt_mgmt_integration"),
}
TABLES = {".servicenow": "incident", ".servicenow-sir": "sn_si_incident", ".servicenow-itom": "em_event"}
INSERT = "Operation Failed: ACL Exception Insert Failed due to security constraints"
NOT_FOUND = "No Record found: Record doesn't exist or ACL restricts the record retrieval"
NO_API = "User Not Authorized: Failed API level ACL Validation"
# The import is carried out, and what comes after it is not: the record is there although the push fails.
NOT_TRANSFORMED = "java.lang.NullPointerException: transform_map=null"
# Choices are asked for by columns of sys_choice that such a user may not read.
NO_COLUMNS = "Insufficient rights to query records: Field(s) present in the query do not have permission to be read"
CASES: list[tuple[str, str, str, bool, bool]] = [
    # the connector, the role that is missing, why a push fails, whether there are choices, whether there are fields
    *((kind, "", "", True, True) for kind in GUIDES),
    *((kind, "personalize_choices", "", False, True) for kind in GUIDES),
    *((kind, "import_set_loader", INSERT, True, True) for kind in (".servicenow", ".servicenow-sir")),
    *((kind, "import_transformer", NOT_TRANSFORMED, True, True) for kind in (".servicenow", ".servicenow-sir")),
    (".servicenow", "x_elas2_inc_int.integration_user", NO_API, True, False),
    (".servicenow-sir", "x_elas2_sir_int.integration_user", NO_API, True, False),
    (".servicenow-sir", "sn_si.basic", NOT_FOUND, True, True),
    (".servicenow-itom", "evt_mgmt_integration", INSERT, True, True),
]


@pytest.fixture(scope="module")
def instance() -> Any:
    return create_instance(random_seed=1)


@pytest.fixture(scope="module")
def session(instance: Any) -> Iterator[requests.Session]:
    with session_for(create_app(Worlds(instance))) as made:
        yield made


def user_with(instance: Any, name: str, roles: tuple[str, ...]) -> dict[str, str]:
    system = instance.system()
    password = f"{name}-password"
    user = system.table("sys_user").insert({"user_name": name, "user_password": password, "active": "true"})
    for role in roles:
        found = system.table("sys_user_role").first(f"name={role}")
        system.table("sys_user_has_role").insert({"user": user.sys_id, "role": found.sys_id})
    return {"username": name, "password": password}


def test_every_role_of_every_guide_is_tried() -> None:
    assert {(kind, role) for kind, role, *_ in CASES if role} == {
        (kind, role) for kind, roles in GUIDES.items() for role in roles
    }


@pytest.mark.parametrize(
    "kind, missing, why, choices, fields", CASES, ids=[f"{case[0]} without {case[1] or 'nothing'}" for case in CASES]
)
def test_without_a_role(
    instance: Any, session: requests.Session, kind: str, missing: str, why: str, choices: bool, fields: bool
) -> None:
    roles = tuple(role for role in GUIDES[kind] if role != missing)
    secrets = user_with(instance, f"user-{CASES.index((kind, missing, why, choices, fields))}", roles)
    config = {"apiUrl": DEFAULT_URL, **({} if kind == ".servicenow-itom" else {"usesTableApi": False})}
    connector = Connector(kind, config, secrets, transport=RequestsTransport(session), log=lambda level, text: None)

    def run(sub_action: str, params: dict[str, Any]) -> Any:
        return connector.execute({"subAction": sub_action, "subActionParams": params})

    records = instance.system().table(TABLES[kind])
    before = len(records.query(""))
    if kind == ".servicenow-itom":
        sent = run("addEvent", {"source": "s", "severity": "1"})
    else:
        observables = {"dest_ip": "10.0.0.1"} if kind == ".servicenow-sir" else {}
        sent = run("pushToService", {"incident": {"short_description": "x", **observables}})
        assert bool(run("getFields", {}).data) is fields
    assert sent.status == ("error" if why else "ok"), sent
    assert why in (sent.service_message or "")
    assert len(records.query("")) - before == (1 if why in ("", NOT_TRANSFORMED, NOT_FOUND) else 0)
    offered = run("getChoices", {"fields": list(connector.type.form_choices)})
    assert (offered.status, bool(offered.data)) == ("ok" if choices else "error", choices)
    assert choices or NO_COLUMNS in offered.service_message
