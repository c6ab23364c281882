"""Our session laid over the event that a consultant has edited: the time is ours, the words stay theirs. Pure."""

from unicodedata import normalize

from icalendar import Calendar, Component

_OURS = ("dtstart", "dtend", "sequence", "dtstamp", "last-modified", "status")
_NOT_THEIRS = ("duration", "rrule", "rdate", "exdate", "recurrence-id")
_OF_SERVERS = frozenset({*_OURS, *_NOT_THEIRS, "uid", "created", "priority"})
"""What says nothing of a person's words; nor do properties of a program's own, `X-`."""


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


def is_edited(theirs: bytes, before: bytes) -> bool:
    """Tell whether an event of ours has other words, alarms or colours than it had `before`, as we put it.

    Times and what servers add do not count. What cannot be read as one event has no words to be kept.
    """
    try:
        was = Calendar.from_ical(before).walk("VEVENT")[0]
        [event] = [one for one in Calendar.from_ical(theirs).walk("VEVENT") if one.get("uid") == was.get("uid")]
    except ValueError:
        return False
    return bool(event.subcomponents) or _words(event) != _words(was)


def _words(event: Component) -> dict[str, str]:
    said = {name.lower(): value for name, value in event.items()}
    return {
        name: " ".join(normalize("NFC", _text(value)).split())
        for name, value in said.items()
        if name not in _OF_SERVERS and not name.startswith("x-")
    }


def _text(value: object) -> str:
    if isinstance(value, list):
        return ";".join(map(_text, value))
    to_ical = getattr(value, "to_ical", None)
    return to_ical().decode() if to_ical else str(value)
