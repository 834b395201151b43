"""Connectors that are kept: secrets and tokens sealed at rest, preconfigured ones, the guided update."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

from sandtable_connector import Behaviour, StoredToken
from sandtable_connector.errors import ConfigurationError, NotFound
from sandtable_connector.forms.guided_update import guided_update
from sandtable_connector.registry import (
    NoSuchConnector,
    NotChangeable,
    Registry,
    Sockets,
    TypeNotEnabled,
    redactor_of,
)
from sandtable_connector.settings.kibana_yml import parse_kibana_yml
from sandtable_connector.values.invalid_input import InvalidInput
from sandtable_connector.values.sealing import Seal, Undecryptable

pytestmark = pytest.mark.ours("secrets are sealed at rest, and what is kept is checked as Kibana's API checks it")

KEY = "a-test-only-key-of-more-than-32-characters"
URL = "https://dev00000.example.com"
CONFIG = {"apiUrl": URL, "usesTableApi": False}
SECRETS = {"username": "elastic", "password": "correct-horse-battery"}


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "connectors.db", key=KEY)


def test_a_connector_is_created_read_changed_and_deleted(registry: Registry) -> None:
    made = registry.create(".servicenow", "ITSM", CONFIG, SECRETS)
    assert registry.get(made.id) == made
    assert made.wire() == {
        "id": made.id,
        "name": "ITSM",
        "connector_type_id": ".servicenow",
        "is_preconfigured": False,
        "is_system_action": False,
        "is_deprecated": False,
        "is_missing_secrets": False,
        "config": {
            "apiUrl": URL,
            "isOAuth": False,
            "userIdentifierValue": None,
            "clientId": None,
            "jwtKeyId": None,
            "usesTableApi": False,
        },
    }
    changed = registry.update(made.id, name="Other", config={**CONFIG, "apiUrl": f"{URL}/"}, secrets=SECRETS)
    assert (changed.name, changed.config and changed.config["apiUrl"]) == ("Other", f"{URL}/")
    assert registry.rename(made.id, "Third").name == "Third"
    assert [record.id for record in registry.all()] == [made.id]
    registry.delete(made.id)
    assert registry.all() == []
    with pytest.raises(NoSuchConnector, match=f"Saved object \\[action/{made.id}\\] not found"):
        registry.get(made.id)


def test_no_secret_is_in_any_file_and_the_file_is_for_its_owner_only(registry: Registry, tmp_path: Path) -> None:
    registry.create(".servicenow", "ITSM", CONFIG, SECRETS, connector_id="c1")
    registry.tokens("c1").write("c1", StoredToken("Bearer very-secret-token", "2030-01-01T00:00:00.000Z"))
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        assert b"correct-horse-battery" not in content
        assert b"very-secret-token" not in content
        assert path.stat().st_mode & 0o077 == 0


def test_another_process_with_the_same_key_reads_the_secrets_and_one_with_another_does_not(
    registry: Registry, tmp_path: Path, stage: Any
) -> None:
    registry.create(".servicenow", "ITSM", CONFIG, SECRETS, connector_id="c1")
    again = Registry(tmp_path / "connectors.db", key=KEY)
    assert again.secrets_of("c1", {}) == SECRETS
    stranger = Registry(tmp_path / "connectors.db", key=KEY[::-1])
    assert stranger.get("c1").name == "ITSM"
    with pytest.raises(Undecryptable, match="cannot be decrypted with this encryption key"):
        stranger.open("c1")
    with pytest.raises(Undecryptable):
        stranger.create(".servicenow", "ITSM", CONFIG, SECRETS)


def test_without_a_key_one_is_made_in_a_file_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "below" / "connectors.db"
    Registry(path).create(".servicenow", "ITSM", CONFIG, SECRETS, connector_id="c1")
    key_file = path.with_name("connectors.db.key")
    assert key_file.stat().st_mode & 0o077 == 0
    assert Registry(path).secrets_of("c1", {}) == SECRETS
    key_file.unlink()
    with pytest.raises(InvalidInput, match=r"connectors\.db\.key: there is no such key file\. .* put it back"):
        Registry(path).open("c1")
    assert not key_file.exists()


def test_a_sealed_secret_opens_for_its_owner_only_and_not_when_changed() -> None:
    seal = Seal(KEY, b"salt" * 4)
    sealed = seal.close(b"secret", belongs_to="c1")
    assert seal.open(sealed, belongs_to="c1") == b"secret"
    for wrong in (sealed[:-1], sealed[:-1] + bytes([sealed[-1] ^ 1]), b"\x02" + sealed[1:], b""):
        with pytest.raises(Undecryptable):
            seal.open(wrong, belongs_to="c1")
    with pytest.raises(Undecryptable):
        seal.open(sealed, belongs_to="c2")
    with pytest.raises(InvalidInput, match="encryption key: has 5 characters"):
        Seal("short", b"salt" * 4)


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("not a database " * 100)
    with pytest.raises(InvalidInput, match=r"text\.db: cannot be used as a registry"):
        Registry(tmp_path / "text.db").all()
    with pytest.raises(InvalidInput, match="cannot be written"):
        Registry(tmp_path / "text.db" / "below").create(".servicenow", "n", CONFIG, SECRETS)


@pytest.mark.documented("Kibana docs, connector API; Kibana's integration tests for the texts")
@pytest.mark.parametrize(
    "type_id, name, config, secrets, connector_id, complaint",
    [
        (".pagerduty", "n", CONFIG, SECRETS, None, 'Action type ".pagerduty" is not registered.'),
        (".servicenow", " ", CONFIG, SECRETS, None, "[name]: a connector needs a name"),
        (".servicenow", "n", CONFIG, SECRETS, "a/b", "[id]: 'a/b' holds a character that no address can"),
        (".servicenow", "n", CONFIG, SECRETS, "__proto__", "[id]: '__proto__' cannot be a connector's id"),
        (
            ".servicenow",
            "n",
            {},
            SECRETS,
            None,
            "error validating action type config: [apiUrl]: expected value of type [string] but got [undefined]",
        ),
        (".servicenow", "n", CONFIG, {}, None, "Either basic auth or OAuth credentials must be specified"),
        (".servicenow", "n", CONFIG, SECRETS, "taken", "Saved object [action/taken] conflict"),
    ],
)
def test_a_connector_that_is_refused_is_not_kept(
    registry: Registry, type_id: str, name: str, config: Any, secrets: Any, connector_id: Any, complaint: str
) -> None:
    registry.create(".servicenow", "first", CONFIG, SECRETS, connector_id="taken")
    with pytest.raises(ConfigurationError) as refused:
        registry.create(type_id, name, config, secrets, connector_id=connector_id)
    assert complaint in str(refused.value)
    assert [record.id for record in registry.all()] == ["taken"]


def test_a_refused_update_changes_nothing(registry: Registry) -> None:
    before = registry.create(".servicenow", "n", CONFIG, SECRETS, connector_id="c1")
    with pytest.raises(ConfigurationError):
        registry.update("c1", name="other", config={}, secrets=SECRETS)
    assert registry.get("c1") == before
    with pytest.raises(NoSuchConnector):
        registry.update("c9", name="other", config=CONFIG, secrets=SECRETS)
    with pytest.raises(NoSuchConnector):
        registry.delete("c9")


@pytest.mark.documented("Kibana docs, connectors created without usesTableApi; Kibana's integration tests")
def test_row_33_a_connector_without_the_flag_is_deprecated_at_birth(registry: Registry) -> None:
    made = registry.create(".servicenow", "n", {"apiUrl": URL}, SECRETS)
    assert made.is_deprecated
    assert registry.open(made.id).is_deprecated
    assert not registry.create(".servicenow-itom", "n", {"apiUrl": URL}, SECRETS).is_deprecated


def test_the_file_does_not_tell_how_long_a_password_is(registry: Registry, tmp_path: Path) -> None:
    sizes = set()
    for number in range(8):
        registry.create(".servicenow", f"c{number}", CONFIG, {**SECRETS, "password": "p" * (8 + number)})
    with closing(sqlite3.connect(tmp_path / "connectors.db")) as database:
        sizes = {len(sealed) for (sealed,) in database.execute("SELECT secrets FROM connector")}
    assert len(sizes) <= 2


class TestTokens:
    def test_they_outlive_the_process_and_go_with_new_credentials(self, registry: Registry, tmp_path: Path) -> None:
        registry.create(".servicenow", "n", CONFIG, SECRETS, connector_id="c1")
        token = StoredToken("Bearer t", "2030-01-01T00:00:00.000Z")
        registry.tokens("c1").write("c1", token)
        again = Registry(tmp_path / "connectors.db", key=KEY)
        assert again.tokens("c1").read("c1") == token
        registry.update("c1", name="n", config=CONFIG, secrets=SECRETS)
        assert again.tokens("c1").read("c1") is None
        registry.tokens("c1").write("c1", token)
        registry.tokens("c1").delete("c1")
        assert registry.tokens("c1").read("c1") is None

    def test_they_go_with_their_connector(self, registry: Registry) -> None:
        for connector_id in ("c1", "c2"):
            registry.create(".servicenow", "n", CONFIG, SECRETS, connector_id=connector_id)
            registry.tokens(connector_id).write(connector_id, StoredToken("Bearer t", "2030-01-01T00:00:00.000Z"))
        registry.delete("c1")
        registry.create(".servicenow", "n", CONFIG, SECRETS, connector_id="c1")
        assert registry.tokens("c1").read("c1") is None
        registry.update("c1", name="n", config=CONFIG, secrets=SECRETS)
        assert registry.tokens("c2").read("c2") is not None

    def test_an_oauth_connector_buys_one_token_for_two_runs(self, registry: Registry, stage: Any, rsa_pem: str) -> None:
        registry.create(
            ".servicenow",
            "n",
            {**CONFIG, "isOAuth": True, "clientId": "client", "jwtKeyId": "kid", "userIdentifierValue": "a@b.c"},
            {"clientSecret": "client-secret-value", "privateKey": rsa_pem},
            connector_id="c1",
        )
        bought = stage.answer(body={"access_token": "secret-token", "token_type": "Bearer", "expires_in": 1799})
        script = stage.Script([bought, stage.answer([]), stage.answer([])])
        for _ in range(2):
            over = Sockets(wrap=lambda transport, redact: script, log=lambda level, text: None)
            opened = registry.open("c1", over)
            result = opened.execute({"subAction": "getFields", "subActionParams": {}})
            assert result.status == "ok"
        assert [request.method for request in script.requests] == ["POST", "GET", "GET"]


class TestPreconfigured:
    @pytest.fixture
    def registry(self, tmp_path: Path) -> Registry:
        text = f"""
        xpack.actions:
          enabledActionTypes: [.servicenow-itom]
          preconfigured:
            open: {{name: Open, actionTypeId: .servicenow, exposeConfig: true, config: {{apiUrl: "{URL}"}},
                    secrets: {{username: u, password: preconfigured-password}}}}
            shut: {{name: Shut, actionTypeId: .servicenow, config: {{apiUrl: "{URL}", usesTableApi: false}},
                    secrets: {{username: u, password: preconfigured-password}}}}
        """
        return Registry(tmp_path / "connectors.db", key=KEY, settings=parse_kibana_yml(text, environ={}))

    def test_they_are_listed_and_only_show_their_config_if_they_say_so(self, registry: Registry) -> None:
        opened, shut = (record.wire() for record in registry.all())
        assert opened["config"] == {"apiUrl": URL}
        assert opened["is_deprecated"] is True
        assert shut["is_deprecated"] is False
        assert "config" not in shut
        assert "is_missing_secrets" not in shut

    def test_they_run_even_when_their_type_is_not_enabled(self, registry: Registry) -> None:
        assert registry.open("shut").config["usesTableApi"] is False
        with pytest.raises(TypeNotEnabled, match=r'"\.servicenow" is not enabled in the Kibana config'):
            registry.create(".servicenow", "n", CONFIG, SECRETS)

    def test_they_cannot_be_changed_deleted_or_made_again(self, registry: Registry) -> None:
        with pytest.raises(NotChangeable, match=r"^Preconfigured action open is not allowed to update\.$"):
            registry.update("open", name="n", config=CONFIG, secrets=SECRETS)
        with pytest.raises(NotChangeable, match=r"^Preconfigured action open is not allowed to delete\.$"):
            registry.delete("open")
        with pytest.raises(NotChangeable):
            guided_update(registry, "open", config={}, secrets={})
        with pytest.raises(ConfigurationError, match="This open already exists in a preconfigured action"):
            registry.create(".servicenow-itom", "n", {"apiUrl": URL}, SECRETS, connector_id="open")


@pytest.mark.documented("Kibana 8.13 docs, update a deprecated ServiceNow ITSM connector")
class TestGuidedUpdate:
    def update(self, registry: Registry, script: Any, **given: Any) -> Any:
        over = Sockets(wrap=lambda transport, redact: script, log=lambda level, text: None)
        return guided_update(registry, "c1", over=over, **{"config": {}, "secrets": {}, **given})

    @pytest.fixture(autouse=True)
    def deprecated(self, registry: Registry) -> None:
        registry.create(".servicenow", "Old", {"apiUrl": URL}, SECRETS, connector_id="c1")

    def test_the_app_is_asked_with_the_new_values_and_the_connector_is_deprecated_no_more(
        self, registry: Registry, stage: Any
    ) -> None:
        script = stage.Script([stage.health()])
        made = self.update(
            registry,
            script,
            config={"apiUrl": "https://new.example.com"},
            secrets={"username": "new", "password": "new-password"},
        )
        assert not made.is_deprecated
        assert made.config["apiUrl"] == "https://new.example.com"
        assert registry.secrets_of("c1", {}) == {"username": "new", "password": "new-password"}
        assert [request.url for request in script.requests] == [
            "https://new.example.com/api/x_elas2_inc_int/elastic_api/health"
        ]

    def test_without_new_credentials_the_old_ones_stay(self, registry: Registry, stage: Any) -> None:
        self.update(registry, stage.Script([stage.health()]))
        assert registry.secrets_of("c1", {}) == SECRETS

    def test_it_can_turn_from_a_password_to_oauth(self, registry: Registry, stage: Any) -> None:
        config = {"isOAuth": True, "clientId": "client", "jwtKeyId": "kid", "userIdentifierValue": "a@b.c"}
        secrets = {"clientSecret": "client-secret-value", "privateKey": stage.rsa_pem}
        token = stage.answer(body={"access_token": "T", "token_type": "Bearer", "expires_in": 60})
        script = stage.Script([token, stage.health()])
        made = self.update(registry, script, config=config, secrets=secrets)
        assert (made.config["isOAuth"], made.config["usesTableApi"]) == (True, False)
        assert registry.secrets_of("c1", {}) == secrets
        assert [request.url.partition(".com")[2] for request in script.requests] == [
            "/oauth_token.do",
            "/api/x_elas2_inc_int/elastic_api/health",
        ]
        assert script.requests[1].headers["Authorization"] == "Bearer T"

    def test_without_the_app_nothing_changes(self, registry: Registry, stage: Any) -> None:
        before = registry.get("c1")
        with pytest.raises(NotFound, match="Unable to get application version"):
            self.update(registry, stage.Script([stage.refused(404)]))
        assert registry.get("c1") == before

    def test_a_connector_that_is_up_to_date_has_nothing_to_update(self, registry: Registry, stage: Any) -> None:
        self.update(registry, stage.Script([stage.health()]))
        with pytest.raises(ConfigurationError, match="is not deprecated"):
            self.update(registry, stage.Script([]))


def test_a_session_and_a_behaviour_are_passed_on(tmp_path: Path) -> None:
    class Recorded(BaseAdapter):
        def __init__(self) -> None:
            super().__init__()
            self.urls: list[str | None] = []

        def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
            self.urls.append(request.url)
            raise requests.ConnectionError

        def close(self) -> None:
            pass

    registry = Registry(tmp_path / "c.db", key=KEY, behaviour=Behaviour.preset("kibana-9"))
    registry.create(".servicenow", "n", CONFIG, SECRETS, connector_id="c1")
    adapter = Recorded()
    with requests.Session() as session:
        session.mount("https://", adapter)
        result = registry.open("c1", Sockets(session=session)).execute(
            {"subAction": "getFields", "subActionParams": {}}
        )
    assert "[endpoint=table]" in (result.service_message or "")
    assert len(adapter.urls) == 1


def test_two_threads_that_begin_a_registry_end_with_one(tmp_path: Path) -> None:
    ended: list[Any] = []

    def create(number: int) -> None:
        registry = Registry(tmp_path / "c.db")
        ended.append(registry.create(".servicenow", "n", CONFIG, SECRETS, connector_id=f"c{number}"))

    threads = [threading.Thread(target=create, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ended) == 4
    assert [Registry(tmp_path / "c.db").secrets_of(f"c{number}", {}) for number in range(4)] == [SECRETS] * 4


def test_the_redactor_of_secrets_of_any_shape() -> None:
    assert redactor_of(SECRETS)("correct-horse-battery") == "[redacted]"
    assert redactor_of({"password": "long-enough", "privateKey": 5})("long-enough") == "[redacted]"
