"""Two machines and one Postgres: what is begun at one goes on at the other, and whatever happens, happens once."""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx
import psycopg
import pytest

from creneau.app.schedule import EXPIRE_BOOKINGS
from creneau.bot.reminders.jobs import SWEEP_REMINDERS
from creneau.core.domain.feeds import FeedKind
from creneau.core.domain.people import User
from creneau.demo.booking_form import choose_time
from creneau.demo.slack import payloads
from tests.acceptance.conftest import Story
from tests.acceptance.gestures import TUESDAY, TUESDAY_AT_TEN, events_of
from tests.acceptance.test_trouble import sign
from tests.conftest import Urls, plain
from tests.faults.ledger import disagreements, is_all_at_rest, posted_reminders, send_all, wait_until
from tests.faults.machines import PATIENCE, Machine, environment_of
from tests.faults.workers import SharedClock

A_MINUTE_ALLOWS = 30
BUSY = httpx.codes.SERVICE_UNAVAILABLE
NOTE_WHAT_IS_BEGUN = """
create table begun (task text, tick text, worker bigint);
create function note_begun() returns trigger language plpgsql security definer set search_path = public as $$
begin
  insert into begun values (new.task_name, new.args->>'timestamp', new.worker_id);
  return null;
end $$;
create trigger note_begun after update on procrastinate_jobs
for each row when (new.status = 'doing' and old.status <> 'doing') execute function note_begun();
"""


@dataclass(frozen=True)
class Two:
    """One service on two machines; `urls` are the database that they share."""

    story: Story
    urls: Urls
    first: Machine
    second: Machine

    def user(self, login: str) -> User:
        return next(cast.users[login] for cast in self.story.stage.casts if login in cast.users)

    def ask(self, machine: Machine, login: str, method: str, path: str, **more: object) -> httpx.Response:
        """Ask by the API, and again where the machine was too busy to say yes or no."""
        token = self.story.creneau.issue_token(self.user(login), timedelta(days=1))
        headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
        url = f"{machine.web_url}/api/scheduling{path}"
        while (answer := httpx.request(method, url, headers=headers, timeout=PATIENCE, **more)).status_code == BUSY:
            assert answer.headers["Retry-After"]
        return answer

    def read(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(plain(self.urls.owner)) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture
def two(story: Story, clock: SharedClock, fresh_urls: Urls, tmp_path: Path) -> Iterator[Two]:
    with psycopg.connect(plain(fresh_urls.owner)) as connection:
        connection.execute(NOTE_WHAT_IS_BEGUN)
    settings = story.creneau.settings.model_copy(update={"token_rate": A_MINUTE_ALLOWS})
    servers = [urlsplit(url).port or 0 for url in (fresh_urls.runtime, story.slack.url, story.stage.calendars.url)]
    with ExitStack() as stack:
        first, second = (
            stack.enter_context(Machine(tmp_path / name, servers, environment_of(settings), clock))
            for name in ("first", "second")
        )
        for machine in (first, second):
            machine.run("web", "--bind", f"127.0.0.1:{machine.web_port}", "--workers", "1", "--threads", "4")
        first.run("worker")
        wait_until(lambda: is_ready(first) and is_ready(second), PATIENCE)
        yield Two(story, fresh_urls, first, second)


def is_ready(machine: Machine) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"{machine.web_url}/ready").is_success
    return False


def test_what_is_begun_at_one_machine_goes_on_at_the_other_and_happens_once(
    two: Two, story: Story, clock: SharedClock, fresh_urls: Urls
):
    book_at_both_and_confirm_at_one(two)
    wait_until(lambda: len(events_of(story, "paul")) == 1, PATIENCE)
    two.second.run("worker")
    two.first.run("socket")
    count_requests_together(two)

    story.slack.request_url = f"{two.first.web_url}/slack/events"
    submit_to_both(two)
    paul = story.person("paul")
    request = paul.wait_for_message("Marie", PATIENCE)
    assert story.slack.sockets.wait_until_connected(PATIENCE)
    feed = story.creneau.feeds.issue_feed_token(two.user("paul"), FeedKind.SESSIONS)
    before = etag_at_both(two, feed)
    paul.click(request, "Confirmer")
    wait_until(lambda: len(events_of(story, "paul")) == 2, PATIENCE)
    assert etag_at_both(two, feed) != before

    wait_until(lambda: two.read("select count(*) from procrastinate_workers") == [(2,)], PATIENCE)
    assert set(two.first.shut_down()) == {0}
    clock.set(TUESDAY_AT_TEN - timedelta(hours=15))
    send_all(story, fresh_urls, clock)
    wait_until(lambda: is_all_at_rest(fresh_urls))

    assert disagreements(fresh_urls, story.slack) == []
    assert posted_reminders(story.slack).total() == 4
    told = {login: len(story.person(login).messages) for login in ("paul", "marie", "emma")}
    assert told == {"paul": 4, "marie": 3, "emma": 3}, "requests, confirmations, reminders: each once"
    by_the_clock = Counter(two.read("select task, tick from begun where tick <> '0'"))
    assert {SWEEP_REMINDERS, EXPIRE_BOOKINGS} <= {task for task, _ in by_the_clock}
    assert set(by_the_clock.values()) == {1}, by_the_clock
    assert two.read("select count(distinct worker) from begun") == [(2,)]
    assert story.slack.problems == []


def book_at_both_and_confirm_at_one(two: Two) -> None:
    """Ask by the API under one key, at both at once and again; confirm at the second, read at the first."""
    bilan = next(
        bilan for cast in two.story.stage.casts for bilan in cast.bilans if bilan.beneficiary_id == two.user("emma").id
    )
    wanted = {
        "consultant_id": str(bilan.consultant_id),
        "bilan_id": str(bilan.id),
        "scheduled_date": str(TUESDAY),
        "scheduled_start_time": "11:00",
    }

    def book(machine: Machine) -> httpx.Response:
        return two.ask(machine, "emma", "POST", "/bookings", json=wanted, headers={"Idempotency-Key": "a-key"})

    with ThreadPoolExecutor(2) as pool:
        made = [*pool.map(book, (two.first, two.second)), book(two.first), book(two.second)]
    assert [answer.status_code for answer in made] == [httpx.codes.CREATED] * 4, [answer.text for answer in made]
    [booking_id] = {answer.json()["data"]["id"] for answer in made}
    confirmed = two.ask(two.second, "paul", "PUT", f"/bookings/{booking_id}/confirm")
    assert confirmed.is_success, confirmed.text
    assert two.ask(two.first, "emma", "GET", f"/bookings/{booking_id}").json()["data"]["status"] == "CONFIRMED"


def count_requests_together(two: Two) -> None:
    """Ask more often than a minute allows, in turn, and by both at once."""
    machines = (two.first, two.second) * (A_MINUTE_ALLOWS // 2 + 2)
    with ThreadPoolExecutor(4) as pool:
        answers = [*pool.map(lambda machine: two.ask(machine, "karim", "GET", "/bookings").status_code, machines)]
    assert answers.count(httpx.codes.OK) <= A_MINUTE_ALLOWS
    assert answers.count(httpx.codes.TOO_MANY_REQUESTS) >= len(machines) - A_MINUTE_ALLOWS


def submit_to_both(two: Two) -> None:
    """Marie books in Slack, and what she submits arrives at both machines at once, and at the first again."""
    marie = two.story.person("marie")
    marie.command("/book")
    marie.wait_for_modal("Horaires en heure de Paris", PATIENCE)
    choose_time(marie, TUESDAY, "10:00")
    marie.wait_for_modal("Réservé pour vous", PATIENCE)
    more = {"trigger_id": "1.2.submitted", "view": marie.modal.to_slack(), "response_urls": []}
    submission = payloads.interaction("view_submission", marie.workspace, marie.person, **more)
    body = urlencode({"payload": json.dumps(submission)}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", **sign(two.story, body)}

    def submit(machine: Machine) -> httpx.Response:
        return httpx.post(f"{machine.web_url}/slack/events", content=body, headers=headers, timeout=PATIENCE)

    with ThreadPoolExecutor(2) as pool:
        answers = [*pool.map(submit, (two.first, two.second)), submit(two.first)]
    for answer in answers:
        said = json.dumps(answer.json(), ensure_ascii=False)
        assert "Demande envoyée" in said or "Un instant…" in said, said
    assert two.read("select status, count(*) from session_bookings group by 1 order by 1") == [
        ("CONFIRMED", 1),
        ("SCHEDULED", 1),
    ]


def etag_at_both(two: Two, feed: str) -> str:
    """Fetch a feed at one, and ask the other whether it has changed."""
    first, second = (f"{machine.web_url}/feeds/{feed}/sessions.ics" for machine in (two.first, two.second))
    etag = httpx.get(first).headers["ETag"]
    assert httpx.get(second).headers["ETag"] == etag
    assert httpx.get(second, headers={"If-None-Match": etag}).status_code == httpx.codes.NOT_MODIFIED
    return etag
