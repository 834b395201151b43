"""The Service Catalog API: catalogs, categories, items with their questions, the cart, and orders.

Source: ServiceNow documentation, Service Catalog API. Not simulated: wish lists, delegation, the checkout of
order guides. Prices are in US dollars.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandtable.core.applications import catalog, producers
from sandtable.core.applications.application import Application
from sandtable.core.applications.scripted_resources import Resource, ScriptRequest, ScriptResponse
from sandtable.core.schema.dictionary_data import stable_id
from sandtable.core.schema.stored_values import whole_number
from sandtable.core.values.errors import BadRequest

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record

SCOPE = "sn_sc"
BASE = "/api/sn_sc/servicecatalog"
SERVICE = "Service Catalog API [sn_sc/servicecatalog]"
DEFAULT_LIMIT = 10
LARGEST_LIMIT = 10_000
TWO_STEP = "glide.sc.checkout.twostep"
KINDS = {"sc_cat_item_producer": "record_producer", "sc_cat_item_guide": "order_guide"}


# reading -------------------------------------------------------------------------------------------------------------


def catalogs(request: ScriptRequest) -> list[dict[str, Any]]:
    """List the active catalogs, also those whose title or description holds `sysparm_text`."""
    found = request.session.table("sc_catalog").query("active=true")
    return [_catalog(request.session, each) for each in _page(request, _with_text(request, found, "title"))]


def one_catalog(request: ScriptRequest) -> dict[str, Any]:
    """Return one catalog."""
    return _catalog(request.session, _found(request, "sc_catalog"))


def categories(request: ScriptRequest) -> list[dict[str, Any]]:
    """List the active categories of a catalog; `sysparm_top_level_only` leaves out those inside another."""
    owner = _found(request, "sc_catalog")
    query = "active=true^ORDERBYorder"
    listed = _filtered(request.session, "sc_category", query, {"sc_catalog": owner.sys_id})
    if request.query.get("sysparm_top_level_only") == "true":
        listed = [each for each in listed if not each["parent"]]
    return [_category(request.session, each) for each in _page(request, listed)]


def one_category(request: ScriptRequest) -> dict[str, Any]:
    """Return one category with those inside it."""
    return _category(request.session, _found(request, "sc_category"))


def items(request: ScriptRequest) -> list[dict[str, Any]]:
    """List the active items by `sysparm_catalog`, `sysparm_category`, `sysparm_text` and `sysparm_type`."""
    session = request.session
    query = "active=true^ORDERBYorder^ORDERBYname"
    wanted = {"category": request.query.get("sysparm_category", "")}
    listed = _filtered(session, catalog.ITEMS, query, {name: value for name, value in wanted.items() if value})
    owner = request.query.get("sysparm_catalog")
    if owner:
        listed = [each for each in listed if owner in each["sc_catalogs"].split(",")]
    kind = request.query.get("sysparm_type")
    if kind:
        listed = [each for each in listed if _kind(each) == kind]
    return [_item(session, each) for each in _page(request, _with_text(request, listed, "name"))]


def one_item(request: ScriptRequest) -> dict[str, Any]:
    """Return one item with its questions. Raises BadRequest for one that is not there or not the caller's to see."""
    session = request.session
    item = catalog.orderable(session, request.path_parameters["sys_id"])
    return {
        **_item(session, item),
        "categories": [_named(session, "sc_category", item["category"])] if item["category"] else [],
        "client_script": {"onChange": [], "onSubmit": [], "onLoad": []},
        "data_lookup": [],
        "ui_policy": [],
        "variables": [_question(session, each) for each in catalog.questions(session, item)],
    }


def variables(request: ScriptRequest) -> list[dict[str, Any]]:
    """Return the questions of an item. Raises BadRequest for one that is not there or not the caller's to see."""
    session = request.session
    item = catalog.orderable(session, request.path_parameters["sys_id"])
    return [_question(session, each) for each in catalog.questions(session, item)]


# ordering ------------------------------------------------------------------------------------------------------------


def order_now(request: ScriptRequest) -> dict[str, Any]:
    """Order an item at once; with property `glide.sc.checkout.twostep` it goes into the cart instead."""
    session = request.session
    wanted = _wanted(request)
    if session.instance.property_is_true(TWO_STEP, False):
        return {"cart_id": catalog.put_into_cart(session, wanted).sys_id}
    placed = catalog.order(session, [wanted], requested_for=str(_body(request).get("sysparm_requested_for") or ""))
    return _ordered(placed)


def add_to_cart(request: ScriptRequest) -> dict[str, Any]:
    """Put an item into the caller's cart, and return the cart."""
    return _cart(request.session, catalog.put_into_cart(request.session, _wanted(request)))


def cart(request: ScriptRequest) -> dict[str, Any]:
    """Return the caller's cart."""
    return _cart(request.session, catalog.cart_of(request.session))


def change_cart_item(request: ScriptRequest) -> ScriptResponse:
    """Change how many of an item are in the cart, and return the cart."""
    session = request.session
    catalog.change_quantity(session, request.path_parameters["sys_id"], _body(request).get("sysparm_quantity"))
    return ScriptResponse(201, _cart(session, catalog.cart_of(session)))


def delete_cart_item(request: ScriptRequest) -> ScriptResponse:
    """Take an item out of the cart."""
    catalog.take_out(request.session, request.path_parameters["sys_id"])
    return ScriptResponse(204)


def empty_cart(request: ScriptRequest) -> ScriptResponse:
    """Delete a cart with what is in it."""
    catalog.empty_cart(request.session, request.path_parameters["sys_id"])
    return ScriptResponse(204)


def submit_order(request: ScriptRequest) -> dict[str, Any]:
    """Order what is in the cart."""
    placed = catalog.order_cart(request.session)
    return {"request_number": placed["number"], "request_id": placed.sys_id}


def checkout(request: ScriptRequest) -> dict[str, Any]:
    """Order what is in the cart; with property `glide.sc.checkout.twostep` only show it for approval."""
    session = request.session
    if session.instance.property_is_true(TWO_STEP, False):
        return _cart(session, catalog.cart_of(session))
    return submit_order(request)


def submit_producer(request: ScriptRequest) -> dict[str, Any]:
    """Make the record of a record producer. Raises BadRequest."""
    session = request.session
    made = producers.produce(session, request.path_parameters["sys_id"], _variables(request))
    producer = session.table(catalog.ITEMS).get(request.path_parameters["sys_id"])
    lineage = session.instance.dictionary.lineage(made.table)
    numbered = "number" in session.instance.dictionary.columns(made.table)
    return {
        "sys_id": made.sys_id,
        "number": made["number"] if numbered else "",
        "parent_id": (made["parent"] if "parent" in session.instance.dictionary.columns(made.table) else "") or None,
        "record": f"api/now/table/{made.table}/{made.sys_id}",
        "redirect_portal_url": "",
        "parent_table": "task" if "task" in lineage else "",
        "redirect_url": f"{made.table}.do?sys_id={made.sys_id}&sysparm_view={producer['view'] or 'ess'}",
        "table": made.table,
        "redirect_to": "",
    }


def submit_guide(request: ScriptRequest) -> list[dict[str, Any]]:
    """Return the items that an order guide includes for the answers given. Raises BadRequest."""
    session = request.session
    included = producers.guided(session, request.path_parameters["sys_id"], _variables(request))
    return [
        {**_item(session, each), "variables": [_question(session, one) for one in catalog.questions(session, each)]}
        for each in included
    ]


# parts ---------------------------------------------------------------------------------------------------------------


def _body(request: ScriptRequest) -> Mapping[str, Any]:
    if request.body is None:
        return {}
    if not isinstance(request.body, dict):
        raise BadRequest("Invalid request body", "The body must be an object with sysparm_quantity and variables")
    return request.body


def _variables(request: ScriptRequest) -> dict[str, Any]:
    variables = _body(request).get("variables") or {}
    if not isinstance(variables, dict):
        raise BadRequest("Invalid request body", "variables must be an object of names and values")
    return variables


def _wanted(request: ScriptRequest) -> catalog.Line:
    quantity = _body(request).get("sysparm_quantity", "")
    return catalog.line(request.session, request.path_parameters["sys_id"], quantity, _variables(request))


def _ordered(placed: Record) -> dict[str, Any]:
    return {
        "sys_id": placed.sys_id,
        "number": placed["number"],
        "request_number": placed["number"],
        "request_id": placed.sys_id,
        "parent_id": placed["parent"] or None,
        "parent_table": "task",
        "table": catalog.REQUESTS,
    }


def _found(request: ScriptRequest, table: str) -> Record:
    sys_id = request.path_parameters["sys_id"]
    record = request.session.table(table).find(sys_id)
    if record is None:
        raise BadRequest("Invalid sys_id", f"no {table} {sys_id!r} is yours to see")
    return record


def _filtered(session: Session, table: str, query: str, filters: Mapping[str, str]) -> list[Record]:
    return session.table(table).page(query, limit=None, offset=0, count=False, filters=filters).records


def _with_text(request: ScriptRequest, records: list[Record], name: str) -> list[Record]:
    words = request.query.get("sysparm_text", "").casefold().split()
    columns = (name, "short_description", "description")
    return [each for each in records if all(any(word in each[c].casefold() for c in columns) for word in words)]


def _page(request: ScriptRequest, records: list[Record]) -> list[Record]:
    limit = _number(request.query.get("sysparm_limit", ""), DEFAULT_LIMIT)
    offset = _number(request.query.get("sysparm_offset", ""), 0)
    return records[offset : offset + limit]


def _number(text: str, default: int) -> int:
    return whole_number(text, default, most=LARGEST_LIMIT)


def _catalog(session: Session, record: Record) -> dict[str, Any]:
    inside = _filtered(session, "sc_category", "active=true", {"sc_catalog": record.sys_id})
    listed = session.table(catalog.ITEMS).query("active=true")
    return {
        "sys_id": record.sys_id,
        "title": record["title"],
        "description": record["description"],
        "desktop_image": record["desktop_image"],
        "has_categories": bool(inside),
        "has_items": any(record.sys_id in each["sc_catalogs"].split(",") for each in listed),
    }


def _category(session: Session, record: Record) -> dict[str, Any]:
    inside = _filtered(session, "sc_category", "active=true^ORDERBYorder", {"parent": record.sys_id})
    listed = _filtered(session, catalog.ITEMS, "active=true", {"category": record.sys_id})
    return {
        "sys_id": record.sys_id,
        "title": record["title"],
        "description": record["description"],
        "full_description": record["description"] or None,
        "icon": record["icon"],
        "header_icon": None,
        "homepage_image": None,
        "count": len(listed),
        "subcategories": [{"sys_id": each.sys_id, "title": each["title"]} for each in inside],
    }


def _named(session: Session, table: str, sys_id: str) -> dict[str, str]:
    record = session.without_access_control().table(table).find(sys_id)
    return {"sys_id": sys_id, "title": record["title"] if record is not None else ""}


def _kind(item: Record) -> str:
    return KINDS.get(item.table, "catalog_item")


def _dollars(value: Decimal) -> str:
    return f"${value:,.2f}"


def _item(session: Session, item: Record) -> dict[str, Any]:
    price, recurring = _dollars(catalog.price_of(item)), _dollars(catalog.amount(item["recurring_price"]))
    owners = [sys_id for sys_id in item["sc_catalogs"].split(",") if sys_id]
    return {
        "sys_id": item.sys_id,
        "sys_class_name": item.table,
        "name": item["name"],
        "short_description": item["short_description"] or None,
        "description": item["description"],
        "type": _kind(item),
        "availability": item["availability"],
        "mandatory_attachment": item["mandatory_attachment"] == "true",
        "request_method": "",
        "order": _number(item["order"], 0),
        "catalogs": [_named(session, "sc_catalog", sys_id) for sys_id in owners],
        "category": _named(session, "sc_category", item["category"]),
        "content_type": "",
        "icon": item["icon"],
        "picture": item["picture"],
        "kb_article": "",
        "url": "",
        "visible_standalone": item["visible_standalone"] != "false",
        "show_price": bool(catalog.price_of(item)),
        "show_quantity": item["no_quantity"] != "true",
        "price": price,
        "localized_price": price,
        "price_currency": "USD",
        "local_currency": "USD",
        "recurring_price": recurring,
        "localized_recurring_price": recurring,
        "recurring_price_currency": "USD",
        "recurring_frequency": item["recurring_frequency"] or None,
    }


def _question(session: Session, question: Record) -> dict[str, Any]:
    listed = _filtered(
        session.without_access_control(),
        "question_choice",
        "inactive=false^ORDERBYorder",
        {"question": question.sys_id},
    )
    return {
        "id": question.sys_id,
        "name": question["name"],
        "label": question["question_text"],
        "type": _number(question["type"], 6),
        "mandatory": question["mandatory"] == "true",
        "read_only": question["read_only"] == "true",
        "active": True,
        "value": question["default_value"],
        "displayvalue": question["default_value"],
        "reference": question["reference"],
        "help_text": question["help_text"],
        "max_length": _number(question["max_length"], 0),
        "order": _number(question["order"], 0),
        "choices": [
            {"label": each["text"], "value": each["value"], "index": index} for index, each in enumerate(listed)
        ],
    }


def _cart(session: Session, record: Record) -> dict[str, Any]:
    """Return a cart with its items by how often they are paid for."""
    content: dict[str, Any] = {"cart_id": record.sys_id}
    elevated = session.without_access_control()
    groups: dict[str, list[tuple[Record, Record]]] = {}
    listed = catalog.contents(session, record)
    for each in listed:
        item = elevated.table(catalog.ITEMS).get(each["cat_item"])
        groups.setdefault(item["recurring_frequency"] or "none", []).append((each, item))
    for frequency, pairs in groups.items():
        content[frequency] = {
            **_totals([each for each, _ in pairs]),
            "frequency_label": None if frequency == "none" else frequency,
            "items": [_cart_item(session, each, item) for each, item in pairs],
        }
    return {**content, **_totals(listed)}


def _totals(listed: list[Record]) -> dict[str, Any]:
    total = sum((catalog.price_of(each) * _number(each["quantity"], 1) for each in listed), Decimal(0))
    recurring = sum(
        (catalog.amount(each["recurring_price"]) * _number(each["quantity"], 1) for each in listed), Decimal(0)
    )
    return {
        "subtotal_price": _dollars(total),
        "subtotal_recurring_price": _dollars(recurring),
        "subtotal_recurring_frequency": "",
        "show_subtotal_price": "true" if total else "false",
        "subtotal_title": "Subtotal",
        "total_title": "Total",
    }


def _cart_item(session: Session, each: Record, item: Record) -> dict[str, Any]:
    quantity = _number(each["quantity"], 1)
    price, recurring = catalog.price_of(each), catalog.amount(each["recurring_price"])
    return {
        "sys_id": each.sys_id,
        "cart_item_id": each.sys_id,
        "catalog_item_id": item.sys_id,
        "item_id": item.sys_id,
        "item_name": item["name"],
        "name": item["name"],
        "short_description": item["short_description"],
        "sys_class_name": item.table,
        "quantity": str(quantity),
        "price": _dollars(price),
        "localized_price": _dollars(price),
        "subtotal": float(price * quantity),
        "subtotal_price": _dollars(price * quantity),
        "recurring_price": _dollars(recurring),
        "localized_recurring_price": _dollars(recurring),
        "recurring_subtotal": float(recurring * quantity),
        "recurring_subtotal_price": _dollars(recurring * quantity),
        "recurring_frequency": item["recurring_frequency"] or None,
        "show_price": bool(price),
        "show_recurring_price": bool(recurring),
        "show_quantity": item["no_quantity"] != "true",
        "delivery_time": item["delivery_time"],
        "picture": item["picture"],
        "order_guide": "",
        "variables": catalog.answers_of(session, each),
        "created_on": each["sys_created_on"],
        "created_by": each["sys_created_by"],
        "updated_on": each["sys_updated_on"],
        "updated_by": each["sys_updated_by"],
    }


Script = Callable[[ScriptRequest], "ScriptResponse | dict[str, Any] | list[Any]"]
ENDPOINTS: tuple[tuple[str, str, Script], ...] = (
    ("GET", "/catalogs", catalogs),
    ("GET", "/catalogs/{sys_id}", one_catalog),
    ("GET", "/catalogs/{sys_id}/categories", categories),
    ("GET", "/categories/{sys_id}", one_category),
    ("GET", "/items", items),
    ("GET", "/items/{sys_id}", one_item),
    ("GET", "/items/{sys_id}/variables", variables),
    ("POST", "/items/{sys_id}/order_now", order_now),
    ("POST", "/items/{sys_id}/add_to_cart", add_to_cart),
    ("POST", "/items/{sys_id}/submit_producer", submit_producer),
    ("POST", "/items/{sys_id}/submit_guide", submit_guide),
    ("GET", "/cart", cart),
    ("POST", "/cart/submit_order", submit_order),
    ("POST", "/cart/checkout", checkout),
    ("PUT", "/cart/{sys_id}", change_cart_item),
    ("DELETE", "/cart/{sys_id}", delete_cart_item),
    ("DELETE", "/cart/{sys_id}/empty", empty_cart),
)

APPLICATION = Application(
    scope=SCOPE,
    name="Service Catalog",
    version="1.0.0",
    store_app_id=stable_id("sys_store_app", SCOPE),
    vendor="ServiceNow",
    description="Catalogs, the cart, and orders",
    resources=tuple(
        Resource(method, f"{BASE}{path}", script, scope="global", service=SERVICE) for method, path, script in ENDPOINTS
    ),
)
