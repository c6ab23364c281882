"""A real browser for the page: Debian's chromium, headless."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
needs_browser = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium at /usr/bin/chromium")


@contextmanager
def open_page(timeout_milliseconds: int = 10_000) -> Iterator[Page]:
    """Open one page, and hold at the end that no script in it failed."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        page = browser.new_page()
        page.set_default_timeout(timeout_milliseconds)
        wrong: list[Error] = []
        page.on("pageerror", lambda error: wrong.append(error))  # noqa: PLW0108 (a bound method cannot be wrapped)
        yield page
        browser.close()
        assert wrong == []
