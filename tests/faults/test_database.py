"""The wire to Postgres is cut, loses answers, or swallows everything: one booking or none, and an answer in time."""

import os
import socket
from collections.abc import Callable, Iterator
from threading import Event

import psycopg
import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from creneau.core.storage.database import Database, runtime_conninfo
from tests.conftest import MONDAY, Centre, MovableClock, Urls, build_centre, new_id, plain
from tests.faults.proxy import Proxy
from tests.web.api_client import Api, a_booking, build_api

ANSWERED, LOST = 201, 503


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(MONDAY)


@pytest.fixture
def wire(worker_urls: Urls) -> Iterator[Proxy]:
    with Proxy(make_url(worker_urls.runtime).port or 0) as proxy:
        yield proxy


@pytest.fixture
def behind(wire: Proxy, worker_urls: Urls) -> Iterator[Database]:
    """The test's database, by a wire that misbehaves."""
    database = Database(through(wire, worker_urls), pool_size=1)
    yield database
    wire.heal()
    database.close()


@pytest.fixture
def centre(behind: Database, clock: MovableClock) -> Centre:
    return build_centre(behind, clock)


@pytest.fixture
def api(centre: Centre, clock: MovableClock) -> Api:
    return build_api(centre, clock)


def through(proxy: Proxy, urls: Urls) -> str:
    return make_url(urls.runtime).set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)


def book(api: Api, centre: Centre, hour: int, key: str | None = None) -> tuple[int, str | None]:
    """Ask for a time of Tuesday; return the status, and which booking was answered."""
    wanted = a_booking(centre, scheduled_start_time=f"{9 + hour:02}:00")
    answer = api.post(centre.beneficiary, "/bookings", wanted, **({"Idempotency-Key": key} if key else {}))
    return answer.status_code, answer.json["data"]["id"] if answer.status_code == ANSWERED else None


def written(centre: Centre, urls: Urls) -> list[str]:
    query = "select id::text from session_bookings where organization_id = %s order by starts_at"
    with psycopg.connect(plain(urls.owner)) as connection:
        return [row[0] for row in connection.execute(query, (centre.organization.id,)).fetchall()]


def at_commit(wire: Proxy, lose: Callable[[bytes], object]) -> Event:
    """Lose the commit of the next booking, or its reply; other transactions of the request come before it."""
    return wire.trap(b"insert into session_bookings", lambda: lose(b"commit"), is_after=False, is_passed=True)


def test_a_commit_whose_reply_is_lost_is_answered_with_the_same_booking_under_its_key(
    api: Api, centre: Centre, wire: Proxy, worker_urls: Urls
):
    at_commit(wire, wire.lose_answer)
    assert book(api, centre, 0, "a-key") == (LOST, None)
    [kept] = written(centre, worker_urls)

    assert book(api, centre, 0, "a-key") == (ANSWERED, kept)
    assert book(api, centre, 0, "another-key")[0] == 409
    assert written(centre, worker_urls) == [kept]


def test_a_wire_that_breaks_at_any_statement_of_a_booking_leaves_none_and_the_next_try_books(
    api: Api, centre: Centre, wire: Proxy, behind: Database, worker_urls: Urls
):
    breaks = [
        (way, sign)
        for sign in (b"insert into session_bookings", b"booking_history")
        for way in (wire.lose_request, wire.lose_answer)
    ]
    for hour, (way, sign) in enumerate([*breaks, (lambda _: at_commit(wire, wire.lose_request), b"commit")]):
        before = written(centre, worker_urls)
        behind._engine.dispose()  # a new connection sends its statements in words
        sprung = way(sign)
        assert book(api, centre, hour, f"key-{hour}") == (LOST, None), sign
        assert sprung.is_set(), sign
        assert written(centre, worker_urls) == before, sign

        assert book(api, centre, hour, f"key-{hour}")[0] == ANSWERED, sign
        assert len(written(centre, worker_urls)) == len(before) + 1, sign


def test_a_wire_that_breaks_in_the_middle_of_a_move_leaves_the_session_where_it_was(
    api: Api, centre: Centre, wire: Proxy, behind: Database
):
    _, booking = book(api, centre, 0, "a-key")
    whole = a_booking(centre, scheduled_start_time="11:00")
    new = {name: whole[name] for name in ("scheduled_date", "scheduled_start_time", "timezone") if name in whole}
    for sign in (b"SAVEPOINT", b"seats = '[0,)'", b"UPDATE session_bookings"):
        behind._engine.dispose()  # a new connection sends its statements in words
        sprung = wire.lose_request(sign)
        answer = api.put(centre.beneficiary, f"/bookings/{booking}/reschedule", new)
        assert (answer.status_code, sprung.is_set()) == (LOST, True), sign

    moved = api.put(centre.beneficiary, f"/bookings/{booking}/reschedule", new)
    assert (moved.status_code, moved.json["data"]["version"]) == (200, 2)


def test_a_wire_that_breaks_before_anything_was_said_in_a_transaction_stops_nobody(
    api: Api, centre: Centre, wire: Proxy, worker_urls: Urls
):
    for hour, way in enumerate((wire.lose_request, wire.lose_answer)):
        sprung = way(b"begin")
        assert book(api, centre, hour)[0] == ANSWERED
        assert sprung.is_set()
    assert len(written(centre, worker_urls)) == 2


def test_a_wire_that_swallows_everything_holds_nobody_up_for_ever(wire: Proxy, centre: Centre, worker_urls: Urls):
    database, name = Database(through(wire, worker_urls), pool_size=1, longest_seconds=0.4), new_id()

    def use() -> None:
        with database.transaction(centre.organization.id), database.fence.hold(name) as is_ours:
            assert is_ours

    use()
    wire.swallow()
    with pytest.raises(OperationalError), database.transaction(centre.organization.id):
        pytest.fail("nobody has answered, on a new connection neither")
    with pytest.raises(psycopg.Error), database.fence.hold(name):
        pytest.fail("nobody has answered")
    wire.heal()
    use()  # what was ended is replaced
    database.close()


def test_whoever_waits_at_postgres_has_an_end(worker_urls: Urls):
    with psycopg.connect(runtime_conninfo(worker_urls.runtime)) as connection:
        told = {
            name: connection.execute("select current_setting(%s)", (name,)).fetchone()
            for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        }
        missed = connection.execute(
            "select current_setting('tcp_keepalives_idle'), current_setting('tcp_keepalives_count')"
        ).fetchone()
        line = socket.socket(fileno=os.dup(connection.fileno()))
    with line:
        given_up = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
        looked_after = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)
    assert list(told.values()) == [("15s",), ("5s",), ("30s",)]
    assert missed == ("10", "3")
    assert (given_up, looked_after) == (20_000, 10)
