"""Routes on proposals: other times that a consultant offers for a booking, and the answer to them."""

from typing import Annotated
from uuid import UUID

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import Field

from creneau.core.domain.ids import BookingId, ProposalId
from creneau.core.domain.proposal import ProposalState
from creneau.web.api import tags
from creneau.web.api.actor import current_actor
from creneau.web.api.booking_models import BookingAnswer, show_booking
from creneau.web.api.envelope import ListAnswer, show
from creneau.web.api.fields import Instant, Request
from creneau.web.api.queries import BookingPath, EmptyBody, IfMatchHeader, asked_for
from creneau.web.api.services import ApiServices
from creneau.web.api.times import TimeView, UtcInstant, time_members


class ProposeBody(Request):
    """One to three other times."""

    starts_at: Annotated[
        list[Instant], Field(min_length=1, max_length=3, json_schema_extra={"example": ["2026-12-02T13:00:00Z"]})
    ]


class AcceptBody(Request):
    proposal_id: UUID


class ProposalView(TimeView):
    id: UUID
    booking_id: UUID
    round: int
    proposed_by: UUID
    availability_slot_id: UUID | None
    state: ProposalState
    created_at: UtcInstant
    answered_at: UtcInstant | None


class ProposalsAnswer(ListAnswer):
    data: list[ProposalView]


def add_proposal_routes(api: APIBlueprint, services: ApiServices) -> None:
    scheduling = services.scheduling

    @api.get("/bookings/<bookingId>/proposals", tags=[tags.MOVES], responses={200: ProposalsAnswer})
    def list_proposals(path: BookingPath) -> Response:
        """List all times ever proposed for a booking, by round and start."""
        proposals = services.scheduling.list_proposals(current_actor(), BookingId(path.bookingId))
        data = [
            ProposalView.model_validate(
                {
                    "id": proposal.id,
                    "booking_id": proposal.booking_id,
                    "round": proposal.round,
                    "proposed_by": proposal.proposed_by,
                    "availability_slot_id": proposal.slot_id,
                    "state": proposal.state,
                    "created_at": proposal.created_at,
                    "answered_at": proposal.answered_at,
                    **time_members(proposal.local, proposal.span),
                }
            )
            for proposal in proposals
        ]
        return show(ProposalsAnswer(data=data, total=len(data), message="Proposals listed"))

    @api.put("/bookings/<bookingId>/propose", tags=[tags.MOVES], responses={200: BookingAnswer})
    def propose_times(path: BookingPath, body: ProposeBody, header: IfMatchHeader) -> Response:
        """Offer the beneficiary other times. They are not held; the booking stays where it is meanwhile."""
        booking = scheduling.propose_times(*asked_for(path), body.starts_at, header.expected_version)
        return show_booking(services, booking, "Times proposed")

    @api.put("/bookings/<bookingId>/accept", tags=[tags.MOVES], responses={200: BookingAnswer})
    def accept_proposal(path: BookingPath, body: AcceptBody, header: IfMatchHeader) -> Response:
        """Accept a proposed time: the booking moves there and is confirmed, if the time is still free."""
        booking = scheduling.accept_proposal(*asked_for(path), ProposalId(body.proposal_id), header.expected_version)
        return show_booking(services, booking, "Proposal accepted")

    @api.put("/bookings/<bookingId>/refuse", tags=[tags.MOVES], responses={200: BookingAnswer})
    def refuse_proposals(path: BookingPath, body: EmptyBody, header: IfMatchHeader) -> Response:  # noqa: ARG001
        """Refuse all proposed times: the booking stays as it is."""
        booking = scheduling.refuse_proposals(*asked_for(path), header.expected_version)
        return show_booking(services, booking, "Proposals refused")
