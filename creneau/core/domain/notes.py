"""Notes on a session: what each side writes, and who may read it. They travel in no other record."""

from dataclasses import dataclass, replace

from creneau.core.domain.booking import Booking
from creneau.core.domain.errors import BookingNotFound, NotAllowed
from creneau.core.domain.people import Actor, Role
from creneau.core.domain.text import clean_text

LONGEST_NOTES = 4000


@dataclass(frozen=True, slots=True)
class SessionNotes:
    """The notes of one session. In a change, None leaves a text as it is and an empty one removes it."""

    beneficiary_notes: str | None = None
    consultant_notes: str | None = None
    preparation_materials: str | None = None


def require_notes_access(booking: Booking, actor: Actor) -> None:
    """Raise `booking.not_found` for a stranger, `actor.not_allowed` for an administrator (professional secrecy)."""
    if booking.is_party(actor.user_id):
        return
    raise NotAllowed if actor.role is Role.ORG_ADMIN else BookingNotFound


def changed_notes(booking: Booking, actor: Actor, notes: SessionNotes, change: SessionNotes) -> SessionNotes:
    """Return the notes as the actor changes them.

    Raises: what `require_notes_access` raises, `actor.not_allowed` for a text of the other side, `text.invalid`.
    """
    require_notes_access(booking, actor)
    is_beneficiary = actor.user_id == booking.beneficiary_id
    is_of_beneficiary = change.beneficiary_notes is not None
    is_of_consultant = change.consultant_notes is not None or change.preparation_materials is not None
    if is_of_consultant if is_beneficiary else is_of_beneficiary:
        raise NotAllowed
    return SessionNotes(
        _changed("beneficiary_notes", notes.beneficiary_notes, change.beneficiary_notes),
        _changed("consultant_notes", notes.consultant_notes, change.consultant_notes),
        _changed("preparation_materials", notes.preparation_materials, change.preparation_materials),
    )


def shown_notes(booking: Booking, actor: Actor, notes: SessionNotes) -> SessionNotes:
    """Return what the actor may read: the consultant all of it, the beneficiary all but the consultant's own notes."""
    require_notes_access(booking, actor)
    return replace(notes, consultant_notes=None) if actor.user_id == booking.beneficiary_id else notes


def _changed(field: str, before: str | None, change: str | None) -> str | None:
    return before if change is None else clean_text(field, change, LONGEST_NOTES)
