"""The test plane: what a test may do to an instance and ask about it, beside what the instance offers itself.

What it offers is in `catalogue`, loaded at the first request for it: many a server is never asked, and starts sooner.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from sandtable.web.environ import PLANE_PREFIX

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
blueprint = Blueprint("plane", __name__, url_prefix=PLANE_PREFIX)


@blueprint.route("", methods=METHODS)
@blueprint.route("/<path:inside>", methods=METHODS)
def plane(inside: str = "") -> Response:
    """Answer a request to the plane."""
    from sandtable.web.plane.catalogue import answer

    return answer(request.method, f"{PLANE_PREFIX}/{inside}")
