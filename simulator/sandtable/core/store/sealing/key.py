"""The key of a data file: beside it, for its owner alone, and made when the first secret is sealed."""

from __future__ import annotations

import base64
import contextlib
import errno
import hashlib
import os
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from sandtable.core.schema.physical import StoreError
from sandtable.core.values.errors import InsufficientStorage

MARK = "\x02sealed1:"  # what every sealed text begins with
KEY_BYTES = 64
OWNER_ONLY = 0o600


class Key:
    """Seals and opens texts with AES-SIV (RFC 5297), which asks for no randomness.

    What a text belongs to is authenticated with it: moved to another place it does not open.
    """

    def __init__(self, secret: bytes) -> None:
        self.name = hashlib.sha256(b"name of a key:" + secret).hexdigest()[:8]
        self._cipher = AESSIV(secret)
        # Rows are read again and again; what one opened to does not change.
        self._opened = lru_cache(maxsize=2_048)(self._open)

    def close(self, text: str, belongs_to: str) -> str:
        """Return a text sealed for one place, the name of the key in front."""
        sealed = self._cipher.encrypt(text.encode("utf-8", "surrogatepass"), [belongs_to.encode()])
        return f"{MARK}{self.name}:{base64.b64encode(sealed).decode('ascii')}"

    def open(self, sealed: str, belongs_to: str) -> str | None:
        """Return what was sealed for that place under this key; None for anything else."""
        return self._opened(sealed, belongs_to)

    def _open(self, sealed: str, belongs_to: str) -> str | None:
        try:
            content = base64.b64decode(sealed.rpartition(":")[2], validate=True)
            return self._cipher.decrypt(content, [belongs_to.encode()]).decode("utf-8", "surrogatepass")
        except (InvalidTag, ValueError):
            return None


def key_beside(path: str, *, make: bool) -> Key | None:
    """Return the key of a data file, from the file of its name with `.key` behind; `make` writes a new one.

    None where there is no such file. Raises StoreError for one that cannot be read, written or used, and
    InsufficientStorage where a new one has no space.
    """
    place = Path(f"{path}.key")
    try:
        found = place.read_bytes()
    except FileNotFoundError:
        return _made(place) if make else None
    except OSError as error:
        raise StoreError(f"{place} has the key of {path} and cannot be read: {error.strerror or error}") from None
    try:
        secret = base64.b64decode(found.strip(), validate=True)
    except ValueError:
        secret = b""
    if len(secret) != KEY_BYTES:
        raise StoreError(f"{place} is not the key of a data file: {KEY_BYTES} bytes in base64; put back what it was")
    return Key(secret)


def _made(place: Path) -> Key:
    secret = AESSIV.generate_key(KEY_BYTES * 8)
    try:
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb") as file:
            file.write(base64.b64encode(secret) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        with contextlib.suppress(OSError):
            place.unlink()  # half a key would be taken for another one
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise InsufficientStorage(str(place), "the key of the data file has no space") from None
        raise StoreError(f"{place}, the key of the data file, cannot be written: {error.strerror or error}") from None
    return Key(secret)
