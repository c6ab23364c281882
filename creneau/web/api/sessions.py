"""Routes on sessions: what takes place at the time of a booking, and how it was."""

from typing import Annotated

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import ConfigDict, Field, StrictBool, StrictInt

from creneau.core.domain.meeting_place import LONGEST_LINK, LONGEST_LOCATION, MeetingPlace
from creneau.web.api import tags
from creneau.web.api.booking_models import BookingAnswer, show_booking
from creneau.web.api.fields import LongText, Plain, Request
from creneau.web.api.queries import BookingPath, EmptyBody, IfMatchHeader, asked_for
from creneau.web.api.services import ApiServices

Stars = Annotated[StrictInt, Field(ge=1, le=5)]


class PlaceBody(Request):
    model_config = ConfigDict(json_schema_extra={"example": {"meeting_link": "https://meet.example/ab3f"}})

    meeting_link: Plain | None = Field(default=None, max_length=LONGEST_LINK, description="https only; null: none")
    meeting_location: Plain | None = Field(default=None, max_length=LONGEST_LOCATION)


class CompleteBody(Request):
    model_config = ConfigDict(json_schema_extra={"example": {"attended": True}})

    attended: StrictBool = Field(description="false: NO_SHOW")
    beneficiary_rating: Stars | None = None
    beneficiary_feedback: LongText | None = None


class RateBody(Request):
    model_config = ConfigDict(json_schema_extra={"example": {"beneficiary_rating": 5}})

    beneficiary_rating: Stars
    beneficiary_feedback: LongText | None = Field(default=None, description="Left out: what was written before stays")


def add_session_routes(api: APIBlueprint, services: ApiServices) -> None:
    scheduling = services.scheduling

    @api.put("/bookings/<bookingId>/start", tags=[tags.MOVES], responses={200: BookingAnswer})
    def start_session(path: BookingPath, body: EmptyBody, header: IfMatchHeader) -> Response:  # noqa: ARG001
        """Open a session, up to a quarter of an hour before its time."""
        booking = scheduling.start_session(*asked_for(path), header.expected_version)
        return show_booking(services, booking, "Session started")

    @api.put("/bookings/<bookingId>/place", tags=[tags.MOVES], responses={200: BookingAnswer})
    def set_meeting_place(path: BookingPath, body: PlaceBody, header: IfMatchHeader) -> Response:
        """Say where a session takes place, in place of what was said before."""
        place = MeetingPlace(body.meeting_link, body.meeting_location)
        booking = scheduling.set_meeting_place(*asked_for(path), place, header.expected_version)
        return show_booking(services, booking, "Place of the session set")

    @api.put("/bookings/<bookingId>/complete", tags=[tags.MOVES], responses={200: BookingAnswer})
    def complete_session(path: BookingPath, body: CompleteBody, header: IfMatchHeader) -> Response:
        """Record that a session took place, or that its beneficiary did not come."""
        booking = scheduling.complete_session(
            *asked_for(path), body.attended, body.beneficiary_rating, body.beneficiary_feedback, header.expected_version
        )
        return show_booking(services, booking, "Session completed")

    @api.put("/bookings/<bookingId>/rate", tags=[tags.MOVES], responses={200: BookingAnswer})
    def rate_session(path: BookingPath, body: RateBody, header: IfMatchHeader) -> Response:
        """Rate a completed session, as its beneficiary. The last word stays."""
        booking = scheduling.rate_session(
            *asked_for(path), body.beneficiary_rating, body.beneficiary_feedback, header.expected_version
        )
        return show_booking(services, booking, "Session rated")
