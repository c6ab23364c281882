"""One centre's people on the stage, in one language: they act as in the acceptance tests, and pictures are taken."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from camera import DESK_HEIGHT, DESK_WIDTH, HEIGHT, PHONE_HEIGHT, PHONE_WIDTH, WIDTH, Camera
from procrastinate.exceptions import AlreadyEnqueued

from creneau.app.worker import run_due_jobs
from creneau.bot.reminders.jobs import SWEEP_REMINDERS
from creneau.core.i18n.catalog import load_catalog
from creneau.core.i18n.reader import Reader
from creneau.demo.booking_form import choose_time
from creneau.demo.slack import Actor, Message, View
from creneau.demo.stage import Stage

T = TypeVar("T")
_HOME_WIDTH = 700
Surface = Message | View


class StillClock:
    """A clock that stands still until somebody moves it."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def move_to(self, instant: datetime) -> None:
        self._at = instant

    def move(self, by: timedelta) -> None:
        self._at += by


PATIENCE = 30  # seconds


class Play:
    """Who plays, by role, and what they do again and again."""

    def __init__(self, stage: Stage, clock: StillClock, camera: Camera, language: str) -> None:
        self.stage = stage
        self.clock = clock
        self._camera = camera
        self.language = language
        logins = {"fr": ("marie", "emma", "paul", "anne"), "en": ("oliver", "chloe", "grace", "sofia")}[language]
        self.beneficiary, self.rival, self.consultant, self.administrator = (stage.person(one) for one in logins)
        self.logins = dict(zip(("beneficiary", "rival", "consultant", "administrator"), logins, strict=True))
        self._reader = Reader(language, "Europe/Paris")

    def text(self, sentence: str, **facts: str | int) -> str:
        """Return a sentence as these people read it."""
        return self._reader.text(sentence, **facts)

    def lead(self, sentence: str) -> str:
        """Return a sentence up to its first fact."""
        return load_catalog(self.language).gettext(sentence).partition("{")[0]

    def work(self, *on_the_clock: str) -> None:
        """Let the worker do all that is due, in a thread: the event loop of this one is the browser's."""
        with ThreadPoolExecutor(1) as thread:
            thread.submit(self._work, on_the_clock).result()

    def _work(self, on_the_clock: tuple[str, ...]) -> None:
        jobs = self.stage.creneau.jobs
        for task in on_the_clock:
            with jobs.open(), suppress(AlreadyEnqueued):
                jobs.configure_task(task).defer(timestamp=0)
        for _ in range(3):  # what the last job wrote, after the worker had looked for the last time
            run_due_jobs(jobs)

    def at(self, day: int, clock: str, *on_the_clock: str) -> None:
        """Make it this day of December (0: the last of November) and time in Paris; let the clock's jobs run."""
        hour, minute = map(int, clock.split(":"))
        on = date(2026, 11, 30) if day == 0 else date(2026, 12, day)
        self.clock.move_to(datetime(on.year, on.month, on.day, hour - 1, minute, tzinfo=UTC))
        self.work(*on_the_clock, SWEEP_REMINDERS)

    def ask(self, person: Actor, day: int, start: str) -> None:
        """Book in Slack, up to the request being sent, and close the window."""
        person.command("/book")
        choose_time(person, date(2026, 12, day), start)
        if problem := person.submit():
            raise RuntimeError(f"the request was refused: {problem}")
        person.close_modal(is_whole_stack=True)
        self.work()

    def open(self, person: Actor, button: str, on: Surface | None = None, near: str | None = None) -> View:
        """Press a button that opens a window, and return the window when it is drawn."""
        before = person.modal
        if on is None:
            person.press(button, near)
        else:
            person.click(on, button, near)
        return self.window(person, but=before)

    def command(self, person: Actor, command: str) -> View:
        person.command(command)
        return self.window(person, but=None)

    def window(self, person: Actor, but: View | None) -> View:
        """Wait for another window than `but` that is more than the line that says to wait."""

        def drawn() -> View | None:
            view = person.modal
            is_new = view is not None and (but is None or view.id != but.id)
            return view if view and is_new and (view.submit_label or len(view.blocks) > 1 or view.buttons) else None

        return _found(person.wait_for(drawn, 10))

    def newest(self, person: Actor, button: str | None = None) -> Message:
        """Return the newest message, or the newest that has this button."""
        for message in reversed(person.messages):
            if button is None or any(element["action_id"] == button for _, element in message.elements()):
                return message
        raise LookupError(f"{person.person.real_name} has no message with {button}")

    def close(self, person: Actor) -> None:
        if person.modal is not None:
            person.close_modal(is_whole_stack=True)

    def home_of(self, person: Actor) -> View:
        person.open_home()
        self.settle()
        return person.wait_for_home()

    def settle(self) -> None:
        """Wait until no listener of the bot is at work."""
        pool = self.stage.creneau.bot.listener_runner.listener_executor
        if not pool.wait_until_idle(PATIENCE):
            raise TimeoutError("the bot is still at work")

    # Pictures: what a person sees, whole, at a width that two of them stand side by side; or as on a phone.

    def take_window(self, person: Actor, name: str) -> None:
        self._look(person, "messages", WIDTH)
        self._take(name, "dialog#modal")

    def take_message(self, person: Actor, name: str, message: Message | None = None) -> None:
        wanted = person.messages.index(message or person.last_message)
        self._look(person, "messages", WIDTH)
        page = self._camera.page
        page.mouse.move(0, 0)
        self._camera.take(f"{name}-{self.language}", page.locator("article.message").nth(wanted))

    def take_home(self, person: Actor, name: str) -> None:
        self.home_of(person)
        self._look(person, "home", _HOME_WIDTH)
        self._take(name, ".home")

    def take_phone(self, person: Actor, name: str, tab: str = "messages") -> None:
        self._look(person, tab, PHONE_WIDTH, PHONE_HEIGHT)
        self._camera.page.wait_for_selector("dialog[open]" if person.modal else ".message, .home")
        self._camera.take(f"{name}-phone-{self.language}")

    def take_desk(self, person: Actor, name: str) -> None:
        """Take the whole page, as at a desk: with everybody whom one can be."""
        self._look(person, "messages", DESK_WIDTH, DESK_HEIGHT)
        self._camera.page.wait_for_selector(".message")
        self._camera.take(name)

    def take_page(self, name: str) -> None:
        """Take our own page that stands in the browser, as on a phone."""
        self._camera.take(f"{name}-{self.language}", self._camera.page.locator("main"))

    def visit(self, url: str) -> Camera:
        self._camera.page.set_viewport_size({"width": PHONE_WIDTH, "height": PHONE_HEIGHT})
        self._camera.page.goto(url)
        return self._camera

    def _look(self, person: Actor, tab: str, width: int, height: int = HEIGHT) -> None:
        url = f"{self.stage.slack.url}/?team={person.workspace.team_id}&user={person.user_id}&tab={tab}"
        self._camera.look(url, self.clock.now(), width, height)

    def _take(self, name: str, selector: str) -> None:
        seen = self._camera.page.locator(selector)
        seen.wait_for()
        self._camera.take(f"{name}-{self.language}", seen)


def _found(one: T | None) -> T:
    if one is None:
        raise LookupError("nothing was found")
    return one


Act = Callable[[Play], None]
