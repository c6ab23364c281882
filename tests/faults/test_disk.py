"""The disk of Postgres is full: what cannot be kept is refused, and what was answered with success is there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import psycopg
import pytest

from creneau.app.postgres import PostgresUrls
from creneau.core.domain.bilan import Bilan
from creneau.core.storage.embedded import EmbeddedPostgres
from creneau.demo.stage import Stage
from tests.acceptance.conftest import Story
from tests.acceptance.gestures import ask
from tests.conftest import MovableClock, Urls, plain
from tests.faults.crash import restart_at_once
from tests.faults.disk import SmallDisk

MEGABYTES = 192
SMALL = {"max_wal_size": "32MB", "min_wal_size": "32MB", "autovacuum": "off", "fsync": "off"}
CREATED, UNAVAILABLE = httpx.codes.CREATED, httpx.codes.SERVICE_UNAVAILABLE


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        made = SmallDisk(folder, MEGABYTES)
    except OSError as error:
        pytest.skip(f"a small disk takes the right to mount one: {error.strerror}")
    yield made
    made.leave()


@dataclass(frozen=True)
class Emma:
    """One who books by the API, each time under a key of its own."""

    web: httpx.Client
    bilan: Bilan

    def list_times(self) -> list[dict[str, object]]:
        days = {"date_from": "2026-12-02", "date_to": "2026-12-31"}
        listed: list[dict[str, object]] = self.web.get(
            f"/availability/{self.bilan.consultant_id}/slots", params=days
        ).json()["data"]
        return listed

    def book(self, time: dict[str, object]) -> int:
        wanted, key = (
            {**time, "bilan_id": str(self.bilan.id)},
            f"{time['scheduled_date']} {time['scheduled_start_time']}",
        )
        return self.web.post("/bookings", json=wanted, headers={"Idempotency-Key": key}).status_code


@pytest.fixture
def postgres(disk: SmallDisk, tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """Postgres on that disk. What is in its folder is seen from there alone."""
    started = EmbeddedPostgres(tmp_path / "disk", settings=SMALL)
    disk.do(started.start)
    yield started
    disk.do(started.stop)


@pytest.fixture
def urls(disk: SmallDisk, postgres: EmbeddedPostgres) -> Urls:
    return disk.do(lambda: Urls(postgres.owner_url, postgres.runtime_url))


@pytest.fixture
def story(urls: Urls, tmp_path: Path, clock: MovableClock) -> Iterator[Story]:
    with Stage(PostgresUrls(urls.runtime, urls.owner), tmp_path, clock) as stage:
        yield Story(stage, clock)


@pytest.fixture
def emma(story: Story) -> Iterator[Emma]:
    cast = story.stage.casts[0]
    user = cast.users["emma"]
    bilan = next(bilan for bilan in cast.bilans if bilan.beneficiary_id == user.id)
    bearer = {"Authorization": f"Bearer {story.creneau.issue_token(user, timedelta(days=1))}"}
    with httpx.Client(base_url=f"{story.stage.web_url}/api/scheduling", headers=bearer, timeout=20) as web:
        yield Emma(web, bilan)


def test_a_full_disk_refuses_politely_and_loses_nothing_that_was_answered(
    disk: SmallDisk, postgres: EmbeddedPostgres, story: Story, emma: Emma, urls: Urls
):
    times = emma.list_times()
    booked = [times.pop(0)]
    assert emma.book(booked[0]) == CREATED

    begin_a_segment(urls)
    disk.fill()
    while emma.book(times[0]) == CREATED:  # in the room that the pages of tables still have
        booked.append(times.pop(0))
    assert emma.book(times[0]) == UNAVAILABLE
    marie = story.person("marie")
    ask(story)
    marie.wait_for_modal("Une erreur s’est produite de notre côté")
    marie.close_modal()
    assert requests_of(urls) == len(booked)

    disk.make_room()
    ask(story)
    marie.wait_for_modal("Demande envoyée")
    booked.append(times.pop(0))
    assert emma.book(booked[-1]) == CREATED
    do_all(story)
    assert (requests_of(urls), requests_told(story)) == (len(booked) + 1, len(booked) + 1)

    disk.fill()
    with pytest.raises(psycopg.OperationalError):
        use_up_the_log(urls)
    assert emma.book(times[0]) == UNAVAILABLE
    disk.make_room()
    disk.do(lambda: restart_at_once(postgres))
    emma.book(times[0])  # by a connection that is dead by now, maybe
    assert [emma.book(time) for time in (*booked, times[0])] == [CREATED] * (len(booked) + 1), "each under its key"
    do_all(story)
    assert (requests_of(urls), requests_told(story)) == (len(booked) + 2, len(booked) + 2)


def do_all(story: Story) -> None:
    """Work until nothing is left; what failed, by a connection that is dead by now, is tried again at once."""
    story.work()
    while is_any_left(story):
        story.work_again()


def is_any_left(story: Story) -> bool:
    """Tell whether a job is left; what comes again by itself, and failed while the database was away, is none."""
    query = "select from procrastinate_jobs where status <> 'failed' or queueing_lock is null limit 1"
    with psycopg.connect(story.creneau.database.conninfo) as connection:
        return connection.execute(query).fetchone() is not None


def requests_of(urls: Urls) -> int:
    """Count the bookings, each with all that is written with it."""
    query = """
      select count(*), count(*) filter (where exists (select from session_reminders where session_booking_id = b.id)
        and exists (select from booking_history where booking_id = b.id))
      from session_bookings b"""
    with psycopg.connect(plain(urls.owner)) as connection:
        [(there, whole)] = connection.execute(query).fetchall()
    assert there == whole
    return int(there)


def requests_told(story: Story) -> int:
    return sum("Nouvelle demande" in message.text for message in story.person("paul").messages)


def begin_a_segment(urls: Urls) -> None:
    """Leave Postgres room in its log, so that it is tables that find no room."""
    with psycopg.connect(plain(urls.owner), autocommit=True) as connection:
        connection.execute("select pg_switch_wal()")
        connection.execute("checkpoint")


def use_up_the_log(urls: Urls) -> None:
    """Make Postgres need one file of its log after the other. Raises: OperationalError when it died of it."""
    with psycopg.connect(plain(urls.owner), autocommit=True) as connection:
        for _ in range(30):
            connection.execute("select pg_switch_wal()")
            connection.execute("update users set name = name")
