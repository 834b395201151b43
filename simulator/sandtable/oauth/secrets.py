"""Secrets: drawn apart from ids, so that no number makes them repeat; found by digest, compared in constant time."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance

TOKEN_BYTES = 64
API_KEY_BYTES = 48
STARS = "********"


def new_token(instance: Instance) -> str:
    """Return a new opaque token: 86 characters of base64url without padding, as the product's are."""
    return _url_text(instance.secrets.randbytes(TOKEN_BYTES))


def new_secret(instance: Instance) -> str:
    """Return a new client secret: 32 hex digits."""
    return f"{instance.secrets.getrandbits(128):032x}"


def new_api_key(instance: Instance) -> str:
    """Return a new REST API key; the product's begin with `now_`."""
    return "now_" + _url_text(instance.secrets.randbytes(API_KEY_BYTES))


def digest(text: str) -> str:
    """Return what a secret is found by: its SHA-256 in hex. Any text will do, half a surrogate pair too."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare two secrets in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


def _url_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
