"""What several tests of the core are given."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.conftest import Urls, plain
from tests.core.tenant_rows import Row


@pytest.fixture
def owner(worker_urls: Urls) -> Iterator[psycopg.Connection[Row]]:
    with psycopg.connect(plain(worker_urls.owner), autocommit=True) as connection:
        yield connection
