"""Whether a connector may be made: config, then secrets, then both together, with Kibana's texts.

Source: Kibana 8.13 docs and Kibana's own integration tests for the texts; the order is observed Kibana behaviour.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sandtable_connector.behaviour.switches import Behaviour
from sandtable_connector.connector_types import ConnectorType
from sandtable_connector.errors import ConfigurationError, InvalidAddress, without_credentials
from sandtable_connector.schemas.config import Config, config_schema
from sandtable_connector.schemas.schema import Fields, worded
from sandtable_connector.schemas.secrets import SECRETS_SCHEMA, Secrets
from sandtable_connector.settings.networking import Networking
from sandtable_connector.transport.urls import as_node_parses


def check_connector(
    kind: ConnectorType, config: Any, secrets: Any, *, behaviour: Behaviour, networking: Networking
) -> tuple[Config, Secrets]:
    """Return the checked config and secrets; ConfigurationError has the text of the first thing that is wrong."""
    checked_config = check_config(kind, config, behaviour=behaviour, networking=networking)
    checked_secrets = check_secrets(secrets, behaviour=behaviour)
    check_together(checked_config, checked_secrets)
    return checked_config, checked_secrets


def check_config(kind: ConnectorType, config: Any, *, behaviour: Behaviour, networking: Networking) -> Config:
    """Return the config with its defaults; ConfigurationError begins with Kibana's prefix for config."""
    prefix = f"error validating {_noun(behaviour)} config: "
    checked = Config.of(_checked(config_schema(kind), config, prefix, behaviour))
    refused = _refused_config(checked, networking)
    if refused:
        raise ConfigurationError(prefix + refused)
    return checked


def check_secrets(secrets: Any, *, behaviour: Behaviour) -> Secrets:
    """Return the secrets; ConfigurationError begins with Kibana's prefix for secrets."""
    prefix = f"error validating {_noun(behaviour)} secrets: "
    checked = Secrets.of(_checked(SECRETS_SCHEMA, secrets, prefix, behaviour))
    refused = _refused_secrets(checked)
    if refused:
        raise ConfigurationError(prefix + refused)
    return checked


def check_together(config: Config | None, secrets: Secrets | None) -> None:
    """Refuse a config and secrets that do not belong together (ConfigurationError)."""
    refused = _refused_together(config, secrets)
    if refused:
        raise ConfigurationError(f"error validating action type connector: {refused}")


def hostname_of(url: str) -> str:
    """Return the host name of a URL as Node parses it, or empty text when it is no URL."""
    try:
        return urlsplit(as_node_parses(url)).hostname or ""
    except InvalidAddress:
        return ""


def _noun(behaviour: Behaviour) -> str:
    return "connector type" if behaviour.validation_texts == "zod" else "action type"


def _checked(schema: Fields, value: Any, prefix: str, behaviour: Behaviour) -> dict[str, Any]:
    plain = dict(value) if isinstance(value, Mapping) else {} if value is None else value
    checked, complaints = schema.check(plain, (), behaviour.validation_texts)
    if complaints:
        raise ConfigurationError(prefix + worded(complaints, behaviour.validation_texts))
    result: dict[str, Any] = checked
    return result


def _refused_config(config: Config, networking: Networking) -> str | None:
    # Credentials in the URL would show up wherever the URL does.
    if without_credentials(config.api_url) != config.api_url:
        return "apiUrl must not hold a user name or password; give them as the secrets username and password"
    if not networking.allows(hostname_of(config.api_url)):
        return (
            f'error configuring connector action: target url "{config.api_url}" is not added to the Kibana config '
            "xpack.actions.allowedHosts"
        )
    if config.is_oauth:
        for name, value in (
            ("userIdentifierValue", config.user_identifier_value),
            ("clientId", config.client_id),
            ("jwtKeyId", config.jwt_key_id),
        ):
            if value is None:
                return f"{name} must be provided when isOAuth = true"
    return None


def _refused_secrets(secrets: Secrets) -> str | None:
    basic = (secrets.username, secrets.password)
    oauth = (secrets.client_secret, secrets.private_key)
    if not any(basic) and not any(oauth):
        return "Either basic auth or OAuth credentials must be specified"
    if any(basic) and not all(basic):
        return "username and password must both be specified"
    if not any(basic) and not all(oauth):
        return "clientSecret and privateKey must both be specified"
    return None


def _refused_together(config: Config | None, secrets: Secrets | None) -> str | None:
    if secrets is None:
        return "secrets must be defined"
    if config is None:
        return "config must be defined"
    if config.is_oauth:
        for name, value in (("clientSecret", secrets.client_secret), ("privateKey", secrets.private_key)):
            if value is None:
                return f"{name} must be provided when isOAuth = true"
        if secrets.username or secrets.password:
            return "Username and password should not be provided with isOAuth = true"
        return None
    for name, value in (("username", secrets.username), ("password", secrets.password)):
        if value is None:
            return f"{name} must be provided when isOAuth = false"
    foreign = (
        config.client_id,
        config.user_identifier_value,
        config.jwt_key_id,
        secrets.client_secret,
        secrets.private_key,
    )
    if any(foreign):
        return (
            "clientId, clientSecret, userIdentifierValue, jwtKeyId and privateKey should not be provided with "
            "isOAuth = false"
        )
    return None
