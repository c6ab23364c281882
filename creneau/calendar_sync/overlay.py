"""Our session laid over the event that a consultant has edited: the time is ours, the words stay theirs. Pure."""

from icalendar import Calendar

_OURS = ("dtstart", "dtend", "sequence", "dtstamp", "last-modified", "status")
_NOT_THEIRS = ("duration", "rrule", "rdate", "exdate", "recurrence-id")


def lay_over(theirs: bytes, ours: bytes) -> bytes:
    """Return their object with our times. What cannot be read as one event is replaced by ours."""
    try:
        found, put = Calendar.from_ical(theirs), Calendar.from_ical(ours).walk("VEVENT")[0]
        [event] = [one for one in found.walk("VEVENT") if one.get("uid") == put.get("uid")]
    except ValueError:
        return ours
    for name in _NOT_THEIRS:
        event.pop(name, None)
    for name in _OURS:
        event.pop(name, None)
        event[name] = put[name]
    rendered: bytes = found.to_ical()
    return rendered
