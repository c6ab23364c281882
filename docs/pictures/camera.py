"""A headless browser in front of the local Slack, and what it sees as small pictures."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page, expect, sync_playwright

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
COLORS = 96
WIDTH, HEIGHT = 620, 2600
PHONE_WIDTH, PHONE_HEIGHT = 390, 844
DESK_WIDTH, DESK_HEIGHT = 1280, 800


class Camera:
    """One page of a browser. It always looks at what stands there now, and lets nothing blink or be in focus."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self._folder = folder

    def look(self, url: str, now: datetime, width: int, height: int) -> None:
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.clock.set_fixed_time(now)
        self.page.goto(url)
        expect(self.page.get_by_role("tablist")).to_be_visible()

    def take(self, name: str, of: Locator | None = None) -> None:
        """Keep a picture of something on the page, or of the page as far as it is seen."""
        self.page.evaluate("document.activeElement?.blur()")
        shot = (of or self.page).screenshot(animations="disabled", caret="hide")
        picture = Image.open(BytesIO(shot)).convert("RGB")
        palette = picture.quantize(COLORS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        palette.save(self._folder / f"{name}.png", optimize=True)


@contextmanager
def open_camera(folder: Path, language: str) -> Iterator[Camera]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(timezone_id="Europe/Paris", locale={"fr": "fr-FR", "en": "en-GB"}[language])
        yield Camera(page, folder)
        browser.close()
