"""Which REST API a path belongs to, as administrators name it in rules about APIs."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sandtable.core.applications.application import resource_for
from sandtable.oauth.inbound.scopes import Call, call_of

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance

_PLATFORM = {
    "table": "Table API",
    "import": "Import Set API",
    "stats": "Aggregate API",
    "attachment": "Attachment API",
    "batch": "Batch API",
}
PUBLIC_CSRF, ALLOWED = "glide.security.csrf.rest.public_csrf.enabled", "sys_rest_csrf_allow_list"
_VERSION = re.compile(r"v\d+")
_SERVICE = re.compile(r"(?P<name>[^\[]*) \[(?P<path>[^\]]+)\]")


@dataclass(frozen=True, slots=True)
class RestApi:
    """A REST API: its name, its path below /api without version, and the version and table that were asked for."""

    name: str
    path: str
    version: str = ""
    table: str = ""

    @property
    def label(self) -> str:
        """The form in which a choice list shows it, such as `Table API [now/table]`."""
        return f"{self.name} [{self.path}]"


def api_of(instance: Instance, method: str, path: str) -> RestApi | None:
    """Return the API of a request path, or None for a path that is below no API."""
    parts = [part for part in path.split("/") if part]
    if len(parts) < 3 or parts[0] != "api":
        return None
    version = parts.pop(2) if _VERSION.fullmatch(parts[2]) and len(parts) > 3 else ""
    below = f"{parts[1]}/{parts[2]}"
    if parts[1] == "now" and parts[2] in _PLATFORM:
        table = parts[3] if len(parts) > 3 and parts[2] in ("table", "import", "stats") else ""
        return RestApi(_PLATFORM[parts[2]], below, version, table)
    matched = resource_for(instance, method, path)
    service = _SERVICE.fullmatch(matched[0].service) if matched is not None else None
    return RestApi(service["name"] if service else below, service["path"] if service else below, version)


def called(instance: Instance, method: str, path: str) -> Call | None:
    """Return the REST call that a request means, called as administrators name it; None for what is below no API."""
    api = api_of(instance, method, path)
    return None if api is None else replace(call_of(path, method), label=api.label)


def needs_user_token(instance: Instance, method: str, path: str) -> bool:
    """Tell whether a write for which a session's cookie vouches needs the session's user token.

    A public resource does from Brazil on, unless it is listed (ServiceNow documentation, Brazil release notes).
    """
    matched = resource_for(instance, method, path)
    if matched is None or matched[0].requires_authentication:
        return True
    if not instance.property_is_true(PUBLIC_CSRF, False):
        return False
    listed = instance.system().table(ALLOWED).query("active=true") if instance.dictionary.has(ALLOWED) else []
    return not any(
        record["resource_path"].strip("/") == path.strip("/") and record["http_method"].upper() in ("", method)
        for record in listed
    )
