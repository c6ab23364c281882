# ruff: noqa: INP001 - a script beside the documentation, not a package
"""Make docs/picture.png: what one sees in `make demo` when a request has just reached the consultant.

Run it from the repository: .venv/bin/python docs/make_picture.py (needs Debian's chromium).
"""

import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from creneau.app.postgres import PostgresUrls
from creneau.core.storage.embedded import EmbeddedPostgres
from creneau.demo.booking_form import choose_time
from creneau.demo.clock import DemoClock
from creneau.demo.clock_panel import clock_panel
from creneau.demo.slack import Actor
from creneau.demo.stage import Stage
from creneau.demo.worker_thread import WorkerThread

PICTURE = Path(__file__).parent / "picture.png"
MONDAY_MORNING = datetime(2026, 11, 30, 8, 4, tzinfo=UTC)  # 9:04 in Paris
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
PATIENCE_SECONDS = 30


def main() -> None:
    clock = DemoClock()
    clock.move_to(MONDAY_MORNING)
    with tempfile.TemporaryDirectory(prefix="creneau-picture-") as name:
        folder = Path(name)
        with (
            EmbeddedPostgres(folder) as postgres,
            Stage(
                PostgresUrls(postgres.runtime_url, postgres.owner_url), folder, clock, panels=[clock_panel(clock)]
            ) as stage,
            WorkerThread(stage.creneau.jobs),
        ):
            # Seen on that Monday, the messages are of that Monday too.
            stage.slack.world.clock = lambda: clock.now().timestamp()
            marie, emma, paul = (stage.person(login) for login in ("marie", "emma", "paul"))
            ask(marie, date(2026, 12, 1), "10:00")
            paul.click(paul.wait_for_message("mardi", PATIENCE_SECONDS), "Confirmer")
            marie.wait_for_message("C’est confirmé", PATIENCE_SECONDS)
            ask(emma, date(2026, 12, 3), "14:00")
            paul.wait_for_message("jeudi", PATIENCE_SECONDS)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
                page = browser.new_page(viewport={"width": 1280, "height": 800}, timezone_id="Europe/Paris")
                page.clock.set_fixed_time(MONDAY_MORNING)
                take(page, f"{stage.slack.url}/?team=T0CAPAVENIR&user=U0PAUL")
                browser.close()
    print(f"made {PICTURE}")  # noqa: T201 - says what it did


def ask(person: Actor, day: date, start: str) -> None:
    person.command("/book")
    choose_time(person, day, start)
    if problem := person.submit():
        raise RuntimeError(f"the request was refused: {problem}")
    person.close_modal(is_whole_stack=True)


def take(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.get_by_role("article")).to_have_count(2)
    expect(page.get_by_role("button", name="Confirmer")).to_be_visible()
    page.screenshot(path=PICTURE)


if __name__ == "__main__":
    main()
