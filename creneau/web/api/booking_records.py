"""Routes on what goes with a booking: its history, its reminders and the notes on it."""

from typing import Annotated
from uuid import UUID

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from creneau.core.domain.booking import Status
from creneau.core.domain.emails import EmailState
from creneau.core.domain.ids import BookingId
from creneau.core.domain.messages import Purpose
from creneau.core.domain.notes import SessionNotes
from creneau.core.domain.reminders import ReminderState, ReminderType
from creneau.web.api import tags
from creneau.web.api.actor import current_actor
from creneau.web.api.envelope import Answer, ListAnswer, show
from creneau.web.api.fields import LongText
from creneau.web.api.queries import BookingPath, OptionalBody
from creneau.web.api.services import ApiServices
from creneau.web.api.times import UtcInstant

_EMPTIES = "An empty text removes it; left out, it stays"


class HistoryEntryView(BaseModel):
    version: int
    action: str = Field(json_schema_extra={"example": "CONFIRM"})
    status_before: Status | None
    status_after: Status
    actor_id: UUID | None = Field(description="null: the clock acted")
    reason: str | None
    at: UtcInstant
    starts_at: UtcInstant | None = Field(description="When the session stood after the act")
    is_override: bool = Field(description="Done past a deadline, for the reason given")


class HistoryAnswer(ListAnswer):
    data: list[HistoryEntryView]


class NotesBody(OptionalBody):
    model_config = ConfigDict(json_schema_extra={"example": {"beneficiary_notes": "My questions"}})

    beneficiary_notes: Annotated[LongText | None, Field(description=_EMPTIES)] = None
    consultant_notes: Annotated[LongText | None, Field(description=_EMPTIES)] = None
    preparation_materials: Annotated[LongText | None, Field(description=_EMPTIES)] = None


class NotesView(BaseModel):
    """What the caller may read: never the consultant's own notes for a beneficiary."""

    beneficiary_notes: str | None
    consultant_notes: str | None
    preparation_materials: str | None


class NotesAnswer(Answer):
    data: NotesView


class ReminderView(BaseModel):
    """A message that goes out by itself. `reason` says why it was not sent, or not yet."""

    reminder_type: ReminderType
    recipient_id: UUID
    scheduled_time: UtcInstant
    state: ReminderState
    sent_at: UtcInstant | None
    reason: str | None = Field(json_schema_extra={"example": "too_late"})
    is_by_email: bool = Field(description="It goes by e-mail: Slack cannot reach its recipient")


class EmailView(BaseModel):
    """A message about a booking that Slack could not deliver. `reason` says why it was not sent, or not yet."""

    purpose: Purpose
    recipient_id: UUID
    booking_version: int
    state: EmailState
    slack_problem: str = Field(json_schema_extra={"example": "recipient_without_slack"})
    reason: str | None = Field(json_schema_extra={"example": "no_mail_server"})
    sent_at: UtcInstant | None


class EmailsAnswer(ListAnswer):
    data: list[EmailView]


class RemindersAnswer(ListAnswer):
    data: list[ReminderView]


def add_booking_record_routes(api: APIBlueprint, services: ApiServices) -> None:
    @api.get("/bookings/<bookingId>/history", tags=[tags.BOOKINGS], responses={200: HistoryAnswer})
    def list_booking_history(path: BookingPath) -> Response:
        """List all that was ever done to a booking, in order."""
        entries = services.scheduling.get_booking_history(current_actor(), BookingId(path.bookingId))
        data = [HistoryEntryView.model_validate(entry, from_attributes=True) for entry in entries]
        return show(HistoryAnswer(data=data, total=len(data), message="History listed"))

    @api.get("/bookings/<bookingId>/reminders", tags=[tags.BOOKINGS], responses={200: RemindersAnswer})
    def list_booking_reminders(path: BookingPath) -> Response:
        """List what the two sides are reminded of: whether it was sent, and if not, why."""
        reminders = services.reminders.list_of_booking(current_actor(), BookingId(path.bookingId))
        data = [
            ReminderView(
                reminder_type=reminder.type,
                recipient_id=reminder.recipient_id,
                scheduled_time=reminder.scheduled_time,
                state=reminder.state,
                sent_at=reminder.sent_at,
                reason=reminder.reason,
                is_by_email=reminder.is_by_email,
            )
            for reminder in reminders
        ]
        return show(RemindersAnswer(data=data, total=len(data), message="Reminders listed"))

    @api.get("/bookings/<bookingId>/emails", tags=[tags.BOOKINGS], responses={200: EmailsAnswer})
    def list_booking_emails(path: BookingPath) -> Response:
        """List the messages that Slack could not deliver: whether they went by e-mail, and if not, why."""
        emails = services.emails.list_of_booking(current_actor(), BookingId(path.bookingId))
        data = [
            EmailView(
                purpose=email.key.purpose,
                recipient_id=email.key.recipient_id,
                booking_version=email.key.booking_version,
                state=email.state,
                slack_problem=email.slack_problem,
                reason=email.reason,
                sent_at=email.sent_at,
            )
            for email in emails
        ]
        return show(EmailsAnswer(data=data, total=len(data), message="E-mails listed"))

    @api.get("/bookings/<bookingId>/notes", tags=[tags.BOOKINGS], responses={200: NotesAnswer})
    def get_notes(path: BookingPath) -> Response:
        """Read the notes on a session, as one of its two sides. Each reading leaves a line in the audit log."""
        return _notes(services.notes.get_notes(current_actor(), BookingId(path.bookingId)), "Notes found")

    @api.put("/bookings/<bookingId>/notes", tags=[tags.BOOKINGS], responses={200: NotesAnswer})
    def set_notes(path: BookingPath, body: NotesBody) -> Response:
        """Write one's own notes: a beneficiary theirs, a consultant the others."""
        notes = services.notes.set_notes(
            current_actor(),
            BookingId(path.bookingId),
            body.beneficiary_notes,
            body.consultant_notes,
            body.preparation_materials,
        )
        return _notes(notes, "Notes written")


def _notes(notes: SessionNotes, message: str) -> Response:
    return show(NotesAnswer(data=NotesView.model_validate(notes, from_attributes=True), message=message))
