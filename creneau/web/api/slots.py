"""Routes on availability slots: a consultant's rules, one by one or many at once."""

from uuid import UUID

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import Field

from creneau.core.domain.ids import SlotId, UserId
from creneau.core.domain.listing import SlotsWanted
from creneau.core.domain.people import User
from creneau.web.api import tags
from creneau.web.api.actor import current_actor
from creneau.web.api.envelope import Removed, RemovedAnswer, show
from creneau.web.api.queries import IdempotencyHeader, SlotPath, WeekPageQuery
from creneau.web.api.services import ApiServices
from creneau.web.api.slot_models import (
    LeftOutsideAnswer,
    SlotAnswer,
    SlotBody,
    SlotChangeBody,
    SlotsAnswer,
    SlotsBody,
    to_slot,
)


class SlotsQuery(WeekPageQuery):
    consultant_id: UUID | None = Field(
        default=None, description="By default the caller's own; an administrator's are everybody's"
    )


def add_slot_routes(api: APIBlueprint, services: ApiServices) -> None:
    @api.post("/availability", tags=[tags.AVAILABILITY], responses={201: SlotAnswer})
    def create_availability_slot(body: SlotBody, header: IdempotencyHeader) -> Response:
        """Offer sessions: a consultant for oneself, an administrator for anyone."""
        consultant = _whose(services, body.consultant_id)
        drafts = [body.to_draft(consultant.timezone)]
        [slot] = services.availability.create_availability_slots(
            current_actor(), consultant.id, drafts, header.idempotency_key
        )
        return show(SlotAnswer(data=to_slot(slot), message="Availability slot created"), 201)

    @api.post("/availability/bulk", tags=[tags.AVAILABILITY], responses={201: SlotsAnswer})
    def create_availability_slots(body: SlotsBody, header: IdempotencyHeader) -> Response:
        """Offer sessions on many days or hours in one call: all of the rules are added, or none."""
        consultant = _whose(services, body.consultant_id)
        drafts = [slot.to_draft(consultant.timezone) for slot in body.slots]
        added = services.availability.create_availability_slots(
            current_actor(), consultant.id, drafts, header.idempotency_key
        )
        data = [to_slot(slot) for slot in added]
        return show(SlotsAnswer(data=data, total=len(data), message="Availability slots created"), 201)

    @api.get("/availability", tags=[tags.AVAILABILITY], responses={200: SlotsAnswer})
    def list_availability_slots(query: SlotsQuery) -> Response:
        """List rules, weekly ones by day and then one-off ones. With days: those that hold on one of them."""
        consultant_id = UserId(query.consultant_id) if query.consultant_id else None
        wanted = SlotsWanted(consultant_id, query.day_of_week, query.to_days())
        page = services.listings.list_slots(current_actor(), wanted, query.to_paging())
        data = [to_slot(slot) for slot in page.items]
        return show(SlotsAnswer(data=data, total=page.total, message="Availability slots listed"))

    @api.put("/availability/<slotId>", tags=[tags.AVAILABILITY], responses={200: SlotAnswer})
    def update_availability_slot(path: SlotPath, body: SlotChangeBody) -> Response:
        """Change what is given of a rule. Sessions that are booked stay: see the preview."""
        slot = services.availability.update_availability_slot(current_actor(), SlotId(path.slotId), body.to_change())
        return show(SlotAnswer(data=to_slot(slot), message="Availability slot updated"))

    @api.delete("/availability/<slotId>", tags=[tags.AVAILABILITY], responses={200: RemovedAnswer})
    def delete_availability_slot(path: SlotPath) -> Response:
        """Take a rule away. Sessions that are booked stay."""
        services.availability.delete_availability_slot(current_actor(), SlotId(path.slotId))
        return show(RemovedAnswer(data=Removed(id=path.slotId), message="Availability slot deleted"))

    @api.post("/availability/<slotId>/preview", tags=[tags.AVAILABILITY], responses={200: LeftOutsideAnswer})
    def preview_slot_change(path: SlotPath, body: SlotChangeBody) -> Response:
        """List the coming sessions that a change would leave outside the rule. Nothing is written."""
        left = services.availability.preview_slot_change(current_actor(), SlotId(path.slotId), body.to_change())
        return show(LeftOutsideAnswer(data=list(left), total=len(left), message="Change previewed"))

    @api.get("/availability/<slotId>/preview", tags=[tags.AVAILABILITY], responses={200: LeftOutsideAnswer})
    def preview_slot_deletion(path: SlotPath) -> Response:
        """List the coming sessions that were made of a rule."""
        left = services.availability.preview_slot_change(current_actor(), SlotId(path.slotId), None)
        return show(LeftOutsideAnswer(data=list(left), total=len(left), message="Deletion previewed"))


def _whose(services: ApiServices, consultant_id: UUID | None) -> User:
    actor = current_actor()
    return services.people.get_user(actor.organization_id, UserId(consultant_id or actor.user_id))
