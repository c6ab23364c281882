"""Routes on time off: days or hours taken away from a consultant's rules, and worked holidays."""

from datetime import date
from uuid import UUID

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from creneau.core.domain.ids import ExceptionId, UserId
from creneau.core.domain.time_off import ExceptionKind, TimeOff, TimeOffDraft
from creneau.web.api import tags
from creneau.web.api.actor import current_actor
from creneau.web.api.envelope import Answer, ListAnswer, Removed, RemovedAnswer, show
from creneau.web.api.fields import Day, PathId, Request, WallTime, ZoneName
from creneau.web.api.queries import DaysPageQuery, IdempotencyHeader
from creneau.web.api.services import ApiServices
from creneau.web.api.times import WallClock


class TimeOffPath(Request):
    timeOffId: PathId  # noqa: N815 - as the address spells it


class TimeOffQuery(DaysPageQuery):
    consultant_id: UUID | None = Field(
        default=None, description="By default the caller's own; an administrator's are everybody's"
    )


class TimeOffBody(Request):
    """Both days included. With hours it is TIME_OFF at those hours of each day."""

    model_config = ConfigDict(json_schema_extra={"example": {"first_date": "2026-12-21", "last_date": "2026-12-31"}})

    consultant_id: UUID | None = Field(default=None, description="By default the caller")
    first_date: Day
    last_date: Day
    kind: ExceptionKind = Field(
        default=ExceptionKind.TIME_OFF,
        description="CLOSED suspends weekly rules; OPEN_HOLIDAY lets them hold on a public holiday",
    )
    start_time: WallTime | None = None
    end_time: WallTime | None = None
    timezone: ZoneName | None = Field(default=None, description="IANA name, by default the consultant's zone")

    def to_draft(self, timezone: str) -> TimeOffDraft:
        return TimeOffDraft(
            self.first_date, self.last_date, self.timezone or timezone, self.kind, self.start_time, self.end_time
        )


class TimeOffView(BaseModel):
    id: UUID
    organization_id: UUID
    consultant_id: UUID
    kind: ExceptionKind
    first_date: date
    last_date: date
    start_time: WallClock | None
    end_time: WallClock | None
    timezone: str


class TimeOffAnswer(Answer):
    data: TimeOffView


class TimesOffAnswer(ListAnswer):
    data: list[TimeOffView]


def add_time_off_routes(api: APIBlueprint, services: ApiServices) -> None:
    @api.post("/time-off", tags=[tags.TIME_OFF], responses={201: TimeOffAnswer})
    def add_time_off(body: TimeOffBody, header: IdempotencyHeader) -> Response:
        """Take time off: a consultant for oneself, an administrator for anyone. Sessions that are booked stay."""
        actor = current_actor()
        consultant = services.people.get_user(actor.organization_id, UserId(body.consultant_id or actor.user_id))
        draft = body.to_draft(consultant.timezone)
        added = services.availability.add_time_off(actor, consultant.id, draft, header.idempotency_key)
        return show(TimeOffAnswer(data=_to_view(added), message="Time off added"), 201)

    @api.get("/time-off", tags=[tags.TIME_OFF], responses={200: TimesOffAnswer})
    def list_time_off(query: TimeOffQuery) -> Response:
        """List time off that touches some days, by day."""
        consultant_id = UserId(query.consultant_id) if query.consultant_id else None
        page = services.listings.list_time_off(current_actor(), consultant_id, query.to_days(), query.to_paging())
        data = [_to_view(found) for found in page.items]
        return show(TimesOffAnswer(data=data, total=page.total, message="Time off listed"))

    @api.delete("/time-off/<timeOffId>", tags=[tags.TIME_OFF], responses={200: RemovedAnswer})
    def remove_time_off(path: TimeOffPath) -> Response:
        """Take time off back: the rules hold again."""
        services.availability.remove_time_off(current_actor(), ExceptionId(path.timeOffId))
        return show(RemovedAnswer(data=Removed(id=path.timeOffId), message="Time off removed"))


def _to_view(time_off: TimeOff) -> TimeOffView:
    return TimeOffView(
        id=time_off.id,
        organization_id=time_off.organization_id,
        consultant_id=time_off.consultant_id,
        kind=time_off.kind,
        first_date=time_off.first_date,
        last_date=time_off.last_date,
        start_time=time_off.start_time.isoformat("minutes") if time_off.start_time else None,
        end_time=time_off.end_time.isoformat("minutes") if time_off.end_time else None,
        timezone=time_off.timezone,
    )
