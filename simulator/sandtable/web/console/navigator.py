"""The navigator: applications with their modules, what is typed into its filter, favourites.

What the console ships stands in `navigator.json`; records of sys_app_application and sys_app_module join it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sandtable.core.values.texts import comma_list
from sandtable.web.console.visitor import prefer, preference

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record

FAVOURITES = "sandtable.console.favourites"
MOST_FAVOURITES = 40
TABLES_SHOWN = 12
_COMMAND = re.compile(
    r"(?P<table>[A-Za-z0-9_]+?)(?:\.(?P<verb>list|do|form|config|filter)|_list\.do|(?P<page>\.do))", re.I
)


@dataclass(frozen=True, slots=True)
class Module:
    """One entry of the navigator: what it is called, where it leads, and the roles of which one is needed."""

    title: str
    address: str
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Menu:
    """One application of the navigator with its modules."""

    title: str
    modules: tuple[Module, ...]


def menu_for(session: Session, *, workshop: bool) -> list[Menu]:
    """Return the applications and modules that the user may see; those of absent tables are left out."""
    instance = session.instance
    menus = [*_shipped_menus(), *_own_menus(instance)]
    shown = []
    for menu in menus:
        modules = tuple(each for each in menu.modules if _is_shown(session, each, workshop=workshop))
        if modules:
            shown.append(Menu(menu.title, modules))
    return shown


def _is_shown(session: Session, module: Module, *, workshop: bool) -> bool:
    if module.address.startswith("/_console/workshop") and not workshop:
        return False
    table = _table_of(module.address)
    if table and not session.instance.dictionary.has(table):
        return False
    return not module.roles or session.has_role(*module.roles)


def _table_of(address: str) -> str:
    path, _, query = address.partition("?")
    if path.endswith("_list.do"):
        return path.strip("/").removesuffix("_list.do")
    return path.strip("/").removesuffix(".do") if query.startswith("sys_id=") else ""


@cache
def _shipped_menus() -> tuple[Menu, ...]:
    content: list[dict[str, Any]] = json.loads((Path(__file__).parent / "navigator.json").read_text("utf-8"))
    return tuple(
        Menu(
            entry["title"],
            tuple(
                Module(title, address, frozenset(rest[0].split(",")) if rest else frozenset(entry.get("roles", ())))
                for title, address, *rest in entry["modules"]
            ),
        )
        for entry in content
    )


def _own_menus(instance: Instance) -> tuple[Menu, ...]:
    """Return the applications that records describe."""
    if not (instance.dictionary.has("sys_app_application") and instance.dictionary.has("sys_app_module")):
        return ()
    return instance.cached(("console menus",), ("sys_metadata",), lambda: _read_menus(instance))


def _read_menus(instance: Instance) -> tuple[Menu, ...]:
    system = instance.system()
    menus = []
    for application in system.table("sys_app_application").query("active=true^ORDERBYorder^ORDERBYtitle"):
        modules = [
            Module(
                each["title"] or each["name"],
                _address_of(each),
                frozenset(comma_list(each["roles"]) or comma_list(application["roles"])),
            )
            for each in system.table("sys_app_module").query(
                f"application={application.sys_id}^active=true^ORDERBYorder^ORDERBYtitle"
            )
            if each["link_type"] != "SEPARATOR"
        ]
        menus.append(Menu(application["title"] or application["name"], tuple(modules)))
    return tuple(menus)


def _address_of(module: Record) -> str:
    kind, table = module["link_type"].upper(), quote(module["name"], safe="")
    if kind in ("DIRECT", "URL", "LINK") and module["query"]:
        return "/" + module["query"].lstrip("/")
    if kind in ("NEW", "ASSESSMENT"):
        return f"/{table}.do?sys_id=-1"
    query = module["filter"] or module["query"]
    return f"/{table}_list.do" + (f"?sysparm_query={quote(query, safe='')}" if query else "")


# what is typed -------------------------------------------------------------------------------------------------------


def typed_address(instance: Instance, text: str) -> str:
    """Return where a text typed into the filter leads: `incident.list`, `incident.do`, `incident_list.do`, or a table.

    Empty for anything else. Letter case of the words behind the dot does not matter: LIST opens a new tab on the
    product.
    """
    text = text.strip()
    name = text.lower()
    if instance.dictionary.has(name):
        return f"/{name}_list.do"
    found = _COMMAND.fullmatch(text)
    if found is None:
        return ""
    table, verb = found["table"].lower(), (found["verb"] or "").lower()
    if not instance.dictionary.has(table):
        return ""
    if verb in ("do", "form") or found["page"]:
        return f"/{table}.do?sys_id=-1"
    if verb == "config":
        return f"/sys_dictionary_list.do?sysparm_query=name%3D{table}"
    return f"/{table}_list.do"


def tables_like(session: Session, text: str) -> list[tuple[str, str]]:
    """Return name and label of tables that a text means, for those who may see them; exact names first."""
    wanted = text.strip().lower().partition(".")[0]
    if len(wanted) < 2:
        return []
    instance = session.instance
    found = [
        (table.name, plural_of(instance, table.name))
        for table in instance.dictionary.tables()
        if wanted in table.name or wanted in table.label.lower()
    ]
    found.sort(key=lambda each: (each[0] != wanted, not each[0].startswith(wanted), each[0]))
    return [each for each in found[: 3 * TABLES_SHOWN] if instance.access.can(session, "read", each[0])][:TABLES_SHOWN]


def plural_of(instance: Instance, table: str) -> str:
    """Return what the records of a table are called together."""
    entry = instance.dictionary.table(table)
    label = entry.label or table
    if entry.plural or not entry.label:
        return entry.plural or label
    if label.endswith("y") and label[-2:-1] not in "aeiou":
        return f"{label[:-1]}ies"
    return label + ("es" if label.endswith(("s", "x", "ch", "sh")) else "s")


# favourites ----------------------------------------------------------------------------------------------------------


def favourites_of(session: Session) -> list[tuple[str, str]]:
    """Return address and title of the user's favourites, in their order."""
    try:
        kept = json.loads(preference(session, FAVOURITES, "[]"))
        return [(str(address), str(title)) for address, title in kept]
    except (ValueError, TypeError):
        return []


def toggle_favourite(session: Session, address: str, title: str) -> bool:
    """Add a favourite, or take it away when it is one; return whether it is one now."""
    kept = favourites_of(session)
    others = [each for each in kept if each[0] != address]
    added = len(others) == len(kept)
    if added:
        others = [*others, (address, title[:80])][-MOST_FAVOURITES:]
    prefer(session, FAVOURITES, json.dumps(others))
    return added
