"""What many routes are asked alike: ids in paths, days, pages, and the headers of repeated and conditional requests."""

import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from creneau.core.domain.ids import BookingId
from creneau.core.domain.listing import MOST_AT_ONCE, Days, Paging
from creneau.core.domain.people import Actor
from creneau.web.api.actor import current_actor
from creneau.web.api.fields import Day, PathId, QueryDayOfWeek, Request

_ETAG = re.compile(r'\*|(?:W/)?"([1-9][0-9]{0,8})(?:-[0-9a-f]+)?"')


class ConsultantPath(Request):
    consultantId: PathId  # noqa: N815 - as the address spells it


class BeneficiaryPath(Request):
    beneficiaryId: PathId  # noqa: N815 - as the address spells it


class BookingPath(Request):
    bookingId: PathId  # noqa: N815 - as the address spells it


def asked_for(path: BookingPath) -> tuple[Actor, BookingId]:
    """Return who asks about which booking."""
    return current_actor(), BookingId(path.bookingId)


class BilanPath(Request):
    bilanId: PathId  # noqa: N815 - as the address spells it


class SlotPath(Request):
    slotId: PathId  # noqa: N815 - as the address spells it


class PageQuery(Request):
    limit: Annotated[int, Field(ge=1, le=MOST_AT_ONCE, description="How many to list")] = 50
    offset: Annotated[int, Field(ge=0, le=1_000_000, description="How many to skip before them")] = 0

    def to_paging(self) -> Paging:
        return Paging(self.limit, self.offset)


class DaysQuery(Request):
    """Days, both included."""

    date_from: Day | None = Field(default=None, description="The first day")
    date_to: Day | None = Field(default=None, description="The last day")

    def to_days(self) -> Days:
        return Days(self.date_from, self.date_to)


class DaysPageQuery(DaysQuery, PageQuery):
    """A page of what is on some days."""


class WeekPageQuery(DaysPageQuery):
    """A page of what is on some days, or on one day of every week."""

    day_of_week: QueryDayOfWeek | None = Field(default=None, description="0 = Sunday to 6 = Saturday")


class IdempotencyHeader(BaseModel):
    """A key of the caller's own making: the same request under the same key is done once."""

    idempotency_key: str | None = Field(
        default=None, alias="Idempotency-Key", description="1 to 255 printable characters, kept for two days"
    )


class IfMatchHeader(BaseModel):
    """Which version of a booking the caller means."""

    if_match: str | None = Field(
        default=None,
        alias="If-Match",
        pattern=rf"^(?:{_ETAG.pattern})$",
        description='The ETag of the booking as it was read, such as "3-1f0c6ad2b7e94c05"; 412 if it has changed since',
    )

    @property
    def expected_version(self) -> int | None:
        tag = _ETAG.fullmatch(self.if_match or "*")
        return int(tag[1]) if tag and tag[1] else None


class IfNoneMatchHeader(BaseModel):
    """What the caller has already."""

    if_none_match: str | None = Field(
        default=None, alias="If-None-Match", description="The ETag of the booking as it was read; 304 if it is the same"
    )


class OptionalBody(Request):
    """A body that may be left out."""

    model_config = ConfigDict(openapi_extra={"required": False})  # type: ignore[typeddict-unknown-key]  # the document's

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_empty(cls, value: Any) -> Any:
        return {} if value is None else value


class EmptyBody(OptionalBody):
    """Nothing."""
