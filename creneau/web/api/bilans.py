"""Routes on bilans: the engagements on which sessions are booked, and their hours."""

from typing import Annotated
from uuid import UUID

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field, StrictInt

from creneau.core.domain.bilan import LEGAL_LIMIT_MINUTES, BilanFile, BilanStatus, Phase
from creneau.core.domain.ids import BilanId, UserId
from creneau.core.domain.listing import BilansWanted
from creneau.web.api import tags
from creneau.web.api.actor import current_actor
from creneau.web.api.booking_models import HoursView, to_hours
from creneau.web.api.envelope import Answer, ListAnswer, show
from creneau.web.api.fields import Request
from creneau.web.api.queries import BilanPath, EmptyBody, IdempotencyHeader, PageQuery
from creneau.web.api.services import ApiServices

Bought = Annotated[StrictInt, Field(ge=0, le=LEGAL_LIMIT_MINUTES)]


class BilansQuery(PageQuery):
    status: BilanStatus | None = None
    beneficiary_id: UUID | None = None
    consultant_id: UUID | None = None


class BilanBody(Request):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "beneficiary_id": "0193a1c2-7b4e-7c11-9d2f-000000000002",
                "consultant_id": "0193a1c2-7b4e-7c11-9d2f-000000000001",
                "purchased_minutes": 840,
            }
        }
    )

    beneficiary_id: UUID
    consultant_id: UUID
    purchased_minutes: Bought | None = Field(default=None, description="At most 24 hours, which null means")


class HoursBody(Request):
    purchased_minutes: Bought | None = Field(description="null: no number of its own, the legal limit holds")


class BilanView(BaseModel):
    id: UUID
    organization_id: UUID
    beneficiary_id: UUID
    consultant_id: UUID
    status: BilanStatus
    phase: Phase
    hours: HoursView


class BilanAnswer(Answer):
    data: BilanView


class BilansAnswer(ListAnswer):
    data: list[BilanView]


class HoursAnswer(Answer):
    data: HoursView


def add_bilan_routes(api: APIBlueprint, services: ApiServices) -> None:
    people = services.people

    def shown(bilan_id: BilanId, message: str, status: int = 200) -> Response:
        file = people.get_bilan(current_actor(), bilan_id)
        return show(BilanAnswer(data=_to_view(file), message=message), status)

    @api.get("/bilans", tags=[tags.BILANS], responses={200: BilansAnswer})
    def list_bilans(query: BilansQuery) -> Response:
        """List bilans, the newest first: one's own, for an administrator all of the organization."""
        wanted = BilansWanted(
            UserId(query.beneficiary_id) if query.beneficiary_id else None,
            UserId(query.consultant_id) if query.consultant_id else None,
            query.status,
        )
        page = services.listings.list_bilans(current_actor(), wanted, query.to_paging())
        data = [_to_view(file) for file in page.items]
        return show(BilansAnswer(data=data, total=page.total, message="Bilans listed"))

    @api.post("/bilans", tags=[tags.BILANS], responses={201: BilanAnswer})
    def open_bilan(body: BilanBody, header: IdempotencyHeader) -> Response:
        """Open a bilan of a beneficiary with a consultant, as an administrator."""
        actor = current_actor()
        beneficiary, consultant = (
            people.get_user(actor.organization_id, UserId(user_id))
            for user_id in (body.beneficiary_id, body.consultant_id)
        )
        bilan = people.open_bilan(beneficiary, consultant, body.purchased_minutes, actor, header.idempotency_key)
        return shown(bilan.id, "Bilan opened", 201)

    @api.get("/bilans/<bilanId>", tags=[tags.BILANS], responses={200: BilanAnswer})
    def get_bilan(path: BilanPath) -> Response:
        """Read one bilan."""
        return shown(BilanId(path.bilanId), "Bilan found")

    @api.get("/bilans/<bilanId>/hours", tags=[tags.BILANS], responses={200: HoursAnswer})
    def get_bilan_hours(path: BilanPath) -> Response:
        """Tell what is left of a bilan's hours."""
        hours = services.scheduling.get_bilan_hours(current_actor(), BilanId(path.bilanId))
        return show(HoursAnswer(data=to_hours(hours), message="Hours counted"))

    @api.put("/bilans/<bilanId>/hours", tags=[tags.BILANS], responses={200: BilanAnswer})
    def set_bilan_hours(path: BilanPath, body: HoursBody) -> Response:
        """Say how much was bought, as an administrator."""
        actor = current_actor()
        people.set_bilan_hours(actor.organization_id, BilanId(path.bilanId), body.purchased_minutes, actor)
        return shown(BilanId(path.bilanId), "Hours set")

    @api.put("/bilans/<bilanId>/close", tags=[tags.BILANS], responses={200: BilanAnswer})
    def close_bilan(path: BilanPath, body: EmptyBody) -> Response:  # noqa: ARG001 - refuses what it cannot keep
        """End a bilan, as an administrator: no session is booked on it any more, those that are booked stay."""
        actor = current_actor()
        people.close_bilan(actor.organization_id, BilanId(path.bilanId), actor)
        return shown(BilanId(path.bilanId), "Bilan closed")


def _to_view(file: BilanFile) -> BilanView:
    return BilanView(
        id=file.bilan.id,
        organization_id=file.bilan.organization_id,
        beneficiary_id=file.bilan.beneficiary_id,
        consultant_id=file.bilan.consultant_id,
        status=file.bilan.status,
        phase=file.bilan.phase,
        hours=to_hours(file.hours),
    )
