"""Routes on the moves of a booking: an answer to a request, another time, the end of it."""

from uuid import UUID

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import ConfigDict, Field

from creneau.core.domain.ids import SlotId
from creneau.web.api import tags
from creneau.web.api.booking_models import BookingAnswer, show_booking
from creneau.web.api.fields import LongText, Reason, Request
from creneau.web.api.queries import BookingPath, IfMatchHeader, OptionalBody, asked_for
from creneau.web.api.services import ApiServices
from creneau.web.api.times import TimeBody, read_time


class ConfirmBody(OptionalBody):
    notes: LongText | None = Field(default=None, description="Kept as the consultant's own notes on the session")


class DeclineBody(OptionalBody):
    reason: Reason | None = None


class CancelBody(Request):
    model_config = ConfigDict(json_schema_extra={"example": {"cancellation_reason": "Unwell"}})

    cancellation_reason: Reason


class RescheduleBody(TimeBody):
    model_config = ConfigDict(
        json_schema_extra={"example": {"scheduled_date": "2026-12-02", "scheduled_start_time": "14:00"}}
    )

    consultant_id: UUID | None = Field(default=None, description="As listed; not read: the consultant stays the same")
    reason: Reason | None = None


def add_move_routes(api: APIBlueprint, services: ApiServices) -> None:
    scheduling = services.scheduling

    @api.put("/bookings/<bookingId>/confirm", tags=[tags.MOVES], responses={200: BookingAnswer})
    def confirm_booking(path: BookingPath, body: ConfirmBody, header: IfMatchHeader) -> Response:
        """Accept a request, as its consultant."""
        booking = scheduling.confirm_booking(*asked_for(path), body.notes, header.expected_version)
        return show_booking(services, booking, "Booking confirmed")

    @api.put("/bookings/<bookingId>/decline", tags=[tags.MOVES], responses={200: BookingAnswer})
    def decline_booking(path: BookingPath, body: DeclineBody, header: IfMatchHeader) -> Response:
        """Refuse a request, as its consultant: its time is free again."""
        booking = scheduling.decline_booking(*asked_for(path), body.reason, header.expected_version)
        return show_booking(services, booking, "Booking declined")

    @api.put("/bookings/<bookingId>/cancel", tags=[tags.MOVES], responses={200: BookingAnswer})
    def cancel_booking(path: BookingPath, body: CancelBody, header: IfMatchHeader) -> Response:
        """Cancel a session, as either side: its time is free again."""
        booking = scheduling.cancel_booking(*asked_for(path), body.cancellation_reason, header.expected_version)
        return show_booking(services, booking, "Booking cancelled")

    @api.put("/bookings/<bookingId>/reschedule", tags=[tags.MOVES], responses={200: BookingAnswer})
    def reschedule_booking(path: BookingPath, body: RescheduleBody, header: IfMatchHeader) -> Response:
        """Move a session.

        A beneficiary's move is a request again; a consultant's a proposal, for the beneficiary to accept; an
        administrator's holds at once. If the new time is not free the old one is kept.
        """
        actor, booking_id = asked_for(path)
        before = scheduling.get_booking(actor, booking_id)
        time = read_time(body, before.local.timezone)
        booking = scheduling.reschedule_booking(
            actor,
            booking_id,
            time.starts_at,
            SlotId(body.availability_slot_id) if body.availability_slot_id else None,
            body.reason,
            time.ends_at,
            header.expected_version,
        )
        return show_booking(services, booking, "Booking rescheduled")
