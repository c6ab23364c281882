"""A centre with all services on a database that watches which tables each transaction writes to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from creneau.core.domain.booking import Booking
from creneau.core.domain.busy import BusyReading
from creneau.core.domain.calendar_change import ChangeKind, Sighting, Watched
from creneau.core.domain.emails import EmailKey
from creneau.core.domain.feeds import Feed, FeedKind, FeedOwner
from creneau.core.domain.hold import Hold, HoldRequest
from creneau.core.domain.hours_calendar import HoursWish
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.domain.messages import Purpose
from creneau.core.domain.page_links import PagePurpose, PageVisit
from creneau.core.domain.people import Arrival, Membership
from creneau.core.domain.preferences import DigestLease, Preferences
from creneau.core.domain.rates import RateLimit, RateLimits
from creneau.core.domain.reminders import Lease
from creneau.core.domain.slack import BotTokens, SlackGrant, SlackInstallation
from creneau.core.domain.time import Span
from creneau.core.domain.time_off import TimeOffDraft
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
from creneau.core.services.reminders import DueReminder, ReminderService
from creneau.core.services.secrets import SecretService
from creneau.core.services.slack import SlackService
from creneau.core.storage.database import Database, Transaction
from creneau.core.tickets import Tickets
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import MovableClock, Published, build_centre, new_id

AT_TEN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
A_WEEK_OFF = TimeOffDraft(date(2026, 12, 7), date(2026, 12, 11), "Europe/Paris")

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
        return self._leases()[0]

    def due(self) -> DueReminder:
        """Return one that is to be sent; the first that is leased comes too late."""
        return self.services["ReminderService"].list_due(self.tenant, self._leases())[0]

    def _leases(self) -> list[Lease]:
        self.confirmed()
        self.clock.set(AT_TEN - timedelta(minutes=50))
        claims = iter(self.services["ReminderService"].claim_due, [])  # other tests' organizations have some, too
        return [lease for lease in chain.from_iterable(claims) if lease.organization_id == self.tenant]

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
