"""Where a session takes place: its consultant's own room once it is agreed, or what is said of one session."""

from datetime import UTC, datetime, timedelta

import pytest

from creneau.core.domain.booking import Booking, MeetingFormat
from creneau.core.domain.errors import BookingNotFound, IllegalTransition, LinkInvalid, NotAllowed, TextInvalid
from creneau.core.domain.meeting_place import MeetingPlace
from creneau.core.domain.preferences import Preferences
from creneau.core.services.preferences import PreferencesService
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre, MovableClock, new_id

AT_TEN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
ROOM = "https://meet.example/paul"


@pytest.fixture
def preferences(database: Database, clock: MovableClock) -> PreferencesService:
    return PreferencesService(database, clock, new_id)


def book(centre: Centre, meeting_format: MeetingFormat = MeetingFormat.VIDEO, link: str | None = None) -> Booking:
    request = BookingRequest(
        centre.bilan.id, centre.consultant.id, AT_TEN, meeting_format=meeting_format, meeting_link=link
    )
    return centre.scheduling.create_session_booking(centre.actor(centre.beneficiary), request)


def have_room(centre: Centre, preferences: PreferencesService, link: str | None = ROOM) -> None:
    preferences.set_preferences(centre.actor(centre.consultant), "fr", "Europe/Paris", Preferences(video_link=link))


@pytest.mark.parametrize(
    ("meeting_format", "given", "link"),
    [
        (MeetingFormat.VIDEO, None, ROOM),
        (MeetingFormat.VIDEO, "https://meet.example/once", "https://meet.example/once"),
        (MeetingFormat.PHONE, None, None),
    ],
)
def test_a_session_that_is_confirmed_gets_its_consultants_room_where_it_needs_one(
    centre: Centre, preferences: PreferencesService, meeting_format: MeetingFormat, given: str | None, link: str | None
):
    have_room(centre, preferences)
    booking = book(centre, meeting_format, given)
    assert booking.meeting_link == given

    assert centre.scheduling.confirm_booking(centre.actor(centre.consultant), booking.id).meeting_link == link


def test_a_proposed_time_that_is_accepted_has_the_room_too(centre: Centre, preferences: PreferencesService):
    have_room(centre, preferences)
    booking, scheduling, beneficiary = book(centre), centre.scheduling, centre.actor(centre.beneficiary)
    scheduling.propose_times(centre.actor(centre.consultant), booking.id, [AT_TEN + timedelta(days=1)])
    (proposal,) = scheduling.list_proposals(beneficiary, booking.id)

    scheduling.accept_proposal(beneficiary, booking.id, proposal.id)

    assert scheduling.get_booking(beneficiary, booking.id).meeting_link == ROOM


def test_a_room_is_an_https_address_or_none(centre: Centre, preferences: PreferencesService):
    for link in ("http://meet.example", "https://", "https:// x", "https://a|b", "https://[x"):
        with pytest.raises(LinkInvalid):
            have_room(centre, preferences, link)
    have_room(centre, preferences, "")
    assert preferences.get_preferences(centre.actor(centre.consultant)).video_link is None


def test_who_leads_a_session_says_where_until_it_is_over_and_nobody_else(centre: Centre):
    booking, scheduling = book(centre), centre.scheduling
    consultant, beneficiary = centre.actor(centre.consultant), centre.actor(centre.beneficiary)

    placed = scheduling.set_meeting_place(consultant, booking.id, MeetingPlace(location=" Salle 2 "))

    assert (placed.meeting_location, placed.meeting_link, placed.version) == ("Salle 2", None, booking.version)
    assert scheduling.get_booking(beneficiary, booking.id) == placed
    with pytest.raises(NotAllowed):
        scheduling.set_meeting_place(beneficiary, booking.id, MeetingPlace())
    stranger, _ = centre.add_beneficiary()
    with pytest.raises(BookingNotFound):
        scheduling.set_meeting_place(centre.actor(stranger), booking.id, MeetingPlace())
    with pytest.raises(TextInvalid):
        scheduling.set_meeting_place(consultant, booking.id, MeetingPlace(link="javascript:alert(1)"))
    scheduling.cancel_booking(beneficiary, booking.id)
    with pytest.raises(IllegalTransition):
        scheduling.set_meeting_place(consultant, booking.id, MeetingPlace(link=ROOM))
    assert scheduling.get_booking(beneficiary, booking.id).meeting_location == "Salle 2"
