"""Ordering from the service catalog: carts, and the requests that are made of them.

Source: ServiceNow documentation, Service Catalog API. An order leaves behind a request, an item for each thing ordered,
and its answers to the questions of the catalog item (`sc_item_option`, `sc_item_option_mtom`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from sandtable.core.values.errors import BadRequest

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record

ITEMS, QUESTIONS = "sc_cat_item", "item_option_new"
CARTS, CART_ITEMS = "sc_cart", "sc_cart_item"
ANSWERS, ANSWER_LINKS = "sc_item_option", "sc_item_option_mtom"
REQUESTS, REQUEST_ITEMS = "sc_request", "sc_req_item"
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to order: the catalog item, how many, and the answers to its questions by their names."""

    item: Record
    quantity: int
    answers: Mapping[str, str]


def orderable(session: Session, sys_id: str) -> Record:
    """Return an active catalog item that the caller may see. Raises BadRequest."""
    item = session.table(ITEMS).find(sys_id)
    if item is None or item["active"] == "false":
        raise BadRequest("Security constraints prevent ordering of Item", f"no active catalog item {sys_id!r} is yours")
    return item


def questions(session: Session, item: Record) -> list[Record]:
    """Return the active questions of a catalog item in their order."""
    access = session.without_access_control().table(QUESTIONS)
    page = access.page("ORDERBYorder", limit=None, offset=0, count=False, filters={"cat_item": item.sys_id})
    return [record for record in page.records if record["active"] != "false"]


def line(session: Session, sys_id: str, quantity: object, answers: Mapping[str, object]) -> Line:
    """Return what is to be ordered, checked. Raises BadRequest for item, quantity or a missing mandatory answer."""
    item = orderable(session, sys_id)
    return Line(item, checked_quantity(quantity), checked_answers(session, item, answers))


def checked_quantity(quantity: object) -> int:
    """Return a quantity from 1 on. Raises BadRequest."""
    text = str(quantity).strip() if isinstance(quantity, str | int) and not isinstance(quantity, bool) else ""
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) <= MOST):
        raise BadRequest("Invalid quantity value", f"sysparm_quantity must be a whole number from 1 to {MOST}")
    return int(text)


def checked_answers(session: Session, item: Record, answers: Mapping[str, object]) -> dict[str, str]:
    """Return the answers to all questions of an item, with defaults. Raises BadRequest without a mandatory one."""
    known = {question["name"]: question for question in questions(session, item)}
    for name in answers:
        if name not in known:
            session.explain(f"{item['name']} asks no question called {name}, so the answer is ignored")
            session.instance.ledger.note("field", f"variables.{name}", "no such question; the answer is ignored")
    given = {
        name: str(answers[name]) if answers.get(name) is not None else question["default_value"]
        for name, question in known.items()
    }
    missing = [name for name, question in known.items() if question["mandatory"] == "true" and not given[name].strip()]
    if missing:
        raise BadRequest("Mandatory Variables are required", f"variables must give {', '.join(missing)}")
    return given


# carts ---------------------------------------------------------------------------------------------------------------


def cart_of(session: Session) -> Record:
    """Return the cart of the caller, made when there is none."""
    access = session.without_access_control().table(CARTS)
    mine = {"user": session.user_sys_id}
    found = access.first(filters=mine)
    return (
        found if found is not None else access.insert({**mine, "name": "DEFAULT", "requested_for": session.user_sys_id})
    )


def contents(session: Session, cart: Record) -> list[Record]:
    """Return the items in a cart, in the order in which they were added."""
    access = session.without_access_control().table(CART_ITEMS)
    return access.page("", limit=None, offset=0, count=False, filters={"cart": cart.sys_id}).records


def answers_of(session: Session, cart_item: Record) -> dict[str, str]:
    """Return the answers kept with an item in a cart, by the names of the questions."""
    elevated = session.without_access_control()
    mine = {"cart_item": cart_item.sys_id}
    kept = elevated.table(ANSWERS).page("", limit=None, offset=0, count=False, filters=mine).records
    names = {question.sys_id: question["name"] for question in questions(session, _item_of(elevated, cart_item))}
    return {names[each["item_option_new"]]: each["value"] for each in kept if each["item_option_new"] in names}


def put_into_cart(session: Session, wanted: Line) -> Record:
    """Add something to the caller's cart, and return the cart."""
    elevated = session.without_access_control()
    with session.instance.transaction():
        cart = cart_of(session)
        values = {"cart": cart.sys_id, "cat_item": wanted.item.sys_id, "quantity": wanted.quantity}
        prices = {"price": wanted.item["price"], "recurring_price": wanted.item["recurring_price"]}
        added = elevated.table(CART_ITEMS).insert({**values, **prices})
        _keep_answers(session, wanted, cart_item=added.sys_id)
        return cart


def cart_item(session: Session, sys_id: str) -> Record:
    """Return an item in the caller's cart. Raises BadRequest for any other."""
    found = session.without_access_control().table(CART_ITEMS).find(sys_id)
    if found is None or found["cart"] != cart_of(session).sys_id:
        raise BadRequest("Invalid cart item", f"{sys_id!r} is no item in your cart")
    return found


def take_out(session: Session, sys_id: str) -> None:
    """Remove an item from the caller's cart. Raises BadRequest."""
    with session.instance.transaction():
        _drop(session, cart_item(session, sys_id))


def change_quantity(session: Session, sys_id: str, quantity: object) -> None:
    """Change how many of an item are in the caller's cart. Raises BadRequest."""
    with session.instance.transaction():
        found = cart_item(session, sys_id)
        values = {"quantity": checked_quantity(quantity)}
        session.without_access_control().table(CART_ITEMS).update(found.sys_id, values)


def empty_cart(session: Session, sys_id: str) -> None:
    """Delete a cart with what is in it: one's own, or anybody's for a catalog administrator. Raises BadRequest."""
    access = session.without_access_control().table(CARTS)
    with session.instance.transaction():
        cart = access.find(sys_id)
        mine = cart is not None and cart["user"] == session.user_sys_id
        if cart is None or not (mine or session.has_role("catalog_admin")):
            raise BadRequest("Invalid cart", f"{sys_id!r} is no cart that you may empty")
        for each in contents(session, cart):
            _drop(session, each)
        access.delete(cart.sys_id)


def _drop(session: Session, found: Record) -> None:
    elevated = session.without_access_control()
    mine = {"cart_item": found.sys_id}
    for each in elevated.table(ANSWERS).page("", limit=None, offset=0, count=False, filters=mine).records:
        elevated.table(ANSWERS).delete(each.sys_id)
    elevated.table(CART_ITEMS).delete(found.sys_id)


def _item_of(elevated: Session, found: Record) -> Record:
    return elevated.table(ITEMS).get(found["cat_item"])


# orders --------------------------------------------------------------------------------------------------------------


def order_cart(session: Session) -> Record:
    """Order what is in the caller's cart and empty it; return the request. Raises BadRequest for an empty cart."""
    elevated = session.without_access_control()
    with session.instance.transaction():
        cart = cart_of(session)
        listed = contents(session, cart)
        if not listed:
            raise BadRequest("Cart is empty", "add something with items/{sys_id}/add_to_cart first")
        lines = [
            Line(_item_of(elevated, each), int(each["quantity"] or "1"), answers_of(session, each)) for each in listed
        ]
        request = order(session, lines, requested_for=cart["requested_for"])
        empty_cart(session, cart.sys_id)
        return request


def order(session: Session, lines: list[Line], *, requested_for: str = "") -> Record:
    """Make a request with an item for each line, and return it."""
    elevated = session.without_access_control()
    person = requested_for or session.user_sys_id
    with session.instance.transaction():
        total = sum((price_of(each.item) * each.quantity for each in lines), Decimal(0))
        request = elevated.table(REQUESTS).insert({"requested_for": person, "price": f"{total:.2f}"})
        for each in lines:
            values = {
                "request": request.sys_id,
                "requested_for": person,
                "cat_item": each.item.sys_id,
                "sc_catalog": each.item["sc_catalogs"].split(",")[0],
                "short_description": each.item["short_description"] or each.item["name"],
                "quantity": each.quantity,
                "price": each.item["price"],
                "recurring_price": each.item["recurring_price"],
                "recurring_frequency": each.item["recurring_frequency"],
            }
            ordered = elevated.table(REQUEST_ITEMS).insert(values)
            _keep_answers(session, each, request_item=ordered.sys_id)
        return elevated.table(REQUESTS).get(request.sys_id)


def price_of(item: Record) -> Decimal:
    """Return the price of a catalog item or an item in a cart; 0 without one."""
    return amount(item["price"])


def amount(text: str) -> Decimal:
    """Return the amount of a price such as `USD;12.50`; 0 when it is none."""
    try:
        found = Decimal(text.rpartition(";")[2] or "0")
    except InvalidOperation:
        return Decimal(0)
    return found if found.is_finite() else Decimal(0)


def _keep_answers(session: Session, wanted: Line, *, cart_item: str = "", request_item: str = "") -> None:
    elevated = session.without_access_control()
    for question in questions(session, wanted.item):
        kept = elevated.table(ANSWERS).insert(
            {
                "item_option_new": question.sys_id,
                "value": wanted.answers.get(question["name"], ""),
                "order": question["order"],
                "cart_item": cart_item,
            }
        )
        if request_item:
            elevated.table(ANSWER_LINKS).insert({"request_item": request_item, "sc_item_option": kept.sys_id})
