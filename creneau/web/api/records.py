"""Routes on what is recorded: the numbers of a consultant's days, and the audit log."""

from datetime import date
from typing import Annotated
from uuid import UUID

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import BaseModel, Field

from creneau.core.domain.audit import AuditQuery
from creneau.core.domain.ids import UserId
from creneau.web.api import tags
from creneau.web.api.actor import current_actor
from creneau.web.api.envelope import ListAnswer, show
from creneau.web.api.fields import Plain
from creneau.web.api.queries import ConsultantPath, DaysPageQuery
from creneau.web.api.services import ApiServices
from creneau.web.api.times import UtcInstant


class AnalyticsView(BaseModel):
    """One day of a consultant, on the consultant's own wall clock."""

    id: UUID
    organization_id: UUID
    consultant_id: UUID
    session_date: date
    total_sessions_scheduled: int = Field(description="All that were put on that day, whatever became of them")
    total_sessions_completed: int
    total_sessions_no_show: int
    total_sessions_cancelled: int
    average_rating: float | None
    total_hours_completed: float
    created_at: UtcInstant
    updated_at: UtcInstant


class AnalyticsAnswer(ListAnswer):
    data: list[AnalyticsView]


class AuditLogQuery(DaysPageQuery):
    subject: (
        Annotated[Plain, Field(min_length=1, max_length=64, description="What it was done to, such as booking")] | None
    ) = None
    subject_id: UUID | None = None
    actor_id: UUID | None = None


class AuditLineView(BaseModel):
    id: UUID
    at: UtcInstant
    actor_id: UUID | None = Field(description="null: the system or the command line")
    action: str = Field(json_schema_extra={"example": "confirmed"})
    subject: str = Field(json_schema_extra={"example": "booking"})
    subject_id: UUID


class AuditAnswer(ListAnswer):
    data: list[AuditLineView]


def add_record_routes(api: APIBlueprint, services: ApiServices) -> None:
    @api.get("/analytics/consultant/<consultantId>", tags=[tags.RECORDS], responses={200: AnalyticsAnswer})
    def get_consultant_analytics(path: ConsultantPath, query: DaysPageQuery) -> Response:
        """List the numbers of the days that have sessions, by default of the thirty days up to today."""
        actor = current_actor()
        page = services.listings.list_analytics(actor, UserId(path.consultantId), query.to_days(), query.to_paging())
        data = [
            AnalyticsView.model_validate(
                {
                    "id": row.id,
                    "organization_id": actor.organization_id,
                    "created_at": row.created_at,
                    "updated_at": row.updated_at,
                    **{name: getattr(row.day, name) for name in _NUMBERS},
                }
            )
            for row in page.items
        ]
        return show(AnalyticsAnswer(data=data, total=page.total, message="Analytics listed"))

    @api.get("/audit", tags=[tags.RECORDS], responses={200: AuditAnswer})
    def list_audit(query: AuditLogQuery) -> Response:
        """List who did or read what, the newest first, as an administrator. Never what was written or read."""
        wanted = AuditQuery(query.subject, query.subject_id, UserId(query.actor_id) if query.actor_id else None)
        page = services.listings.list_audit(current_actor(), wanted, query.to_days(), query.to_paging())
        data = [AuditLineView.model_validate(line, from_attributes=True) for line in page.items]
        return show(AuditAnswer(data=data, total=page.total, message="Audit lines listed"))


_NUMBERS = (
    "consultant_id",
    "session_date",
    "total_sessions_scheduled",
    "total_sessions_completed",
    "total_sessions_no_show",
    "total_sessions_cancelled",
    "average_rating",
    "total_hours_completed",
)
