"""Defaults < file < environment < flags; what is unknown is refused by name."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from sandtable.settings.settings import Settings, SettingsError, load_settings

pytestmark = pytest.mark.ours("defaults < TOML file < environment < flags, and unknown keys are refused by name")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sandtable.toml"


def test_defaults() -> None:
    assert load_settings(environ={}) == Settings()


@pytest.mark.parametrize(
    "toml, environ, flags, port",
    [
        ("", {}, {}, 8080),
        ("port = 1", {}, {}, 1),
        ("port = 1", {"PORT": "2"}, {}, 2),
        ("port = 1", {"PORT": "2", "SANDTABLE_PORT": "3"}, {}, 3),
        ("port = 1", {"PORT": "2", "SANDTABLE_PORT": "3"}, {"port": 4}, 4),
        ("port = 1", {"PORT": ""}, {}, 1),
        ("port = 1", {"SANDTABLE_PORT": "tcp://10.0.0.1:80", "SANDTABLE_PORT_80_TCP": "x"}, {}, 1),
        ("port = 1", {"SANDTABLE_SERVICE_HOST": "10.0.0.1", "_SANDTABLE_COMPLETE": "bash_source"}, {}, 1),
    ],
)
def test_the_nearer_wins(file: Path, toml: str, environ: dict[str, str], flags: dict[str, int], port: int) -> None:
    file.write_text(toml, encoding="utf-8")
    assert load_settings(flags, file=str(file), environ=environ).port == port


@pytest.mark.parametrize(
    "key, text, value",
    [
        ("empty", "true", True),
        ("empty", "0", False),
        ("strict", "ON", True),
        ("random_seed", "7", 7),
        ("random_seed", "", None),
        ("name", "acme", "acme"),
        ("log", "json", "json"),
        ("base_url", "https://acme.service-now.com/", "https://acme.service-now.com"),
        ("properties", "a.b=1, c = d=e", {"a.b": "1", "c": " d=e"}),
    ],
)
def test_values_from_the_environment(key: str, text: str, value: object) -> None:
    assert getattr(load_settings(environ={f"SANDTABLE_{key.upper()}": text}), key) == value


@pytest.mark.parametrize(
    "toml, environ, words",
    [
        ("prot = 1", {}, ("prot", "did you mean port", ".toml")),
        ("nosuchthing = 1", {}, ("nosuchthing", "known are", "base_url")),
        ("port = 'x'", {}, ("port", "whole number", ".toml")),
        ("port = true", {}, ("port", "whole number")),
        ("port = 70000", {}, ("port", "65535")),
        ("empty = 'maybe'", {}, ("empty", "true or false")),
        ("name = 3", {}, ("name", "text")),
        ("name = 'no such name'", {}, ("name", "letters")),
        ("log = 'yaml'", {}, ("log", "text, json, off")),
        ("tls_key = 'a.pem'", {}, ("tls_certificate", "together")),
        ("base_url = 'acme'", {}, ("base_url", "https://")),
        ("admin_password = ''", {}, ("admin_password", "empty")),
        ("properties = 'x'", {}, ("properties", "NAME=VALUE")),
        ("port = ", {}, ("not TOML",)),
        ("plane_token = 90210", {}, ("plane_token", "must be text, not one of type int")),
        ("[server]\nport = 1", {}, ("unknown table [server]", "settings stand at its top")),
        ("", {"SANDTABLE_PROT": "1"}, ("SANDTABLE_PROT", "did you mean port")),
        ("", {"SANDTABLE_THREADS": "0"}, ("threads", "between 1")),
        ("", {"SANDTABLE_STRICT": "perhaps"}, ("SANDTABLE_STRICT", "true or false")),
        ("", {"PORT": "http"}, ("PORT", "whole number")),
    ],
)
def test_refusals_name_the_field_and_the_fix(
    file: Path, toml: str, environ: dict[str, str], words: tuple[str, ...]
) -> None:
    file.write_text(toml, encoding="utf-8")
    with pytest.raises(SettingsError) as refusal:
        load_settings(file=str(file), environ=environ)
    assert [word for word in words if word not in str(refusal.value)] == []


def test_a_named_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nosuch\.toml cannot be read"):
        load_settings(environ={"SANDTABLE_CONFIG": str(tmp_path / "nosuch.toml")})


def test_properties_add_up(file: Path) -> None:
    file.write_text('[properties]\na = "1"\nb = true\n', encoding="utf-8")
    found = load_settings({"properties": {"a": "2"}}, file=str(file), environ={})
    assert dict(found.properties) == {"a": "2", "b": "true"}


def test_secrets_are_not_shown() -> None:
    shown = Settings(admin_password="hunter2", plane_token="t0ken").shown()
    assert "hunter2" not in str(shown)
    assert "t0ken" not in str(shown)
    assert shown["integration_password"] == "elastic-integration"
    properties = {"my.api.password": "hunter2", "x.client_secret": "t0ken", "glide.sys.default.tz": "UTC"}
    starred = {"my.api.password": "********", "x.client_secret": "********", "glide.sys.default.tz": "UTC"}
    assert Settings(properties=properties).shown()["properties"] == starred
    assert set(shown) == {field.name for field in dataclasses.fields(Settings)}


@pytest.mark.parametrize(
    "settings, exposed, default_password",
    [
        (Settings(), False, True),
        (Settings(host="::1"), False, True),
        (Settings(host="0.0.0.0"), True, True),
        (Settings(admin_password="x"), False, True),
        (Settings(admin_password="x", integration_password="y"), False, False),
        (Settings(admin_password="x", empty=True), False, False),
    ],
)
def test_what_others_can_reach(settings: Settings, exposed: bool, default_password: bool) -> None:
    assert (settings.exposed, settings.has_default_password) == (exposed, default_password)


def test_every_setting_is_explained() -> None:
    assert [field.name for field in dataclasses.fields(Settings) if not field.metadata["help"].endswith(".")] == []
