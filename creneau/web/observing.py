"""Each request seen from outside: its id on every log line and on the answer, one line when it is answered, its count.

A line has the route as a template, never the address: addresses carry ids of people and secrets of feeds.
"""

import re
from collections.abc import Iterable, Mapping
from random import getrandbits
from time import perf_counter
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask, request

from creneau.core.domain.people import Actor
from creneau.web.metrics import Metrics

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

REQUEST_ID_HEADER = "X-Request-Id"
UNMATCHED = "unmatched"
ROUTE, ACTOR = "creneau.route", "creneau.actor"
"""What whoever answers leaves in the environment of a request: the template of its route, and who asked."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_CRASHED = 500
_NOT_MODIFIED = 304


def note_routes(app: Flask) -> None:
    """Have Flask tell which route a request found. Call before anything else is installed."""

    @app.before_request
    def note() -> None:
        if request.url_rule is not None:
            request.environ[ROUTE] = request.url_rule.rule


class Observed:
    """What stands around the whole front. `headers` are put on every answer that has not chosen its own."""

    def __init__(self, inner: "WSGIApplication", metrics: Metrics, headers: Mapping[str, str]) -> None:
        self._inner = inner
        self._metrics = metrics
        self._headers = [(name, value, name.lower()) for name, value in headers.items()]
        self._log = structlog.get_logger(__name__).bind()  # once, as logging is configured by now

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        began_at = perf_counter()
        request_id = _request_id(environ.get("HTTP_X_REQUEST_ID"))
        structlog.contextvars.bind_contextvars(request_id=request_id)
        status = _CRASHED

        def start(line: str, headers: list[tuple[str, str]], *failure: Any) -> Any:
            nonlocal status
            status = int(line[:3])
            headers = [*headers, (REQUEST_ID_HEADER, request_id)]
            if status != _NOT_MODIFIED:  # it renews an answer that has them, RFC 9111 section 4.3.4
                chosen = {name.lower() for name, _ in headers}
                headers += [(name, value) for name, value, key in self._headers if key not in chosen]
            return start_response(line, headers, *failure)

        try:
            return self._inner(environ, start)
        finally:
            self._tell(environ, status, perf_counter() - began_at)
            structlog.contextvars.clear_contextvars()  # the thread goes on to other work

    def _tell(self, environ: "WSGIEnvironment", status: int, seconds: float) -> None:
        method = environ["REQUEST_METHOD"]
        method = method if method in _METHODS else "OTHER"
        route = environ.get(ROUTE, UNMATCHED)
        self._metrics.count_request(method, route, status, seconds)
        self._log.info(
            "web.request_answered",
            method=method,
            route=route,
            status=status,
            duration_ms=round(seconds * 1000, 1),
            **_ids(environ.get(ACTOR)),
        )


def _request_id(given: str | None) -> str:
    """Keep what a proxy or a caller chose, when it can stand in a log; else make one."""
    if given is not None and _REQUEST_ID.fullmatch(given):
        return given
    return f"{getrandbits(128):032x}"  # nobody is trusted for knowing it; the kernel's would let another thread on


def _ids(actor: Actor | None) -> dict[str, str]:
    if actor is None:
        return {}
    return {"organization_id": str(actor.organization_id), "user_id": str(actor.user_id)}
