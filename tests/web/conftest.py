"""The web front of a centre, and an identity provider."""

from collections.abc import Iterator
from threading import Thread

import pytest
from werkzeug.serving import make_server

from tests.conftest import Centre, MovableClock
from tests.web.api_client import API, Api, build_api


@pytest.fixture
def api(centre: Centre, clock: MovableClock) -> Api:
    return build_api(centre, clock)


@pytest.fixture
def address(api: Api) -> Iterator[str]:
    """The API's address on a real, threaded server."""
    server = make_server("127.0.0.1", 0, api.app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}{API}"
    server.shutdown()
    thread.join()
    server.server_close()
