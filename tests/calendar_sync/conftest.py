"""A real Radicale for the run, a calendar in it for each test, and a service that links a consultant to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import httpx
import pytest

from creneau.calendar_sync.caldav import open_caldav
from creneau.calendar_sync.calendar import OpenCalendar
from creneau.calendar_sync.hosts import Hosts
from creneau.calendar_sync.push import push_session
from creneau.core.domain.booking import Booking
from creneau.core.domain.calendar import CalendarSession
from creneau.core.domain.people import Actor
from creneau.core.secrets import SecretBox, generate_key
from creneau.core.services.calendars import CalendarService
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from creneau.demo.radicale_server import RadicaleServer
from tests.conftest import Centre, MovableClock, Published, new_id

from .xandikos_server import XandikosServer, running_xandikos

DOMAIN = "creneau"
USER, PASSWORD = "paul", "s3cret-and-läng"
LOOPBACK = Hosts.parse(["127.0.0.1"])


@pytest.fixture(scope="session")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RadicaleServer]:
    with RadicaleServer(tmp_path_factory.mktemp("radicale"), {USER: PASSWORD}) as server:
        yield server


@pytest.fixture(scope="session")
def xandikos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[XandikosServer]:
    with running_xandikos(tmp_path_factory.mktemp("xandikos")) as server:
        yield server


@pytest.fixture
def calendar_url(radicale: RadicaleServer) -> str:
    return radicale.create_calendar(USER, f"sessions-{uuid4().hex[:8]}")


@pytest.fixture
def open_calendar() -> OpenCalendar:
    return open_caldav(LOOPBACK)


@pytest.fixture
def service(database: Database, clock: MovableClock) -> CalendarService:
    return CalendarService(database, clock, SecretBox([generate_key()]), Published(), new_id)


@dataclass
class Bench:
    """A centre whose consultant has a calendar, the service that pushes to it, and a look into the calendar."""

    centre: Centre
    service: CalendarService
    open_calendar: OpenCalendar
    calendar_url: str
    clock: MovableClock

    def book(self, hours_ahead: int = 24) -> Booking:
        """Ask for the nth bookable time of the consultant."""
        actor = Actor.from_user(self.centre.beneficiary)
        free = self.centre.scheduling.get_available_slots_for_consultant(actor, self.centre.consultant.id)
        request = BookingRequest(self.centre.bilan.id, self.centre.consultant.id, free[hours_ahead].span.starts_at)
        return self.centre.scheduling.create_session_booking(actor, request)

    def confirm(self, booking: Booking) -> Booking:
        self.clock.move(minutes=5)
        return self.centre.scheduling.confirm_booking(Actor.from_user(self.centre.consultant), booking.id)

    def cancel(self, booking: Booking) -> Booking:
        self.clock.move(minutes=5)
        return self.centre.scheduling.cancel_booking(Actor.from_user(self.centre.beneficiary), booking.id)

    def push(self, booking: Booking, open_calendar: OpenCalendar | None = None) -> None:
        push_session(self.service, open_calendar or self.open_calendar, DOMAIN, booking.organization_id, booking.id)

    def session(self, booking: Booking) -> CalendarSession:
        return self.service.get_session(booking.organization_id, booking.id)

    def href(self, booking: Booking) -> str:
        return f"{self.calendar_url}{booking.id}.ics"

    def on_server(self, booking: Booking) -> httpx.Response:
        return self.request("GET", self.href(booking))

    def foreign_object(self) -> bytes:
        """An event that another client made."""
        return (
            b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//other//EN\r\nBEGIN:VEVENT\r\nUID:dentist\r\n"
            b"DTSTAMP:20261201T000000Z\r\nDTSTART:20261203T090000Z\r\nDTEND:20261203T100000Z\r\n"
            b"SUMMARY:Dentist\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        )

    def request(self, method: str, url: str, content: bytes | None = None, **headers: str) -> httpx.Response:
        """Ask the server directly, as another client of the consultant's would."""
        if content is not None:
            headers["Content-Type"] = "text/calendar; charset=utf-8"
        return httpx.request(method, url, content=content, headers=headers, auth=(USER, PASSWORD), trust_env=False)


@pytest.fixture
def bench(
    centre: Centre, service: CalendarService, open_calendar: OpenCalendar, calendar_url: str, clock: MovableClock
) -> Bench:
    service.link_calendar(Actor.from_user(centre.consultant), centre.consultant.id, calendar_url, USER, PASSWORD)
    return Bench(centre, service, open_calendar, calendar_url, clock)
