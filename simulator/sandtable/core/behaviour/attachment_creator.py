"""Files that come through the queue: a row for the agent AttachmentCreator attaches its payload to a record.

Source: ServiceNow support articles KB0546294, KB0815402 and KB0690210: `name` is FILE:TYPE, `source` is TABLE:SYS_ID,
`payload` the file in base64. Old connectors upload like this, by Table API, JSONv2 or SOAP.
"""

from __future__ import annotations

import base64
import binascii

from sandtable.core.platform import attachments
from sandtable.core.platform.writing.rules import INSERT, BusinessRule, RuleContext
from sandtable.core.values.errors import PlatformError, RecordNotFound

QUEUE, AGENT = "ecc_queue", "AttachmentCreator"
LARGEST_PAYLOAD = 16 * 1024 * 1024


def _attach(context: RuleContext) -> None:
    row = context.current
    if row["agent"] != AGENT or row["topic"] != AGENT:
        return None
    payload = row["payload"]
    if len(payload) > LARGEST_PAYLOAD:
        return _done(context, state="error", error_string=f"The payload is over {LARGEST_PAYLOAD} characters")
    table, _, sys_id = row["source"].partition(":")
    name, _, kind = row["name"].rpartition(":")
    try:
        data = base64.b64decode("".join(payload.split()), validate=True)
    except (binascii.Error, ValueError):
        return _done(context, state="error", error_string="The payload is not base64")
    session = context.elevated
    try:
        with attachments.packed([data], attachments.size_limit(context.instance)) as file:
            attachments.attach(session, table, sys_id, name or kind, file, content_type=kind if name else "")
    except RecordNotFound:
        missing = f"Could not find a record in table {table} with sys_id {sys_id}"
        return _done(context, state="error", payload=missing)
    except PlatformError as refusal:
        return _done(context, state="error", error_string=str(refusal))
    return _done(context, state="processed")


def _done(context: RuleContext, **values: str) -> None:
    ended = {**values, "processed": context.instance.clock.text()}
    context.elevated.without_business_rules().table(QUEUE).update(context.sys_id, ended)


RULES = (BusinessRule("Create the attachment", QUEUE, "after", frozenset({INSERT}), _attach),)
