"""Elastic for Security Operations: security incidents from Kibana, and the observables that belong to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandtable.apps.data_files import shipped
from sandtable.apps.elastic import elastic
from sandtable.core.applications.application import Application
from sandtable.core.applications.scripted_resources import Resource, ScriptRequest, answering_refusals
from sandtable.core.schema.dictionary_data import stable_id
from sandtable.core.security.scope_privileges import GLOBAL, SCRIPTABLE, TABLE, Privilege, require_privilege
from sandtable.core.values.errors import AccessDenied, BadRequest, RecordNotFound

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record

SCOPE, VERSION = "x_elas2_sir_int", "1.0.0"
SERVICE = f"Elastic SIR API [{SCOPE}/elastic_api]"
ELASTIC = elastic.ElasticApplication(
    SCOPE, "elastic_sir", "x_elas2_sir_int_elastic_si_incident", Privilege("sn_si_incident", TABLE, "read")
)
OBSERVABLES, LINKS, TYPES = "sn_ti_observable", "sn_ti_m2m_task_observable", "sn_ti_observable_type"
STRINGS = Privilege("Glide API: string utilities", SCRIPTABLE)
REQUEST = Privilege("RESTAPIRequest", SCRIPTABLE)
REQUEST_BODY = Privilege("RESTAPIRequestBody", SCRIPTABLE)
READ_TYPE = Privilege(TYPES, TABLE, "read")
READ_OBSERVABLE = Privilege(OBSERVABLES, TABLE, "read")
CREATE_OBSERVABLE = Privilege(OBSERVABLES, TABLE, "create")
# The guides name the table that links tasks and observables in the singular.
READ_LINK = Privilege("sn_ti_m2m_task_observable", TABLE, "read")
CREATE_LINK = Privilege("sn_ti_m2m_task_observable", TABLE, "create")


def _one(request: ScriptRequest) -> dict[str, Any]:
    """Add one observable, `{"value": "1.2.3.4", "type": "ipv4-addr"}`, to a security incident."""
    incident = _opened(request)
    return _added(request.session, incident, _item(request.body))


def _bulk(request: ScriptRequest) -> list[Any]:
    """Add a list of observables to a security incident."""
    incident = _opened(request)
    if not isinstance(request.body, list):
        raise BadRequest("Invalid request body", "The body must be a list of observables, each with value and type")
    items = [_item(each) for each in request.body]
    return [_added(request.session, incident, item) for item in items]


def _opened(request: ScriptRequest) -> Record:
    session = request.session
    for privilege in (REQUEST, REQUEST_BODY, STRINGS, ELASTIC.read_target):
        require_privilege(session, privilege)
    incident = session.table(ELASTIC.target).find(request.path_parameters["id"])
    if incident is None:
        raise RecordNotFound
    return incident


def _item(given: Any) -> tuple[str, str]:
    if not isinstance(given, dict):
        raise BadRequest("Invalid request body", "An observable must be an object with value and type")
    value, kind = given.get("value"), given.get("type")
    if not (isinstance(value, str) and value.strip() and isinstance(kind, str) and kind.strip()):
        raise BadRequest("Invalid request body", "An observable needs a value and a type, both text and not empty")
    return value.strip(), kind.strip()


def _added(session: Session, incident: Record, item: tuple[str, str]) -> dict[str, Any]:
    value, kind = item
    instance = session.instance
    for operation, table in (("create", OBSERVABLES), ("create", LINKS)):
        if not instance.access.can(session, operation, table):
            raise AccessDenied("Insert")
    home = session.without_access_control().in_scope(GLOBAL)
    require_privilege(session, READ_TYPE)
    known = home.table(TYPES).first(filters={"name": kind})
    if known is None:
        raise BadRequest("Unknown observable type", f"there is no observable type {kind!r}")
    share = ELASTIC.switch(instance, "observables") != "duplicate"
    require_privilege(session, READ_OBSERVABLE)
    wanted = {"value": value, "type": known.sys_id}
    observable = home.table(OBSERVABLES).first(filters=wanted) if share else None
    if observable is None:
        require_privilege(session, CREATE_OBSERVABLE)
        require_privilege(session, elastic.INSERT_RECORD)
        require_privilege(session, elastic.SET_VALUE)
        observable = home.table(OBSERVABLES).insert(wanted)
    require_privilege(session, READ_LINK)
    link = {"task": incident.sys_id, "observable": observable.sys_id}
    if home.table(LINKS).first(filters=link) is None:
        require_privilege(session, CREATE_LINK)
        home.table(LINKS).insert(link)
    return {"value": value, "observable_sys_id": observable.sys_id}


def _resource(method: str, path: str, handler: Any) -> Resource:
    return Resource(
        method, f"/api/{SCOPE}/elastic_api{path}", handler, roles=(ELASTIC.role,), scope=SCOPE, service=SERVICE
    )


APPLICATION = Application(
    scope=SCOPE,
    name="Elastic for Security Operations",
    version=VERSION,
    store_app_id=stable_id("sys_store_app", SCOPE),
    vendor="Elastic",
    description="Receives security incidents and observables from Kibana",
    tables=shipped("elastic_sir.json"),
    demo_records=shipped("elastic_sir_demo.json"),
    resources=(
        _resource("GET", "/health", ELASTIC.health(VERSION)),
        _resource("POST", "/incident/{id}/observables", answering_refusals(_one)),
        _resource("POST", "/incident/{id}/observables/bulk", answering_refusals(_bulk)),
    ),
    transform_scripts=ELASTIC.transform_scripts(),
    access_scripts=ELASTIC.access_scripts(),
    privileges=(
        elastic.INSERT_RECORD,
        elastic.SET_VALUE,
        elastic.GET_VALUE,
        elastic.SET_BODY,
        elastic.ELEMENT,
        STRINGS,
        REQUEST,
        REQUEST_BODY,
        ELASTIC.read_target,
        READ_LINK,
        CREATE_LINK,
        READ_OBSERVABLE,
        CREATE_OBSERVABLE,
        READ_TYPE,
    ),
    requires=("sn_si",),
)
