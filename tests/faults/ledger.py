"""What the schedule of reminders says was sent, beside what stands in Slack."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from threading import Event
from time import monotonic
from uuid import UUID

import psycopg
from procrastinate.exceptions import AlreadyEnqueued

from creneau.bot.reminders.jobs import SWEEP_REMINDERS
from creneau.core.domain.booking import Booking
from creneau.core.usecases.bookings import BookingRequest
from creneau.demo.slack import SlackStandIn
from tests.acceptance.conftest import Story
from tests.conftest import Urls, plain
from tests.faults.workers import SharedClock

PATIENCE = 30


def agree(story: Story, login: str, starts_at: datetime) -> Booking:
    """Have a session asked for and confirmed, past Slack."""
    cast, scheduling = story.stage.casts[0], story.creneau.scheduling
    bilan = next(one for one in cast.bilans if one.beneficiary_id == cast.users[login].id)
    wanted = BookingRequest(bilan.id, bilan.consultant_id, starts_at)
    booking = scheduling.create_session_booking(story.stage.actor(login), wanted)
    consultant = next(name for name, user in cast.users.items() if user.id == bilan.consultant_id)
    return scheduling.confirm_booking(story.stage.actor(consultant), booking.id)


def sweep(story: Story) -> None:
    """Let whichever worker is free look for what is due, now and not ten seconds later."""
    with story.creneau.jobs.open(), suppress(AlreadyEnqueued):
        story.creneau.jobs.configure_task(SWEEP_REMINDERS).defer(timestamp=0)


def is_all_sent(urls: Urls, now: datetime) -> bool:
    query = "select count(*) from session_reminders where state = 'DUE' and scheduled_time <= %s"
    with psycopg.connect(plain(urls.owner)) as connection:
        return connection.execute(query, (now,)).fetchone() == (0,)


def send_all(story: Story, urls: Urls, clock: SharedClock) -> None:
    """Let the schedule come round until nothing is due; what was tried in vain is due again a while later."""
    deadline, pause = monotonic() + PATIENCE, Event()
    while not is_all_sent(urls, clock.now()):
        assert monotonic() < deadline, "waited in vain"
        sweep(story)
        pause.wait(0.5)
        if monotonic() > deadline - PATIENCE / 2:
            clock.move(minutes=3)


def is_any_in_hand(urls: Urls) -> bool:
    """Tell whether any process holds a reminder."""
    query = """select exists (select from pg_locks join pg_database on oid = database
      where locktype = 'advisory' and datname = current_database())"""
    with psycopg.connect(plain(urls.owner)) as connection:
        return connection.execute(query).fetchone() == (True,)


def is_all_at_rest(urls: Urls) -> bool:
    """Tell whether the queue heard of the end of every job: no post is under way that a lease would have to outlast."""
    with psycopg.connect(plain(urls.owner)) as connection:
        query = "select not exists (select from procrastinate_jobs where status = 'doing')"
        return connection.execute(query).fetchone() == (True,)


def disagreements(urls: Urls, slack: SlackStandIn) -> list[str]:
    """List each reminder that was sent and is not exactly one message, and each that was not sent and is one."""
    query = "select id, reminder_type, state, booking_version from session_reminders"
    with psycopg.connect(plain(urls.owner)) as connection:
        written: list[tuple[UUID, str, str, int]] = connection.execute(query).fetchall()
    posted = posted_reminders(slack)
    return [
        f"{type_} {state} {id_}: {posted[str(id_)]} messages"
        for id_, type_, state, _ in written
        if posted[str(id_)] != (state == "SENT" and type_ != "CONSULTANT_OPENING")
    ]


def posted_reminders(slack: SlackStandIn) -> Counter[str]:
    """Count the messages of each reminder, by its id."""
    with slack.world.lock:
        payloads = [message.metadata["event_payload"] for message in slack.world.messages if message.metadata]
    return Counter(str(payload["reminder"]) for payload in payloads if "reminder" in payload)


def wait_until(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Look again and again at what tells nobody when it changes."""
    deadline, pause = monotonic() + seconds, Event()
    while not condition():
        assert monotonic() < deadline, "waited in vain"
        pause.wait(0.02)
