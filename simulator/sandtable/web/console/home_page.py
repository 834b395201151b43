"""The page at the root: what this is, and where to look, for whoever opens the address in a browser."""

from __future__ import annotations

from html import escape

from flask import Blueprint, Response, request

from sandtable.web.console.record_pages import page
from sandtable.web.transaction import current

blueprint = Blueprint("home_page", __name__)
LISTS = (
    ("incident", "Incidents"),
    ("sn_si_incident", "Security incidents"),
    ("em_event", "Events"),
    ("sys_import_set_row", "Rows of import sets"),
    ("sys_user", "Users"),
    ("sys_properties", "System properties"),
    ("sys_cors_rule", "CORS rules"),
    ("oauth_entity", "OAuth registrations"),
    ("syslog", "Log"),
)
PLANE = (
    ("requests", "What was received"),
    ("unsimulated", "What a client used that is not simulated"),
    ("faults", "Planned faults"),
    ("snapshots", "Snapshots"),
)


@blueprint.route("/", methods=["GET", "HEAD"])
@blueprint.route("/navpage.do", methods=["GET", "HEAD"])
@blueprint.route("/home.do", methods=["GET", "HEAD"])
def home() -> Response:
    """Answer with links to lists and to the test plane; nothing on it needs a sign-in."""
    transaction = current()
    instance = transaction.instance
    lists = [(f"/{name}_list.do", text) for name, text in LISTS if instance.dictionary.has(name)]
    content = (
        f"<p>A simulated ServiceNow instance, for tests. Its time is {escape(instance.clock.text())} UTC.</p>"
        f"<h2>Lists</h2>{_links(lists)}"
    )
    if transaction.settings.plane:
        content += f"<h2>Test plane</h2>{_links([(f'/_sandtable/{name}', text) for name, text in PLANE])}"
    return page(f"Sandtable: {instance.name}", content)


def _links(pairs: list[tuple[str, str]]) -> str:
    prefix = request.environ.get("SCRIPT_NAME", "")
    items = "".join(f'<li><a href="{escape(prefix + target)}">{escape(text)}</a></li>' for target, text in pairs)
    return f"<ul>{items}</ul>"
