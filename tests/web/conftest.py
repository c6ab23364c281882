"""The web front of a centre."""

import pytest

from tests.conftest import Centre, MovableClock
from tests.web.api_client import Api, build_api


@pytest.fixture
def api(centre: Centre, clock: MovableClock) -> Api:
    return build_api(centre, clock)
