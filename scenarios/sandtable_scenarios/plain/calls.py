"""Single calls of a plain client: signed in by name or by key, never repeated, no redirect followed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import jwt
import requests
from cryptography.hazmat.primitives.serialization import load_pem_private_key

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
PATIENCE = 60.0
PASSING = frozenset({408, 425, 429})


class Failed(Exception):
    """A call went wrong; ``retry`` says whether another try may help."""

    def __init__(self, text: str, *, retry: bool) -> None:
        super().__init__(text)
        self.retry = retry


class Caller:
    """Calls one instance with one connector's credentials; a token is kept in ``tokens`` by what it was bought with."""

    def __init__(
        self,
        session: requests.Session,
        config: Mapping[str, Any],
        secrets: Mapping[str, Any],
        tokens: dict[object, tuple[str, float]],
        owner: object,
    ) -> None:
        self._http = session
        self._config, self._secrets = config, secrets
        self._tokens = tokens
        # Whoever changes one of the settings buys a token of their own.
        self._key = (owner, tuple(sorted(config.items())), tuple(sorted(secrets.items())))
        self.base = str(config["apiUrl"]).rstrip("/")

    def result(self, method: str, path: str, body: object = None) -> Any:
        """Send one call and return its ``result``; raises Failed."""
        basic = None if self._config.get("isOAuth") else (self._secrets["username"], self._secrets["password"])
        headers = {"Accept": "application/json"}
        if basic is None:
            headers["Authorization"] = f"Bearer {self._token()}"
        answer = self._sent(method, path, headers=headers, auth=_encoded(basic), json=body)
        if basic is None and 400 <= answer.status_code < 500:
            self._tokens.pop(self._key, None)
        found = _read(answer)
        if "result" not in found:
            raise Failed("an answer without a result", retry=True)
        return found["result"]

    def _sent(self, method: str, path: str, **options: Any) -> requests.Response:
        try:
            return self._http.request(method, self.base + path, allow_redirects=False, timeout=PATIENCE, **options)
        except requests.RequestException as problem:
            raise Failed(f"no answer to {method}: {type(problem).__name__}", retry=True) from None

    def _token(self) -> str:
        kept, until = self._tokens.get(self._key, ("", 0.0))
        now = time.time()
        if until > now:
            return kept
        secret, client = self._secrets["clientSecret"], self._config["clientId"]
        claims = {"iss": client, "aud": client, "sub": self._config["userIdentifierValue"]}
        claims |= {"iat": int(now), "exp": int(now) + 3600, "jti": f"{time.monotonic_ns()}"}
        try:
            password = (self._secrets.get("privateKeyPassword") or "").encode() or None
            key: Any = load_pem_private_key(self._secrets["privateKey"].encode(), password)
            assertion = jwt.encode(claims, key, "RS256", {"kid": self._config["jwtKeyId"]})
        except (ValueError, TypeError, jwt.PyJWTError):
            raise Failed("the private key cannot sign", retry=False) from None
        form = {"grant_type": GRANT, "assertion": assertion, "client_id": client, "client_secret": secret}
        text = "&".join(f"{name}={quote(value, safe='')}" for name, value in form.items())
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        granted = _read(self._sent("POST", "/oauth_token.do", headers=headers, data=text))
        token, lifetime = granted.get("access_token"), granted.get("expires_in", 1800)
        if not isinstance(token, str) or not token:
            raise Failed("a token answer without a token", retry=True)
        self._tokens[self._key] = (token, now + float(lifetime))
        return token


def _encoded(pair: tuple[str, str] | None) -> Any:
    return None if pair is None else (pair[0].encode(), pair[1].encode())


def _read(answer: requests.Response) -> dict[str, Any]:
    status = answer.status_code
    if not 200 <= status < 300:
        raise Failed(f"status {status}", retry=status in PASSING or status >= 500 or 300 <= status < 400)
    try:
        found = answer.json()
    except (ValueError, requests.RequestException):
        raise Failed("an answer that is no JSON", retry=True) from None
    if not isinstance(found, dict):
        raise Failed("an answer that is no object", retry=True)
    return found
