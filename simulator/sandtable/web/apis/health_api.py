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
    """Answer once the instance reads from its store; 503 with the reason while a database does not answer."""
    instance = current().instance
    instance.store.refresh()
    return jsonify(status="ok", instance=instance.name)
