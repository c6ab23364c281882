"""Our session laid over the event that a consultant has edited: the time is ours, the words stay theirs. Pure."""

from icalendar import Calendar

_OURS = ("dtstart", "dtend", "sequence", "dtstamp", "last-modified", "status")
_NOT_THEIRS = ("duration", "rrule", "rdate", "exdate", "recurrence-id")


def lay_over(theirs: bytes, ours: bytes, before: bytes | None = None) -> bytes:
    """Return their object with our times. What cannot be read as one event is replaced by ours.

    A title that still is the one of `before`, as we put it, is ours and follows.
    """
    try:
        found, put = Calendar.from_ical(theirs), Calendar.from_ical(ours).walk("VEVENT")[0]
        was = Calendar.from_ical(before).walk("VEVENT")[0] if before is not None else None
        [event] = [one for one in found.walk("VEVENT") if one.get("uid") == put.get("uid")]
    except ValueError:
        return ours
    for name in _NOT_THEIRS:
        event.pop(name, None)
    if was is not None and event.get("summary") == was["summary"]:
        event.pop("summary")
        event["summary"] = put["summary"]
    for name in _OURS:
        event.pop(name, None)
        event[name] = put[name]
    rendered: bytes = found.to_ical()
    return rendered
