"""The console: what people see of an instance in a browser. Lists, forms, a navigator, a dashboard, and the workshop.

Its pages read and write through a Session only. What draws them is loaded by the first request for one, so that a
server that only answers programs starts as fast as without them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from sandtable.web.environ import CONSOLE_PREFIX
from sandtable.web.transaction import Transaction, current

if TYPE_CHECKING:
    from werkzeug.exceptions import HTTPException

    from sandtable.core.values.errors import PlatformError

blueprint = Blueprint("console", __name__, template_folder="templates")
READ, BOTH = ("GET", "HEAD"), ("GET", "HEAD", "POST")


@blueprint.route("/", methods=READ)
@blueprint.route("/navpage.do", methods=READ)
@blueprint.route("/home.do", methods=READ)
@blueprint.route("/welcome.do", methods=READ)
@blueprint.route("/now/nav/ui/home", methods=READ)
def home() -> Response:
    """Show the start page."""
    from sandtable.web.console.home import home_page

    return home_page(current())


@blueprint.route("/login.do", methods=BOTH)
@blueprint.route("/login_redirect.do", methods=BOTH)
@blueprint.route("/side_door.do", methods=BOTH)
def login() -> Response:
    """Show the sign-in form, or sign in with it."""
    from sandtable.web.console.sign_in import login_page

    return login_page(current())


@blueprint.route("/logout.do", methods=("GET", "POST"))
def logout() -> Response:
    """End the session of the caller's cookie, and send the caller to the login page."""
    from sandtable.web.console.sign_in import sign_out

    return sign_out(current())


@blueprint.route("/stats.do", methods=READ)
def stats() -> Response:
    """Answer with the page that health checks look for: the instance, its build, and how many sessions are live."""
    from sandtable.web.console.home import statistics

    return statistics(current())


@blueprint.route("/impersonate.do", methods=BOTH)
def impersonate() -> Response:
    """Show whom an administrator may impersonate, and begin or end it."""
    from sandtable.web.console.sign_in import impersonation

    return impersonation(current())


@blueprint.route("/nav_to.do", methods=READ)
def nav_to() -> Response:
    """Lead on to the page that a link names."""
    from sandtable.web.console.links import nav_to as lead

    return lead(current(), request.args.get("uri") or "")


@blueprint.route("/now/<path:inside>", methods=READ)
def modern(inside: str) -> Response:
    """Lead an address of the newer user interface on to the page it means."""
    from sandtable.web.console.links import from_modern

    return from_modern(current(), inside)


@blueprint.route("/kb_view.do", methods=READ)
@blueprint.route("/sp", methods=READ)
@blueprint.route("/esc", methods=READ)
@blueprint.route("/textsearch.do", methods=READ)
@blueprint.route("/navigate.do", methods=READ)
def special() -> Response:
    """Show an article, a page of the portal, what a search finds, or what is typed into the navigator."""
    from sandtable.web.console import links

    return links.special(current(), request.path.strip("/").removesuffix(".do"))


@blueprint.route("/$pa_dashboard.do", methods=READ)
def dashboard() -> Response:
    """Show the dashboard."""
    from sandtable.web.console.dashboards.page import dashboard_page

    return dashboard_page(current())


@blueprint.route("/$allappsmgmt.do", methods=BOTH)
def store() -> Response:
    """Show the applications that can be installed, and install one."""
    from sandtable.web.console.store import store_page

    return store_page(current())


@blueprint.route("/sys_m2m_template.do", methods=BOTH)
def slushbucket() -> Response:
    """Show two lists, of what a record has and of what it could have, and save what was moved."""
    from sandtable.web.console.forms.slushbucket import slushbucket_page

    return slushbucket_page(current())


@blueprint.route(f"{CONSOLE_PREFIX}/<path:inside>", methods=BOTH)
def own(inside: str) -> Response:
    """Answer what pages fetch by themselves, and the workshop."""
    from sandtable.web.console.inside import answer

    return answer(current(), inside)


def list_page(transaction: Transaction, table: str) -> Response:
    """Show a list of a table, or do what is asked of its rows. Raises NotAuthenticated, UnknownTable."""
    from sandtable.web.console.lists.page import list_page as draw

    return draw(transaction, table)


def record_page(transaction: Transaction, table: str) -> Response:
    """Show the form of a record, or save it. Raises NotAuthenticated, UnknownTable."""
    from sandtable.web.console.forms.record import record_page as draw

    return draw(transaction, table)


def load_page(transaction: Transaction) -> Response:
    """Show the form that loads a file into a staging table."""
    from sandtable.web.console.home import load_page as draw

    return draw(transaction)


def attach(transaction: Transaction) -> Response:
    """Attach the files of a form to a record."""
    from sandtable.web.console.forms.files import attach as attach_files

    return attach_files(transaction)


def file(transaction: Transaction, send: Callable[[], Response]) -> Response:
    """Send a file to a browser, so that nothing in it runs as a page of the instance."""
    from sandtable.web.console.forms.files import sent

    return sent(transaction, send)


def wants_page() -> bool:
    """Return whether the request comes from a browser that shows what is answered, and not from a program."""
    if request.path.startswith(("/api/", "/_sandtable")) or request.path == "/api":
        return False
    if any(flag in request.args for flag in ("JSONv2", "JSON", "SOAP", "WSDL")):
        return False
    return "text/html" in request.headers.get("Accept", "")


def error_page(error: PlatformError | HTTPException, status: int) -> Response:
    """Return a page that says what went wrong, for people."""
    from sandtable.web.console.troubles import trouble_page

    return trouble_page(current(), error, status)


def plain_page(title: str, paragraphs: list[str], status: int = 200) -> Response:
    """Return a small page of the console; texts are escaped."""
    from sandtable.web.console.troubles import plain

    return plain(current(), title, paragraphs, status)
