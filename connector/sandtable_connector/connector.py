"""`Connector`: one configured connector that runs actions."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandtable_connector.auth import Scheme
from sandtable_connector.auth.assertion import SigningKey
from sandtable_connector.auth.basic import Basic
from sandtable_connector.auth.oauth_jwt import OAuthJwt
from sandtable_connector.auth.tokens import MemoryTokenCache, TokenCache
from sandtable_connector.behaviour.switches import Behaviour
from sandtable_connector.connector_types import ConnectorType, connector_type
from sandtable_connector.errors import ConfigurationError, ConnectorError, ParametersRefused
from sandtable_connector.schemas.config import Config
from sandtable_connector.schemas.params import check_params
from sandtable_connector.schemas.secrets import Secrets
from sandtable_connector.schemas.validation import check_connector
from sandtable_connector.services import itom, itsm, sir
from sandtable_connector.services.sender import Sender, standard_headers
from sandtable_connector.services.service import Service
from sandtable_connector.settings.networking import Networking
from sandtable_connector.transport.messages import Log, Transport
from sandtable_connector.transport.requests_transport import RequestsTransport
from sandtable_connector.transport.urls import Urls

FAILED = "an error occurred while running the action"
"""The message of an execution that failed while it ran; what went wrong is its service message."""

_ACTIONS: Mapping[str, Mapping[str, itsm.Run]] = {
    ".servicenow": itsm.ACTIONS,
    ".servicenow-sir": sir.ACTIONS,
    ".servicenow-itom": itom.ACTIONS,
}
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warn": logging.WARNING, "error": logging.ERROR}


@dataclass(frozen=True, kw_only=True)
class ExecutionResult:
    """How one execution ended: ``status`` is "ok" with ``data``, or "error" with ``message``, ``retry`` and more.

    ``service_message`` is set when the action ran and failed, and absent when it was refused before. Source: Kibana's
    connector API, ``_execute``.
    """

    status: str
    connector_id: str
    data: Any = None
    message: str | None = None
    service_message: str | None = None
    retry: bool | None = None
    error: ConnectorError | None = field(default=None, repr=False)

    def wire(self) -> dict[str, Any]:
        """Return the result in the shape of Kibana's API."""
        if self.status == "ok":
            return {"status": "ok", "connector_id": self.connector_id, "data": self.data}
        wire: dict[str, Any] = {"status": "error", "connector_id": self.connector_id, "message": self.message}
        if self.service_message is not None:
            wire["service_message"] = self.service_message
        wire["retry"] = bool(self.retry)
        return wire


class Connector:
    """A connector to one instance, checked when it is made.

    ``config`` and ``secrets`` have the wire names of Kibana's API. ``transport`` carries the requests (default:
    sockets, by ``networking``), ``tokens`` keeps OAuth tokens by ``connector_id``, ``log`` is called with a level and
    a text (default: the ``sandtable_connector`` logger). Raises ConfigurationError with the documented text.

    It makes one pass for each action; trying again is the caller's business, and `ExecutionResult.retry` its advice.
    Source: Kibana 8.13 docs, ServiceNow connectors.
    """

    def __init__(
        self,
        connector_type_id: str,
        config: Mapping[str, Any],
        secrets: Mapping[str, Any],
        *,
        connector_id: str = "",
        name: str = "",
        behaviour: Behaviour | None = None,
        networking: Networking | None = None,
        transport: Transport | None = None,
        clock: Callable[[], float] = time.time,
        tokens: TokenCache | None = None,
        log: Log | None = None,
    ) -> None:
        self.type: ConnectorType = connector_type(connector_type_id)
        self.connector_id = connector_id
        self.name = name
        self.behaviour = behaviour or Behaviour.documented()
        self.networking = networking or Networking()
        self._config, self._secrets = check_connector(
            self.type, config, secrets, behaviour=self.behaviour, networking=self.networking
        )
        self._log = log or _to_logger
        self._clock = clock
        self._tokens: TokenCache = tokens if tokens is not None else MemoryTokenCache()
        self._redact = self._secrets.redactor()
        self._urls = Urls(self._config.api_url, self.behaviour)
        self._transport: Transport = transport or RequestsTransport(None, self.networking, self.behaviour)
        for warning in self.networking.warnings:
            self._log("warn", warning)

    def __repr__(self) -> str:
        return f"<Connector {self.connector_id or self.name or 'unnamed'} {self.type.id} to {self._config.api_url}>"

    @property
    def config(self) -> dict[str, Any]:
        """Return the config under its wire names, with defaults filled in; it holds no secret."""
        return self._config.wire()

    @property
    def is_deprecated(self) -> bool:
        """Return whether this is a deprecated connector, which writes through the Table API."""
        return self._config.is_deprecated

    def forget_token(self) -> None:
        """Delete this connector's OAuth token, if any; do so when its credentials were changed."""
        self._tokens.delete(self.connector_id)

    def authorization(self) -> str:
        """Return the Authorization value of the connector's requests, which is a secret; raises ConnectorError.

        Under OAuth this is the token at hand, or a new one. It is what a browser needs for the check of the app.
        """
        return self.service().sender.authorization(self._config.api_url)

    def execute(self, params: Mapping[str, Any], *, from_task: bool = False) -> ExecutionResult:
        """Run ``{"subAction", "subActionParams"}`` and return how it ended; ConnectorError never escapes.

        ``from_task`` says that a rule's task runs it, not a person, which some behaviours look at for ``retry``.
        """
        try:
            return ExecutionResult(status="ok", connector_id=self.connector_id, data=self.run(params))
        except ConnectorError as error:
            return self._failed(error, from_task)

    def run(self, params: Mapping[str, Any]) -> Any:
        """Run ``{"subAction", "subActionParams"}`` and return its data; raises ConnectorError."""
        action = check_params(self.type, params, self.behaviour)
        return _ACTIONS[self.type.id][action.name](self.service(), action.params)

    def service(self) -> Service:
        """Return the instance as this connector sees it, for single steps; ConfigurationError if a value is empty."""
        config, secrets = self._config, self._secrets
        needed = (
            (config.client_id, config.jwt_key_id, config.user_identifier_value, secrets.client_secret,
             secrets.private_key)
            if config.is_oauth
            else (secrets.username, secrets.password)
        )  # fmt: skip
        if not config.api_url or not all(needed):
            raise ConfigurationError("[Action]ServiceNow: Wrong configuration.")
        return Service(
            kind=self.type,
            config=config,
            caller=secrets.username,
            sender=Sender(self._transport, self._scheme(config, secrets), self.behaviour, self.networking),
            urls=self._urls,
            behaviour=self.behaviour,
            networking=self.networking,
            clock=self._clock,
            log=self._log,
            redact=self._redact,
        )

    def _scheme(self, config: Config, secrets: Secrets) -> Scheme:
        if not config.is_oauth:
            return Basic(secrets.username or "", secrets.password or "")
        return OAuthJwt(
            connector_id=self.connector_id,
            token_url=self._urls.token,
            client_id=config.client_id or "",
            client_secret=secrets.client_secret or "",
            user=config.user_identifier_value or "",
            key_id=config.jwt_key_id or "",
            key=SigningKey(secrets.private_key or "", secrets.private_key_password),
            tokens=self._tokens,
            clock=self._clock,
            log=self._log,
            redact=self._redact,
            jti=self.behaviour.jti_claim,
            slips=self.behaviour.javascript_slips,
            headers=standard_headers(self.behaviour),
        )

    def _failed(self, error: ConnectorError, from_task: bool) -> ExecutionResult:
        # Refused params carry Kibana's prefix and nothing was sent; the same class from a step has a service message.
        refused = isinstance(error, ParametersRefused) and error.message.startswith("error validating")
        text = self._redact(error.message)
        return ExecutionResult(
            status="error",
            connector_id=self.connector_id,
            message=text if refused else FAILED,
            service_message=None if refused else text,
            retry=self._retry(error, refused=refused, from_task=from_task),
            error=error,
        )

    def _retry(self, error: ConnectorError, *, refused: bool, from_task: bool) -> bool:
        if refused:
            advice = self.behaviour.retries_refused_params
            return advice == "always" or (advice == "in a task" and from_task)
        return self.behaviour.retries_every_failure or error.retry


def _to_logger(level: str, text: str) -> None:
    logging.getLogger("sandtable_connector").log(_LEVELS.get(level, logging.WARNING), "%s", text)
