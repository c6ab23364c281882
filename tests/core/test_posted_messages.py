"""A message that is out, and an act on its booking at the same moment: one of the two brings it up to date."""

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from creneau.core.domain.messages import PostedMessage, Purpose
from creneau.core.secrets import SecretBox, generate_key
from creneau.core.services.reminders import DueReminder, ReminderService
from creneau.core.services.slack import SlackService
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre, MovableClock, Urls, new_id, plain

AT_TEN = datetime(2026, 12, 8, 9, 0, tzinfo=UTC)
OF_ALL_TESTS = 1_000_000  # reminders of other tests' centres are due as well
IS_HELD_UP = "select exists (select from pg_stat_activity where %s = any(pg_blocking_pids(pid)))"


@pytest.fixture
def due(centre: Centre, database: Database, clock: MovableClock) -> DueReminder:
    request = BookingRequest(centre.bilan.id, centre.consultant.id, AT_TEN)
    booking = centre.scheduling.create_session_booking(centre.actor(centre.beneficiary), request)
    centre.scheduling.confirm_booking(centre.actor(centre.consultant), booking.id)
    clock.set(AT_TEN - timedelta(minutes=50))
    reminders = ReminderService(database, clock)
    leases = [lease for lease in reminders.claim_due(OF_ALL_TESTS) if lease.organization_id == centre.organization.id]
    return reminders.list_due(centre.organization.id, leases)[0]


@pytest.mark.parametrize("is_reminder", [True, False])
def test_who_records_a_message_waits_for_an_act_under_way_and_sees_it(
    due: DueReminder,
    database: Database,
    clock: MovableClock,
    worker_urls: Urls,
    is_reminder: bool,  # noqa: FBT001 - both services
):
    posted = PostedMessage(due.file.booking.id, due.recipient.id, Purpose.REMINDER_1H, "D1", "1.1")

    def record() -> bool:
        if is_reminder:
            return ReminderService(database, clock).record_posted(due, posted)
        return SlackService(database, clock, SecretBox([generate_key()]), new_id).record_message(
            due.file.booking, posted
        )

    with psycopg.connect(plain(worker_urls.owner)) as act, ThreadPoolExecutor(1) as thread:
        act.execute("update session_bookings set version = version + 1 where id = %s", (due.file.booking.id,))
        is_current = thread.submit(record)
        wait_until_held_up(is_current, worker_urls, act)
        act.commit()
        assert not is_current.result()
    assert record() is False


def wait_until_held_up(work: Future[bool], urls: Urls, by: psycopg.Connection[object]) -> None:
    with psycopg.connect(plain(urls.owner), autocommit=True) as look:
        while not work.done():
            [is_held_up] = look.execute(IS_HELD_UP, (by.info.backend_pid,)).fetchone() or [False]
            if is_held_up:
                return


def test_a_lease_that_has_run_out_is_another_senders(
    centre: Centre, due: DueReminder, database: Database, clock: MovableClock
):
    reminders, tenant = ReminderService(database, clock), centre.organization.id
    assert reminders.list_due(tenant, [due.lease]) == [due]

    clock.move(minutes=3)
    [again] = [lease for lease in reminders.claim_due(OF_ALL_TESTS) if lease.reminder_id == due.lease.reminder_id]

    assert reminders.list_due(tenant, [due.lease]) == []
    assert not reminders.begin_posting(due.lease, due.file.booking)
    assert [one.lease for one in reminders.list_due(tenant, [again])] == [again]
