"""Passwords as the store keeps them: salted, hashed, and compared in constant time."""

from __future__ import annotations

import hashlib
import hmac

_SCHEME = "pbkdf2-sha256"
_AS_SENT = "as-sent"
# A simulator checks a password on every request: these rounds keep it out of plain sight in a file, no more.
_ROUNDS = 100


class TypedPassword(str):
    """A password as a person typed it on a form: a write hashes it, whatever else the write says of its values."""

    __slots__ = ()


def hash_password(password: str, salt: str, *, rounds: int = _ROUNDS) -> str:
    """Return the stored form of a password: scheme, rounds, salt and digest, joined by ``$``.

    The salt is any text without ``$``; the caller draws it from the instance's own randomness.
    """
    if "$" in salt:
        raise ValueError("a salt must not contain '$'")
    digest = hashlib.pbkdf2_hmac("sha256", _bytes(password), salt.encode("utf-8"), rounds)
    return f"{_SCHEME}${rounds}${salt}${digest.hex()}"


def kept_as_sent(password: str, salt: str) -> str:
    """Return the stored form of a password that was written past the hashing: it matches nothing, and shows nothing."""
    return f"{_AS_SENT}${hash_password(password, salt)}"


def is_kept_as_sent(stored: str) -> bool:
    """Return whether a stored value was made by `kept_as_sent`."""
    return stored.startswith(f"{_AS_SENT}$")


def is_hashed(stored: str) -> bool:
    """Return whether a stored value is already in the form that `hash_password` makes."""
    parts = stored.split("$")
    return len(parts) == 4 and parts[0] == _SCHEME and parts[1].isdigit() and len(parts[3]) == 64


def verify_password(password: str, stored: str) -> bool:
    """Return whether the password is the one behind a stored value; an empty or unreadable one matches nothing.

    The comparison takes the same time wherever the two differ, and where there is nothing to compare with: who tries
    does not learn that way which users there are. Any text may be tried, non-ASCII included.
    """
    if not is_hashed(stored):
        verify_password(password, _NOBODYS)
        return False
    _, rounds, salt, expected = stored.split("$")
    digest = hashlib.pbkdf2_hmac("sha256", _bytes(password), salt.encode("utf-8"), max(int(rounds), 1))
    return hmac.compare_digest(digest.hex().encode("ascii"), _bytes(expected))


_NOBODYS = f"{_SCHEME}${_ROUNDS}$0123456789abcdef${'0' * 64}"


def _bytes(text: str) -> bytes:
    # Lone surrogates can reach us through a lenient JSON body; they must fail to match rather than fail to encode.
    return text.encode("utf-8", "surrogatepass")
