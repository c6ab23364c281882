"""CalendarService: links with sealed passwords, and the record of what stands in calendars."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from creneau.core.domain.booking import Booking
from creneau.core.domain.calendar import PushedObject
from creneau.core.domain.errors import BookingNotFound, NotAllowed, TextInvalid, UserNotFound
from creneau.core.domain.people import Role
from creneau.core.secrets import SecretBox, SecretUnreadable, generate_key
from creneau.core.services.calendars import CalendarService
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre, MovableClock, Published, new_id

PASSWORD = "hunter2 "
URL = "https://dav.example.org/paul/sessions/"


@pytest.fixture
def service(database: Database, clock: MovableClock) -> CalendarService:
    return CalendarService(database, clock, SecretBox([generate_key()]), Published(), new_id)


def a_confirmed_booking(centre: Centre, nth: int = 5) -> Booking:
    beneficiary = centre.actor(centre.beneficiary)
    free = centre.scheduling.get_available_slots_for_consultant(beneficiary, centre.consultant.id)
    request = BookingRequest(centre.bilan.id, centre.consultant.id, free[nth].span.starts_at)
    booking = centre.scheduling.create_session_booking(beneficiary, request)
    return centre.scheduling.confirm_booking(centre.actor(centre.consultant), booking.id)


def link(service: CalendarService, centre: Centre, url: str = URL, password: str = PASSWORD) -> None:
    service.link_calendar(centre.actor(centre.consultant), centre.consultant.id, url, "paul", password)


def test_a_linked_calendar_is_found_with_its_password(service: CalendarService, centre: Centre) -> None:
    link(service, centre)
    found = service.find_link(centre.organization.id, centre.consultant.id)
    assert found is not None
    assert (found.calendar_url, found.username, found.password) == (URL, "paul", "hunter2 ")


def test_a_password_is_not_stored_in_the_clear(service: CalendarService, centre: Centre, database: Database) -> None:
    link(service, centre)
    with database.transaction(centre.organization.id) as tx:
        row = tx.execute(text("select l::text, password_sealed from calendar_links l")).one()
    assert "hunter2" not in row[0]
    assert b"hunter2" not in row[1]


def test_linking_again_replaces_the_link_and_keeps_its_id(service: CalendarService, centre: Centre) -> None:
    link(service, centre)
    before = service.find_link(centre.organization.id, centre.consultant.id)
    link(service, centre, "https://other.example.org/c", "another")
    after = service.find_link(centre.organization.id, centre.consultant.id)
    assert before is not None
    assert after == replace(before, calendar_url="https://other.example.org/c/", password="another")


def test_a_password_does_not_open_with_another_key_or_in_another_row(
    service: CalendarService, centre: Centre, other_centre: Centre, database: Database, clock: MovableClock
) -> None:
    link(service, centre)
    link(service, other_centre)
    with database.transaction(centre.organization.id) as tx:
        sealed = tx.scalar(text("select password_sealed from calendar_links"))
    with database.transaction(other_centre.organization.id) as tx:
        tx.execute(text("update calendar_links set password_sealed = :sealed"), {"sealed": sealed})
    with pytest.raises(SecretUnreadable):
        service.find_link(other_centre.organization.id, other_centre.consultant.id)
    other_key = CalendarService(database, clock, SecretBox([generate_key()]), Published(), new_id)
    with pytest.raises(SecretUnreadable):
        other_key.find_link(centre.organization.id, centre.consultant.id)


def test_an_administrator_links_a_consultants_calendar_and_others_do_not(
    service: CalendarService, centre: Centre, other_centre: Centre
) -> None:
    colleague = centre.people.add_user(centre.organization, Role.CONSULTANT, "Léa", "lea@example.org")
    service.link_calendar(centre.actor(centre.admin), centre.consultant.id, URL, "paul", "hunter2")
    for stranger in (colleague, centre.beneficiary):
        with pytest.raises(NotAllowed):
            service.link_calendar(centre.actor(stranger), centre.consultant.id, URL, "paul", "hunter2")
    with pytest.raises(UserNotFound):
        service.link_calendar(other_centre.actor(other_centre.admin), centre.consultant.id, URL, "paul", "hunter2")
    with pytest.raises(UserNotFound):
        service.link_calendar(centre.actor(centre.admin), centre.beneficiary.id, URL, "paul", "hunter2")


@pytest.mark.parametrize(
    "url",
    ["", "dav.example.org/c/", "ftp://dav.example.org/", "https:///c/", "https://paul:hunter2@dav.example.org/c/",
     "https://dav.example.org/c/?a=b", "https://dav.example.org/c/#x", "https://dav.example.org:port/",
     "https://dav.example.org/a b/", "https://dav.example.org\\@evil.example.org/", "https://" + "a" * 500,
     "https://[half/", "https://dav.example.org:0/"],
)  # fmt: skip
def test_what_is_not_the_address_of_a_calendar_is_refused(service: CalendarService, centre: Centre, url: str) -> None:
    with pytest.raises(TextInvalid) as refusal:
        link(service, centre, url)
    assert refusal.value.details["field"] == "calendar_url"


@pytest.mark.parametrize(("username", "password", "field"), [
    ("", "x", "username"), ("pa:ul", "x", "username"), ("paul", "", "password"), ("paul", "a\r\nb", "password"),
])  # fmt: skip
def test_credentials_that_http_cannot_carry_are_refused(
    service: CalendarService, centre: Centre, username: str, password: str, field: str
) -> None:
    with pytest.raises(TextInvalid) as refusal:
        service.link_calendar(centre.actor(centre.consultant), centre.consultant.id, URL, username, password)
    assert refusal.value.details["field"] == field


def test_a_session_is_read_with_all_that_a_push_needs(service: CalendarService, centre: Centre) -> None:
    booking = a_confirmed_booking(centre)
    session = service.get_session(booking.organization_id, booking.id)
    assert (session.booking, session.consultant, session.link, session.pushed) == (
        booking, centre.consultant, None, None,
    )  # fmt: skip
    link(service, centre)
    session = service.get_session(booking.organization_id, booking.id)
    assert session.link is not None
    service.record_attempt(session, f"{URL}a.ics")
    assert service.get_session(booking.organization_id, booking.id).pushed == PushedObject(f"{URL}a.ics", None, 0)
    service.record_push(session, f"{URL}a.ics", '"1"')
    assert service.get_session(booking.organization_id, booking.id).pushed == PushedObject(f"{URL}a.ics", '"1"', 2)
    service.record_removal(session)
    assert service.get_session(booking.organization_id, booking.id).pushed is None


def test_another_organization_sees_neither_link_nor_session(
    service: CalendarService, centre: Centre, other_centre: Centre
) -> None:
    link(service, centre)
    booking = a_confirmed_booking(centre)
    assert service.find_link(other_centre.organization.id, centre.consultant.id) is None
    assert service.list_to_push(other_centre.organization.id, centre.consultant.id) == []
    with pytest.raises(BookingNotFound):
        service.get_session(other_centre.organization.id, booking.id)


def test_what_a_calendar_lacks_is_listed(service: CalendarService, centre: Centre, clock: MovableClock) -> None:
    def missing() -> list[object]:
        return list(service.list_to_push(centre.organization.id, centre.consultant.id))

    first, second = a_confirmed_booking(centre, 4), a_confirmed_booking(centre, 9)
    assert missing() == []  # no calendar linked
    link(service, centre)
    assert missing() == [first.id, second.id]
    session = service.get_session(first.organization_id, first.id)
    service.record_push(session, f"{URL}{first.id}.ics", '"1"')
    assert missing() == [second.id]
    centre.scheduling.cancel_booking(centre.actor(centre.consultant), first.id, "Grève")
    centre.scheduling.cancel_booking(centre.actor(centre.consultant), second.id, "Grève")
    assert missing() == [first.id]  # to be removed; the second was never there
    clock.move(days=30)
    assert missing() == []  # over
