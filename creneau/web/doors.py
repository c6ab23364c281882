"""What is answered before Flask is asked: where Flask would cost more than the answer."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.wrappers import Request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Door = Callable[[Request], "WSGIApplication | None"]
"""Answers a request, or leaves it to Flask. May raise whatever a view may."""


def open_doors(app: Flask, doors: Mapping[str, Door]) -> None:
    """Put doors before an app, by what paths begin with. What they raise is answered as what views raise."""
    inner = app.wsgi_app

    def enter(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        door = next((door for beginning, door in doors.items() if path.startswith(beginning)), None)
        if door is None:
            return inner(environ, start_response)
        try:
            answer = door(Request(environ)) or inner
        except Exception as failure:  # noqa: BLE001 - an edge: Flask's own last catch takes it
            with app.request_context(environ):
                answer = app.make_response(app.handle_user_exception(failure))
        return answer(environ, start_response)

    app.wsgi_app = enter  # type: ignore[method-assign]
