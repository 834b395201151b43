"""The Service Catalog API on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandtable.core.platform.instance import Instance

if TYPE_CHECKING:
    from tests.web.conftest import Wire

pytestmark = pytest.mark.documented("ServiceNow docs, Service Catalog API")
BASE = "/api/sn_sc/servicecatalog"
# Well-known records of a fresh instance.
CATALOG, HARDWARE = "e0d08b13c3330100c8b837659bba8fb4", "d258b953c611227a0146101fb1be7c31"
LAPTOP, PHONE = "04b7e94b4f7b4200086eeed18110c7fd", "ec80c13297968d1021983d1e6253af32"
PHONE_ANSWERS = {"color": "black", "storage": "128"}


def got(wire: Wire, path: str, **options: Any) -> Any:
    answer = wire.get(f"{BASE}{path}", **options)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


def test_catalogs_and_categories(wire: Wire) -> None:
    # Every word is looked for, in title and description: both catalogs of a fresh instance have these.
    found = got(wire, "/catalogs?sysparm_text=Service+Catalog")
    assert {each["title"] for each in found} == {"Service Catalog", "Technical Catalog"}
    (catalog,) = got(wire, "/catalogs?sysparm_text=catalog+HARDWARE+people")
    assert (catalog["sys_id"], catalog["title"]) == (CATALOG, "Service Catalog")
    assert (catalog["has_categories"], catalog["has_items"]) == (True, True)
    assert got(wire, f"/catalogs/{CATALOG}") == catalog
    categories = got(wire, f"/catalogs/{CATALOG}/categories")
    assert [each["title"] for each in categories][:2] == ["Hardware", "Software"]
    in_hardware = {each["name"] for each in got(wire, f"/items?sysparm_category={HARDWARE}")}
    assert in_hardware == {"Standard Laptop", "Apple MacBook Pro 15", "Apple iPhone 13", "Ipad"}
    assert got(wire, f"/categories/{HARDWARE}")["count"] == len(in_hardware)


def test_items(wire: Wire) -> None:
    assert {each["name"] for each in got(wire, f"/items?sysparm_catalog={CATALOG}")} >= {"Standard Laptop"}
    hardware = got(wire, f"/items?sysparm_category={HARDWARE}&sysparm_text=LAPTOP")
    assert {each["name"] for each in hardware} == {"Standard Laptop", "Apple MacBook Pro 15"}
    assert len(got(wire, "/items?sysparm_limit=2&sysparm_offset=1")) == 2
    assert got(wire, "/items?sysparm_text=nothing+of+the+kind") == []
    phone = got(wire, f"/items/{PHONE}")
    assert (phone["price"], phone["type"], phone["category"]["title"]) == ("$999.00", "catalog_item", "Hardware")
    assert phone["catalogs"] == [{"sys_id": CATALOG, "title": "Service Catalog"}]
    color = phone["variables"][0]
    assert (color["name"], color["mandatory"]) == ("color", True)
    assert color["choices"][0] == {"label": "Black", "value": "black", "index": 0}
    assert got(wire, f"/items/{PHONE}/variables") == phone["variables"]


@pytest.mark.parametrize("version", ["", "/v1"])
def test_order_now(wire: Wire, instance: Instance, version: str) -> None:
    answer = wire.post(
        f"/api/sn_sc{version}/servicecatalog/items/{PHONE}/order_now",
        json={"sysparm_quantity": "2", "variables": {**PHONE_ANSWERS, "nosuch": "x"}},
    )
    result = answer.json()["result"]
    assert answer.status_code == 200
    assert result["request_number"] == result["number"]
    assert result["number"].startswith("REQ")
    assert (result["table"], result["parent_table"], result["parent_id"]) == ("sc_request", "task", None)
    system = instance.system()
    request = system.table("sc_request").get(result["request_id"])
    (item,) = system.table("sc_req_item").query(f"request={request.sys_id}")
    admin = instance.acting_as("admin").user_sys_id
    assert (request["requested_for"], request["price"]) == (admin, "1998.00")
    assert (item["cat_item"], item["quantity"], item["requested_for"]) == (PHONE, "2", admin)
    answers = system.table("sc_item_option_mtom").query(f"request_item={item.sys_id}")
    shown = {
        option["item_option_new"]: option["value"]
        for option in (system.table("sc_item_option").get(each["sc_item_option"]) for each in answers)
    }
    assert sorted(shown.values()) == ["128", "black"]
    assert "field:variables.nosuch" in answer.headers["X-Sandtable-Unsimulated"]


@pytest.mark.parametrize(
    "item, body, message",
    [
        (LAPTOP, {}, "Invalid quantity value"),
        (LAPTOP, {"sysparm_quantity": "none"}, "Invalid quantity value"),
        (LAPTOP, {"sysparm_quantity": "0"}, "Invalid quantity value"),
        (PHONE, {"sysparm_quantity": "1"}, "Mandatory Variables are required"),
        ("0" * 32, {"sysparm_quantity": "1"}, "Security constraints prevent ordering of Item"),
        (LAPTOP, {"sysparm_quantity": "1", "variables": ["x"]}, "Invalid request body"),
    ],
)
def test_refusals(wire: Wire, instance: Instance, item: str, body: Any, message: str) -> None:
    for action in ("order_now", "add_to_cart"):
        answer = wire.post(f"{BASE}/items/{item}/{action}", json=body)
        assert (answer.status_code, answer.json()["error"]["message"]) == (400, message)
    assert instance.system().table("sc_request").count() == 0
    assert instance.system().table("sc_cart_item").count() == 0


def test_cart(wire: Wire, instance: Instance) -> None:
    added = wire.post(f"{BASE}/items/{LAPTOP}/add_to_cart", json={"sysparm_quantity": 1})
    assert added.status_code == 200
    wire.post(f"{BASE}/items/{PHONE}/add_to_cart", json={"sysparm_quantity": "1", "variables": PHONE_ANSWERS})
    cart = got(wire, "/cart")
    assert cart["cart_id"] == added.json()["result"]["cart_id"]
    laptop, phone = cart["none"]["items"]
    assert (cart["subtotal_price"], phone["variables"]) == ("$2,099.00", PHONE_ANSWERS)
    changed = wire.put(f"{BASE}/cart/{laptop['cart_item_id']}", json={"sysparm_quantity": "3"})
    assert (changed.status_code, changed.json()["result"]["subtotal_price"]) == (201, "$4,299.00")
    assert wire.delete(f"{BASE}/cart/{phone['cart_item_id']}").status_code == 204
    assert wire.delete(f"{BASE}/cart/{phone['cart_item_id']}").status_code == 400
    placed = wire.post(f"{BASE}/cart/submit_order").json()["result"]
    (item,) = instance.system().table("sc_req_item").query(f"request={placed['request_id']}")
    assert (item["cat_item"], item["quantity"]) == (LAPTOP, "3")
    assert "none" not in got(wire, "/cart")
    assert wire.post(f"{BASE}/cart/checkout").status_code == 400


def test_two_steps(wire: Wire, instance: Instance) -> None:
    instance.set_property("glide.sc.checkout.twostep", "true")
    first = wire.post(f"{BASE}/items/{LAPTOP}/order_now", json={"sysparm_quantity": "1"}).json()["result"]
    assert first.keys() == {"cart_id"}
    assert instance.system().table("sc_request").count() == 0
    assert wire.post(f"{BASE}/cart/checkout").json()["result"]["cart_id"] == first["cart_id"]
    assert wire.post(f"{BASE}/cart/submit_order").json()["result"]["request_number"].startswith("REQ")


def test_carts_are_personal(wire: Wire, instance: Instance) -> None:
    values = {"user_name": "shopper", "user_password": "test-only", "active": "true"}
    instance.system().table("sys_user").insert(values)
    mine = wire.post(f"{BASE}/items/{LAPTOP}/add_to_cart", json={"sysparm_quantity": "1"}).json()["result"]
    other = ("shopper", "test-only")
    assert got(wire, "/cart", auth=other)["cart_id"] != mine["cart_id"]
    item = mine["none"]["items"][0]["cart_item_id"]
    assert wire.delete(f"{BASE}/cart/{item}", auth=other).status_code == 400
    assert wire.delete(f"{BASE}/cart/{mine['cart_id']}/empty", auth=other).status_code == 400
    assert wire.delete(f"{BASE}/cart/{mine['cart_id']}/empty").status_code == 204


def test_without_credentials(wire: Wire) -> None:
    assert wire.get(f"{BASE}/items", auth=None).status_code == 401


def test_a_record_producer_makes_its_record(wire: Wire, instance: Instance) -> None:
    producer = "3f1dd0320a0a0b99000a53f7604a2ef9"
    assert got(wire, f"/items/{producer}")["type"] == "record_producer"
    path = f"{BASE}/items/{producer}/submit_producer"
    answer = wire.post(path, json={"variables": {"urgency": "2", "comments": "This is sample incident"}})
    assert answer.status_code == 200, answer.text
    made = answer.json()["result"]
    record = wire.get(f"/{made['record']}?sysparm_fields=number,urgency").json()["result"]
    assert record == {"number": made["number"], "urgency": "2"}
    told = {name: made[name] for name in ("table", "parent_table", "parent_id", "redirect_to", "redirect_portal_url")}
    expected = {"table": "incident", "parent_table": "task", "parent_id": None}
    assert told == {**expected, "redirect_to": "", "redirect_portal_url": ""}
    assert made["redirect_url"] == f"incident.do?sys_id={made['sys_id']}&sysparm_view=ess"
    journal = instance.system().table("sys_journal_field").first(filters={"element_id": made["sys_id"]})
    assert journal is not None
    assert journal["value"] == "This is sample incident"
    answers = instance.system().table("question_answer").page("", limit=None, offset=0, count=False)
    assert [each["table_sys_id"] for each in answers.records] == [made["sys_id"]] * 2
    assert wire.post(path, json={"variables": {}}).json()["error"]["message"] == "Mandatory Variables are required"
    laptop = wire.post(f"{BASE}/items/{LAPTOP}/submit_producer", json={"variables": {}})
    assert (laptop.status_code, laptop.json()["error"]["message"]) == (400, "Invalid record producer")


def test_template_and_mapping_of_a_record_producer(wire: Wire, instance: Instance) -> None:
    system = instance.system()
    values = {"name": "Report", "table_name": "incident", "template": "category=network^impact=1^nosuch=x^EQ"}
    producer = system.table("sc_cat_item_producer").insert({**values, "active": "true"})
    question = {"cat_item": producer.sys_id, "name": "what", "map_to_field": "true", "field": "short_description"}
    system.table("item_option_new").insert(question)
    answer = wire.post(f"{BASE}/items/{producer.sys_id}/submit_producer", json={"variables": {"what": "No net"}})
    record = system.table("incident").get(answer.json()["result"]["sys_id"])
    assert (record["category"], record["impact"], record["short_description"]) == ("network", "1", "No net")


def test_an_order_guide_includes_items_by_its_answers(wire: Wire, instance: Instance) -> None:
    system = instance.system()
    guide = system.table("sc_cat_item_guide").insert({"name": "New hire", "active": "true"})
    asked = system.table("item_option_new").insert({"cat_item": guide.sys_id, "name": "phone", "mandatory": "true"})
    for item, condition, order in ((PHONE, f"IO:{asked.sys_id}=yes^EQ", 200), (LAPTOP, "", 100)):
        rule = {"guide": guide.sys_id, "item": item, "condition": condition, "order": order}
        system.table("sc_cat_item_guide_items").insert(rule)
    path = f"{BASE}/items/{guide.sys_id}/submit_guide"
    for said, expected in (("yes", [LAPTOP, PHONE]), ("no", [LAPTOP])):
        answer = wire.post(path, json={"variables": {"phone": said}})
        assert [each["sys_id"] for each in answer.json()["result"]] == expected
    assert wire.post(path, json={}).status_code == 400
