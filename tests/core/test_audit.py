"""The audit log: every method of the services that writes leaves its line in the transaction of what it wrote.

Each public method is called once, on a database that watches which tables each transaction writes to. A new method
needs its call here, and its line, or a reason in `WITHOUT_A_LINE`.
"""

import inspect
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module
from itertools import chain
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from creneau.core import services
from creneau.core.domain.audit import AuditQuery
from creneau.core.domain.availability import SlotDraft
from creneau.core.domain.bilan import Phase
from creneau.core.domain.booking import Booking
from creneau.core.domain.busy import BusyObject, BusyReading
from creneau.core.domain.calendar import PushFailure
from creneau.core.domain.calendar_change import ChangeKind, Sighting, Watched
from creneau.core.domain.diary import Part
from creneau.core.domain.emails import EmailKey, EmailState
from creneau.core.domain.errors import NotAllowed
from creneau.core.domain.feeds import CalendarProgram, Feed, FeedKind, FeedOwner
from creneau.core.domain.hold import Hold, HoldRequest
from creneau.core.domain.hours_calendar import HoursObject, HoursWish
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.domain.listing import BookingsWanted
from creneau.core.domain.meeting_place import MeetingPlace
from creneau.core.domain.messages import PostedMessage, PublishedHome, Purpose
from creneau.core.domain.page_links import PagePurpose, PageVisit
from creneau.core.domain.people import Arrival, Membership, Role
from creneau.core.domain.policy import PolicyChoices
from creneau.core.domain.preferences import DigestLease, Preferences
from creneau.core.domain.rates import RateLimit, RateLimits
from creneau.core.domain.reminders import Lease
from creneau.core.domain.slack import BotTokens, SlackGrant, SlackInstallation
from creneau.core.domain.time import Span
from creneau.core.domain.time_off import OtherHours, TimeOffDraft
from creneau.core.secrets import SecretBox, generate_key
from creneau.core.services.administration import AdministrationService
from creneau.core.services.admission import AdmissionService
from creneau.core.services.audit import AuditService
from creneau.core.services.availability import AvailabilityService
from creneau.core.services.booking_files import BookingFileService
from creneau.core.services.booking_links import BookingLinkService
from creneau.core.services.busy import BusyService
from creneau.core.services.calendar_changes import CalendarChangeService
from creneau.core.services.calendars import CalendarService
from creneau.core.services.choosing import ChoosingService
from creneau.core.services.diary import DiaryService
from creneau.core.services.digests import DigestService
from creneau.core.services.emails import EmailService
from creneau.core.services.feeds import FeedService
from creneau.core.services.housekeeping import HousekeepingService
from creneau.core.services.installations import InstallationService
from creneau.core.services.listings import ListingService
from creneau.core.services.notes import NotesService
from creneau.core.services.operations import OperationsService
from creneau.core.services.page_links import PageLinkService
from creneau.core.services.preferences import PreferencesService
from creneau.core.services.presence import PresenceService
from creneau.core.services.published_hours import PublishedHoursService
from creneau.core.services.readings import ReadingService
from creneau.core.services.reminders import ReminderService
from creneau.core.services.secrets import SecretService
from creneau.core.services.slack import SlackService
from creneau.core.storage.database import Database, Transaction
from creneau.core.tickets import Tickets
from creneau.core.usecases.bookings import BookingRequest
from creneau.core.usecases.people import PersonDraft
from tests.conftest import Centre, MovableClock, Published, Urls, build_centre, cloned, new_id, slack_id, weekly

AT_TEN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
A_DAY_OF_ITS_OWN = OtherHours(
    date(2026, 12, 8),
    "Europe/Paris",
    (SlotDraft(time(15), time(17), "Europe/Paris", date_specific=date(2026, 12, 8), duration_minutes=60),),
)
A_WEEK_OFF = TimeOffDraft(date(2026, 12, 7), date(2026, 12, 11), "Europe/Paris")

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

_WRITTEN = text("""
  select relname, n_tup_ins + n_tup_upd + n_tup_del from pg_stat_xact_user_tables
  where n_tup_ins + n_tup_upd + n_tup_del > 0
""")


class WatchingDatabase(Database):
    """Keeps, for each transaction that committed, the tables it wrote to."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.written: list[set[str]] = []

    @contextmanager
    def transaction(self, organization_id: OrganizationId) -> Iterator[Transaction]:
        with super().transaction(organization_id) as tx:
            yield from self._watched(tx)

    @contextmanager
    def without_tenant(self) -> Iterator[Transaction]:
        with super().without_tenant() as tx:
            yield from self._watched(tx)

    def _watched(self, tx: Transaction) -> Iterator[Transaction]:
        before = self._counts(tx)  # of earlier transactions that this connection has not reported yet
        yield tx
        tables = {table for table, count in self._counts(tx).items() if count > before.get(table, 0)}
        self.written.append({table for table in tables if not table.startswith("procrastinate_")})

    @staticmethod
    def _counts(tx: Transaction) -> dict[str, int]:
        return {str(table): int(count) for table, count in tx.execute(_WRITTEN)}


class Stage:
    """A centre on a watched database, and every service on it."""

    def __init__(self, database: WatchingDatabase) -> None:
        self.database = database
        self.clock = MovableClock(datetime(2026, 11, 30, 8, 0, tzinfo=UTC))
        self.centre = build_centre(database, self.clock)
        old_key = generate_key()
        box = SecretBox([old_key])
        self.services: dict[str, Any] = {
            "PeopleService": self.centre.people,
            "SchedulingService": self.centre.scheduling,
            "AvailabilityService": AvailabilityService(database, self.clock, new_id),
            "CalendarService": CalendarService(database, self.clock, box, Published(), new_id),
            "PublishedHoursService": PublishedHoursService(database, self.clock, Published(), new_id),
            "BusyService": BusyService(database, self.clock),
            "ReadingService": ReadingService(database, self.clock, Published()),
            "CalendarChangeService": CalendarChangeService(database, self.clock, Published(), new_id),
            "DiaryService": DiaryService(database, self.clock),
            "DigestService": DigestService(database, self.clock),
            "PreferencesService": PreferencesService(database, self.clock, new_id),
            "AdministrationService": AdministrationService(database, self.clock, Published(), new_id),
            "FeedService": FeedService(database, self.clock, new_id),
            "PageLinkService": PageLinkService(database, self.clock, box, new_id),
            "BookingFileService": BookingFileService(database, self.clock),
            "SlackService": SlackService(database, self.clock, box, new_id),
            "SecretService": SecretService(database, self.clock, SecretBox([generate_key(), old_key]), new_id),
            "InstallationService": InstallationService(database, self.clock, box, Published(), new_id),
            "PresenceService": PresenceService(database, self.clock, Published(), new_id),
            "ReminderService": ReminderService(database, self.clock),
            "EmailService": EmailService(database, self.clock),
            "BookingLinkService": BookingLinkService(database, Tickets(box, self.clock)),
            "NotesService": NotesService(database, self.clock, new_id),
            "AuditService": AuditService(database),
            "ListingService": ListingService(database, self.clock),
            "HousekeepingService": HousekeepingService(database, self.clock),
            "AdmissionService": AdmissionService(database, self.clock, RateLimits(RateLimit(9), RateLimit(9))),
            "OperationsService": OperationsService(database, self.clock),
            "ChoosingService": ChoosingService(database, self.clock),
        }
        centre = self.centre
        self.admin, self.consultant = centre.actor(centre.admin), centre.actor(centre.consultant)
        self.beneficiary = centre.actor(centre.beneficiary)
        self.tenant = centre.organization.id

    def book(self, starts_at: datetime = AT_TEN, key: str | None = None) -> Booking:
        request = BookingRequest(self.centre.bilan.id, self.centre.consultant.id, starts_at)
        return self.centre.scheduling.create_session_booking(self.admin, request, key)

    def confirmed(self) -> Booking:
        return self.centre.scheduling.confirm_booking(self.consultant, self.book().id)

    def completed(self) -> Booking:
        booking = self.confirmed()
        self.clock.set(AT_TEN + timedelta(hours=1))
        return self.centre.scheduling.complete_session(self.consultant, booking.id, attended=True)

    def proposed(self) -> tuple[Booking, Any]:
        booking = self.confirmed()
        self.centre.scheduling.propose_times(self.consultant, booking.id, [AT_TEN + timedelta(days=1)])
        (proposal,) = self.centre.scheduling.list_proposals(self.consultant, booking.id)
        return booking, proposal

    def slot(self) -> Any:
        return self.centre.slots[0]

    def time_off(self) -> Any:
        return self.services["AvailabilityService"].add_time_off(self.consultant, self.consultant.user_id, A_WEEK_OFF)

    def lease(self) -> Lease:
        self.confirmed()
        self.clock.set(AT_TEN - timedelta(minutes=50))
        claims = iter(self.services["ReminderService"].claim_due, [])  # other tests' organizations have some, too
        return next(lease for lease in chain.from_iterable(claims) if lease.organization_id == self.tenant)

    def reminded_of(self) -> Booking:
        mine = self.services["SchedulingService"].get_beneficiary_bookings(self.beneficiary, self.beneficiary.user_id)
        return mine[0]

    def email(self, *, is_claimed: bool = False, is_sending: bool = False) -> EmailKey:
        booking = self.book()
        key = EmailKey(self.tenant, booking.id, booking.beneficiary_id, Purpose.RECEIPT, 1)
        if is_claimed:
            self.services["EmailService"].claim(key, "account_inactive", AT_TEN)
        if is_sending:
            self.services["EmailService"].begin_sending(key)
        return key

    def wants_digest(self) -> None:
        self.services["PreferencesService"].set_preferences(
            self.consultant, "fr", "Europe/Paris", Preferences(wants_digest=True)
        )
        self.clock.set(self.clock.now() + timedelta(days=1))

    def digest_lease(self) -> DigestLease:
        self.wants_digest()
        return next(
            lease for lease in self.services["DigestService"].claim_due() if lease.organization_id == self.tenant
        )

    def somebody(self) -> Any:
        user, bilan = self.centre.add_beneficiary()
        self.centre.people.close_bilan(self.tenant, bilan.id)
        return user

    def linked_session(self) -> Any:
        calendars = self.services["CalendarService"]
        calendars.link_calendar(self.consultant, self.consultant.user_id, "https://dav.example/p/", "paul", "secret")
        return calendars.get_session(self.tenant, self.confirmed().id)

    def shown_hours(self) -> Any:
        self.linked_session()
        hours = self.services["PublishedHoursService"]
        hours.show_hours(self.consultant, self.consultant.user_id, HoursWish())
        return hours.find_work(self.tenant, self.consultant.user_id)

    def page_token(self) -> str:
        token: str = self.services["PageLinkService"].issue(self.consultant, PagePurpose.CONNECT_CALENDAR)
        return token

    def page_visit(self) -> PageVisit:
        visit: PageVisit = self.services["PageLinkService"].visit(self.page_token(), PagePurpose.CONNECT_CALENDAR)
        return visit

    def installation(self) -> SlackInstallation:
        return SlackInstallation(self.tenant, self.grant())

    def grant(self) -> SlackGrant:
        tokens = BotTokens("xoxb-secret", "xoxe-1", self.clock.now() + timedelta(hours=1))
        return SlackGrant(self.centre.organization.slack_team_id or "", "B1", "U1", tokens)

    def installed(self) -> str:
        self.services["InstallationService"].install(self.grant(), self.tenant, "a state")
        return self.grant().team_id

    @property
    def membership(self) -> Membership:
        return Membership(self.tenant, self.centre.beneficiary.id)

    def admit(self) -> None:
        self.services["AdmissionService"].admit(self.membership, "hash")

    def hold(self) -> Hold:
        request = HoldRequest(self.centre.bilan.id, self.centre.consultant.id, AT_TEN)
        return self.services["ChoosingService"].hold_time(self.beneficiary, request)

    def acted(self) -> None:
        """Confirm a booking as Slack asks for it, long ago."""
        by_slack = replace(self.consultant, arrival=Arrival("trigger", uuid4()))
        self.centre.scheduling.confirm_booking(by_slack, self.book().id)
        self.clock.move(days=3)

    def read_calendar(self) -> UserId:
        self.services["BusyService"].record_busy(self.tenant, self.consultant.user_id, "calendar", BusyReading(()))
        return self.consultant.user_id

    def watched(self) -> Watched:
        """A session that stands in its consultant's calendar."""
        session = self.linked_session()
        self.services["CalendarService"].record_push(session, "https://dav.example/p/a.ics", '"1"')
        [found] = self.services["CalendarChangeService"].list_watched(self.tenant, self.consultant.user_id)
        assert isinstance(found, Watched)
        return found

    def dragged(self) -> Sighting:
        span = Span(AT_TEN + timedelta(days=1), AT_TEN + timedelta(days=1, hours=1))
        return Sighting("https://dav.example/p/a.ics", '"2"', ChangeKind.MOVED, span)

    def asked_about(self) -> Any:
        watched = self.watched()
        self.services["CalendarChangeService"].record_seen(self.tenant, watched, self.dragged())
        return watched.booking_id

    def mistrusted(self) -> UserId:
        self.watched()
        self.services["CalendarChangeService"].record_suspicion(self.tenant, self.consultant.user_id, 4)
        return self.consultant.user_id

    def feed_owner(self) -> FeedOwner:
        user = self.centre.consultant
        return FeedOwner(self.tenant, user.id, user.role, user.locale, user.timezone, FeedKind.SESSIONS)

    def feed(self) -> Feed:
        self.services["FeedService"].issue_feed_token(self.centre.consultant, FeedKind.SESSIONS)
        return Feed(self.feed_owner(), None, None, None)


MADE = HoursObject("/h/a.ics", None, "digest", 0, AT_TEN)


def put_hours(stage: Stage) -> Any:
    work = stage.shown_hours()
    stage.services["PublishedHoursService"].record_put(work, stage.slot().id, MADE)
    return work


def left(stage: Stage) -> tuple[Any, ...]:
    stage.linked_session()
    own = stage.consultant.user_id
    stage.services["CalendarService"].unlink_calendar(stage.consultant, own, removes_sessions=True)
    return stage.tenant, own


def gone(stage: Stage) -> Any:
    """Return the beneficiary as they are after having left Slack."""
    stage.services["PresenceService"].record_left(stage.centre.beneficiary)
    return stage.centre.people.get_user(stage.tenant, stage.centre.beneficiary.id)


def sealed_of(stage: Stage, visit: PageVisit) -> tuple[Any, ...]:
    return visit, stage.services["PageLinkService"].seal(visit, "text")


def nothing(*_: object) -> tuple[Any, ...]:
    return ()


def at_its_start(stage: Stage, booking: Booking) -> Booking:
    stage.clock.set(booking.span.starts_at)
    return booking


def pushed(stage: Stage, session: Any) -> Any:
    stage.services["CalendarService"].record_push(session, "/p/a.ics", "1")
    return session


def too_late(stage: Stage, lease: Lease) -> Lease:
    stage.clock.set(AT_TEN)
    return lease


def overdue(stage: Stage) -> tuple[Any, ...]:
    stage.clock.set(stage.book().span.starts_at)
    return ()


CALLS: dict[str, Callable[[Stage], tuple[Any, ...]]] = {
    "PeopleService.add_organization": lambda _: ("Autre centre",),
    "PeopleService.link_slack_team": lambda s: (s.tenant, s.centre.organization.slack_team_id),
    "PeopleService.add_user": lambda s: (s.centre.organization, Role.CONSULTANT, "Julie Roux", "julie@example.org"),
    "PeopleService.open_bilan": lambda s: (s.centre.beneficiary, s.centre.consultant, 840),
    "PeopleService.close_bilan": lambda s: (s.tenant, s.centre.bilan.id, s.admin),
    "PeopleService.set_bilan_hours": lambda s: (s.tenant, s.centre.bilan.id, 840, s.admin),
    "PeopleService.get_bilan": lambda s: (s.beneficiary, s.centre.bilan.id),
    "PeopleService.get_organization": lambda s: (s.tenant,),
    "PeopleService.get_organization_of_slack_team": lambda s: (s.centre.organization.slack_team_id,),
    "PeopleService.get_user": lambda s: (s.tenant, s.centre.consultant.id),
    "PeopleService.get_slack_user": lambda s: (
        s.centre.organization.slack_team_id,
        s.centre.consultant.slack_user_id,
    ),
    "PeopleService.get_user_by_email": lambda s: (s.tenant, s.centre.consultant.email),
    "PeopleService.list_users": lambda s: (s.tenant,),
    "PeopleService.find_active_bilan": lambda s: (s.centre.beneficiary,),
    "SchedulingService.create_availability_slot": lambda s: (
        s.consultant,
        s.consultant.user_id,
        weekly(6, duration_minutes=60),
    ),
    "SchedulingService.get_available_slots_for_consultant": lambda s: (s.beneficiary, s.consultant.user_id),
    "SchedulingService.list_offered": lambda s: (s.beneficiary, s.consultant.user_id),
    "SchedulingService.create_session_booking": lambda s: (
        s.beneficiary,
        BookingRequest(s.centre.bilan.id, s.consultant.user_id, AT_TEN),
        "key",
    ),
    "SchedulingService.confirm_booking": lambda s: (s.consultant, s.book().id),
    "SchedulingService.decline_booking": lambda s: (s.consultant, s.book().id),
    "SchedulingService.cancel_booking": lambda s: (s.consultant, s.book().id, "Imprévu"),
    "SchedulingService.reschedule_booking": lambda s: (
        s.admin,
        s.book().id,
        AT_TEN + timedelta(days=1),
        None,
        "Imprévu",
    ),
    "SchedulingService.propose_times": lambda s: (s.consultant, s.book().id, [AT_TEN + timedelta(days=1)]),
    "SchedulingService.accept_proposal": lambda s: (s.beneficiary, *(one.id for one in s.proposed())),
    "SchedulingService.refuse_proposals": lambda s: (s.beneficiary, s.proposed()[0].id),
    "SchedulingService.list_proposals": lambda s: (s.beneficiary, s.proposed()[0].id),
    "SchedulingService.start_session": lambda s: (s.consultant, at_its_start(s, s.confirmed()).id),
    "SchedulingService.complete_session": lambda s: (s.consultant, at_its_start(s, s.confirmed()).id, True, 4),
    "SchedulingService.create_post_session_reminder": lambda s: (s.consultant, s.completed().id),
    "SchedulingService.set_meeting_place": lambda s: (s.consultant, s.book().id, MeetingPlace("https://a.example")),
    "SchedulingService.rate_session": lambda s: (s.beneficiary, s.completed().id, 5),
    "SchedulingService.rebuild_analytics": lambda s: (s.centre.organization,),
    "SchedulingService.expire_requests": overdue,
    "SchedulingService.explain_slot": lambda s: (s.beneficiary, s.consultant.user_id, AT_TEN),
    "SchedulingService.check_booking_conflicts": lambda s: (
        s.beneficiary,
        s.consultant.user_id,
        AT_TEN.date(),
        AT_TEN.time(),
        (AT_TEN + timedelta(hours=1)).time(),
    ),
    "SchedulingService.validate_bilan_for_booking": lambda s: (s.beneficiary, s.centre.bilan.id),
    "SchedulingService.get_booking_history": lambda s: (s.beneficiary, s.book().id),
    "SchedulingService.get_bilan_hours": lambda s: (s.beneficiary, s.centre.bilan.id),
    "SchedulingService.get_consultant_analytics": lambda s: (
        s.admin,
        s.consultant.user_id,
        AT_TEN.date(),
        AT_TEN.date(),
    ),
    "SchedulingService.get_booking": lambda s: (s.beneficiary, s.book().id),
    "SchedulingService.get_beneficiary_bookings": lambda s: (s.beneficiary, s.beneficiary.user_id),
    "SchedulingService.get_consultant_bookings": lambda s: (s.consultant, s.consultant.user_id),
    "AvailabilityService.list_availability_slots": lambda s: (s.consultant, s.consultant.user_id),
    "AvailabilityService.create_availability_slots": lambda s: (
        s.consultant,
        s.consultant.user_id,
        [weekly(6), weekly(0)],
        "key",
    ),
    "AvailabilityService.get_policy": lambda s: (s.admin, None),
    "AvailabilityService.update_availability_slot": lambda s: (s.consultant, s.slot().id, weekly(1, "10:00", "16:00")),
    "AvailabilityService.delete_availability_slot": lambda s: (s.consultant, s.slot().id),
    "AvailabilityService.preview_slot_change": lambda s: (s.consultant, s.slot().id, None),
    "AvailabilityService.add_time_off": lambda s: (
        s.consultant,
        s.consultant.user_id,
        A_WEEK_OFF,
    ),
    "AvailabilityService.preview_time_off": lambda s: (s.consultant, s.consultant.user_id, A_WEEK_OFF),
    "AvailabilityService.set_other_hours": lambda s: (s.consultant, s.consultant.user_id, A_DAY_OF_ITS_OWN),
    "AvailabilityService.preview_other_hours": lambda s: (s.consultant, s.consultant.user_id, A_DAY_OF_ITS_OWN),
    "AvailabilityService.list_holidays": lambda s: (s.consultant, s.consultant.user_id, 90, "fr"),
    "AvailabilityService.remove_time_off": lambda s: (s.consultant, s.time_off().id),
    "AvailabilityService.list_time_off": lambda s: (s.consultant, s.consultant.user_id),
    "AvailabilityService.set_policy": lambda s: (s.admin, None, PolicyChoices(horizon_days=30)),
    "AvailabilityService.list_open_times": lambda s: (s.beneficiary,),
    "BusyService.keep_objects": lambda s: (
        s.tenant,
        s.read_calendar(),
        "calendar",
        [BusyObject("a.ics", None, "a", (Span(AT_TEN, AT_TEN + timedelta(hours=1)),))],
    ),
    "BusyService.list_recurring": lambda s: (s.tenant, s.read_calendar(), "calendar"),
    "ReadingService.list_due": nothing,
    "ReadingService.begin": lambda s: nothing(s.linked_session()) or (s.tenant, s.consultant.user_id),
    "ReadingService.end": lambda s: nothing(s.linked_session()) or (s.tenant, s.consultant.user_id),
    "ReadingService.record_success": lambda s: nothing(s.linked_session()) or (s.tenant, s.consultant.user_id),
    "ReadingService.record_failure": lambda s: (
        nothing(s.linked_session()) or (s.tenant, s.consultant.user_id, PushFailure.UNREACHABLE)
    ),
    "CalendarChangeService.list_watched": lambda s: (s.tenant, s.consultant.user_id),
    "CalendarChangeService.record_seen": lambda s: (s.tenant, s.watched(), s.dragged()),
    "CalendarChangeService.record_missing": lambda s: (s.tenant, s.watched()),
    "CalendarChangeService.is_in_another_calendar": lambda s: (
        s.tenant,
        s.consultant.user_id,
        s.watched().booking_id,
        "https://dav.example/p/",
    ),
    "CalendarChangeService.record_told": lambda s: (s.tenant, s.asked_about()),
    "CalendarChangeService.ask_for_new_time": lambda s: (s.consultant, s.asked_about()),
    "CalendarChangeService.put_back": lambda s: (s.consultant, s.asked_about()),
    "CalendarChangeService.record_suspicion": lambda s: (s.tenant, s.watched() and s.consultant.user_id, 4),
    "CalendarChangeService.clear_suspicion": lambda s: (s.tenant, s.mistrusted()),
    "CalendarChangeService.find_suspicion": lambda s: (s.tenant, s.consultant.user_id),
    "CalendarChangeService.put_all_back": lambda s: (s.consultant, s.mistrusted()),
    "CalendarService.link_calendar": lambda s: (
        s.consultant,
        s.consultant.user_id,
        "https://dav.example/p/",
        "paul",
        "secret",
    ),
    "PublishedHoursService.show_hours": lambda s: (
        nothing(s.linked_session()) or (s.consultant, s.consultant.user_id, HoursWish())
    ),
    "PublishedHoursService.hide_hours": lambda s: nothing(s.shown_hours()) or (s.consultant, s.consultant.user_id),
    "PublishedHoursService.list_published": nothing,
    "PublishedHoursService.find_work": lambda s: (s.tenant, s.consultant.user_id),
    "PublishedHoursService.record_made": lambda s: (s.shown_hours(),),
    "PublishedHoursService.record_cleared": lambda s: (s.shown_hours(),),
    "PublishedHoursService.record_put": lambda s: (s.shown_hours(), s.slot().id, MADE),
    "PublishedHoursService.record_removal": lambda s: (put_hours(s), s.slot().id),
    "PublishedHoursService.record_inbox": lambda s: (s.shown_hours(), None),
    "PublishedHoursService.finish": lambda s: (s.shown_hours(),),
    "PublishedHoursService.record_failure": lambda s: (
        nothing(s.shown_hours()) or (s.tenant, s.consultant.user_id, PushFailure.UNREACHABLE)
    ),
    "CalendarService.find_health": lambda s: (s.consultant, s.consultant.user_id),
    "CalendarService.push_again": lambda s: nothing(s.linked_session()) or (s.consultant, s.consultant.user_id),
    "CalendarService.unlink_calendar": lambda s: nothing(s.linked_session()) or (s.consultant, s.consultant.user_id),
    "CalendarService.find_leaving": lambda s: (s.tenant, s.consultant.user_id),
    "CalendarService.finish_leaving": left,
    "CalendarService.record_failure": lambda s: (s.tenant, s.linked_session().booking.id, PushFailure.UNREACHABLE),
    "PageLinkService.issue": lambda s: (s.consultant, PagePurpose.CONNECT_CALENDAR),
    "PageLinkService.visit": lambda s: (s.page_token(), PagePurpose.CONNECT_CALENDAR),
    "PageLinkService.count_try": lambda s: (s.page_visit(),),
    "PageLinkService.seal": lambda s: (s.page_visit(), "text"),
    "PageLinkService.unseal": lambda s: sealed_of(s, s.page_visit()),
    "CalendarService.find_link": lambda s: (s.tenant, s.consultant.user_id),
    "CalendarService.get_session": lambda s: (s.tenant, s.book().id),
    "CalendarService.is_current": lambda s: (s.linked_session(),),
    "CalendarService.list_to_push": lambda s: (s.tenant, s.consultant.user_id),
    "CalendarService.record_attempt": lambda s: (s.linked_session(), "/p/a.ics"),
    "CalendarService.record_push": lambda s: (s.linked_session(), "/p/a.ics", "1"),
    "CalendarService.record_refusal": lambda s: (pushed(s, s.linked_session()), 403),
    "CalendarService.record_removal": lambda s: (pushed(s, s.linked_session()),),
    "BusyService.list_known_objects": lambda s: (s.tenant, s.consultant.user_id, "calendar"),
    "BusyService.record_busy": lambda s: (s.tenant, s.consultant.user_id, "calendar", BusyReading(())),
    "BusyService.forget_calendar": lambda s: (s.tenant, s.read_calendar(), "calendar"),
    "FeedService.issue_feed_token": lambda s: (s.centre.consultant, FeedKind.SESSIONS, s.consultant),
    "FeedService.revoke_feed_token": lambda s: (s.consultant, FeedKind.SESSIONS),
    "FeedService.list_issued": lambda s: (s.consultant,),
    "FeedService.open_feed": lambda _: ("no such token", FeedKind.SESSIONS),
    "FeedService.window": lambda _: (),
    "FeedService.find_etag": lambda s: (s.feed(),),
    "FeedService.record_fetch": lambda s: (s.feed(), CalendarProgram.APPLE),
    "FeedService.list_sessions": lambda s: (s.feed_owner(),),
    "FeedService.list_bookable_hours": lambda s: (s.feed_owner(),),
    "FeedService.tell_series": lambda s: (s.feed().owner,),
    "PreferencesService.get_preferences": lambda s: (s.consultant,),
    "PreferencesService.set_preferences": lambda s: (
        s.consultant,
        "en",
        "Europe/Paris",
        Preferences(wants_digest=True),
    ),
    "DigestService.claim_due": lambda s: nothing(s.wants_digest()),
    "DigestService.find_due": lambda s: (s.digest_lease(),),
    "DigestService.hold": lambda s: (s.digest_lease(),),
    "DigestService.record_sent": lambda s: (s.digest_lease(),),
    "DigestService.record_failed": lambda s: (s.digest_lease(), "account_inactive"),
    "DigestService.record_postponed": lambda s: (s.digest_lease(), "ratelimited"),
    "AdministrationService.get_person": lambda s: (s.admin, s.consultant.user_id),
    "AdministrationService.ask_for_links": lambda s: (s.admin,),
    "AdministrationService.add_person": lambda s: (
        s.admin,
        PersonDraft(Role.CONSULTANT, "Julie Roux", "julie@example.org"),
    ),
    "AdministrationService.change_role": lambda s: (s.admin, s.somebody().id, Role.CONSULTANT),
    "AdministrationService.link_slack_user": lambda s: (s.admin, s.consultant.user_id, slack_id("U")),
    "AdministrationService.deactivate_person": lambda s: (s.admin, s.book().beneficiary_id, "Départ"),
    "AdministrationService.change_bilan": lambda s: (s.admin, s.centre.bilan.id, 840, Phase.CONCLUSION),
    "DiaryService.get_diary": lambda s: (s.consultant, {}, dict.fromkeys(Part, 5)),
    "SlackService.find_home": lambda s: (s.centre.consultant,),
    "SlackService.record_home": lambda s: (s.centre.consultant, None, PublishedHome("f", "h", "{}")),
    "SecretService.count_secrets": lambda _: (),
    "SecretService.reseal_secrets": lambda s: (s.linked_session() and 200,),
    "SlackService.save_installation": lambda s: (s.installation(),),
    "SlackService.find_installation": lambda s: (s.tenant,),
    "SlackService.find_installation_of_team": lambda s: (s.centre.organization.slack_team_id,),
    "BookingFileService.open_booking_file": lambda s: (s.beneficiary, s.book().id),
    "BookingFileService.get_booking_file": lambda s: (s.tenant, s.book().id),
    "SlackService.record_message": lambda s: (
        booking := s.book(),
        PostedMessage(booking.id, s.consultant.user_id, Purpose.REQUEST, "D1", "1.0"),
    ),
    "SlackService.hold_message": lambda s: (s.book().id, s.consultant.user_id, Purpose.REQUEST, 1),
    "SlackService.park_method": lambda s: (s.tenant, "chat.postMessage", timedelta(seconds=30)),
    "BookingFileService.is_current": lambda s: (s.book(),),
    "SlackService.find_access": lambda s: (s.tenant, "chat.postMessage"),
    "ChoosingService.get_choices": lambda s: (s.beneficiary,),
    "ChoosingService.list_engagements": lambda s: (s.beneficiary,),
    "ChoosingService.hold_time": lambda s: (
        s.beneficiary,
        HoldRequest(s.centre.bilan.id, s.consultant.user_id, AT_TEN),
    ),
    "ChoosingService.release_hold": lambda s: (s.beneficiary, s.hold().reference),
    "HousekeepingService.remove_old_slack_requests": lambda s: nothing(s.acted()),
    "InstallationService.install": lambda s: (s.grant(), s.tenant, "a state"),
    "InstallationService.end": lambda s: nothing(s.installed()) or (s.tenant,),
    "InstallationService.end_of_team": lambda s: (s.installed(),),
    "InstallationService.lease_rotations": lambda s: nothing(s.installed()),
    "InstallationService.record_rotated": lambda s: (
        nothing(s.installed()) or (s.tenant, "xoxe-1", BotTokens("xoxb-2", "xoxe-2", AT_TEN))
    ),
    "InstallationService.record_rotation_refused": lambda s: nothing(s.installed()) or (s.tenant, "xoxe-1"),
    "PresenceService.hear_of_leaving": lambda s: (s.centre.organization.slack_team_id, s.centre.admin.slack_user_id),
    "PresenceService.hear_of_being_there": lambda s: (s.centre.organization.slack_team_id, gone(s).slack_user_id),
    "PresenceService.record_left": lambda s: (s.centre.beneficiary,),
    "PresenceService.record_returned": lambda s: (gone(s),),
    "PresenceService.find_departure": lambda s: (s.tenant, gone(s).id),
    "ReminderService.claim_due": lambda s: nothing(s.confirmed(), s.clock.set(AT_TEN - timedelta(minutes=50))),
    "ReminderService.list_due": lambda s: (s.tenant, [too_late(s, s.lease())]),
    "ReminderService.hold": lambda s: ([s.lease()],),
    "ReminderService.hold_lane": lambda _: (0,),
    "ReminderService.begin_posting": lambda s: (s.lease(), s.reminded_of()),
    "ReminderService.record_posted": lambda s: (
        s.lease(),
        s.reminded_of(),
        PostedMessage(s.reminded_of().id, s.consultant.user_id, Purpose.REMINDER_1H, "D1", "1.1"),
    ),
    "ReminderService.record_sent": lambda s: (s.lease(),),
    "ReminderService.record_skipped": lambda s: (s.lease(), "too_late"),
    "ReminderService.record_ambiguous": lambda s: (s.lease(), "missing_scope"),
    "ReminderService.record_failed": lambda s: (s.lease(), "channel_not_found"),
    "ReminderService.record_postponed": lambda s: (s.lease(), "timeout"),
    "ReminderService.turn_to_email": lambda s: (s.lease(),),
    "ReminderService.list_of_booking": lambda s: (s.consultant, s.book().id),
    "EmailService.claim": lambda s: (s.email(), "account_inactive", AT_TEN),
    "BookingLinkService.issue": lambda s: (s.book(), s.centre.beneficiary),
    "BookingLinkService.visit": lambda s: (s.services["BookingLinkService"].issue(s.book(), s.centre.beneficiary),),
    "EmailService.is_known": lambda s: (s.email(),),
    "EmailService.begin_sending": lambda s: (s.email(is_claimed=True),),
    "EmailService.record_sent": lambda s: (s.email(is_claimed=True, is_sending=True),),
    "EmailService.record": lambda s: (s.email(is_claimed=True), EmailState.FAILED, "refused_550"),
    "EmailService.list_of_booking": lambda s: (s.consultant, s.book().id),
    "NotesService.set_notes": lambda s: (s.beneficiary, s.book().id, "Mes questions"),
    "NotesService.get_notes": lambda s: (s.beneficiary, s.book().id),
    "AuditService.list_audit": lambda s: (s.admin,),
    "ListingService.list_bookings": lambda s: (s.beneficiary, BookingsWanted()),
    "ListingService.list_bilans": lambda s: (s.beneficiary,),
    "ListingService.list_users": lambda s: (s.admin,),
    "ListingService.list_slots": lambda s: (s.consultant,),
    "ListingService.list_time_off": lambda s: (s.consultant,),
    "ListingService.list_analytics": lambda s: (s.consultant, s.consultant.user_id),
    "ListingService.list_audit": lambda s: (s.admin,),
    "HousekeepingService.remove_old_idempotency_keys": lambda s: nothing(s.book(key="key"), s.clock.move(hours=49)),
    "HousekeepingService.forget_failed_jobs": lambda _: (["reminders.send"],),
    "HousekeepingService.remove_old_request_rates": lambda s: nothing(s.admit(), s.clock.move(hours=1)),
    "AdmissionService.admit": lambda s: (s.membership, "hash"),
    "AdmissionService.list_memberships": lambda _: ("nobody@example.org",),
    "OperationsService.read_figures": nothing,
    "OperationsService.find_worker_age": nothing,
    "OperationsService.read_database": nothing,
    "OperationsService.read_calendars": nothing,
    "OperationsService.read_backups": nothing,
    "OperationsService.list_installed": nothing,
    "OperationsService.list_failed_jobs": nothing,
    "OperationsService.run_again": nothing,
}
"""How each public method is called: what has to be there first, and its arguments."""


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
