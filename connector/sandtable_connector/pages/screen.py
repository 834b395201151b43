"""What the pages are drawn with: the request as they see it, the templates, the addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape

from sandtable_connector.pages.workbench import Workbench

MANAGEMENT = "/app/management/insightsAndAlerting"
CONNECTORS = f"{MANAGEMENT}/triggersActionsConnectors/connectors"
RULES = f"{MANAGEMENT}/triggersActions/rules"
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'self'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Page:
    """An answer for a browser."""

    status: int
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page was asked for: the path below the app, the query, the form, and the token of its session."""

    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    is_post: bool
    token: str


class Screen:
    """Draws pages over a workbench."""

    def __init__(self, workbench: Workbench) -> None:
        self.workbench = workbench
        self._templates = Environment(
            loader=PackageLoader("sandtable_connector.pages"), autoescape=select_autoescape(), trim_blocks=True
        )

    def show(self, template: str, token: str, *, status: int = 200, **context: Any) -> Page:
        """Return a page drawn from a template."""
        text = self.text(
            template,
            token=token,
            connectors_path=CONNECTORS,
            rules_path=RULES,
            has_rules=self.workbench.rules,
            **context,
        )
        return Page(status, text.encode("utf-8", "replace"), headers=HEADERS)

    def text(self, template: str, **context: Any) -> str:
        """Return a template filled in."""
        return self._templates.get_template(template).render(**context)


def redirect(address: str) -> Page:
    """Return a redirect by GET."""
    return Page(303, headers={**HEADERS, "Location": address})
