"""The `sysparm_*` parameters of a request, read the way the platform reads them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandtable.core.values.texts import whole_number

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from sandtable.core.platform.instance import Instance

DEFAULT_LIMIT = 10_000
DISPLAY_MODES = ("false", "true", "all")

READ = frozenset(
    {
        "sysparm_display_value",
        "sysparm_exclude_reference_link",
        "sysparm_fields",
        "sysparm_view",
        "sysparm_query_no_domain",
    }
)
LIST = READ | {
    "sysparm_query",
    "sysparm_limit",
    "sysparm_offset",
    "sysparm_no_count",
    "sysparm_query_category",
    "sysparm_suppress_pagination_header",
}
WRITE = READ | {"sysparm_input_display_value", "sysparm_suppress_auto_sys_field"}
# Clients send each of these with every request, and the platform passes over those that mean nothing there.
DOCUMENTED = LIST | WRITE


@dataclass(frozen=True, slots=True)
class Shape:
    """How records are to be shown: display mode, links or not, chosen fields (None for all), and the view."""

    display: str = "false"
    exclude_links: bool = False
    fields: tuple[str, ...] | None = None
    view: str = ""


AS_STORED = Shape()


@dataclass(frozen=True, slots=True)
class ListParameters:
    """What a list request asks for."""

    shape: Shape
    query: str
    limit: int
    offset: int
    count: bool
    link: bool
    filters: Mapping[str, str]


def is_true(text: str | None) -> bool:
    """Return whether a boolean parameter is on; case does not matter, since Python clients send `True`."""
    return text is not None and text.strip().lower() == "true"


def shape_of(args: MultiDict[str, str]) -> Shape:
    """Return how the answer shall show its records; an unknown display mode acts as false."""
    if not args:
        return AS_STORED
    display = (args.get("sysparm_display_value") or "false").strip().lower()
    return Shape(
        display=display if display in DISPLAY_MODES else "false",
        exclude_links=is_true(args.get("sysparm_exclude_reference_link")),
        fields=_names(args.get("sysparm_fields")),
        view=(args.get("sysparm_view") or "").strip(),
    )


def _names(text: str | None) -> tuple[str, ...] | None:
    names = dict.fromkeys(part.strip() for part in (text or "").split(","))
    names.pop("", None)
    return tuple(names) or None


def list_parameters(
    args: MultiDict[str, str],
    is_column: Callable[[str], bool],
    *,
    default_limit: int = DEFAULT_LIMIT,
) -> ListParameters:
    """Return what a list request asks for; a parameter named like a column is a filter, of a repeated one the first."""
    return ListParameters(
        shape=shape_of(args),
        query=args.get("sysparm_query") or "",
        limit=whole_number(args.get("sysparm_limit"), default_limit),
        offset=whole_number(args.get("sysparm_offset"), 0),
        count=not is_true(args.get("sysparm_no_count")),
        link=not is_true(args.get("sysparm_suppress_pagination_header")),
        filters={name: args[name] for name in args if not name.startswith("sysparm_") and is_column(name)},
    )


def note_unknown(
    instance: Instance,
    args: MultiDict[str, str],
    known: Collection[str],
    is_column: Callable[[str], bool] = lambda name: False,
) -> None:
    """Enter each parameter that has no effect here in the ledger of what is not simulated."""
    for name in args:
        if name not in known and not is_column(name):
            instance.ledger.note("parameter", name, _what_it_would_have_been(name, args[name]))


def _what_it_would_have_been(name: str, value: str) -> str:
    """Return a warning for a filter that a client has garbled, so that it finds everything: `b'sysparm_query=...'`."""
    whole = f"{name}={value}"
    if "sysparm_query" in name and name != "sysparm_query":
        return f"this would have been the filter; without it every record is found: {whole[:100]}"
    if "sysparm_" in name and not name.startswith("sysparm_"):
        return f"a garbled parameter, which has no effect: {whole[:100]}"
    return ""
