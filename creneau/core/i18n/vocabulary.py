"""The domain's words as people read them (see docs/glossary.md)."""

from collections.abc import Mapping

from creneau.core.domain.booking import Booking, CancellationCode, MeetingFormat, SessionType, Status
from creneau.core.domain.lifecycle import Action
from creneau.core.i18n.reader import Reader


def status_name(reader: Reader, status: Status) -> str:
    return {
        Status.SCHEDULED: reader.text("Awaiting confirmation"),
        Status.CONFIRMED: reader.text("Confirmed"),
        Status.IN_PROGRESS: reader.text("In progress"),
        Status.COMPLETED: reader.text("Completed"),
        Status.CANCELLED: reader.text("Cancelled"),
        Status.NO_SHOW: reader.text("No-show"),
    }[status]


def state_of(reader: Reader, booking: Booking) -> str:
    """The state of a booking in a word or two; a request that was declined or never answered says so."""
    if booking.cancellation_code is CancellationCode.DECLINED:
        return reader.text("Declined")
    if booking.cancellation_code is CancellationCode.EXPIRED:
        return reader.text("Expired (no reply)")
    return status_name(reader, booking.status)


def format_name(reader: Reader, meeting_format: MeetingFormat) -> str:
    return {
        MeetingFormat.IN_PERSON: reader.text("In person"),
        MeetingFormat.VIDEO: reader.text("Video"),
        MeetingFormat.PHONE: reader.text("Phone"),
    }[meeting_format]


def session_type_name(reader: Reader, session_type: SessionType) -> str:
    return {
        SessionType.INITIAL_MEETING: reader.text("Preliminary meeting"),
        SessionType.FOLLOW_UP: reader.text("Working session"),
        SessionType.REVIEW: reader.text("Progress review"),
        SessionType.FINAL: reader.text("Conclusion meeting"),
    }[session_type]


def act_name(reader: Reader, action: Action) -> str:
    """What was done to a booking, as its history tells it."""
    return {
        Action.REQUEST: reader.text("Request"),
        Action.CONFIRM: reader.text("Confirmation"),
        Action.DECLINE: reader.text("Declined (act)"),
        Action.CANCEL: reader.text("Cancellation"),
        Action.RESCHEDULE: reader.text("Moved"),
        Action.PROPOSE: reader.text("Other times proposed"),
        Action.ACCEPT: reader.text("Proposed time accepted"),
        Action.REFUSE: reader.text("Proposed times refused"),
        Action.START: reader.text("Session begun"),
        Action.COMPLETE: reader.text("Session held"),
        Action.NO_SHOW: reader.text("No-show"),
        Action.EXPIRE: reader.text("Expired (no reply)"),
    }[action]


def rating_name(reader: Reader, rating: int) -> str:
    return {
        5: reader.text("Very useful"),
        4: reader.text("Useful"),
        3: reader.text("Fairly useful"),
        2: reader.text("Not very useful"),
        1: reader.text("Not useful"),
    }[rating]


def in_words(reader: Reader, details: Mapping[str, str | int]) -> dict[str, str | int]:
    """The values of a refusal as its sentence takes them: a state by its name, `wanted_minutes` as `wanted`: `2 h`."""
    return dict(_in_words(reader, name, value) for name, value in details.items())


def _in_words(reader: Reader, name: str, value: str | int) -> tuple[str, str | int]:
    if name == "status" and value in set(Status):
        return name, status_name(reader, Status(value))
    if name.endswith("_minutes") and isinstance(value, int):
        return name.removesuffix("_minutes"), reader.duration(value)
    return name, value
