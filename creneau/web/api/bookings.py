"""Routes on bookings: asking for a session, reading one, and the lists of them."""

from contextlib import suppress

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from creneau.core.domain.booking import Status
from creneau.core.domain.errors import BilanNotFound, BookingNotFound
from creneau.core.domain.ids import BilanId, BookingId, UserId
from creneau.core.domain.listing import BookingsWanted
from creneau.web.api import tags
from creneau.web.api.actor import current_actor
from creneau.web.api.booking_models import (
    BookingAnswer,
    BookingBody,
    BookingOrBookingsAnswer,
    BookingsAnswer,
    show_booking,
    show_bookings,
)
from creneau.web.api.queries import (
    BeneficiaryPath,
    BilanPath,
    BookingPath,
    ConsultantPath,
    IdempotencyHeader,
    IfNoneMatchHeader,
    WeekPageQuery,
)
from creneau.web.api.services import ApiServices
from creneau.web.api.times import read_time


class BookingsQuery(WeekPageQuery):
    status: Status | None = None


def add_booking_routes(api: APIBlueprint, services: ApiServices) -> None:
    def listed(query: BookingsQuery, **whose: UserId | BilanId) -> Response:
        wanted = BookingsWanted(
            beneficiary_id=UserId(whose["beneficiary"]) if "beneficiary" in whose else None,
            consultant_id=UserId(whose["consultant"]) if "consultant" in whose else None,
            bilan_id=BilanId(whose["bilan"]) if "bilan" in whose else None,
            status=query.status,
            day_of_week=query.day_of_week,
            days=query.to_days(),
        )
        return show_bookings(services.listings.list_bookings(current_actor(), wanted, query.to_paging()))

    @api.post("/bookings", tags=[tags.BOOKINGS], responses={201: BookingAnswer})
    def create_session_booking(body: BookingBody, header: IdempotencyHeader) -> Response:
        """Ask for a session: its time is held until the consultant answers."""
        actor = current_actor()
        consultant = services.people.get_user(actor.organization_id, UserId(body.consultant_id))
        request = body.to_request(read_time(body, consultant.timezone))
        booking = services.scheduling.create_session_booking(actor, request, header.idempotency_key)
        return show_booking(services, booking, "Booking created", 201)

    @api.get("/bookings", tags=[tags.BOOKINGS], responses={200: BookingsAnswer})
    def list_bookings(query: BookingsQuery) -> Response:
        """List one's own bookings by start, for an administrator all of the organization."""
        return listed(query)

    @api.get("/bookings/<bookingId>", tags=[tags.BOOKINGS], responses={200: BookingOrBookingsAnswer, 304: None})
    def get_booking(path: BookingPath, query: BookingsQuery, header: IfNoneMatchHeader) -> Response:  # noqa: ARG001
        """Read one booking by its id, or by the id of a bilan list its bookings, to which the query belongs."""
        with suppress(BookingNotFound):
            booking = services.scheduling.get_booking(current_actor(), BookingId(path.bookingId))
            return show_booking(services, booking, "Booking found")
        try:
            return listed(query, bilan=BilanId(path.bookingId))
        except BilanNotFound:
            raise BookingNotFound from None

    @api.get("/bilans/<bilanId>/bookings", tags=[tags.BOOKINGS], responses={200: BookingsAnswer})
    def list_bilan_bookings(path: BilanPath, query: BookingsQuery) -> Response:
        """List the bookings of a bilan by start."""
        return listed(query, bilan=BilanId(path.bilanId))

    @api.get("/beneficiary/<beneficiaryId>/bookings", tags=[tags.BOOKINGS], responses={200: BookingsAnswer})
    def list_beneficiary_bookings(path: BeneficiaryPath, query: BookingsQuery) -> Response:
        """List a beneficiary's bookings by start; days are those of the organization's zone."""
        return listed(query, beneficiary=UserId(path.beneficiaryId))

    @api.get("/consultant/<consultantId>/bookings", tags=[tags.BOOKINGS], responses={200: BookingsAnswer})
    def list_consultant_bookings(path: ConsultantPath, query: BookingsQuery) -> Response:
        """List a consultant's bookings by start; days are those of the organization's zone."""
        return listed(query, consultant=UserId(path.consultantId))
