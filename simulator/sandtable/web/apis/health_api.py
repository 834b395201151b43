"""Whether the server is up and the instance can answer; for container health checks."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from sandtable.web.transaction import current

blueprint = Blueprint("health", __name__, url_prefix="/_sandtable/health")


@blueprint.get("/live")
def live() -> Response:
    """Answer as soon as the server does."""
    return jsonify(status="ok")


@blueprint.get("/ready")
def ready() -> Response:
    """Answer once the instance reads from its store."""
    instance = current().instance
    instance.store.roots()
    return jsonify(status="ok", instance=instance.name)
