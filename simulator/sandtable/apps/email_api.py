"""The Email API: messages that are put into the outbox, where they stay, and read again.

Source: ServiceNow documentation, Email API. Nothing is ever sent: a message keeps the type send-ready.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandtable.core.applications.application import Application
from sandtable.core.applications.scripted_resources import Resource, ScriptRequest
from sandtable.core.schema.dictionary_data import stable_id
from sandtable.core.values.errors import BadRequest, RecordNotFound

if TYPE_CHECKING:
    from sandtable.core.platform.record import Record

SCOPE = "sn_email_api"
BASE = "/api/now/email"
SERVICE = "Email [now/email]"
EMAILS = "sys_email"


def send(request: ScriptRequest) -> dict[str, Any]:
    """Put a message into the outbox, for a record when `table_name` and `table_record_id` say which.

    Raises BadRequest for a message without recipients, and RecordNotFound for a record that is not there.
    """
    body = request.body
    if not isinstance(body, dict):
        raise BadRequest("Invalid request body", "The body must be an object with to, subject, and text or html")
    to = _addresses(body, "to")
    if not to:
        raise BadRequest("Invalid request body", "to names nobody")
    table, sys_id = str(body.get("table_name") or ""), str(body.get("table_record_id") or "")
    if table or sys_id:
        request.session.table(table).get(sys_id)
    made = (
        request.session.without_access_control()
        .table(EMAILS)
        .insert(
            {
                "type": "send-ready",
                "state": "ready",
                "mailbox": "outbox",
                "recipients": ",".join(to),
                "copied": ",".join(_addresses(body, "cc")),
                "blind_copied": ",".join(_addresses(body, "bcc")),
                "subject": str(body.get("subject") or ""),
                "body": str(body.get("html") or body.get("text") or ""),
                "body_text": str(body.get("text") or ""),
                "user": request.session.user_name,
                "target_table": table,
                "instance": sys_id,
            }
        )
    )
    return _shown(made)


def read(request: ScriptRequest) -> dict[str, Any]:
    """Return a message. Raises RecordNotFound."""
    found = request.session.table(EMAILS).find(request.path_parameters["id"])
    if found is None:
        raise RecordNotFound
    return _shown(found)


def _addresses(body: dict[str, Any], name: str) -> list[str]:
    given = body.get(name) or []
    listed = given.split(",") if isinstance(given, str) else given
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise BadRequest("Invalid request body", f"{name} must be a list of addresses")
    return [each.strip() for each in listed if each.strip()]


def _shown(email: Record) -> dict[str, Any]:
    return {
        "id": email.sys_id,
        "user_id": email["user"],
        "subject": email["subject"],
        "to": _split(email["recipients"]),
        "cc": _split(email["copied"]),
        "bcc": _split(email["blind_copied"]),
        "text": email["body_text"],
        "html": email["body"],
        "type": email["type"],
        "state": email["state"],
        "table_name": email["target_table"],
        "table_record_id": email["instance"],
        "sys_created_on": email["sys_created_on"],
    }


def _split(text: str) -> list[str]:
    return [each for each in text.split(",") if each]


APPLICATION = Application(
    scope=SCOPE,
    name="Email REST API",
    version="1.0.0",
    store_app_id=stable_id("sys_store_app", SCOPE),
    vendor="ServiceNow",
    description="Messages for the outbox",
    resources=(
        Resource("POST", BASE, send, roles=("email_api_send", "admin"), scope="global", service=SERVICE),
        Resource("GET", f"{BASE}/{{id}}", read, roles=("email_api_read", "admin"), scope="global", service=SERVICE),
    ),
)
