"""NotesService: what the two sides of a session write about it. Each reading leaves its line in the audit log."""

from collections.abc import Callable
from uuid import UUID

from creneau.core.clock import Clock
from creneau.core.domain.ids import BookingId
from creneau.core.domain.notes import SessionNotes
from creneau.core.domain.people import Actor
from creneau.core.storage.database import Database
from creneau.core.usecases import audit
from creneau.core.usecases import notes as notes_usecases


class NotesService:
    """The beneficiary reads theirs and the materials, and writes theirs; the consultant reads all and writes the rest.

    Administrators read nothing here: professional secrecy.
    """

    def __init__(self, database: Database, clock: Clock, new_id: Callable[[], UUID]) -> None:
        self._database = database
        self._clock = clock
        self._new_id = new_id

    def set_notes(
        self,
        actor: Actor,
        booking_id: BookingId,
        beneficiary_notes: str | None = None,
        consultant_notes: str | None = None,
        preparation_materials: str | None = None,
    ) -> SessionNotes:
        """Write the texts that are given: None leaves one as it is, an empty one removes it."""
        change = SessionNotes(beneficiary_notes, consultant_notes, preparation_materials)
        with self._database.transaction(actor.organization_id) as tx:
            shown = notes_usecases.write(tx, actor, booking_id, change)
            audit.record(tx, actor, "written", "session_notes", booking_id, self._clock.now(), self._new_id)
        return shown

    def get_notes(self, actor: Actor, booking_id: BookingId) -> SessionNotes:
        with self._database.transaction(actor.organization_id) as tx:
            shown = notes_usecases.read(tx, actor, booking_id)
            audit.record(tx, actor, "read", "session_notes", booking_id, self._clock.now(), self._new_id)
        return shown
