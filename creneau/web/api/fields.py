"""The types of what requests carry, stricter than pydantic's own: a date is `YYYY-MM-DD` and never a number."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)

from creneau.web.auth import parse_id

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WALL_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9](:00)?")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?([Zz]|[+-][0-9:]{4,5})"
)


class Request(BaseModel):
    """What a request carries: a member that is not known is refused, so that nothing is silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def model_json_schema(cls, *args: Any, **options: Any) -> dict[str, Any]:
        """Made once in its usual form: flask-openapi3 reads it again with every request that has a query."""
        return super().model_json_schema(*args, **options) if args or options else _schema_of(cls)


@cache
def _schema_of(model: type[Request]) -> dict[str, Any]:
    return super(Request, model).model_json_schema()


def _written_as(pattern: re.Pattern[str], shape: str) -> Callable[[object], object]:
    def check(value: object) -> object:
        if isinstance(value, str) and pattern.fullmatch(value):
            return value
        raise ValueError(f"should be written as {shape}")

    return check


def _in_reach(day: date) -> date:
    """The first and the last year are out: their days have no neighbours in some zones."""
    if date.min.year < day.year < date.max.year:
        return day
    raise ValueError("is out of reach")


def _to_utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("is out of reach") from None


def _path_id(value: object, info: ValidationInfo) -> UUID:
    return parse_id(str(value), str(info.field_name))


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("should hold no NUL character")
    return text


PathId = Annotated[UUID, BeforeValidator(_path_id)]
Day = Annotated[date, BeforeValidator(_written_as(_DAY, "YYYY-MM-DD")), AfterValidator(_in_reach)]
WallTime = Annotated[
    time,
    BeforeValidator(_written_as(_WALL_TIME, "HH:MM")),
    WithJsonSchema({"type": "string", "pattern": f"^{_WALL_TIME.pattern}$", "description": "HH:MM"}),
]
Instant = Annotated[
    AwareDatetime, BaseModel, BeforeValidator(_written_as(_INSTANT, "2026-03-12T13:30:00Z")), AfterValidator(_to_utc)
]
Minutes = Annotated[StrictInt, Field(ge=1, le=1440)]
Plain = Annotated[str, AfterValidator(_without_nul)]
LongText = Annotated[Plain, Field(max_length=4000)]
ZoneName = Annotated[
    Plain, Field(min_length=1, max_length=64, description="IANA name", json_schema_extra={"example": "Europe/Paris"})
]
Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), AfterValidator(_without_nul)
]
QueryDayOfWeek = Annotated[int, Field(ge=0, le=6, description="0 = Sunday to 6 = Saturday")]
DayOfWeek = Annotated[StrictInt, Field(ge=0, le=6, description="0 = Sunday to 6 = Saturday")]
