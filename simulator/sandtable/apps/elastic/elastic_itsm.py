"""Elastic for ITSM: Kibana's incidents come in through its staging table, transform map and health resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandtable.apps.data_files import shipped
from sandtable.apps.elastic import elastic
from sandtable.core.applications.application import Application
from sandtable.core.applications.scripted_resources import Resource
from sandtable.core.schema.dictionary_data import stable_id
from sandtable.core.security.scope_privileges import TABLE, Privilege

if TYPE_CHECKING:
    from sandtable.core.imports.row_transform import RowTransform
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record

SCOPE, VERSION = "x_elas2_inc_int", "1.0.0"
SERVICE = f"Elastic ITSM API [{SCOPE}/elastic_api]"
ELASTIC = elastic.ElasticApplication(
    SCOPE, "elastic_itsm", "x_elas2_inc_int_elastic_incident", Privilege("incident", TABLE, "read")
)


def _close_rows(row: RowTransform) -> None:
    """Carry close code and notes over where the map has rows for them, which the shipped one has not."""
    if ELASTIC.switch(row.instance, "close_rows") == "present":
        for element in ("close_code", "close_notes"):
            if row.source[f"u_{element}"]:
                row.target[element] = row.source[f"u_{element}"]


def _choices(session: Session, table: str, record: Record | None) -> bool:
    asked = ELASTIC.switch(session.instance, "choices")
    if asked in ("", "all") or record is None or not ELASTIC.concerns(session):
        return True
    if asked == "task_only":
        return record["name"] == "task"
    kind, _, element = asked.partition(":")
    return kind == "empty" and record["element"] != element


APPLICATION = Application(
    scope=SCOPE,
    name="Elastic for ITSM",
    version=VERSION,
    store_app_id=stable_id("sys_store_app", SCOPE),
    vendor="Elastic",
    description="Receives incidents from Kibana",
    tables=shipped("elastic_itsm.json"),
    demo_records=shipped("elastic_itsm_demo.json"),
    resources=(
        Resource(
            "GET",
            f"/api/{SCOPE}/elastic_api/health",
            ELASTIC.health(VERSION),
            roles=(ELASTIC.role,),
            scope=SCOPE,
            service=SERVICE,
        ),
    ),
    transform_scripts=ELASTIC.transform_scripts(_close_rows),
    access_scripts={**ELASTIC.access_scripts(), f"{SCOPE}.choices": _choices},
    privileges=(
        elastic.INSERT_RECORD,
        elastic.SET_VALUE,
        elastic.GET_VALUE,
        ELASTIC.read_target,
        elastic.SET_BODY,
        elastic.ELEMENT,
    ),
)
