"""Routes on policies: the numbers that a centre, or one consultant, chooses."""

from datetime import time
from typing import Annotated

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from creneau.core.domain.calendar_words import CalendarDetail
from creneau.core.domain.ids import UserId
from creneau.core.domain.policy import Discretion, PolicyChoices, PolicyInForce
from creneau.web.api import tags
from creneau.web.api.actor import current_actor
from creneau.web.api.envelope import Answer, show
from creneau.web.api.fields import Plain, WallTime
from creneau.web.api.queries import ConsultantPath, OptionalBody
from creneau.web.api.services import ApiServices
from creneau.web.api.times import WallClock

Count = Annotated[StrictInt, Field(ge=0, le=525_600)]
Region = Annotated[Plain, Field(min_length=1, max_length=16)]


class PolicyBody(OptionalBody):
    """All that is chosen: it takes the place of what was chosen before. What is left out is left to the level below."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"minimum_notice_minutes": 1440, "buffer_minutes": 15, "daily_cap": 5}}
    )

    minimum_notice_minutes: Count | None = None
    horizon_days: Count | None = None
    buffer_minutes: Count | None = None
    slot_increment_minutes: Count | None = None
    daily_cap: Count | None = None
    weekly_cap: Count | None = None
    holiday_country: Region | None = Field(default=None, description="ISO 3166-1", json_schema_extra={"example": "FR"})
    holiday_subdivision: Region | None = Field(
        default=None, description="As `holidays` names it", json_schema_extra={"example": "57"}
    )
    closes_on_holidays: StrictBool | None = None
    busy_max_age_minutes: Count | None = None
    cancellation_deadline_minutes: Count | None = None
    reschedule_deadline_minutes: Count | None = None
    answer_within_minutes: Count | None = None
    reminds_three_days_before: StrictBool | None = None
    quiet_from: WallTime | None = None
    quiet_until: WallTime | None = None
    discretion: Discretion | None = Field(default=None, description="What the first line of a message tells; centre's")
    calendar_detail: CalendarDetail | None = Field(
        default=None, description="What sessions tell in calendars and feeds; the centre's to choose"
    )

    def to_choices(self) -> PolicyChoices:
        return PolicyChoices(**self.model_dump())


class ChoicesView(BaseModel):
    minimum_notice_minutes: int | None
    horizon_days: int | None
    buffer_minutes: int | None
    slot_increment_minutes: int | None
    daily_cap: int | None
    weekly_cap: int | None
    holiday_country: str | None
    holiday_subdivision: str | None
    closes_on_holidays: bool | None
    busy_max_age_minutes: int | None
    cancellation_deadline_minutes: int | None
    reschedule_deadline_minutes: int | None
    answer_within_minutes: int | None
    reminds_three_days_before: bool | None
    quiet_from: WallClock | None
    quiet_until: WallClock | None
    discretion: Discretion | None
    calendar_detail: CalendarDetail | None


class PolicyView(BaseModel):
    choices: ChoicesView = Field(description="What was chosen at this level")
    in_force: ChoicesView = Field(description="What holds, with the levels below and the defaults")


class PolicyAnswer(Answer):
    data: PolicyView


def add_policy_routes(api: APIBlueprint, services: ApiServices) -> None:
    availability = services.availability

    @api.get("/policies", tags=[tags.POLICIES], responses={200: PolicyAnswer})
    def get_organization_policy() -> Response:
        """Read what the organization chose, and what holds for a consultant who chose nothing."""
        return _show(availability.get_policy(current_actor(), None), "Policy found")

    @api.put("/policies", tags=[tags.POLICIES], responses={200: PolicyAnswer})
    def set_organization_policy(body: PolicyBody) -> Response:
        """Choose for the organization, as its administrator."""
        availability.set_policy(current_actor(), None, body.to_choices())
        return _show(availability.get_policy(current_actor(), None), "Policy set")

    @api.get("/policies/<consultantId>", tags=[tags.POLICIES], responses={200: PolicyAnswer})
    def get_consultant_policy(path: ConsultantPath) -> Response:
        """Read what a consultant chose, and what holds for them."""
        return _show(availability.get_policy(current_actor(), UserId(path.consultantId)), "Policy found")

    @api.put("/policies/<consultantId>", tags=[tags.POLICIES], responses={200: PolicyAnswer})
    def set_consultant_policy(path: ConsultantPath, body: PolicyBody) -> Response:
        """Choose for a consultant: oneself, or anyone for an administrator."""
        availability.set_policy(current_actor(), UserId(path.consultantId), body.to_choices())
        return _show(availability.get_policy(current_actor(), UserId(path.consultantId)), "Policy set")


def _show(found: PolicyInForce, message: str) -> Response:
    view = PolicyView(choices=_to_choices(found.choices), in_force=_to_choices(found.policy))
    return show(PolicyAnswer(data=view, message=message))


def _to_choices(level: object) -> ChoicesView:
    values = {name: getattr(level, name) for name in ChoicesView.model_fields}
    written = {name: value.isoformat("minutes") for name, value in values.items() if isinstance(value, time)}
    return ChoicesView.model_validate(values | written)
