"""What each request of Kibana's connector API is answered, without a socket.

Source: Kibana docs, connector APIs; observed behaviour for texts and status codes.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from sandtable_connector.connector import Connector
from sandtable_connector.connector_types import ITSM, TYPES
from sandtable_connector.errors import ConfigurationError, ConnectorError
from sandtable_connector.registry import NoSuchConnector, Registry, Sockets, TypeNotEnabled, redactor_of
from sandtable_connector.schemas.schema import Fields, Node, Text, worded
from sandtable_connector.transport.messages import Transport
from sandtable_connector.transport.requests_transport import RequestsTransport
from sandtable_connector.values.invalid_input import InvalidInput

MOST_BYTES = 1048576
"""The largest body of a request that is read."""

_REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Request Entity Too Large",
    415: "Unsupported Media Type",
    424: "Failed Dependency",
    500: "Internal Server Error",
}
_ANY_OBJECT = Fields(open=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a JSON body; `body` is None where there is none (204)."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """The request is answered with a status and a message, in Kibana's error shape."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    def answer(self) -> Answer:
        """Return the answer."""
        reason = _REASONS.get(self.status, "Error")
        return Answer(self.status, {"statusCode": self.status, "error": reason, "message": self.message})


class KibanaApi:
    """Answers requests out of a registry; nothing in it refuses to be called by several threads at once.

    `api_key`, when given, must come as `Authorization: ApiKey <it>`. `over` is what opened connectors go over.
    """

    def __init__(self, registry: Registry, *, api_key: str | None = None, over: Sockets | None = None) -> None:
        self._registry = registry
        self._api_key = api_key
        self._over = over
        self._routes: tuple[tuple[str, re.Pattern[str], Callable[..., Answer]], ...] = (
            ("GET", re.compile(r"/api/status"), self._status),
            ("GET", re.compile(r"/api/actions/connector_types"), self._types),
            ("GET", re.compile(r"/api/actions/connectors"), self._all),
            ("POST", re.compile(r"/api/actions/connector(?:/([^/]+))?"), self._create),
            ("GET", re.compile(r"/api/actions/connector/([^/]+)"), self._get),
            ("PUT", re.compile(r"/api/actions/connector/([^/]+)"), self._update),
            ("DELETE", re.compile(r"/api/actions/connector/([^/]+)"), self._delete),
            ("POST", re.compile(r"/api/actions/connector/([^/]+)/_execute"), self._execute),
            ("POST", re.compile(r"/internal/actions/connector/_oauth_access_token"), self._access_token),
        )

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Return the answer to one request; header names are compared without regard to case. Never raises."""
        lowered = {name.lower(): value for name, value in headers.items()}
        try:
            return self._answered(method.upper(), target, lowered, body)
        except Refused as refused:
            return refused.answer()
        except NoSuchConnector as error:
            return Refused(404, error.message).answer()
        except TypeNotEnabled as error:
            return Refused(403, error.message).answer()
        except ConfigurationError as error:
            return Refused(error.status or 400, error.message).answer()
        except ConnectorError as error:
            return Refused(error.status if error.status in _REASONS else 400, error.message).answer()
        except InvalidInput as error:
            return Refused(500, str(error)).answer()

    def _answered(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            parts = urlsplit(target)
        except ValueError:
            raise Refused(400, "Bad Request") from None
        path = re.sub(r"^/s/[a-z0-9_-]+(?=/)", "", parts.path)
        if self._api_key is not None and not hmac.compare_digest(
            headers.get("authorization", "").encode(), f"ApiKey {self._api_key}".encode()
        ):
            raise Refused(401, "Unauthorized")
        if method not in ("GET", "HEAD") and "kbn-xsrf" not in headers:
            raise Refused(400, "Request must contain a kbn-xsrf header.")
        matched = [(verb, match, view) for verb, pattern, view in self._routes if (match := pattern.fullmatch(path))]
        for verb, match, view in matched:
            if verb == method:
                arguments = [unquote(group) for group in match.groups() if group is not None]
                return view(*arguments, query=parse_qs(parts.query), given=self._read(method, headers, body))
        raise Refused(404, "Not Found")

    def _read(self, method: str, headers: Mapping[str, str], body: bytes) -> Any:
        if method not in ("POST", "PUT"):
            return None
        if len(body) > MOST_BYTES:
            raise Refused(413, f"Payload content length greater than maximum allowed: {MOST_BYTES}")
        if not body:
            return None
        kind = headers.get("content-type", "application/json").split(";")[0].strip().lower()
        if kind != "application/json":
            raise Refused(415, "Unsupported Media Type")
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise Refused(400, "Invalid request payload JSON format") from None

    # the routes

    def _status(self, *, query: Any, given: Any) -> Answer:
        available = {"level": "available", "summary": "All services are available"}
        return Answer(200, {"name": "sandtable", "status": {"overall": available}})

    def _types(self, *, query: Mapping[str, list[str]], given: Any) -> Answer:
        feature = query.get("feature_id", [""])[0]
        return Answer(
            200,
            [
                {
                    "id": kind.id,
                    "name": kind.name,
                    "enabled": self._registry.settings.enables(kind.id),
                    "enabled_in_config": self._registry.settings.enables(kind.id),
                    "enabled_in_license": True,
                    "minimum_license_required": kind.licence,
                    "supported_feature_ids": list(kind.features),
                    "is_system_action_type": False,
                }
                for kind in TYPES
                if not feature or feature in kind.features
            ],
        )

    def _all(self, *, query: Any, given: Any) -> Answer:
        return Answer(200, [{**record.wire(), "referenced_by_count": 0} for record in self._registry.all()])

    def _create(self, connector_id: str | None = None, *, query: Any, given: Any) -> Answer:
        fields: dict[str, Node] = {
            "name": Text(),
            "connector_type_id": Text(),
            "config": _ANY_OBJECT,
            "secrets": _ANY_OBJECT,
        }
        checked = self._checked(given, fields)
        record = self._registry.create(
            checked["connector_type_id"],
            checked["name"],
            checked["config"],
            checked["secrets"],
            connector_id=connector_id,
        )
        return Answer(200, record.wire())

    def _get(self, connector_id: str, *, query: Any, given: Any) -> Answer:
        return Answer(200, self._registry.get(connector_id).wire())

    def _update(self, connector_id: str, *, query: Any, given: Any) -> Answer:
        checked = self._checked(given, {"name": Text(), "config": _ANY_OBJECT, "secrets": _ANY_OBJECT})
        record = self._registry.update(
            connector_id, name=checked["name"], config=checked["config"], secrets=checked["secrets"]
        )
        return Answer(200, record.wire())

    def _delete(self, connector_id: str, *, query: Any, given: Any) -> Answer:
        self._registry.delete(connector_id)
        return Answer(204)

    def _execute(self, connector_id: str, *, query: Any, given: Any) -> Answer:
        params = self._checked(given, {"params": _ANY_OBJECT})["params"]
        try:
            connector = self._registry.open(connector_id, self._over)
        except (NoSuchConnector, TypeNotEnabled):
            raise
        except ConnectorError as error:
            # A connector that cannot run answers as one that ran and failed.
            failed = {"status": "error", "connector_id": connector_id, "message": error.message, "retry": False}
            return Answer(200, failed)
        return Answer(200, connector.execute(params).wire())

    def _access_token(self, *, query: Any, given: Any) -> Answer:
        config = Fields({"clientId": Text(), "userIdentifierValue": Text(), "jwtKeyId": Text()}, open=True)
        secrets = Fields({"clientSecret": Text(), "privateKey": Text()}, open=True)
        options = Fields({"tokenUrl": Text(), "config": config, "secrets": secrets})
        checked = self._checked(given, {"type": Text(), "options": options})
        if checked["type"] != "jwt":
            raise Refused(400, f"[request body.type]: {checked['type']!r} is not supported here; only jwt is")
        wanted = checked["options"]
        url = wanted["tokenUrl"].removesuffix("/oauth_token.do")
        if url == wanted["tokenUrl"]:
            raise Refused(400, "[request body.options.tokenUrl]: must end in /oauth_token.do")
        transport: Transport | None = None
        if self._over is not None and self._over.wrap is not None:
            plain = RequestsTransport(self._over.session, self._registry.settings.networking, self._registry.behaviour)
            transport = self._over.wrap(plain, redactor_of(wanted["secrets"]))
        connector = Connector(
            ITSM.id,
            {"apiUrl": url, "isOAuth": True, "usesTableApi": False, **wanted["config"]},
            wanted["secrets"],
            behaviour=self._registry.behaviour,
            networking=self._registry.settings.networking,
            transport=transport,
        )
        try:
            return Answer(200, {"accessToken": connector.authorization()})
        except ConnectorError as error:
            raise Refused(400, f"Failed to retrieve access token: {error.message}") from None

    def _checked(self, given: Any, fields: Mapping[str, Node]) -> dict[str, Any]:
        if not isinstance(given, dict):
            shown = "null" if given is None else "array" if isinstance(given, list) else type(given).__name__
            raise Refused(400, f"[request body]: expected a plain object value, but found [{shown}] instead.")
        checked, complaints = Fields(dict(fields)).check(given, (), "config-schema")
        if complaints:
            text = worded(complaints, "config-schema")
            raise Refused(400, re.sub(r"^\[", "[request body.", text) if text.startswith("[") else text)
        result: dict[str, Any] = checked
        return result
