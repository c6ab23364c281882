"""Start, It took place, Report absence, Notes: what a consultant does with a session on its day."""

from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from creneau.bot import long_text
from creneau.bot.acting import Acting
from creneau.bot.blocks import View
from creneau.bot.booking_window import BookingWindow
from creneau.bot.buttons import SESSION_COMPLETE, SESSION_NO_SHOW, SESSION_NOTES, SESSION_START
from creneau.bot.ids import read_booking_value, reading
from creneau.bot.outbox import Outbox
from creneau.bot.person import Person, get_person
from creneau.bot.recording import views
from creneau.bot.recording.ids import MATERIALS_BLOCK, NOTES_BLOCK, RECORD_VIEW, Record, read_record_value
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.ids import BookingId
from creneau.core.services.booking_files import BookingFileService
from creneau.core.services.notes import NotesService
from creneau.core.services.people import PeopleService
from creneau.core.services.scheduling import SchedulingService

_FIELDS = {"consultant_notes": NOTES_BLOCK, "preparation_materials": MATERIALS_BLOCK}
_OPENED_BY = {SESSION_COMPLETE: Record.HELD, SESSION_NO_SHOW: Record.MISSED, SESSION_NOTES: Record.NOTES}


class RecordingListeners:
    def __init__(
        self,
        scheduling: SchedulingService,
        people: PeopleService,
        files: BookingFileService,
        notes: NotesService,
        outbox: Outbox,
        acting: Acting,
    ) -> None:
        self._scheduling = scheduling
        self._people = people
        self._notes = notes
        self._window = BookingWindow(people, files, outbox)
        self._acting = acting

    def register(self, app: App) -> None:
        app.action(SESSION_START)(self.start)
        for action_id in _OPENED_BY:
            app.action(action_id)(self.open)
        app.view(RECORD_VIEW)(self.record)

    def start(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        booking_id = read_booking_value(body["actions"][0]["value"])
        self._acting.act(body, context, client, booking_id, self._scheduling.start_session)

    def open(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        what = _OPENED_BY[body["actions"][0]["action_id"]]

        def draw(person: Person, file: BookingFile) -> View:
            if what is not Record.NOTES:
                file.require_recordable(person.actor, has_attended=what is Record.HELD)
            return views.record(person.user, file, what, self._notes.get_notes(person.actor, file.booking.id))

        self._window.open(body, context, client, draw)

    def record(self, ack: Ack, body: Mapping[str, Any], view: Mapping[str, Any]) -> None:
        """Write the notes first: whatever is said of the session then, they are not lost."""
        person = get_person(self._people, body)
        booking_id, what = read_record_value(view["private_metadata"])

        def act() -> None:
            self._write_notes(person, booking_id, view)
            if what is not Record.NOTES:
                self._scheduling.complete_session(person.actor, booking_id, attended=what is Record.HELD)

        self._window.submit(ack, person, booking_id, act, block_of=_FIELDS.__getitem__)

    def _write_notes(self, person: Person, booking_id: BookingId, view: Mapping[str, Any]) -> None:
        """A field that was emptied removes its text."""
        with reading():
            notes, materials = long_text.typed(view, NOTES_BLOCK), long_text.typed(view, MATERIALS_BLOCK)
        self._notes.set_notes(person.actor, booking_id, consultant_notes=notes, preparation_materials=materials)
