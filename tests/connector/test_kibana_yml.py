"""Connectors and settings from a kibana.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandtable_connector.errors import ConfigurationError
from sandtable_connector.settings.kibana_yml import KibanaSettings, parse_kibana_yml, read_kibana_yml
from sandtable_connector.values.invalid_input import InvalidInput

pytestmark = pytest.mark.documented("Kibana docs, alerting and action settings, preconfigured connectors")

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "alerts"
WHOLE = """
server.publicBaseUrl: https://kibana.example.com
elasticsearch.hosts: ["http://localhost:9200"]
xpack.encryptedSavedObjects.encryptionKey: "0123456789abcdef0123456789abcdef"
xpack.alerting.rules.run:
  alerts.max: 50
  actions: {max: 60}
xpack.actions:
  allowedHosts: [dev00000.service-now.com]
  enabledActionTypes: [.servicenow]
  responseTimeout: 10s
  queued.max: 7
  run:
    maxAttempts: 2
    connectorTypeOverrides:
      - {id: .servicenow-itom, maxAttempts: 5}
  customHostSettings:
    - url: https://dev00000.service-now.com:443
      ssl: {verificationMode: certificate}
xpack.actions.preconfigured.my-connector:
  name: ITSM
  actionTypeId: .servicenow
  exposeConfig: true
  config: {apiUrl: "https://dev00000.service-now.com", usesTableApi: false}
  secrets:
    username: u
    password: "${SN_PASSWORD}"
"""


def test_a_whole_file() -> None:
    found = parse_kibana_yml(WHOLE, environ={"SN_PASSWORD": "secret-word"})
    assert found.networking.allowed_hosts == ("dev00000.service-now.com",)
    assert found.networking.response_timeout == 10
    assert found.networking.custom_host_settings[0].verification_mode == "certificate"
    assert (found.queued_max, found.alerts_max, found.actions_max) == (7, 50, 60)
    assert (found.retry.attempts(".servicenow"), found.retry.attempts(".servicenow-itom")) == (2, 5)
    assert found.enables(".servicenow")
    assert not found.enables(".servicenow-sir")
    assert found.public_base_url == "https://kibana.example.com"
    (entry,) = found.preconfigured
    assert (entry.id, entry.name, entry.type_id, entry.exposes_config) == ("my-connector", "ITSM", ".servicenow", True)
    assert entry.secrets == {"username": "u", "password": "secret-word"}
    assert found.warnings == ()


def test_no_secret_is_in_the_repr() -> None:
    text = repr(parse_kibana_yml(WHOLE, environ={"SN_PASSWORD": "secret-word"}))
    assert "secret-word" not in text
    assert "0123456789abcdef" not in text


def test_an_empty_file_has_the_defaults() -> None:
    assert parse_kibana_yml("") == KibanaSettings()


@pytest.mark.parametrize(
    "text, value",
    [
        ("${A}", "1"),
        ("<${E}>", "<>"),
        ("<${E:two}>", "<>"),
        ("${A}-${B:two}", "1-two"),
        ("${B:}", ""),
        ("$A", "$A"),
        ("${B:https://x}", "https://x"),
    ],
)
def test_variables_of_the_environment(text: str, value: str) -> None:
    assert parse_kibana_yml(f"server.publicBaseUrl: '{text}'", environ={"A": "1", "E": ""}).public_base_url == value


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("xpack: [", "kibana.yml line 1: not YAML"),
        ("- a", "kibana.yml: the file is not a mapping of settings"),
        ("server.publicBaseUrl: '${NOWHERE}'", "kibana.yml: unknown environment variable NOWHERE"),
        ("xpack.actions.proxyUrl: a\nxpack: {actions: {proxyUrl: b}}", "proxyUrl: the setting is given twice"),
        ("xpack.actions: 1\nxpack.actions.proxyUrl: a", "actions: is both a value and a group of settings"),
    ],
)
def test_a_file_that_cannot_be_read(text: str, complaint: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_kibana_yml(text, environ={})
    assert complaint in str(refused.value)


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("xpack.actions: 5", "xpack.actions: expected a group of settings, got int"),
        ("xpack.actions.run.maxAttempts: 11", "xpack.actions.run.maxAttempts: 11 is not a whole number from 1 to 10"),
        (
            "xpack.actions.run.connectorTypeOverrides: [{id: .servicenow, maxAttempts: 0}]",
            "xpack.actions.run.connectorTypeOverrides[0].maxAttempts: 0 is not",
        ),
        ("xpack.actions.run.connectorTypeOverrides: [{maxAttempts: 1}]", "connectorTypeOverrides[0].id: expected"),
        ("xpack.actions.run.connectorTypeOverrides: 3", "connectorTypeOverrides: expected a list"),
        ("xpack.actions.responseTimeout: soon", "xpack.actions.responseTimeout: 'soon' is not a duration"),
        ("xpack.actions.enabledActionTypes: all", "xpack.actions.enabledActionTypes: expected a list of texts"),
        ("xpack.actions.queued.max: 0", "xpack.actions.queued.max: 0 is not a whole number from 1"),
        ("server.publicBaseUrl: 5", "server.publicBaseUrl: expected text, got int"),
        (f"xpack.encryptedSavedObjects.encryptionKey: {'k' * 31}", "encryptionKey: must have 32 characters or more"),
        ("xpack.encryptedSavedObjects.encryptionKey: short", "encryptionKey: must have 32 characters or more"),
        ("xpack.actions.preconfigured: {'': {}}", 'invalid preconfigured action id ""'),
        ("xpack.actions.preconfigured: {constructor: {}}", 'invalid preconfigured action id "constructor"'),
        ("xpack.actions.preconfigured: {a: {name: x}}", "xpack.actions.preconfigured.a.actionTypeId: expected text"),
        ("xpack.actions.preconfigured: {a: {colour: x}}", "xpack.actions.preconfigured.a.colour: unknown setting"),
        (
            "xpack.actions.preconfigured: {a: {name: x, actionTypeId: y, exposeConfig: maybe}}",
            "xpack.actions.preconfigured.a.exposeConfig: expected true or false",
        ),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(text: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse_kibana_yml(text, environ={})
    assert complaint in str(refused.value)


@pytest.mark.ours("a setting nobody knows is a warning, as it may be newer than we are")
def test_unknown_settings_are_warned_about() -> None:
    found = parse_kibana_yml("xpack.actions: {colour: red, email: {}}", environ={})
    assert found.warnings == ("xpack.actions.colour: unknown setting, ignored",)


def test_files(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"none\.yml: cannot be read: No such file"):
        read_kibana_yml(tmp_path / "none.yml")
    (tmp_path / "latin.yml").write_bytes(b"a: \xff")
    with pytest.raises(InvalidInput, match=r"latin\.yml: cannot be read: not UTF-8 text"):
        read_kibana_yml(tmp_path / "latin.yml")
    found: Any = read_kibana_yml(FIXTURES / "kibana.yml", {"SANDTABLE_URL": "http://127.0.0.1:1"})
    assert [entry.id for entry in found.preconfigured] == ["servicenow-itsm", "servicenow-deprecated"]
