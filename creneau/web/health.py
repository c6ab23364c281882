"""Two questions of whoever runs the service: is the process up, and can it do its work."""

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, jsonify

from creneau.web.errors import unavailable_response

ReadinessProbe = Callable[[], Mapping[str, bool]]
"""Looks at what the service needs; returns whether each of it is in order, by name."""


def create_health(probe: ReadinessProbe) -> Blueprint:
    """Return `/health` (no database behind it) and `/ready` (200, or 503 with the names of the failed checks)."""
    health = Blueprint("health", __name__)

    @health.get("/health")
    def is_up() -> Response:
        return jsonify(status="ok")

    @health.get("/ready")
    def is_ready() -> Response:
        checks = dict(probe())
        failed = [name for name, is_in_order in checks.items() if not is_in_order]
        return unavailable_response({"failed": failed}) if failed else jsonify(status="ready", checks=checks)

    return health
