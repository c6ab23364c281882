"""Routes on availability: adding a rule, listing the times that can be booked."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from creneau.core.domain.ids import UserId
from creneau.core.domain.people import Role
from creneau.core.services.people import PeopleService
from creneau.core.services.scheduling import SchedulingService
from creneau.web.api.actor import current_actor
from creneau.web.api.answers import BookableTimesAnswer, SlotAnswer, show, to_bookable_time, to_slot
from creneau.web.api.requests import ConsultantPath, DaysQuery, SlotBody
from creneau.web.auth import require_role


def add_availability_routes(api: APIBlueprint, scheduling: SchedulingService, people: PeopleService) -> None:
    @api.post("/availability", responses={201: SlotAnswer})
    def create_availability_slot(body: SlotBody) -> Response:
        """Offer sessions: a consultant for oneself, an administrator for anyone."""
        actor = current_actor()
        require_role(actor, Role.CONSULTANT, Role.ORG_ADMIN)
        consultant = people.get_user(actor.organization_id, UserId(body.consultant_id or actor.user_id))
        slot = scheduling.create_availability_slot(actor, consultant.id, body.to_draft(consultant))
        return show(SlotAnswer(data=to_slot(slot), message="Availability slot created"), 201)

    @api.get("/availability/<consultantId>/slots", responses={200: BookableTimesAnswer})
    def list_bookable_times(path: ConsultantPath, query: DaysQuery) -> Response:
        """List the times that can be booked, by default those of the next two weeks."""
        actor = current_actor()
        offers = scheduling.get_available_slots_for_consultant(
            actor,
            UserId(path.consultantId),
            query.date_from,
            query.date_to,
            beneficiary_id=actor.user_id if actor.role is Role.BENEFICIARY else None,
        )
        data = [to_bookable_time(offer) for offer in offers]
        return show(BookableTimesAnswer(data=data, total=len(data), message="Available slots listed"))
