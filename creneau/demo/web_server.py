"""A WSGI application on a loopback port, in a thread of its own: for the demonstration and the tests."""

import threading
from functools import partial
from typing import Self
from wsgiref.types import WSGIApplication

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server


class _QuietHandler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: a feed's address is a secret."""


class WebServer:
    """Holds its port from the start, so that its address is known before there is anything to serve."""

    def __init__(self, port: int = 0) -> None:
        self._server: BaseWSGIServer = make_server(
            "127.0.0.1", port, _not_yet, threaded=True, request_handler=_QuietHandler
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def serve(self, application: WSGIApplication) -> Self:
        self._server.app = application
        serve = partial(self._server.serve_forever, poll_interval=0.02)
        threading.Thread(target=serve, name="web", daemon=True).start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _not_yet(environ: object, start_response: object) -> list[bytes]:  # noqa: ARG001 - WSGI's
    return []
