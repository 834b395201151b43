"""The whole set-up guide of a connector, done in a browser by clicks alone, from an instance that nobody has set up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.keys import key_pair

from sandtable_connector import Connector

if TYPE_CHECKING:
    from tests.console.conftest import Stage

pytestmark = [
    pytest.mark.documented("Kibana 8.13 documentation, ServiceNow ITSM connector: configure ServiceNow"),
    pytest.mark.browser,
]

SCOPE = "x_elas2_inc_int"
KIBANA = "https://kibana.example.com:5601"
# For tests only.
USER, EMAIL, PASSWORD = "kibana.user", "kibana.user@example.com", "test-only"
PRIVILEGES = (
    ("GlideRecord.insert", "Scriptable", "Execute API"),
    ("GlideRecord.setValue", "Scriptable", "Execute API"),
    ("GlideRecordSecure.getValue", "Scriptable", "Execute API"),
    ("Incident", "Table", "Read"),
    ("ScriptableServiceResultBuilder.setBody", "Scriptable", "Execute API"),
    ("ScopedGlideElement", "Scriptable", "Execute API"),
)
ROLES = ("import_set_loader", "import_transformer", "personalize_choices", f"{SCOPE}.integration_user")
PUSH = {
    "subAction": "pushToService",
    "subActionParams": {
        "incident": {"short_description": "CPU is hot", "correlation_id": "rule-1:alert-1", "urgency": "1"},
        "comments": [],
    },
}


class Administrator:
    """Follows the guide with a mouse and a keyboard."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def open(self, *modules: str) -> None:
        """Click an entry of the navigator."""
        self.page.fill("#navigator .filter input", modules[-1].rpartition(" > ")[2])
        self.page.locator("#nav-all").get_by_role("link", name=modules[-1], exact=True).first.click()

    def search_all(self, text: str) -> None:
        """Type into the filter of the navigator, and press Enter."""
        self.page.fill("#navigator .filter input", text)
        self.page.press("#navigator .filter input", "Enter")

    def field(self, label: str) -> Any:
        return self.page.get_by_label(label, exact=True).first

    def pick(self, label: str, text: str) -> None:
        """Choose a record for a reference field, by its look-up button."""
        self.page.get_by_role("button", name=f"Look up {label}", exact=True).click()
        self.page.locator(".choices:visible").get_by_role("option", name=text).first.click()

    def submit(self) -> None:
        self.page.click("#sysverb_insert")
        self.page.wait_for_selector("#list")

    def install_the_app(self) -> None:
        self.open("All Available Applications")
        self.page.get_by_role("button", name="Install Elastic for ITSM").click()
        self.page.get_by_text("Elastic for ITSM was installed.").wait_for()

    def allow_privileges(self) -> None:
        self.page.get_by_label("Application scope").select_option(label="Elastic for ITSM")
        self.page.get_by_text("You work in the application Elastic for ITSM now.").wait_for()
        self.search_all("sys_scope_privilege")
        for name, kind, operation in PRIVILEGES:
            self.page.click("#sysverb_new")
            assert self.field("Source Scope").input_value() == "Elastic for ITSM"
            self.pick("Target Scope", "Global")
            self.field("Target Name").fill(name)
            self.field("Target Type").select_option(label=kind)
            self.field("Operation").select_option(label=operation)
            self.field("Status").select_option(label="Allowed")
            self.submit()

    def create_the_user(self) -> None:
        self.open("Users and Groups > Users")
        self.page.click("#sysverb_new")
        self.field("User ID").fill(USER)
        self.field("Last name").fill("Kibana")
        self.field("Email").fill(EMAIL)
        self.field("Password").fill(PASSWORD)
        # Right-click on the bar, and choose Save: the form stays open.
        self.page.locator("[data-context-menu] h1").click(button="right")
        self.page.locator(".context").get_by_role("button", name="Save", exact=True).click()
        self.page.get_by_role("tab", name="Roles").click()
        self.page.locator("[id='sys_user_has_role.user']").get_by_role("link", name="Edit...").click()
        for role in ROLES:
            self.page.fill("#bucket-filter", role)
            self.page.locator("#offered option", has_text=role).first.wait_for(state="attached")
            self.page.locator("#offered").select_option(label=role)
            self.page.get_by_role("button", name="Add", exact=True).click()
            self.page.locator("#chosen option", has_text=role).first.wait_for(state="attached")
        self.page.click("#select_0_sysverb_save")
        self.page.get_by_text("Roles saved.").wait_for()

    def create_the_cors_rule(self) -> None:
        self.open("REST > CORS Rules")
        self.page.click("#sysverb_new")
        self.field("Name").fill("Kibana")
        self.field("REST API").select_option(label=f"Elastic ITSM API [{SCOPE}/elastic_api]")
        self.field("Domain").fill(KIBANA)
        self.page.get_by_role("tab", name="HTTP Methods").click()
        self.field("GET").check()
        self.submit()

    def add_the_certificate(self, certificate: str) -> None:
        self.open("Certificates")
        self.page.click("#sysverb_new")
        self.field("Name").fill("Kibana certificate")
        self.field("PEM Certificate").fill(certificate)
        self.submit()

    def register_the_endpoint(self) -> tuple[str, str, str]:
        """Return client id, client secret and key id, as they are noted at the end."""
        page = self.page
        self.open("Application Registry")
        page.click("#sysverb_new")
        page.get_by_role("link", name="Create an OAuth JWT API endpoint for external clients").click()
        self.field("Name").fill("Kibana endpoint")
        self.field("User Field").select_option(label="Email")
        page.click("#sysverb_insert")
        page.wait_for_url("**/oauth_entity_list.do**")  # back at the list of applications
        page.get_by_role("link", name="Kibana endpoint").click()
        page.get_by_role("tab", name="Jwt Verifier Maps").click()
        page.locator("[id='jwt_verifier_map.oauth_jwt']").get_by_role("link", name="New").click()
        self.field("Name").fill("Kibana map")
        self.pick("Sys certificate", "Kibana certificate")
        page.click("#sysverb_insert")
        page.get_by_text("JWT Verifier Map Kibana map was created.").wait_for()
        client_id = self.field("Client ID").input_value()
        page.get_by_role("button", name="Show Client Secret").click()
        page.wait_for_function("document.getElementById('oauth_jwt.client_secret').value !== ''")
        client_secret = self.field("Client Secret").input_value()
        key_id = page.locator("[id='jwt_verifier_map.oauth_jwt'] tbody td").last.inner_text()
        return client_id, client_secret, key_id.strip()


def test_from_an_empty_instance_to_a_connector_that_pushes(empty_stage: Stage) -> None:
    admin = Administrator(empty_stage.page(user=""))
    empty_stage.sign_in(admin.page)
    private_key, certificate = key_pair()
    admin.install_the_app()
    admin.allow_privileges()
    admin.create_the_user()
    admin.create_the_cors_rule()
    admin.add_the_certificate(certificate)
    client_id, client_secret, key_id = admin.register_the_endpoint()

    basic = Connector(
        ".servicenow",
        {"apiUrl": empty_stage.url, "usesTableApi": False},
        {"username": USER, "password": PASSWORD},
    )
    first = basic.execute(PUSH)
    assert first.status == "ok", first
    oauth = Connector(
        ".servicenow",
        {
            "apiUrl": empty_stage.url,
            "usesTableApi": False,
            "isOAuth": True,
            "clientId": client_id,
            "jwtKeyId": key_id,
            "userIdentifierValue": EMAIL,
        },
        {"clientSecret": client_secret, "privateKey": private_key},
    )
    second = oauth.execute(PUSH)
    assert second.status == "ok", second
    assert second.data["id"] == first.data["id"]

    import requests

    answer = requests.options(
        f"{empty_stage.url}/api/{SCOPE}/elastic_api/health",
        headers={"Origin": KIBANA, "Access-Control-Request-Method": "GET"},
        timeout=10,
    )
    assert answer.headers["Access-Control-Allow-Origin"] == KIBANA
