"""The Service Catalog API: catalogs, categories, items with their questions, the cart, and orders.

Source: ServiceNow documentation, Service Catalog API. Not simulated: wish lists, delegation, the checkout of
order guides. Prices are in US dollars.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sandtable.apps.catalog.catalog_answers import (
    filtered,
    kind_of,
    named,
    number,
    shown_cart,
    shown_catalog,
    shown_category,
    shown_item,
    shown_order,
    shown_question,
)
from sandtable.core.applications import catalog, producers
from sandtable.core.applications.application import Application
from sandtable.core.applications.scripted_resources import Resource, ScriptRequest, ScriptResponse
from sandtable.core.schema.dictionary_data import stable_id
from sandtable.core.values.errors import BadRequest

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record

SCOPE = "sn_sc"
BASE = "/api/sn_sc/servicecatalog"
SERVICE = "Service Catalog API [sn_sc/servicecatalog]"
DEFAULT_LIMIT = 10
TWO_STEP = "glide.sc.checkout.twostep"


# reading -------------------------------------------------------------------------------------------------------------


def catalogs(request: ScriptRequest) -> list[dict[str, Any]]:
    """List the active catalogs, also those whose title or description holds `sysparm_text`."""
    found = request.session.table("sc_catalog").query("active=true")
    return [shown_catalog(request.session, each) for each in _page(request, _with_text(request, found, "title"))]


def one_catalog(request: ScriptRequest) -> dict[str, Any]:
    """Return one catalog."""
    return shown_catalog(request.session, _found(request, "sc_catalog"))


def categories(request: ScriptRequest) -> list[dict[str, Any]]:
    """List the active categories of a catalog; `sysparm_top_level_only` leaves out those inside another."""
    owner = _found(request, "sc_catalog")
    query = "active=true^ORDERBYorder"
    listed = filtered(request.session, "sc_category", query, {"sc_catalog": owner.sys_id})
    if request.query.get("sysparm_top_level_only") == "true":
        listed = [each for each in listed if not each["parent"]]
    return [shown_category(request.session, each) for each in _page(request, listed)]


def one_category(request: ScriptRequest) -> dict[str, Any]:
    """Return one category with those inside it."""
    return shown_category(request.session, _found(request, "sc_category"))


def items(request: ScriptRequest) -> list[dict[str, Any]]:
    """List the active items by `sysparm_catalog`, `sysparm_category`, `sysparm_text` and `sysparm_type`."""
    session = request.session
    query = "active=true^ORDERBYorder^ORDERBYname"
    wanted = {"category": request.query.get("sysparm_category", "")}
    listed = filtered(session, catalog.ITEMS, query, {name: value for name, value in wanted.items() if value})
    owner = request.query.get("sysparm_catalog")
    if owner:
        listed = [each for each in listed if owner in each["sc_catalogs"].split(",")]
    kind = request.query.get("sysparm_type")
    if kind:
        listed = [each for each in listed if kind_of(each) == kind]
    return [shown_item(session, each) for each in _page(request, _with_text(request, listed, "name"))]


def one_item(request: ScriptRequest) -> dict[str, Any]:
    """Return one item with its questions. Raises BadRequest for one that is not there or not the caller's to see."""
    session = request.session
    item = catalog.orderable(session, request.path_parameters["sys_id"])
    return {
        **shown_item(session, item),
        "categories": [named(session, "sc_category", item["category"])] if item["category"] else [],
        "client_script": {"onChange": [], "onSubmit": [], "onLoad": []},
        "data_lookup": [],
        "ui_policy": [],
        "variables": _questions(session, item),
    }


def variables(request: ScriptRequest) -> list[dict[str, Any]]:
    """Return the questions of an item. Raises BadRequest for one that is not there or not the caller's to see."""
    session = request.session
    item = catalog.orderable(session, request.path_parameters["sys_id"])
    return _questions(session, item)


# ordering ------------------------------------------------------------------------------------------------------------


def order_now(request: ScriptRequest) -> dict[str, Any]:
    """Order an item at once; with property `glide.sc.checkout.twostep` it goes into the cart instead."""
    session = request.session
    wanted = _wanted(request)
    if session.instance.property_is_true(TWO_STEP, False):
        return {"cart_id": catalog.put_into_cart(session, wanted).sys_id}
    placed = catalog.order(session, [wanted], requested_for=str(_body(request).get("sysparm_requested_for") or ""))
    return shown_order(placed)


def add_to_cart(request: ScriptRequest) -> dict[str, Any]:
    """Put an item into the caller's cart, and return the cart."""
    return shown_cart(request.session, catalog.put_into_cart(request.session, _wanted(request)))


def cart(request: ScriptRequest) -> dict[str, Any]:
    """Return the caller's cart."""
    return shown_cart(request.session, catalog.cart_of(request.session))


def change_cart_item(request: ScriptRequest) -> ScriptResponse:
    """Change how many of an item are in the cart, and return the cart."""
    session = request.session
    catalog.change_quantity(session, request.path_parameters["sys_id"], _body(request).get("sysparm_quantity"))
    return ScriptResponse(201, shown_cart(session, catalog.cart_of(session)))


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
        return shown_cart(session, catalog.cart_of(session))
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
    return [{**shown_item(session, each), "variables": _questions(session, each)} for each in included]


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


def _questions(session: Session, item: Record) -> list[dict[str, Any]]:
    return [shown_question(session, each) for each in catalog.questions(session, item)]


def _wanted(request: ScriptRequest) -> catalog.Line:
    quantity = _body(request).get("sysparm_quantity", "")
    return catalog.line(request.session, request.path_parameters["sys_id"], quantity, _variables(request))


def _found(request: ScriptRequest, table: str) -> Record:
    sys_id = request.path_parameters["sys_id"]
    record = request.session.table(table).find(sys_id)
    if record is None:
        raise BadRequest("Invalid sys_id", f"no {table} {sys_id!r} is yours to see")
    return record


def _with_text(request: ScriptRequest, records: list[Record], name: str) -> list[Record]:
    words = request.query.get("sysparm_text", "").casefold().split()
    columns = (name, "short_description", "description")
    return [each for each in records if all(any(word in each[c].casefold() for c in columns) for word in words)]


def _page(request: ScriptRequest, records: list[Record]) -> list[Record]:
    limit = number(request.query.get("sysparm_limit", ""), DEFAULT_LIMIT)
    offset = number(request.query.get("sysparm_offset", ""), 0)
    return records[offset : offset + limit]


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
