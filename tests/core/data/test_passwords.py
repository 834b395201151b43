from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandtable.core.values.passwords import hash_password, is_hashed, verify_password

pytestmark = pytest.mark.ours("passwords are kept hashed and compared safely")


@given(st.text(), st.text())
def test_only_the_same_password_matches(password: str, other: str) -> None:
    stored = hash_password(password, "salt")
    assert verify_password(password, stored)
    assert verify_password(other, stored) == (password == other)


@pytest.mark.parametrize("password", ["pässwörd", "密码", "\ud800", "a" * 5000, ""])
def test_any_text_may_be_a_password(password: str) -> None:
    assert verify_password(password, hash_password(password, "s"))
    assert not verify_password(password + "x", hash_password(password, "s"))


def test_the_salt_makes_equal_passwords_differ_and_hides_them() -> None:
    first, second = hash_password("secret", "one"), hash_password("secret", "two")
    assert first != second
    assert "secret" not in first
    assert is_hashed(first)


@pytest.mark.parametrize(
    "stored", ["", "secret", "a$b$c$d", "pbkdf2-sha256$x$s$" + "0" * 64, "pbkdf2-sha256$1$s$é" + "0" * 63]
)
def test_what_is_no_hash_matches_nothing(stored: str) -> None:
    assert not verify_password(stored, stored)
    assert not verify_password("", stored)


def test_a_salt_with_the_separator_is_refused() -> None:
    with pytest.raises(ValueError, match="salt"):
        hash_password("x", "a$b")
