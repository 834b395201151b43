"""Records of the Service Catalog as its API shows them: catalogs, categories, items, questions, the cart, orders.

Prices are in US dollars.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandtable.core.applications import catalog
from sandtable.core.values.texts import whole_number

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record

LARGEST_LIMIT = 10_000
KINDS = {"sc_cat_item_producer": "record_producer", "sc_cat_item_guide": "order_guide"}


def shown_catalog(session: Session, record: Record) -> dict[str, Any]:
    """Return a catalog, with whether anything is in it."""
    inside = filtered(session, "sc_category", "active=true", {"sc_catalog": record.sys_id})
    listed = session.table(catalog.ITEMS).query("active=true")
    return {
        "sys_id": record.sys_id,
        "title": record["title"],
        "description": record["description"],
        "desktop_image": record["desktop_image"],
        "has_categories": bool(inside),
        "has_items": any(record.sys_id in each["sc_catalogs"].split(",") for each in listed),
    }


def shown_category(session: Session, record: Record) -> dict[str, Any]:
    """Return a category with those inside it and the number of its items."""
    inside = filtered(session, "sc_category", "active=true^ORDERBYorder", {"parent": record.sys_id})
    listed = filtered(session, catalog.ITEMS, "active=true", {"category": record.sys_id})
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


def named(session: Session, table: str, sys_id: str) -> dict[str, str]:
    """Return the ID of a record with its title."""
    record = session.without_access_control().table(table).find(sys_id)
    return {"sys_id": sys_id, "title": record["title"] if record is not None else ""}


def kind_of(item: Record) -> str:
    """Return what an item is, in the words of the API."""
    return KINDS.get(item.table, "catalog_item")


def _dollars(value: Decimal) -> str:
    return f"${value:,.2f}"


def shown_item(session: Session, item: Record) -> dict[str, Any]:
    """Return an item that can be ordered, without its questions."""
    price, recurring = _dollars(catalog.price_of(item)), _dollars(catalog.amount(item["recurring_price"]))
    owners = [sys_id for sys_id in item["sc_catalogs"].split(",") if sys_id]
    return {
        "sys_id": item.sys_id,
        "sys_class_name": item.table,
        "name": item["name"],
        "short_description": item["short_description"] or None,
        "description": item["description"],
        "type": kind_of(item),
        "availability": item["availability"],
        "mandatory_attachment": item["mandatory_attachment"] == "true",
        "request_method": "",
        "order": number(item["order"], 0),
        "catalogs": [named(session, "sc_catalog", sys_id) for sys_id in owners],
        "category": named(session, "sc_category", item["category"]),
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


def shown_question(session: Session, question: Record) -> dict[str, Any]:
    """Return a question of an item with its choices."""
    listed = filtered(
        session.without_access_control(),
        "question_choice",
        "inactive=false^ORDERBYorder",
        {"question": question.sys_id},
    )
    return {
        "id": question.sys_id,
        "name": question["name"],
        "label": question["question_text"],
        "type": number(question["type"], 6),
        "mandatory": question["mandatory"] == "true",
        "read_only": question["read_only"] == "true",
        "active": True,
        "value": question["default_value"],
        "displayvalue": question["default_value"],
        "reference": question["reference"],
        "help_text": question["help_text"],
        "max_length": number(question["max_length"], 0),
        "order": number(question["order"], 0),
        "choices": [
            {"label": each["text"], "value": each["value"], "index": index} for index, each in enumerate(listed)
        ],
    }


def shown_cart(session: Session, record: Record) -> dict[str, Any]:
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
    total = sum((catalog.price_of(each) * number(each["quantity"], 1) for each in listed), Decimal(0))
    recurring = sum(
        (catalog.amount(each["recurring_price"]) * number(each["quantity"], 1) for each in listed), Decimal(0)
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
    quantity = number(each["quantity"], 1)
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


def shown_order(placed: Record) -> dict[str, Any]:
    """Return the request that an order became."""
    return {
        "sys_id": placed.sys_id,
        "number": placed["number"],
        "request_number": placed["number"],
        "request_id": placed.sys_id,
        "parent_id": placed["parent"] or None,
        "parent_table": "task",
        "table": catalog.REQUESTS,
    }


def filtered(session: Session, table: str, query: str, filters: Mapping[str, str]) -> list[Record]:
    """Return the records of a table by an encoded query and by columns that have a value."""
    return session.table(table).page(query, limit=None, offset=0, count=False, filters=filters).records


def number(text: str, default: int) -> int:
    """Return a number that a client sent; the default where it is none, never more than the largest."""
    return whole_number(text, default, most=LARGEST_LIMIT)
