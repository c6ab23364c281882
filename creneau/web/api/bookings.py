"""Routes on bookings: asking for a session, reading bookings, and the moves of their life."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from creneau.core.domain.booking import Booking
from creneau.core.domain.ids import BilanId, BookingId, SlotId, UserId
from creneau.core.services.people import PeopleService
from creneau.core.services.scheduling import SchedulingService
from creneau.core.usecases.bookings import BookingRequest
from creneau.web.api.actor import current_actor
from creneau.web.api.answers import BookingAnswer, show, to_booking
from creneau.web.api.posted_time import PostedTime, read_posted_time
from creneau.web.api.requests import (
    BookingBody,
    BookingPath,
    CancelBody,
    ConfirmBody,
    DeclineBody,
    IdempotencyHeader,
)


def add_booking_routes(api: APIBlueprint, scheduling: SchedulingService, people: PeopleService) -> None:

    @api.post("/bookings", responses={201: BookingAnswer})
    def create_session_booking(body: BookingBody, header: IdempotencyHeader) -> Response:
        """Ask for a session: its time is held until the consultant answers."""
        actor = current_actor()
        consultant = people.get_user(actor.organization_id, UserId(body.consultant_id))
        request = _to_request(body, read_posted_time(body, body.timezone or consultant.timezone))
        booking = scheduling.create_session_booking(actor, request, header.idempotency_key)
        return _show(booking, "Booking created", 201)

    @api.get("/bookings/<bookingId>", responses={200: BookingAnswer})
    def get_booking(path: BookingPath) -> Response:
        """Read one booking."""
        return _show(scheduling.get_booking(current_actor(), BookingId(path.bookingId)), "Booking found")

    @api.put("/bookings/<bookingId>/confirm", responses={200: BookingAnswer})
    def confirm_booking(path: BookingPath, body: ConfirmBody) -> Response:  # noqa: ARG001 - refuses what it cannot keep
        """Accept a request, as its consultant."""
        return _show(scheduling.confirm_booking(current_actor(), BookingId(path.bookingId)), "Booking confirmed")

    @api.put("/bookings/<bookingId>/decline", responses={200: BookingAnswer})
    def decline_booking(path: BookingPath, body: DeclineBody) -> Response:
        """Refuse a request, as its consultant: its time is free again."""
        booking = scheduling.decline_booking(current_actor(), BookingId(path.bookingId), body.reason)
        return _show(booking, "Booking declined")

    @api.put("/bookings/<bookingId>/cancel", responses={200: BookingAnswer})
    def cancel_booking(path: BookingPath, body: CancelBody) -> Response:
        """Cancel a session, as either side: its time is free again."""
        booking = scheduling.cancel_booking(current_actor(), BookingId(path.bookingId), body.cancellation_reason)
        return _show(booking, "Booking cancelled")


def _to_request(body: BookingBody, time: PostedTime) -> BookingRequest:
    return BookingRequest(
        bilan_id=BilanId(body.bilan_id),
        consultant_id=UserId(body.consultant_id),
        starts_at=time.starts_at,
        slot_id=SlotId(body.availability_slot_id) if body.availability_slot_id else None,
        ends_at=time.ends_at,
        meeting_format=body.meeting_format,
        session_type=body.session_type,
        meeting_location=body.meeting_location,
        meeting_link=body.meeting_link,
    )


def _show(booking: Booking, message: str, status: int = 200) -> Response:
    return show(BookingAnswer(data=to_booking(booking), message=message), status)
