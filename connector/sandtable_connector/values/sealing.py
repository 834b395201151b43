"""Encryption of secrets at rest: AES-256-GCM under a key derived from one text.

The text is Kibana's ``xpack.encryptedSavedObjects.encryptionKey`` or a key file of our own; it is stretched with
scrypt, so that a guessable one is at least slow to guess. What a secret belongs to is authenticated with it: moved
to another connector it does not open.
"""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from sandtable_connector.errors import Permanent
from sandtable_connector.values.invalid_input import InvalidInput

SALT_BYTES = 16
SHORTEST_KEY = 32
_NONCE_BYTES = 12
_VERSION = b"\x01"


class Undecryptable(Permanent):
    """What was sealed does not open with this key, or was changed since."""


class Seal:
    """Seals and opens bytes; ``key_text`` has 32 characters or more (InvalidInput), ``salt`` 16 bytes."""

    def __init__(self, key_text: str, salt: bytes) -> None:
        if len(key_text) < SHORTEST_KEY:
            raise InvalidInput(
                f"has {len(key_text)} characters",
                field="encryption key",
                fix=f"Use {SHORTEST_KEY} characters or more.",
            )
        self.salt = salt
        key = Scrypt(salt=salt, length=32, n=2**14, r=8, p=1).derive(key_text.encode("utf-8", "replace"))
        self._cipher = AESGCM(key)

    def close(self, content: bytes, *, belongs_to: str) -> bytes:
        """Return the content sealed for one owner."""
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, content, _VERSION + belongs_to.encode())

    def open(self, sealed: bytes, *, belongs_to: str) -> bytes:
        """Return what was sealed for that owner; Undecryptable when the key is another one or a bit was changed."""
        version, nonce, content = sealed[:1], sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            if version != _VERSION:
                raise InvalidTag
            return self._cipher.decrypt(nonce, content, version + belongs_to.encode())
        except (InvalidTag, ValueError):
            raise Undecryptable(f"{belongs_to}: cannot be decrypted with this encryption key") from None


def key_from_file(path: Path, *, create: bool) -> str:
    """Return the key text in a file; with ``create`` a new random key is written for its owner only.

    InvalidInput when the file cannot be read or written.
    """
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        if not create:
            raise InvalidInput(
                "there is no such key file",
                where=str(path),
                fix="The secrets of the registry were sealed with it; put it back, or give the key in another way.",
            ) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise InvalidInput(f"cannot be read: {reason}", where=str(path)) from None
    text = base64.b64encode(secrets.token_bytes(32)).decode("ascii")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text + "\n")
    except FileExistsError:
        return key_from_file(path, create=False)  # another process was quicker
    except OSError as error:
        raise InvalidInput(f"cannot be written: {error.strerror}", where=str(path)) from None
    return text
