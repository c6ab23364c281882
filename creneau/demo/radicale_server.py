"""A real CalDAV server on this machine: Radicale in a thread of its own, for the demonstration and the tests."""

import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import httpx
from radicale import config
from radicale.app import Application
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

_MKCALENDAR = """<?xml version="1.0" encoding="utf-8"?>
<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>
<D:displayname>{name}</D:displayname>
</D:prop></D:set></C:mkcalendar>"""


class _QuietHandler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class RadicaleServer:
    """Serves what is under `folder` to `users` (name: password) on 127.0.0.1. May be started again after a stop."""

    def __init__(self, folder: Path, users: Mapping[str, str]) -> None:
        self._folder = folder
        self._users = dict(users)
        self._server: BaseWSGIServer | None = None
        self._port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self, port: int = 0) -> Self:
        """Serve on a port: 0 takes a free one, or the one that it had before."""
        self._server = make_server(
            "127.0.0.1", port or self._port, self._application(), threaded=True, request_handler=_QuietHandler
        )
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="radicale", daemon=True).start()
        return self

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def create_calendar(self, username: str, name: str) -> str:
        """Make a calendar for a user, unless it is there, and return its URL. `name` is also its last path segment."""
        url = f"{self.url}/{username}/{name}/"
        with httpx.Client(auth=(username, self._users[username]), trust_env=False) as client:
            if client.request("PROPFIND", url, headers={"Depth": "0"}).status_code == httpx.codes.NOT_FOUND:
                client.request("MKCALENDAR", url, content=_MKCALENDAR.format(name=name)).raise_for_status()
        return url

    def _application(self) -> Application:
        self._folder.mkdir(parents=True, exist_ok=True)
        passwords = self._folder / "users"
        passwords.touch(mode=0o600)
        passwords.write_text("".join(f"{name}:{password}\n" for name, password in self._users.items()))
        configuration = config.load()
        configuration.update(
            {
                "auth": {
                    "type": "htpasswd",
                    "htpasswd_filename": str(passwords),
                    "htpasswd_encryption": "plain",
                    "delay": "0",
                },
                "storage": {"filesystem_folder": str(self._folder / "collections")},
                "web": {"type": "none"},
                "server": {"delay_on_error": "0"},
            },
            "creneau",
        )
        logging.getLogger("radicale").setLevel(logging.ERROR)
        return Application(configuration)
