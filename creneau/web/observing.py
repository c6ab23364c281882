"""Each request seen from outside: its id on every log line and on the answer, one line when it is answered, its count.

A line has the route as a template, never the address: addresses carry ids of people and secrets of feeds.
"""

import re
from time import perf_counter
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request

from creneau.core.domain.people import Actor
from creneau.web.metrics import Metrics

REQUEST_ID_HEADER = "X-Request-Id"
UNMATCHED = "unmatched"

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_log = structlog.get_logger(__name__)


def observe_requests(app: Flask, metrics: Metrics) -> None:
    """Call before anything else is installed: then it begins first and ends last."""

    @app.before_request
    def begin() -> None:
        g.began_at = perf_counter()
        g.request_id = _request_id(request.headers.get(REQUEST_ID_HEADER))
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        seconds = perf_counter() - g.began_at
        method = request.method if request.method in _METHODS else "OTHER"
        route = UNMATCHED if request.url_rule is None else request.url_rule.rule
        metrics.count_request(method, route, response.status_code, seconds)
        _log.info(
            "web.request_answered",
            method=method,
            route=route,
            status=response.status_code,
            duration_ms=round(seconds * 1000, 1),
            **_ids(g.get("actor")),
        )
        response.headers[REQUEST_ID_HEADER] = g.request_id
        return response

    @app.teardown_request
    def forget(_: BaseException | None) -> None:
        structlog.contextvars.clear_contextvars()  # the thread goes on to other work


def _request_id(given: str | None) -> str:
    """Keep what a proxy or a caller chose, when it can stand in a log; else make one."""
    return given if given is not None and _REQUEST_ID.fullmatch(given) else uuid4().hex


def _ids(actor: Actor | None) -> dict[str, str]:
    if actor is None:
        return {}
    return {"organization_id": str(actor.organization_id), "user_id": str(actor.user_id)}
