"""The API as other tests call it, and the whole front as it is served, whose URL map says what there is."""

import secrets
from collections.abc import Iterator

import pytest

from creneau.app.settings import Settings
from creneau.app.wiring import Creneau, wire
from creneau.core.secrets import generate_key
from tests.conftest import Urls
from tests.web.conftest import api, front
from tests.web.test_api_access import sides

__all__ = ["api", "front", "sides"]


@pytest.fixture(scope="session")
def whole(worker_urls: Urls) -> Iterator[Creneau]:
    """The product at a public address, as a process serves it; nothing of it calls anywhere by itself."""
    settings = Settings.model_validate(
        {
            "DATABASE_URL": worker_urls.runtime,
            "CRENEAU_BASE_URL": "https://creneau.example",
            "CRENEAU_ENCRYPTION_KEYS": generate_key(),
            "CRENEAU_JWT_SECRET": secrets.token_urlsafe(32),
            "SLACK_SIGNING_SECRET": secrets.token_hex(16),
        }
    )
    creneau = wire(settings, worker_urls.runtime)
    yield creneau
    creneau.close()
