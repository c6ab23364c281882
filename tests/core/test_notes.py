"""Notes on a session: who writes what, who reads what, and the line each reading leaves."""

from dataclasses import fields
from datetime import UTC, datetime

import pytest

from creneau.core.domain.audit import AuditQuery
from creneau.core.domain.booking import Booking
from creneau.core.domain.errors import BookingNotFound, NotAllowed, TextInvalid
from creneau.core.domain.notes import SessionNotes
from creneau.core.services.audit import AuditService
from creneau.core.services.notes import NotesService
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre, MovableClock, new_id


@pytest.fixture
def notes(database: Database, clock: MovableClock) -> NotesService:
    return NotesService(database, clock, new_id)


@pytest.fixture
def booking(centre: Centre) -> Booking:
    return centre.scheduling.create_session_booking(
        centre.actor(centre.beneficiary),
        BookingRequest(centre.bilan.id, centre.consultant.id, datetime(2026, 12, 1, 9, 0, tzinfo=UTC)),
    )


def test_each_side_writes_its_own_and_the_consultant_reads_both(centre: Centre, notes: NotesService, booking: Booking):
    beneficiary, consultant = centre.actor(centre.beneficiary), centre.actor(centre.consultant)
    notes.set_notes(beneficiary, booking.id, beneficiary_notes="Mes questions")
    notes.set_notes(consultant, booking.id, consultant_notes="À creuser", preparation_materials="Un test")

    assert notes.get_notes(consultant, booking.id) == SessionNotes("Mes questions", "À creuser", "Un test")
    assert notes.get_notes(beneficiary, booking.id) == SessionNotes("Mes questions", None, "Un test")


def test_writing_answers_only_what_the_writer_may_read(centre: Centre, notes: NotesService, booking: Booking):
    notes.set_notes(centre.actor(centre.consultant), booking.id, consultant_notes="À creuser")

    shown = notes.set_notes(centre.actor(centre.beneficiary), booking.id, beneficiary_notes="Mes questions")

    assert shown == SessionNotes("Mes questions", None, None)


@pytest.mark.parametrize(
    ("who", "field"),
    [
        ("beneficiary", "consultant_notes"),
        ("beneficiary", "preparation_materials"),
        ("consultant", "beneficiary_notes"),
    ],
)
def test_nobody_writes_the_other_side_s_notes(
    centre: Centre, notes: NotesService, booking: Booking, who: str, field: str
):
    with pytest.raises(NotAllowed):
        notes.set_notes(centre.actor(getattr(centre, who)), booking.id, **{field: "x"})


def test_administrators_neither_read_nor_write_notes(centre: Centre, notes: NotesService, booking: Booking):
    with pytest.raises(NotAllowed):
        notes.get_notes(centre.actor(centre.admin), booking.id)
    with pytest.raises(NotAllowed):
        notes.set_notes(centre.actor(centre.admin), booking.id, consultant_notes="x")


def test_a_stranger_does_not_find_the_session(
    centre: Centre, other_centre: Centre, notes: NotesService, booking: Booking
):
    stranger, _ = centre.add_beneficiary()
    for actor in (centre.actor(stranger), other_centre.actor(other_centre.admin)):
        with pytest.raises(BookingNotFound):
            notes.get_notes(actor, booking.id)
        with pytest.raises(BookingNotFound):
            notes.set_notes(actor, booking.id, beneficiary_notes="x")


def test_what_is_not_given_stays_and_an_empty_text_removes(centre: Centre, notes: NotesService, booking: Booking):
    consultant = centre.actor(centre.consultant)
    notes.set_notes(consultant, booking.id, consultant_notes="À creuser", preparation_materials="Un test")

    assert notes.set_notes(consultant, booking.id, consultant_notes="") == SessionNotes(None, None, "Un test")


def test_notes_are_bounded(centre: Centre, notes: NotesService, booking: Booking):
    with pytest.raises(TextInvalid):
        notes.set_notes(centre.actor(centre.beneficiary), booking.id, beneficiary_notes="x" * 4001)


def test_a_move_of_the_booking_keeps_its_notes(centre: Centre, notes: NotesService, booking: Booking):
    notes.set_notes(centre.actor(centre.beneficiary), booking.id, beneficiary_notes="Mes questions")

    centre.scheduling.confirm_booking(centre.actor(centre.consultant), booking.id)

    assert notes.get_notes(centre.actor(centre.beneficiary), booking.id).beneficiary_notes == "Mes questions"


def test_notes_travel_in_no_booking():
    assert not {field.name for field in fields(Booking)} & {field.name for field in fields(SessionNotes)}


def test_each_reading_leaves_one_line_and_a_refused_one_none(
    centre: Centre, notes: NotesService, booking: Booking, database: Database
):
    with pytest.raises(NotAllowed):
        notes.get_notes(centre.actor(centre.admin), booking.id)
    notes.get_notes(centre.actor(centre.consultant), booking.id)

    lines = AuditService(database).list_audit(centre.actor(centre.admin), AuditQuery(subject="session_notes"))

    assert [(line.actor_id, line.action, line.subject_id) for line in lines] == [
        (centre.consultant.id, "read", booking.id)
    ]
