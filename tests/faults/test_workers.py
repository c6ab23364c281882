"""Workers as processes are killed, frozen and cut off at every step: one message, one event, never two, never none."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from procrastinate.exceptions import AlreadyEnqueued

from creneau.app.postgres import PostgresUrls
from creneau.core.storage.embedded import EmbeddedPostgres
from creneau.demo.sample import PASSWORD
from creneau.demo.stage import Stage
from tests.acceptance.conftest import Story
from tests.acceptance.gestures import TUESDAY_AT_TEN, ask, events_of
from tests.conftest import FAST, Urls, plain
from tests.faults.crash import restart_at_once
from tests.faults.ledger import (
    PATIENCE,
    agree,
    disagreements,
    is_all_at_rest,
    is_any_in_hand,
    posted_reminders,
    send_all,
    sweep,
    wait_until,
)
from tests.faults.proxy import Proxy
from tests.faults.workers import SharedClock, Workers

LEASES_RUN_OUT = {"minutes": 3}
KEEPS_COMMITS = FAST | {"synchronous_commit": "on"}
"""What was committed is still there when Postgres is killed and started again."""
AN_HOUR = timedelta(hours=1)
REMINDER = b'"reminder"'
"""In the metadata of the message, as it goes to Slack."""

STEPS = (
    ("postgres", b"claim_due_reminders", False, "it has leased nothing yet"),
    ("postgres", b"SELECT session_reminders.", False, "it has leased some, and read none of them"),
    ("postgres", b"posting_since = ", False, "it is about to note that a reminder may be out"),
    ("slack", REMINDER, False, "it is about to post"),
    ("slack", REMINDER, True, "Slack has taken the message, and it does not know"),
    ("postgres", b"insert into slack_messages", False, "it knows, and has recorded nothing"),
    ("postgres", b"sent_at = ", False, "it has recorded where the message is, and not that it is sent"),
)
"""On which wire a worker is killed, by what it says there, before that gets through or when it was answered."""


def test_a_worker_process_killed_at_every_step_leaves_one_message_a_reminder(
    story: Story, workers: Workers, clock: SharedClock, fresh_urls: Urls
):
    for number, after in enumerate((0, 1, 4, 5, 6, 7)):
        agree(story, ("marie", "emma")[number % 2], TUESDAY_AT_TEN + timedelta(hours=after))
    story.work()
    clock.set(TUESDAY_AT_TEN - timedelta(hours=15))  # the day before is over, and all of it is to be reminded of

    for wire, sign, is_after, step in STEPS:
        worker = workers.start()
        sprung = (worker.postgres if wire == "postgres" else worker.slack).trap(sign, worker.kill, is_after=is_after)
        sweep(story)
        assert sprung.wait(PATIENCE), step
        assert worker.is_dead(), step
        assert max(posted_reminders(story.slack).values(), default=0) <= 1, step
        clock.move(**LEASES_RUN_OUT)

    workers.start()
    send_all(story, fresh_urls, clock)
    assert disagreements(fresh_urls, story.slack) == []
    assert posted_reminders(story.slack).total() == 12


def test_a_worker_that_was_frozen_wakes_up_beside_another_and_clocks_that_jump_send_nothing_twice(
    story: Story, workers: Workers, clock: SharedClock, fresh_urls: Urls
):
    hours = [TUESDAY_AT_TEN + timedelta(hours=after) for after in (0, 1, 4)]
    for number, starts_at in enumerate(hours):
        agree(story, ("marie", "emma")[number % 2], starts_at)
    story.work()
    clock.set(TUESDAY_AT_TEN - AN_HOUR)
    frozen = workers.start()
    frozen.slack.slow(0.02)
    is_frozen = frozen.postgres.trap(b"posting_since = ", frozen.freeze, is_after=False, is_passed=True)
    sweep(story)
    assert is_frozen.wait(PATIENCE)

    clock.move(**LEASES_RUN_OUT)
    other = workers.start()
    in_hand = other.postgres.trap(b"pg_try_advisory_lock", is_after=True, is_passed=True)
    sweep(story)
    assert in_hand.wait(PATIENCE)
    frozen.thaw()
    wait_until(lambda: not is_any_in_hand(fresh_urls))
    clock.move(**LEASES_RUN_OUT)
    send_all(story, fresh_urls, clock)
    assert disagreements(fresh_urls, story.slack) == []

    sent = posted_reminders(story.slack).total()
    clock.move(hours=-6)
    sweep(story)
    clock.move(days=2)
    send_all(story, fresh_urls, clock)
    assert disagreements(fresh_urls, story.slack) == []
    assert posted_reminders(story.slack).total() == sent + 3, "three consultants are asked how it went, late"


def test_jobs_that_killed_workers_left_run_again_and_leave_one_message_and_one_event(
    story: Story, workers: Workers, fresh_urls: Urls
):
    calendars = Proxy(urlsplit(story.stage.calendars.url).port or 0)
    with calendars:
        lead_through(calendars, story, "paul")
        ask(story)
        paul, marie = story.person("paul"), story.person("marie")
        first = workers.start()
        sprung = first.slack.trap(b"REQUEST", first.kill, is_after=True)
        assert sprung.wait(PATIENCE)
        assert first.is_dead()

        second = workers.start()
        put = calendars.trap(b"PUT ", second.kill, is_after=True)
        rescue(story, fresh_urls)
        request = paul.wait_for_message("Nouvelle demande", PATIENCE)
        paul.click(request, "Confirmer")
        assert put.wait(PATIENCE)
        assert second.is_dead()

        third = workers.start()
        unheard = [third.postgres.lose_request(b"finish_job"), third.postgres.lose_answer(b"finish_job")]
        rescue(story, fresh_urls)
        assert all(sprung.wait(PATIENCE) for sprung in unheard)
        wait_until(lambda: story.jobs_left() == {})
    assert [message.text[:7] for message in paul.messages] == ["Demande"], "once, and it says what came of it"
    assert sum("C’est confirmé" in message.text for message in marie.messages) == 1
    assert len(events_of(story, "paul")) == 1


def lead_through(proxy: Proxy, story: Story, login: str) -> None:
    """Let a consultant's calendar be behind a proxy."""
    url = urlsplit(story.stage.calendar_urls[login])._replace(netloc=f"127.0.0.1:{proxy.port}").geturl()
    actor = story.stage.actor(login)
    story.creneau.calendars.link_calendar(actor, actor.user_id, url, login, PASSWORD)
    story.work()


def rescue(story: Story, urls: Urls) -> None:
    """Let half a minute pass without a sign of life of those killed, and the sweep for what they left come round."""
    with psycopg.connect(plain(urls.owner)) as connection:
        connection.execute("update procrastinate_workers set last_heartbeat = last_heartbeat - interval '1 minute'")
    with story.creneau.jobs.open(), suppress(AlreadyEnqueued):
        story.creneau.jobs.configure_task("jobs.rescue_stalled").defer(timestamp=0)


def test_a_worker_outlives_a_restart_of_postgres_in_the_middle_of_a_post(tmp_path: Path, clock: SharedClock):
    with EmbeddedPostgres(tmp_path, settings=KEEPS_COMMITS) as postgres:
        urls = Urls(postgres.owner_url, postgres.runtime_url)
        with Stage(PostgresUrls(urls.runtime, urls.owner), tmp_path, clock) as stage:
            story = Story(stage, clock)
            agree(story, "marie", TUESDAY_AT_TEN)
            story.work()
            clock.set(TUESDAY_AT_TEN - AN_HOUR)
            with Workers(story.creneau.settings, urls.runtime, clock, tmp_path / "workers.log") as workers:
                worker = workers.start()
                restarted = worker.slack.trap(
                    REMINDER, lambda: restart_at_once(postgres), is_after=True, is_passed=True
                )
                sweep(story)
                assert restarted.wait(PATIENCE)
                agree(story, "emma", TUESDAY_AT_TEN + timedelta(hours=4))
                wait_until(lambda: is_all_at_rest(urls))
                clock.move(**LEASES_RUN_OUT)
                send_all(story, urls, clock)
                assert disagreements(urls, story.slack) == []
                assert worker.process.is_alive()
