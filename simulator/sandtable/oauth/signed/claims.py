"""Claims of an assertion: texts that must be there, and the rows of `oauth_jwt_claims` that a client adds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandtable.oauth.errors import InvalidGrant
from sandtable.oauth.records import matching

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance
    from sandtable.core.platform.record import Record

TABLE = "oauth_jwt_claims"


def check_text(claims: Mapping[str, Any], name: str, label: str) -> str:
    """Return a claim that must be text with something in it. Raises InvalidGrant.

    Blank text is refused: looked up as an address it would match everybody who has none.
    """
    value = claims.get(name)
    if value is None:
        raise InvalidGrant(f"{label} is missing")
    if not isinstance(value, str):
        raise InvalidGrant(f"{label} is no text")
    if not value.strip():
        raise InvalidGrant(f"{label} is blank")
    if "\0" in value or not _is_storable(value):
        raise InvalidGrant(f"{label} has characters that no record can hold")
    return value


def custom_claims(instance: Instance, client: Record) -> dict[str, list[Record]]:
    """Return the claim rows of a client by claim name."""
    rows: dict[str, list[Record]] = {}
    for row in matching(instance, TABLE, oauth_jwt=client.sys_id):
        rows.setdefault(row["claim_name"], []).append(row)
    return rows


def satisfies(claims: Mapping[str, Any], name: str, rows: list[Record]) -> None:
    """Raise InvalidGrant unless a claim has the value and the type that all rows for it ask for."""
    if name not in claims:
        raise InvalidGrant(f"claim {name[:60]!r} is missing, and the client has a claim row for it")
    for row in rows:
        if not _equals(claims[name], row["claim_value"], row["claim_value_type"] or "string"):
            raise InvalidGrant(f"claim {name[:60]!r} is not the {row['claim_value_type']} that its claim row asks for")


def _equals(value: object, wanted: str, kind: str) -> bool:
    if kind == "boolean":
        return isinstance(value, bool) and wanted.strip().lower() == ("true" if value else "false")
    if kind == "number":
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        try:
            return float(value) == float(wanted)
        except (ValueError, OverflowError):
            return False
    return isinstance(value, str) and value == wanted


def _is_storable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
