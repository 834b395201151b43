"""Stack Management in a browser: a connector is made, tested, updated; rules and what their alerts made it do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import requests
from tests.console.test_everybody_can_use_it import violations

from sandtable_connector.kibana_api import KibanaApi, KibanaServer
from sandtable_connector.pages import Pages, Workbench
from sandtable_connector.registry import Registry
from sandtable_connector.rules import parse_rules

if TYPE_CHECKING:
    from pathlib import Path

    from tests.console.conftest import Stage

pytestmark = [
    pytest.mark.browser,
    pytest.mark.documented("Kibana 8.13 docs, ServiceNow ITSM connector: create, test and update connectors"),
]

RULES = "rules: [{id: r1, name: Disk usage, connector_id: own, schedule: {interval: 1m}}]"
PATH = "/app/management/insightsAndAlerting/triggersActionsConnectors/connectors"


@pytest.fixture
def registry(stage: Stage, tmp_path: Path) -> Registry:
    registry = Registry(tmp_path / "connectors.db")
    registry.create(
        ".servicenow",
        "Old one",
        {"apiUrl": stage.url, "usesTableApi": True},
        {"username": "elastic.integration", "password": "elastic-integration"},
        connector_id="own",
    )
    return registry


@pytest.fixture
def kibana(registry: Registry) -> Iterator[str]:
    pages = Pages(Workbench(registry, parse_rules(RULES)))
    with KibanaServer(KibanaApi(registry), pages=pages) as server:
        yield server.url


def filled(page: Any, url: str) -> None:
    page.get_by_label("Connector name").fill("ITSM")
    page.get_by_label("ServiceNow instance URL").fill(url)
    page.get_by_label("Username").fill("elastic.integration")
    page.get_by_label("Password", exact=True).fill("elastic-integration")


def test_a_connector_is_made_and_tested(stage: Stage, kibana: str) -> None:
    page = stage.page(user="")
    page.goto(kibana)
    page.get_by_text("Create connector").click()
    page.get_by_role("link", name="ServiceNow ITSM").click()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("ServiceNow instance URL is required.").wait_for()
    page.get_by_text("Username is required.").wait_for()
    page.get_by_label("Use OAuth authentication").check()
    assert page.get_by_label("JWT Verifier Key ID").is_visible()
    assert not page.get_by_label("Username").is_visible()
    page.get_by_label("Use OAuth authentication").uncheck()
    filled(page, stage.url)
    page.get_by_role("button", name="Save & test").click()
    labels = (
        "Additional comments", "Category", "Correlation display", "Correlation ID", "Description", "Impact",
        "Severity", "Subcategory", "Urgency", "Additional fields",
    )  # fmt: skip
    for label in labels:
        assert page.get_by_label(label, exact=True).is_visible(), label
    page.get_by_role("button", name="Run").click()
    page.get_by_text("Short description is required.").wait_for()
    page.get_by_label("Short description").fill("From the Test tab")
    page.get_by_label("Category", exact=True).select_option(label="Network")
    page.get_by_label("Subcategory").select_option(label="VPN")
    page.get_by_label("Correlation ID").fill("test:1")
    page.get_by_role("button", name="Run").click()
    page.get_by_text("Test was successful").wait_for()
    page.locator(".exchange", has_text="/api/now/import/x_elas2_inc_int_elastic_incident").wait_for()
    assert "elastic-integration" not in page.content()
    (made,) = stage.instance.system().table("incident").query("correlation_id=test:1")
    assert (made["short_description"], made["subcategory"]) == ("From the Test tab", "vpn")
    page.get_by_label("Event action").select_option(label="Resolve")
    page.get_by_label("Correlation ID").fill("test:1")
    page.get_by_role("button", name="Run").click()
    page.get_by_text("Test was successful").wait_for()
    assert stage.instance.system().table("incident").get(made.sys_id)["state"] == "7"


def test_a_deprecated_connector_is_marked_and_updated(stage: Stage, kibana: str, registry: Registry) -> None:
    page = stage.page(user="")
    page.goto(kibana)
    page.get_by_role("img", name="This connector is deprecated").wait_for()
    page.get_by_role("link", name="Old one", exact=True).click()
    page.get_by_text("This connector type is deprecated").wait_for()
    page.get_by_role("link", name="Update this connector").click()
    page.get_by_label("Username").fill("elastic.integration")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Update").click()
    page.get_by_role("alert").wait_for()
    page.wait_for_load_state()
    assert registry.get("own").is_deprecated
    page.get_by_label("Username").fill("elastic.integration")
    page.get_by_label("Password", exact=True).fill("elastic-integration")
    page.get_by_role("button", name="Update").click()
    page.get_by_text("Old one was updated.").wait_for()
    assert not registry.get("own").is_deprecated
    assert page.get_by_role("img", name="This connector is deprecated").count() == 0


def test_an_alert_of_a_rule_fires_and_recovers(stage: Stage, kibana: str, registry: Registry) -> None:
    config = {"apiUrl": stage.url, "usesTableApi": False}
    registry.update("own", name="Own", config=config, secrets=registry.secrets_of("own", {}))
    page = stage.page(user="")
    page.goto(kibana)
    page.get_by_role("link", name="Rules").click()
    page.get_by_role("link", name="Disk usage").click()
    for word, state, status in (("Fire", "1", "active"), ("Recover", "7", "recovered")):
        page.get_by_label("Alert ID").fill("web-01")
        page.get_by_label("Reason").fill("<b>full</b>")
        page.get_by_role("button", name=word).click()
        page.get_by_role("region", name="Alerts").locator(".badge", has_text=status).wait_for()
        (made,) = stage.instance.system().table("incident").query("correlation_id=r1:web-01")
        assert made["state"] == state
    assert page.get_by_role("region", name="Actions run").get_by_text("closeIncident").count() == 1


@pytest.mark.ours("forms of the connectors' pages are sent from these pages only")
def test_forged_forms_and_strange_names_are_refused(stage: Stage, kibana: str, registry: Registry) -> None:
    with requests.Session() as session:
        session.trust_env = False
        session.get(kibana, timeout=10)
        for data, headers in (({}, {}), ({"token": "x"}, {}), ({}, {"Origin": "https://evil.example"})):
            answer = session.post(f"{kibana}{PATH}/own/delete", data=data, headers=headers, timeout=10)
            assert answer.status_code == 403
        assert session.get(kibana, headers={"Host": "evil.example"}, timeout=10).status_code == 403
    assert registry.get("own").name == "Old one"


@pytest.mark.ours("the connectors' pages can be used by keyboard and screen reader")
def test_axe_finds_nothing(stage: Stage, kibana: str, axe: str) -> None:
    page = stage.page(user="")
    found = {}
    rules = "/app/management/insightsAndAlerting/triggersActions/rules"
    for path in (
        PATH,
        f"{PATH}/new/.servicenow",
        f"{PATH}/own",
        f"{PATH}/own/test",
        f"{PATH}/own/update",
        rules,
        f"{rules}/r1",
    ):
        page.goto(kibana + path)
        if wrong := violations(page, axe):
            found[path] = wrong
    assert found == {}


@pytest.mark.ours("a page that is still loading takes the focus from nobody who has begun to type")
def test_who_types_already_goes_on_where_they_are(stage: Stage, kibana: str, registry: Registry) -> None:
    page = stage.page(user="")
    waiting: list[Any] = []
    page.route("**/pages.js*", lambda route: waiting.append(route))  # noqa: PLW0108 - it has to be a function of ours
    page.goto(f"{kibana}{PATH}/own", wait_until="commit")
    page.get_by_label("Connector name").wait_for()
    page.get_by_label("Username").focus()
    page.wait_for_function("document.activeElement.name === 'username'")
    waiting[0].continue_()
    page.wait_for_load_state("load")
    page.keyboard.insert_text("elastic.integration")
    assert page.get_by_label("Username").input_value() == "elastic.integration"
    page.unroute("**/pages.js*")
    page.goto(f"{kibana}{PATH}/own")
    assert page.evaluate("document.activeElement.name") == "name"
