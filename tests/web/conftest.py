"""The web front of a centre, and an identity provider."""

from collections.abc import Iterator
from datetime import datetime
from threading import Thread

import pytest
from flask import Flask
from werkzeug.serving import make_server

from creneau.core.storage.database import Database
from tests.conftest import MONDAY, MovableClock, build_centre
from tests.web.api_client import API, Api, build_api


class RelayedClock:
    """The clock of whichever test runs."""

    def __init__(self, clock: MovableClock) -> None:
        self.clock = clock

    def now(self) -> datetime:
        return self.clock.now()


@pytest.fixture(scope="session")
def front(database: Database) -> tuple[Flask, RelayedClock]:
    """The web front on the shared database, built once: its document takes a third of a second."""
    relay = RelayedClock(MovableClock(MONDAY))
    return build_api(build_centre(database, relay), relay).app, relay


@pytest.fixture
def api(front: tuple[Flask, RelayedClock], clock: MovableClock) -> Api:
    app, relay = front
    relay.clock = clock
    return Api(app, clock)


@pytest.fixture
def address(api: Api) -> Iterator[str]:
    """The API's address on a real, threaded server."""
    server = make_server("127.0.0.1", 0, api.app, threaded=True)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}{API}"
    server.shutdown()
    thread.join()
    server.server_close()
