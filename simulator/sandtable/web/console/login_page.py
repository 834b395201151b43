"""Pages for people, not for programs, that ask nobody who is calling: logging in and out, and the node's statistics."""

from __future__ import annotations

from flask import Blueprint, Response, request

from sandtable.faults.pages import page
from sandtable.web.transaction import current
from sandtable.web.worlds.sessions import COOKIE

blueprint = Blueprint("login_page", __name__)


@blueprint.route("/login.do", methods=["GET", "POST"])
def login() -> Response:
    """Answer with a page: status 200 and HTML, whoever asks."""
    return Response(page("Log in", "Enter your user name and password."), content_type="text/html;charset=UTF-8")


@blueprint.route("/logout.do", methods=["GET", "POST"])
def logout() -> Response:
    """End the session of the caller's cookie, and send the caller to the login page."""
    current().world.sessions.end(request.cookies.get(COOKIE, ""))
    return Response(status=302, headers={"Location": "/login.do"})


@blueprint.route("/stats.do", methods=["GET", "HEAD"])
def stats() -> Response:
    """Answer with the page that health checks look for: the instance, its build, and how many sessions are live."""
    transaction = current()
    build = transaction.instance.property("glide.buildtag.last")
    text = (
        f"Instance name: {transaction.instance.name}; build tag: {build}; "
        f"logged in sessions: {transaction.world.sessions.count()}"
    )
    return Response(page("Servlet Statistics", text), content_type="text/html;charset=UTF-8")
