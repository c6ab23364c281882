"""A story whose worker is a process of its own, behind wires that misbehave."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.conftest import Story, casts, fresh_urls, peopled, story
from tests.conftest import MONDAY, Urls
from tests.faults.workers import SharedClock, Workers

__all__ = ["casts", "fresh_urls", "peopled", "story"]


@pytest.fixture
def clock() -> SharedClock:
    return SharedClock(MONDAY)


@pytest.fixture
def workers(story: Story, clock: SharedClock, fresh_urls: Urls, tmp_path: Path) -> Iterator[Workers]:
    with Workers(story.creneau.settings, fresh_urls.runtime, clock, tmp_path / "workers.log") as started:
        yield started
