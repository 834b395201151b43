"""Whether the server is up and the instance can answer; for container health checks."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from sandtable.web.transaction import current

blueprint = Blueprint("health", __name__, url_prefix="/_sandtable/health")


@blueprint.get("/live")
def live() -> Response:
    """Answer as soon as the server does."""
    return jsonify(status="ok")


@blueprint.get("/ready")
def ready() -> Response:
    """Answer once the instance reads from its store; 503 while that, or a process of several, is not there."""
    instance = current().instance
    instance.store.refresh()
    more = dict(request.environ["sandtable.web.worlds.worlds"].condition())
    is_ready = more.pop("ready", True)
    answer = jsonify(status="ok" if is_ready else "starting again", instance=instance.name, **more)
    answer.status_code = 200 if is_ready else 503
    return answer
