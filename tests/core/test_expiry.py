"""Requests that nobody answers: they end by the clock, before their session, and their time is free again.

Peers, section 2: row 21 (a request has an expiry at or before its start, and both sides are told). Domain R31.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import procrastinate
import procrastinate.testing
import pytest

from creneau.app.schedule import EXPIRE_BOOKINGS, register_expiry
from creneau.app.subscriptions import jobs_for
from creneau.bot.jobs import POST_MESSAGE
from creneau.core.domain.booking import CancellationCode, Status
from creneau.core.domain.errors import IllegalTransition
from creneau.core.domain.events import BookingExpired
from creneau.core.domain.policy import PolicyChoices
from creneau.core.domain.reminders import ReminderState
from creneau.core.services.reminders import ReminderService
from creneau.core.storage import policies
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import MONDAY, Centre, MovableClock, build_centre

IN_A_WEEK = datetime(2026, 12, 7, 9, 0, tzinfo=UTC)
TOMORROW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
DEADLINE = MONDAY + timedelta(hours=48)


@pytest.fixture
def centre(fresh_database: Database, clock: MovableClock) -> Centre:
    """A centre in a database of its own: the sweep looks across organizations."""
    return build_centre(fresh_database, clock)


def book(centre: Centre, starts_at: datetime = IN_A_WEEK):
    return centre.scheduling.create_session_booking(
        centre.actor(centre.beneficiary), BookingRequest(centre.bilan.id, centre.consultant.id, starts_at)
    )


def stands(centre: Centre, booking_id):
    return centre.scheduling.get_booking(centre.actor(centre.admin), booking_id)


def test_an_answer_is_awaited_for_two_days_and_never_beyond_the_start(centre: Centre):
    assert book(centre).answer_by == DEADLINE
    assert stands(centre, book(centre, TOMORROW).id).answer_by == TOMORROW


def test_an_unanswered_request_expires_and_its_time_is_free_again(
    centre: Centre, clock: MovableClock, fresh_database: Database
):
    booking = book(centre)
    clock.set(DEADLINE - timedelta(seconds=1))
    assert centre.scheduling.expire_requests() == 0
    clock.set(DEADLINE)

    assert centre.scheduling.expire_requests() == 1

    expired = stands(centre, booking.id)
    assert (expired.status, expired.cancellation_code) == (Status.CANCELLED, CancellationCode.EXPIRED)
    assert (expired.cancelled_by, expired.cancelled_at, expired.is_late_cancellation) == (None, DEADLINE, False)
    last = centre.scheduling.get_booking_history(centre.actor(centre.admin), booking.id)[-1]
    assert (last.action, last.actor_id, last.version) == ("EXPIRE", None, 2)
    assert isinstance(centre.published.events[-1], BookingExpired)
    reminders = ReminderService(fresh_database, clock).list_of_booking(centre.actor(centre.admin), booking.id)
    assert {reminder.state for reminder in reminders} == {ReminderState.CANCELLED}
    assert book(centre).status is Status.SCHEDULED
    assert centre.scheduling.expire_requests() == 0


def test_what_was_answered_does_not_expire(centre: Centre, clock: MovableClock):
    confirmed = centre.scheduling.confirm_booking(centre.actor(centre.consultant), book(centre).id)
    declined = centre.scheduling.decline_booking(
        centre.actor(centre.consultant), book(centre, IN_A_WEEK + timedelta(hours=1)).id
    )
    clock.set(IN_A_WEEK)

    assert centre.scheduling.expire_requests() == 0
    assert [stands(centre, confirmed.id), stands(centre, declined.id)] == [confirmed, declined]


def test_an_expired_request_cannot_be_confirmed(centre: Centre, clock: MovableClock):
    booking = book(centre)
    clock.set(DEADLINE)
    centre.scheduling.expire_requests()

    with pytest.raises(IllegalTransition):
        centre.scheduling.confirm_booking(centre.actor(centre.consultant), booking.id)


def test_a_proposal_gives_a_request_time_anew(centre: Centre, clock: MovableClock):
    booking = book(centre)
    clock.set(DEADLINE - timedelta(minutes=1))
    centre.scheduling.propose_times(centre.actor(centre.consultant), booking.id, [IN_A_WEEK + timedelta(hours=2)])
    clock.set(DEADLINE)

    assert centre.scheduling.expire_requests() == 0
    clock.move(days=2)
    assert centre.scheduling.expire_requests() == 1


def test_the_policy_says_how_long_an_answer_is_awaited(centre: Centre, clock: MovableClock, fresh_database: Database):
    with fresh_database.transaction(centre.organization.id) as tx:
        policies.save(tx, centre.organization.id, uuid4(), None, PolicyChoices(answer_within_minutes=30), clock.now())

    assert book(centre).answer_by == MONDAY + timedelta(minutes=30)


def test_requests_of_every_organization_expire(fresh_database: Database, clock: MovableClock):
    centres = [build_centre(fresh_database, clock) for _ in range(2)]
    booked = [book(centre) for centre in centres]
    clock.set(DEADLINE)

    assert centres[0].scheduling.expire_requests() == 2
    assert {stands(*pair).status for pair in zip(centres, [b.id for b in booked], strict=True)} == {Status.CANCELLED}


def test_both_sides_are_told(centre: Centre, clock: MovableClock):
    booking = book(centre)
    clock.set(DEADLINE)
    centre.scheduling.expire_requests()

    told = {
        (arguments["recipient_id"], arguments["purpose"])
        for task, arguments in jobs_for(centre.published.events[-1])
        if task == POST_MESSAGE
    }

    assert told == {(str(booking.beneficiary_id), "DECLINED"), (str(booking.consultant_id), "CANCELLED")}


def test_a_job_looks_for_them_each_minute(centre: Centre, clock: MovableClock):
    app = procrastinate.App(connector=procrastinate.testing.InMemoryConnector())
    register_expiry(app, centre.scheduling)
    booking = book(centre)
    clock.set(DEADLINE)

    expire: Callable[..., None] = app.tasks[EXPIRE_BOOKINGS].func
    expire(timestamp=0)

    assert stands(centre, booking.id).cancellation_code is CancellationCode.EXPIRED
    assert [periodic.cron for periodic in app.periodic_registry.periodic_tasks.values()] == ["* * * * *"]
