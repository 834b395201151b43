"""The page that callers without credentials are sent to; what answers there is for people, not for programs."""

from __future__ import annotations

from flask import Blueprint, Response

from sandtable.faults.pages import page

blueprint = Blueprint("login_page", __name__)


@blueprint.route("/login.do", methods=["GET", "POST"])
def login() -> Response:
    """Answer with a page: status 200 and HTML, whoever asks."""
    return Response(page("Log in", "Enter your user name and password."), content_type="text/html;charset=UTF-8")
