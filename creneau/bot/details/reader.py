"""Reads all that the details of a session show, and draws them."""

from creneau.bot.blocks import View
from creneau.bot.details import views
from creneau.bot.modals import told
from creneau.bot.person import Person
from creneau.bot.refusals import sentence
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.errors import Refusal
from creneau.core.domain.ids import BookingId
from creneau.core.domain.notes import SessionNotes
from creneau.core.services.booking_files import BookingFileService
from creneau.core.services.notes import NotesService
from creneau.core.services.scheduling import SchedulingService


class DetailsReader:
    def __init__(self, scheduling: SchedulingService, files: BookingFileService, notes: NotesService) -> None:
        self._scheduling = scheduling
        self._files = files
        self._notes = notes

    def draw(self, person: Person, booking_id: BookingId, notice: str | None = None) -> View:
        """Draw a session for a person, or the refusal where there is nothing for them to see."""
        try:
            file = self._files.open_booking_file(person.actor, booking_id)
            history = self._scheduling.get_booking_history(person.actor, booking_id)
            return views.details(person.user, file, history, self._notes_for(person, file), notice)
        except Refusal as refusal:
            return told(person.reader, person.reader.text("Appointment"), sentence(person.reader, refusal))

    def _notes_for(self, person: Person, file: BookingFile) -> SessionNotes:
        """The beneficiary reads here what there is to prepare; a consultant's notes have a window of their own."""
        if person.user.id != file.beneficiary.id:
            return SessionNotes()
        return self._notes.get_notes(person.actor, file.booking.id)
