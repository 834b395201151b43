"""The set-up guide of a connector as a program: each step is what an administrator does, through the Table API."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.instances import lent
from tests.keys import KeyPair, key_pair

from sandtable.core.applications.jobs import run_due_jobs
from sandtable.core.platform.instance import Instance
from sandtable.library.in_process import app_for, session_for
from sandtable.serving.assembly import create_instance
from sandtable.serving.reach import Reach
from sandtable.settings.settings import Settings
from sandtable.web.app import create_app
from sandtable.web.worlds.worlds import Worlds
from sandtable_connector import Connector, Networking, RequestsTransport

URL = "https://dev00000.service-now.com"
KIBANA = "https://kibana.example.com:5601"
SCOPE = "x_elas2_inc_int"
# For tests only.
USER, EMAIL, PASSWORD, CLIENT_SECRET = "kibana.user", "kibana.user@example.com", "test-only", "test-only-secret"
PRIVILEGES = {
    "GlideRecord.insert": ("scriptable", "execute"),
    "GlideRecord.setValue": ("scriptable", "execute"),
    "GlideRecordSecure.getValue": ("scriptable", "execute"),
    "Incident": ("sys_db_object", "read"),
    "ScriptableServiceResultBuilder.setBody": ("scriptable", "execute"),
    "ScopedGlideElement": ("scriptable", "execute"),
}
ROLES = ("import_set_loader", "import_transformer", "personalize_choices", f"{SCOPE}.integration_user")


class Guide:
    """Follows the guide on one instance; `noted` holds what the administrator writes down on the way."""

    def __init__(self, session: requests.Session, keys: KeyPair, networking: Networking | None = None) -> None:
        self.session = session
        self.keys = keys
        self.networking = networking or Networking()
        self.noted: dict[str, str] = {}

    # the administrator's hands ---------------------------------------------------------------------------------

    def create(self, table: str, **values: str) -> dict[str, str]:
        # A password counts only as a display value.
        path = f"{URL}/api/now/table/{table}" + ("?sysparm_input_display_value=true" if table == "sys_user" else "")
        answer = self.session.post(path, json=values, auth=("admin", "admin"))
        assert answer.status_code == 201, (table, answer.text)
        record: dict[str, str] = answer.json()["result"]
        return record

    def find(self, table: str, **filters: str) -> str:
        """Return the sys_id of the one record, or empty text when an earlier step was left out."""
        answer = self.session.get(f"{URL}/api/now/table/{table}", params=filters, auth=("admin", "admin"))
        found = answer.json().get("result", [])
        assert len(found) <= 1
        return found[0]["sys_id"] if found else ""

    # the steps -------------------------------------------------------------------------------------------------

    @property
    def steps(self) -> dict[str, Callable[[], None]]:
        steps: dict[str, Callable[[], None]] = {"app": self.install_the_app}
        for name in PRIVILEGES:
            steps[f"privilege {name}"] = lambda name=name: self.allow(name)  # type: ignore[misc]
        steps["user"] = self.create_the_user
        for name in ROLES:
            steps[f"role {name}"] = lambda name=name: self.give(name)  # type: ignore[misc]
        steps["CORS rule"] = self.create_the_cors_rule
        steps["certificate"] = self.add_the_certificate
        steps["OAuth endpoint"] = self.register_the_endpoint
        steps["verifier map"] = self.add_the_verifier_map
        return steps

    def follow(self, *, without: Collection[str] = ()) -> None:
        """Do every step of the guide, in its order, but those that are left out."""
        assert set(without) <= set(self.steps)
        for name, step in self.steps.items():
            if name not in without:
                step()

    def install_the_app(self) -> None:
        self.create("sys_store_app", scope=SCOPE)

    def allow(self, name: str) -> None:
        kind, operation = PRIVILEGES[name]
        self.create(
            "sys_scope_privilege",
            source_scope=self.find("sys_scope", scope=SCOPE) or SCOPE,
            target_scope="global",
            target_name=name,
            target_type=kind,
            operation=operation,
            status="allowed",
        )

    def create_the_user(self) -> None:
        self.create("sys_user", user_name=USER, email=EMAIL, user_password=PASSWORD, last_name="Kibana")

    def give(self, role: str) -> None:
        user, found = self.find("sys_user", user_name=USER), self.find("sys_user_role", name=role)
        if user and found:
            self.create("sys_user_has_role", user=user, role=found)

    def create_the_cors_rule(self) -> None:
        api = self.find("sys_ws_definition", base_uri=f"/api/{SCOPE}/elastic_api")
        if api:
            self.create("sys_cors_rule", name="Kibana", rest_api=api, domain=KIBANA, get="true")

    def add_the_certificate(self) -> None:
        self.create("sys_certificate", name="Kibana", pem_certificate=self.keys.certificate)

    def register_the_endpoint(self) -> None:
        made = self.create("oauth_jwt", name="Kibana", user_field="email", client_secret=CLIENT_SECRET)
        self.noted["client_id"] = made["client_id"]

    def add_the_verifier_map(self) -> None:
        made = self.create(
            "jwt_verifier_map",
            name="Kibana",
            oauth_jwt=self.find("oauth_jwt", name="Kibana"),
            sys_certificate=self.find("sys_certificate", name="Kibana"),
        )
        self.noted["key_id"] = made["kid"]

    # what the guide is for -------------------------------------------------------------------------------------

    def connector(self, mode: str) -> Connector:
        """Return the connector that the guide prepares, with Basic or OAuth credentials."""
        transport = RequestsTransport(self.session, self.networking)
        if mode == "basic":
            config: dict[str, Any] = {"apiUrl": URL, "usesTableApi": False}
            secrets = {"username": USER, "password": PASSWORD}
        else:
            config = {
                "apiUrl": URL,
                "usesTableApi": False,
                "isOAuth": True,
                "clientId": self.noted.get("client_id", "never noted"),
                "jwtKeyId": self.noted.get("key_id", "never noted"),
                "userIdentifierValue": EMAIL,
            }
            secrets = {"clientSecret": CLIENT_SECRET, "privateKey": self.keys.key}
        return Connector(".servicenow", config, secrets, networking=self.networking, transport=transport)

    def preflight(self, origin: str = KIBANA) -> str:
        """Return which origin a browser would be told that it may read the health resource from."""
        headers = {
            "Origin": origin,
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "authorization",
        }
        answer = self.session.options(f"{URL}/api/{SCOPE}/elastic_api/health", headers=headers)
        return answer.headers.get("Access-Control-Allow-Origin", "")


@pytest.fixture(scope="session")
def keys() -> KeyPair:
    return key_pair()


@pytest.fixture(scope="session")
def shared_empty_instance() -> Instance:
    made = create_instance(random_seed=11, empty=True)
    run_due_jobs(made)  # once here, and not with the first request of each test
    return made


@pytest.fixture
def empty_instance(shared_empty_instance: Instance) -> Iterator[Instance]:
    """An instance that nobody has set up, as it was when it was made."""
    with lent(shared_empty_instance):
        yield shared_empty_instance


@pytest.fixture
def guide_over_sockets(empty_instance: Instance, keys: KeyPair, tmp_path: Path) -> Iterator[Guide]:
    """The guide with everything between: TLS of the development CA, and the proxy that answers for the instance."""
    settings = Settings(port=0, proxy=0, ca_folder=str(tmp_path))
    reach = Reach(create_app(Worlds(empty_instance), settings), settings).start()
    assert reach.proxy is not None
    assert reach.authority is not None
    certificate = str(reach.authority.certificate_path)
    networking = Networking.from_settings(
        {
            "proxyUrl": reach.proxy.url,
            "customHostSettings": [{"url": URL, "ssl": {"certificateAuthoritiesFiles": [certificate]}}],
        }
    )
    with requests.Session() as session:
        session.trust_env = False
        session.proxies = {"https": reach.proxy.url}
        session.verify = certificate
        yield Guide(session, keys, networking)
    reach.stop()


@pytest.fixture
def guide(empty_instance: Instance, keys: KeyPair) -> Guide:
    return Guide(session_for(app_for(empty_instance), URL), keys)
