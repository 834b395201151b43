"""Record producers and order guides: a record made of the answers to a form, and the items that answers call for.

Source: ServiceNow documentation, Service Catalog API and record producers: the template fills columns first, then
answers to questions that are named like a column, or mapped to one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sandtable.core.applications import catalog
from sandtable.core.values.errors import BadRequest

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record

PRODUCERS, GUIDES, GUIDE_ITEMS = "sc_cat_item_producer", "sc_cat_item_guide", "sc_cat_item_guide_items"
ENDS = ("^EQ", "EQ")


def produce(session: Session, sys_id: str, answers: Mapping[str, object]) -> Record:
    """Make the record of a record producer, and return it. Raises BadRequest, also for a missing mandatory answer."""
    producer = _of_kind(session, sys_id, PRODUCERS, "record producer")
    table = producer["table_name"]
    instance = session.instance
    if not instance.dictionary.has(table):
        raise BadRequest("Invalid record producer", f"{producer['name']} makes records of {table!r}, which is no table")
    given = catalog.checked_answers(session, producer, answers)
    columns = instance.dictionary.columns(table)
    values = {name: value for name, value in template_values(producer["template"]).items() if name in columns}
    asked = catalog.questions(session, producer)
    for question in asked:
        mapped = question["map_to_field"] == "true"
        column = question["field"] if mapped else question["name"]
        if column in columns and given[question["name"]]:
            values[column] = given[question["name"]]
    if producer["script"].strip():
        instance.ledger.note("script", f"record producer {producer['name']}", "its script is not run")
    elevated = session.without_access_control()
    with instance.transaction():
        made = elevated.table(table).insert(values)
        for question in asked:
            answer = {"question": question.sys_id, "value": given[question["name"]], "order": question["order"]}
            elevated.table("question_answer").insert({**answer, "table_name": table, "table_sys_id": made.sys_id})
        is_task = "task" in instance.dictionary.lineage(table)
        produced = {"producer": producer.sys_id, "record_table": table, "record_key": made.sys_id}
        elevated.table("sc_item_produced_record").insert({**produced, "task": made.sys_id if is_task else ""})
    return made


def guided(session: Session, sys_id: str, answers: Mapping[str, object]) -> list[Record]:
    """Return the items that an order guide includes for these answers, in their order. Raises BadRequest."""
    guide = _of_kind(session, sys_id, GUIDES, "order guide")
    given = catalog.checked_answers(session, guide, answers)
    numbered = {question.sys_id: given[question["name"]] for question in catalog.questions(session, guide)}
    access = session.without_access_control().table(GUIDE_ITEMS)
    rules = access.page("active!=false^ORDERBYorder", limit=None, offset=0, count=False, filters={"guide": sys_id})
    included = []
    for rule in rules.records:
        item = session.table(catalog.ITEMS).find(rule["item"])
        if item is not None and item["active"] != "false" and _holds(session, rule["condition"], numbered):
            included.append(item)
    return included


def template_values(template: str) -> dict[str, str]:
    """Return the columns and values of a template such as `priority=1^category=network^EQ`."""
    pairs = (part.partition("=") for part in template.split("^") if part not in ENDS)
    return {name: value for name, equals, value in pairs if equals}


def _holds(session: Session, condition: str, answers: Mapping[str, str]) -> bool:
    """Tell whether the conditions of a rule base hold: `IO:<question>=<value>`, joined by ^."""
    for part in condition.split("^"):
        if not part or part in ENDS:
            continue
        for operator in ("!=", "ISNOTEMPTY", "ISEMPTY", "="):
            name, found, value = part.removeprefix("IO:").partition(operator)
            if found:
                break
        if name not in answers or not found:
            session.instance.ledger.note("field", f"order guide condition {part}", "not understood: no item")
            return False
        answer = answers[name]
        holds = {"=": answer == value, "!=": answer != value, "ISEMPTY": not answer, "ISNOTEMPTY": bool(answer)}
        if not holds[found]:
            return False
    return True


def _of_kind(session: Session, sys_id: str, table: str, kind: str) -> Record:
    item = catalog.orderable(session, sys_id)
    if table not in session.instance.dictionary.lineage(item.table):
        raise BadRequest(f"Invalid {kind}", f"{item['name']} is of {item.table}, not of {table}")
    return item
