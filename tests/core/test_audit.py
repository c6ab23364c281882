"""The audit log: every method of the services that writes leaves its line in the transaction of what it wrote.

Each public method is called once, on a database that watches which tables each transaction writes to. A new method
needs its call in `service_calls.py`, and its line, or a reason in `WITHOUT_A_LINE`.
"""

import inspect
import pkgutil
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from creneau.core import services
from creneau.core.domain.audit import AuditQuery
from creneau.core.domain.errors import NotAllowed
from creneau.core.domain.time import Span
from creneau.core.services.audit import AuditService
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre, MovableClock, Urls, cloned
from tests.core.audit_stage import AT_TEN, Stage, WatchingDatabase
from tests.core.service_calls import CALLS

WITHOUT_A_LINE = {
    "CalendarService.record_attempt": "a job's own record of what it put on a calendar server",
    "CalendarService.record_push": "the same",
    "CalendarService.record_refusal": "the same",
    "CalendarService.record_removal": "the same",
    "FeedService.list_bookable_hours": "what a feed has told of a consultant's hours, so that it tells changes",
    "FeedService.tell_series": "what a feed has told of a consultant's hours, so that it tells changes",
    "FeedService.record_fetch": "which program fetched a feed, every few minutes",
    "BusyService.record_busy": "what a job read in somebody's own calendar, every few minutes",
    "BusyService.forget_calendar": "the same",
    "BusyService.keep_objects": "the same",
    "ReadingService.begin": "a lease of whoever reads a calendar",
    "ReadingService.end": "the same",
    "ReadingService.record_success": "a job's own record of what it read",
    "ReadingService.record_failure": "the same",
    "CalendarChangeService.record_seen": "what a job saw in somebody's own calendar; what they answer has its line",
    "CalendarChangeService.record_missing": "the same",
    "CalendarChangeService.record_told": "a job's own record of what it asked",
    "CalendarChangeService.record_suspicion": "what a job saw; what is answered has its line",
    "CalendarChangeService.clear_suspicion": "the same",
    "CalendarService.record_failure": "a job's own record of what it was told",
    "PublishedHoursService.record_made": "a job's own record of what it put on a calendar server",
    "PublishedHoursService.record_cleared": "the same",
    "PublishedHoursService.record_put": "the same",
    "PublishedHoursService.record_removal": "the same",
    "PublishedHoursService.record_inbox": "the same",
    "PublishedHoursService.record_failure": "the same",
    "PublishedHoursService.finish": "the end of what show_hours or hide_hours began, which have their lines",
    "CalendarService.finish_leaving": "the end of what unlink_calendar began, which has its line",
    "PageLinkService.count_try": "a count on the link; what comes of the page has its line",
    "SlackService.record_message": "a job's own record of where it posted; the act it tells of has its line",
    "SlackService.record_overtaken": "the same",
    "SlackService.record_home": "the same, of where it published",
    "SlackService.park_method": "a job's own record of how long Slack asked it to wait",
    "ChoosingService.hold_time": "some minutes in which a form is open; the booking that comes of it has its line",
    "ChoosingService.release_hold": "the same",
    "HousekeepingService.remove_old_slack_requests": "old requests of all organizations; what they did has its lines",
    "DigestService.claim_due": "a lease, of all organizations at once",
    "DigestService.find_due": "the end of a lease: the digest's own row says why it was skipped",
    "DigestService.record_sent": "the same",
    "DigestService.record_failed": "the same",
    "DigestService.record_postponed": "the same",
    "ReminderService.claim_due": "a lease, of all organizations at once",
    "ReminderService.list_due": "the end of a lease: the reminder's own row says why it was skipped",
    "ReminderService.begin_posting": "the row says since when it may be out",
    "ReminderService.record_posted": "the same: the row says when, and where its message is",
    "ReminderService.record_sent": "the same: the row says when",
    "ReminderService.record_skipped": "the same",
    "ReminderService.record_ambiguous": "the same",
    "ReminderService.record_failed": "the same",
    "ReminderService.record_postponed": "the same",
    "ReminderService.record_unposted": "the same",
    "ReminderService.record_found": "the same",
    "ReminderService.turn_to_email": "the same",
    "EmailService.claim": "the ledger of e-mails; the act that one tells of has its line",
    "EmailService.begin_sending": "the same",
    "EmailService.record_sent": "the same",
    "EmailService.record": "the same",
    "InstallationService.lease_rotations": "a lease, of all organizations at once; what comes of it has its line",
    "HousekeepingService.remove_old_idempotency_keys": "old keys of all organizations; what was booked has its lines",
    "HousekeepingService.remove_old_request_rates": "old counts of all organizations",
    "AdmissionService.admit": "a count of requests: forgotten after a minute",
}
"""The methods that write and leave no line, and why."""


def service_methods() -> set[str]:
    """Every public method of every service, as `Class.method`."""
    found = set()
    for module in pkgutil.iter_modules(services.__path__):
        for name, cls in inspect.getmembers(import_module(f"{services.__name__}.{module.name}"), inspect.isclass):
            if name.endswith("Service") and cls.__module__.endswith(f".{module.name}"):
                found |= {f"{name}.{method}" for method in vars(cls) if not method.startswith("_")}
    return found


@pytest.fixture(scope="module")
def watching(cluster: Urls) -> Iterator[WatchingDatabase]:
    """A database of this module's own, for the methods that look across organizations."""
    with cloned(cluster, f"creneau_audit_{uuid4().hex[:12]}") as urls:
        database = WatchingDatabase(urls.runtime)
        yield database
        database.close()


@pytest.fixture
def stage(watching: WatchingDatabase) -> Stage:
    return Stage(watching)


def test_every_public_method_of_the_services_is_walked():
    assert set(CALLS) == service_methods()
    assert set(WITHOUT_A_LINE) <= set(CALLS)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_method_that_writes_leaves_a_line_in_the_same_transaction(stage: Stage, name: str):
    service, method = name.split(".")
    arguments = CALLS[name](stage)
    stage.database.written.clear()

    getattr(stage.services[service], method)(*arguments)

    silent = [tables for tables in stage.database.written if tables and "audit_log" not in tables]
    assert bool(silent) == (name in WITHOUT_A_LINE), silent
    if name == "NotesService.get_notes":
        assert stage.database.written == [{"audit_log"}]


def test_a_line_says_who_did_what_when_and_nothing_more(centre: Centre, database: Database, clock: MovableClock):
    booking = centre.scheduling.create_session_booking(
        centre.actor(centre.beneficiary), BookingRequest(centre.bilan.id, centre.consultant.id, AT_TEN)
    )
    clock.move(hours=1)
    centre.scheduling.decline_booking(centre.actor(centre.consultant), booking.id, "Formation")

    lines = AuditService(database).list_audit(
        centre.actor(centre.admin), AuditQuery(subject="booking", subject_id=booking.id)
    )

    assert [(line.actor_id, line.action, line.at) for line in lines] == [
        (centre.consultant.id, "declined", clock.now()),
        (centre.beneficiary.id, "requested", clock.now() - timedelta(hours=1)),
    ]
    assert "Formation" not in repr(lines)


def test_what_is_refused_leaves_no_line(centre: Centre, database: Database):
    booking = centre.scheduling.create_session_booking(
        centre.actor(centre.beneficiary), BookingRequest(centre.bilan.id, centre.consultant.id, AT_TEN)
    )
    with pytest.raises(NotAllowed):
        centre.scheduling.confirm_booking(centre.actor(centre.beneficiary), booking.id)

    lines = AuditService(database).list_audit(centre.actor(centre.admin), AuditQuery(subject_id=booking.id))
    assert [line.action for line in lines] == ["requested"]


def test_lines_are_listed_for_administrators_of_the_organization_alone(
    centre: Centre, other_centre: Centre, database: Database, clock: MovableClock
):
    audit = AuditService(database)
    for user in (centre.beneficiary, centre.consultant):
        with pytest.raises(NotAllowed):
            audit.list_audit(centre.actor(user))

    ours = audit.list_audit(centre.actor(centre.admin), AuditQuery(most=1000))
    theirs = audit.list_audit(other_centre.actor(other_centre.admin), AuditQuery(most=1000))
    assert ours
    assert not {line.id for line in ours} & {line.id for line in theirs}

    today = Span(clock.now(), clock.now() + timedelta(seconds=1))
    admin = centre.actor(centre.admin)
    assert audit.list_audit(admin, AuditQuery(span=today, most=2, skipped=1)) == ours[1:3]
    assert audit.list_audit(admin, AuditQuery(span=Span(today.ends_at, today.ends_at + timedelta(days=1)))) == []
    assert audit.list_audit(admin, AuditQuery(actor_id=centre.beneficiary.id)) == []


@pytest.mark.parametrize("statement", ["update audit_log set action = 'rewritten'", "delete from audit_log"])
def test_no_line_is_changed_or_removed(centre: Centre, database: Database, statement: str):
    with database.transaction(centre.organization.id) as tx, pytest.raises(ProgrammingError, match="permission denied"):
        tx.execute(text(statement))
