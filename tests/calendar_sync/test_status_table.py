"""A push against a server that fails in every way of the table: what is told, and that nothing is lost or doubled."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from werkzeug.wrappers import Request, Response

from creneau.calendar_sync.calendar import CalendarError
from creneau.calendar_sync.failures import failure_of
from creneau.calendar_sync.jobs import HOPELESS
from creneau.calendar_sync.own_object import remove_object
from creneau.calendar_sync.vevent import uid_of
from creneau.core.domain.calendar import CalendarHealth, PushFailure
from creneau.core.domain.events import SessionsRefused
from creneau.core.domain.people import Actor

from .conftest import DOMAIN, PASSWORD, USER, Bench
from .test_caldav import Server

REFUSED = (400, 403, 405, 409, 412, 413, 415, 422, 507)
"""What is said of one object: it waits, and no other."""
TOLD = {
    **dict.fromkeys((202, 207, 301, 302, 303, 307, 308), PushFailure.REFUSED),  # no redirection of a write is followed
    **dict.fromkeys((418, 501), PushFailure.REFUSED),
    401: PushFailure.WRONG_PASSWORD,
    **dict.fromkeys((404, 410), PushFailure.NOT_FOUND),
    **dict.fromkeys((408, 423, 425, 429, 500, 502, 503, 504), PushFailure.UNREACHABLE),
}
HANG_UP = 0
LOST = (HANG_UP, 412, 504)
"""What is answered, or not, although the server has done what it was asked."""


class Faulty:
    """Stands before a real server: answers one method with a status, before the server hears of it or after."""

    def __init__(self, url: str) -> None:
        self._url = httpx.URL(url)
        self._client = httpx.Client(trust_env=False, verify=False)  # noqa: S501 - no TLS on the way; contexts are slow
        self.method, self.status, self.is_done, self.is_once = "", HANG_UP, False, False
        self.asked: list[str] = []

    def fail(self, method: str, status: int, *, is_done: bool = False, once: bool = False) -> None:
        self.method, self.status, self.is_done, self.is_once = method, status, is_done, once
        self.asked.clear()

    def heal(self) -> None:
        self.method = ""

    def ask(self, method: str, href: str) -> httpx.Response:
        """Ask the real server, as another client would."""
        return self._client.request(method, self._url.copy_with(path=httpx.URL(href).path), auth=(USER, PASSWORD))

    def __call__(self, request: Request) -> Response:
        self.asked.append(request.method)
        is_failing = request.method == self.method
        if is_failing and not self.is_done:
            return self._fail(request)
        headers = {name: value for name, value in request.headers.items() if name not in ("Host", "Content-Length")}
        url = self._url.copy_with(path=request.path)
        real = self._client.request(request.method, url, content=request.get_data(), headers=headers)
        if is_failing:
            return self._fail(request)
        kept = {name: real.headers[name] for name in ("ETag", "Content-Type") if name in real.headers}
        return Response(real.content, real.status_code, kept)

    def _fail(self, request: Request) -> Response:
        if self.is_once:
            self.heal()
        if self.status == HANG_UP:
            request.environ["werkzeug.socket"].close()
        where = {"Location": "/login/"} if 300 <= self.status < 400 else {}
        return Response("<html>Sign in</html>", self.status or 500, where, content_type="text/html")


@contextmanager
def before(bench: Bench) -> Iterator[Faulty]:
    """Let the consultant's calendar be behind a faulty server."""
    faulty = Faulty(bench.calendar_url)
    with Server(faulty).running() as server:
        url = httpx.URL(server.url).copy_with(path=httpx.URL(bench.calendar_url).path)
        consultant = bench.centre.consultant
        bench.service.link_calendar(Actor.from_user(consultant), consultant.id, str(url), USER, PASSWORD)
        bench.calendar_url = str(url)
        yield faulty


def what_was_told(push: Any) -> tuple[PushFailure | None, bool]:
    with pytest.raises(CalendarError) as raised:
        push()
    return failure_of(raised.value), not isinstance(raised.value, HOPELESS)


def test_each_status_of_a_create_is_told_and_the_next_try_ends_with_one_event(bench: Bench) -> None:
    booking = bench.confirm(bench.book())
    with before(bench) as server:
        for status, told in TOLD.items():
            server.fail("PUT", status)
            is_tried_again = told is not PushFailure.WRONG_PASSWORD
            assert what_was_told(lambda: bench.push(booking)) == (told, is_tried_again), status
            assert server.asked.count("PUT") <= 3, status
            assert server.ask("GET", bench.href(booking)).status_code == 404, "nothing is taken for a success"
        server.heal()
        bench.push(booking)
        assert bench.session(booking).pushed.etag == server.ask("GET", bench.href(booking)).headers["ETag"]
        assert bench.service.list_to_push(booking.organization_id, booking.consultant_id) == []


def test_what_is_refused_of_one_session_waits_alone_and_is_sent_again_later_or_when_it_changes(bench: Bench) -> None:
    booking, other = bench.confirm(bench.book(20)), bench.confirm(bench.book(30))
    own = Actor.from_user(bench.centre.consultant)
    told = bench.service._follow.events

    def health() -> CalendarHealth:
        found = bench.service.find_health(own, own.user_id)
        assert found is not None
        return found

    with before(bench) as server:
        told.clear()
        for status in REFUSED:
            server.fail("PUT", status)
            bench.push(booking)
            assert bench.session(booking).pushed.refusal.status == status
            assert 1 <= server.asked.count("PUT") <= 3, status
            server.asked.clear()
            bench.push(booking)
            assert server.asked == [], "not again so soon"
            server.heal()
            bench.push(other)
            assert bench.session(other).pushed.pushed_version == other.version
            assert (health().failure, health().refused, health().waiting) == (None, 1, 0)
            bench.service.push_again(own, own.user_id)
        assert [type(event) for event in told].count(SessionsRefused) == 1, "told of once"
        server.fail("PUT", 413)
        bench.push(booking)
        server.heal()
        bench.clock.move(hours=6)
        bench.push(booking)
        assert bench.session(booking).pushed.refusal is None
        server.fail("PUT", 413)
        moved = bench.centre.scheduling.reschedule_booking(
            Actor.from_user(bench.centre.admin), booking.id, booking.span.starts_at + timedelta(days=7)
        )
        bench.push(moved)
        assert health().refused == 1
        server.fail("DELETE", 403)
        bench.push(bench.cancel(moved))
        assert bench.session(moved).pushed.refusal.status == 403
        bench.clock.move(hours=6)
        server.heal()
        bench.push(moved)
        assert bench.session(moved).pushed is None
        assert (health().refused, health().waiting) == (0, 0)


def test_an_object_whose_name_is_not_taken_gets_another_one_once(bench: Bench) -> None:
    booking = bench.confirm(bench.book())
    with before(bench) as server:
        server.fail("PUT", 400, once=True)
        bench.push(booking)
        pushed = bench.session(booking).pushed
        assert pushed.href == f"{bench.calendar_url}{booking.id}-{booking.version}.ics"
        assert server.ask("GET", pushed.href).status_code == 200
        bench.push(bench.cancel(booking))
        assert server.ask("GET", pushed.href).status_code == 404


def test_a_create_or_an_update_whose_answer_is_lost_is_done_once(bench: Bench) -> None:
    booking = bench.confirm(bench.book())
    with before(bench) as server:
        for status in LOST:
            for is_there in (False, True):
                if is_there:
                    bench.push(booking)
                    older = replace(bench.session(booking).booking, version=1)
                    etag = bench.session(booking).pushed.etag
                    bench.service.record_push(replace(bench.session(booking), booking=older), bench.href(booking), etag)
                server.fail("PUT", status, is_done=True)
                if status == 412:  # an object that the server does not take, for all that it says
                    bench.push(booking)
                    bench.service.push_again(Actor.from_user(bench.centre.consultant), booking.consultant_id)
                else:
                    what_was_told(lambda: bench.push(booking))
                stands = server.ask("GET", bench.href(booking))
                assert stands.status_code == 200
                server.heal()
                bench.push(booking)
                assert bench.session(booking).pushed.etag == server.ask("GET", bench.href(booking)).headers["ETag"]
                assert server.ask("GET", bench.href(booking)).content == stands.content
            server.ask("DELETE", bench.href(booking)).raise_for_status()
            bench.service.record_removal(bench.session(booking))


def test_each_status_of_a_removal_is_told_but_for_what_is_gone(bench: Bench) -> None:
    booking = bench.confirm(bench.book())
    with before(bench) as server:
        bench.push(booking)
        session = bench.session(booking)

        def remove() -> None:
            with bench.open_calendar(session.link) as calendar:
                remove_object(calendar, session.pushed.href, session.pushed.etag, uid_of(booking.id, DOMAIN))

        for status, told in (TOLD | dict.fromkeys(REFUSED, PushFailure.REFUSED)).items():
            server.fail("DELETE", status)
            if told is PushFailure.NOT_FOUND:
                remove()
            else:
                assert what_was_told(remove) == (told, told is not PushFailure.WRONG_PASSWORD), status
            assert server.asked.count("DELETE") <= 3, status
            assert server.ask("GET", bench.href(booking)).status_code == 200
        server.fail("DELETE", HANG_UP, is_done=True)
        what_was_told(remove)
        server.heal()
        remove()
        assert server.ask("GET", bench.href(booking)).status_code == 404
