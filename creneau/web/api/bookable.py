"""Routes on bookable times: what can be booked with a consultant, and why a time cannot."""

from uuid import UUID

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import BaseModel, Field

from creneau.core.domain.explanation import Reason
from creneau.core.domain.ids import BilanId, UserId
from creneau.core.domain.people import Actor, Role
from creneau.web.api import tags
from creneau.web.api.actor import current_actor
from creneau.web.api.envelope import Answer, ListAnswer, show, show_members
from creneau.web.api.fields import Instant, QueryDayOfWeek, Request
from creneau.web.api.queries import ConsultantPath, DaysQuery, PageQuery
from creneau.web.api.services import ApiServices
from creneau.web.api.times import BookableTimeView, UtcInstant, bookable_members, to_bookable_time

_ON_A_BILAN = "For whom: its beneficiary's sessions and what is left of its hours count too"


class BookableQuery(DaysQuery, PageQuery):
    limit: int = Field(default=200, ge=1, le=200, description="How many to list")
    day_of_week: QueryDayOfWeek | None = Field(default=None, description="0 = Sunday to 6 = Saturday")
    bilan_id: UUID | None = Field(default=None, description=_ON_A_BILAN)


class ExplainQuery(Request):
    bilan_id: UUID | None = Field(default=None, description=_ON_A_BILAN)
    starts_at: Instant = Field(description="The start asked about, such as 2026-12-01T08:00:00Z")


_BUSY_AGE = "As of when the consultant's own calendars are known: the one read least lately. Null where none counts"


class BookableTimesAnswer(ListAnswer):
    data: list[BookableTimeView]
    busy_read_at: UtcInstant | None = Field(description=_BUSY_AGE)


class ExplanationView(BaseModel):
    starts_at: UtcInstant
    is_bookable: bool
    reasons: list[Reason] = Field(description="All that speaks against it, the weightiest first; codes of errors")
    offer: BookableTimeView | None = Field(description="What a rule offers then, bookable or not")
    busy_read_at: UtcInstant | None = Field(description=_BUSY_AGE)


class ExplanationAnswer(Answer):
    data: ExplanationView


def add_bookable_routes(api: APIBlueprint, services: ApiServices) -> None:
    @api.get("/availability/<consultantId>/slots", tags=[tags.AVAILABILITY], responses={200: BookableTimesAnswer})
    def list_bookable_times(path: ConsultantPath, query: BookableQuery) -> Response:
        """List the times that can be booked, by default those of the next two weeks; 62 days at most."""
        actor = current_actor()
        offered = services.scheduling.list_offered(
            actor,
            UserId(path.consultantId),
            query.date_from,
            query.date_to,
            beneficiary_id=_for_whom(actor),
            day_of_week=query.day_of_week,
            bilan_id=BilanId(query.bilan_id) if query.bilan_id else None,
        )
        offers = offered.times
        page = offers[query.offset : query.offset + query.limit]
        return show_members(
            "Available slots listed",
            total=len(offers),
            data=[bookable_members(offer) for offer in page],
            busy_read_at=offered.busy_read_at,
        )

    @api.get("/availability/<consultantId>/explain", tags=[tags.AVAILABILITY], responses={200: ExplanationAnswer})
    def explain_time(path: ConsultantPath, query: ExplainQuery) -> Response:
        """Say whether a start can be booked, or everything that speaks against it."""
        actor = current_actor()
        told = services.scheduling.explain_slot(
            actor,
            UserId(path.consultantId),
            query.starts_at,
            _for_whom(actor),
            BilanId(query.bilan_id) if query.bilan_id else None,
        )
        view = ExplanationView(
            starts_at=told.starts_at,
            is_bookable=told.is_bookable,
            reasons=list(told.reasons),
            offer=to_bookable_time(told.offer) if told.offer else None,
            busy_read_at=told.busy_read_at,
        )
        return show(ExplanationAnswer(data=view, message="Time explained"))


def _for_whom(actor: Actor) -> UserId | None:
    return actor.user_id if actor.role is Role.BENEFICIARY else None
