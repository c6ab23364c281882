"""How a consultant's calendar is doing, sending again, and leaving it."""

import pytest

from creneau.core.domain.calendar import PushFailure
from creneau.core.domain.errors import CalendarNotLinked, NotAllowed, UserNotFound
from creneau.core.domain.events import CalendarLeft, CalendarPushedAgain, CalendarPushWanted, CalendarUnpushed
from creneau.core.domain.people import Actor

from .conftest import PASSWORD, USER, Bench


def own(bench: Bench) -> Actor:
    return Actor.from_user(bench.centre.consultant)


def health(bench: Bench):
    return bench.service.find_health(own(bench), bench.centre.consultant.id)


def test_a_calendar_that_was_just_linked_waits_for_what_is_confirmed(bench: Bench):
    bench.confirm(bench.book())

    said = health(bench)

    assert (said.calendar_url, said.username) == (bench.calendar_url, USER)
    assert (said.pushed_at, said.failed_at, said.failure, said.waiting) == (None, None, None, 1)


def test_a_failure_is_told_until_a_push_gets_through(bench: Bench):
    booking = bench.confirm(bench.book())
    bench.service.record_failure(booking.organization_id, booking.id, PushFailure.UNREACHABLE)
    failed = health(bench)
    assert (failed.failure, failed.failed_at, failed.waiting) == (PushFailure.UNREACHABLE, bench.clock.now(), 1)

    bench.clock.move(minutes=1)
    bench.push(booking)

    well = health(bench)
    assert (well.failure, well.failed_at, well.pushed_at, well.waiting) == (None, None, bench.clock.now(), 0)


def test_the_consultant_is_told_once_of_trouble_that_lasts_and_once_that_it_is_over(bench: Bench):
    booking = bench.confirm(bench.book())

    def told(failure: PushFailure | None = None, minutes: int = 0) -> list[type]:
        bench.service._follow.events.clear()
        bench.clock.move(minutes=minutes)
        if failure is None:
            bench.push(booking)
        else:
            bench.service.record_failure(booking.organization_id, booking.id, failure)
        return [type(event) for event in bench.service._follow.events]

    assert told(PushFailure.UNREACHABLE) == told(PushFailure.UNREACHABLE, 14) == []
    assert told(PushFailure.UNREACHABLE, 1) == [CalendarUnpushed]
    assert told(PushFailure.UNREACHABLE, 60) == told(PushFailure.WRONG_PASSWORD, 1) == []
    assert told() == [CalendarPushedAgain]
    assert told() == []
    assert told(PushFailure.UNREACHABLE) == []
    assert told(PushFailure.WRONG_PASSWORD) == [CalendarUnpushed]
    bench.service.link_calendar(own(bench), bench.centre.consultant.id, bench.calendar_url, USER, PASSWORD)
    assert told(PushFailure.UNREACHABLE) == []


def test_linking_again_forgets_what_was_wrong(bench: Bench):
    booking = bench.confirm(bench.book())
    bench.service.record_failure(booking.organization_id, booking.id, PushFailure.WRONG_PASSWORD)
    bench.clock.move(minutes=1)

    bench.service.link_calendar(own(bench), bench.centre.consultant.id, bench.calendar_url, USER, PASSWORD)

    assert (health(bench).failure, health(bench).linked_at) == (None, bench.clock.now())


def test_a_calendar_that_is_left_keeps_what_stands_there_and_gets_nothing_more(bench: Bench):
    first, second = bench.confirm(bench.book(1)), bench.confirm(bench.book(5))
    bench.push(first)

    bench.service.unlink_calendar(own(bench), bench.centre.consultant.id)
    bench.push(second)

    assert health(bench) is None
    assert bench.on_server(first).status_code == 200
    assert bench.on_server(second).status_code == 404


def test_a_calendar_that_is_emptied_gets_nothing_more_at_once_and_is_forgotten_at_the_end(bench: Bench):
    booking = bench.confirm(bench.book())
    bench.push(booking)
    organization_id, consultant_id = booking.organization_id, bench.centre.consultant.id

    bench.service.unlink_calendar(own(bench), consultant_id, removes_sessions=True)

    assert health(bench) is None
    assert bench.session(booking).link is None
    link, pushed = bench.service.find_leaving(organization_id, consultant_id)
    assert (link.password, [booking_id for booking_id, _ in pushed]) == (PASSWORD, [booking.id])
    bench.service.finish_leaving(organization_id, consultant_id)
    assert bench.service.find_leaving(organization_id, consultant_id) is None


def test_a_calendar_that_is_linked_again_before_it_was_emptied_stays(bench: Bench):
    booking = bench.confirm(bench.book())
    bench.push(booking)
    consultant_id = bench.centre.consultant.id
    bench.service.unlink_calendar(own(bench), consultant_id, removes_sessions=True)
    bench.service.link_calendar(own(bench), consultant_id, bench.calendar_url, USER, PASSWORD)

    bench.service.finish_leaving(booking.organization_id, consultant_id)

    assert health(bench) is not None


def test_what_is_asked_for_is_published_for_the_jobs(bench: Bench):
    consultant_id = bench.centre.consultant.id
    bench.service.push_again(own(bench), consultant_id)
    bench.service.unlink_calendar(own(bench), consultant_id, removes_sessions=True)
    published = bench.service._follow.events
    assert [type(event) for event in published[-2:]] == [CalendarPushWanted, CalendarLeft]
    for act in (bench.service.push_again, bench.service.unlink_calendar):
        with pytest.raises(CalendarNotLinked):
            act(own(bench), consultant_id)


def test_nobody_else_looks_into_it_or_leaves_it(bench: Bench, other_centre):
    consultant_id = bench.centre.consultant.id
    for act in (bench.service.find_health, bench.service.push_again, bench.service.unlink_calendar):
        with pytest.raises(NotAllowed):
            act(Actor.from_user(bench.centre.beneficiary), consultant_id)
        with pytest.raises(UserNotFound):
            act(Actor.from_user(other_centre.consultant), consultant_id)
    assert health(bench) is not None
