"""What is chosen among the calendars of an account: as the form has it, and what the form begins with."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request

from creneau.core.domain.calendar import CalendarHealth
from creneau.core.domain.hours_calendar import HoursWish

_NOWHERE, _NEW = "none", "new"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Where sessions go (`url`), which calendars block times, and where bookable hours are shown."""

    url: str
    busy: tuple[str, ...]
    hours: HoursWish


def read_choice(urls: Sequence[str]) -> Chosen | None:
    """Return what the form says, by places in the list that it was made of; None: it was made up."""
    url = _find(urls, request.form.get("calendar", ""))
    if url is None:
        return None
    ticked = request.form.getlist("busy")
    busy = tuple(one for place, one in enumerate(urls) if str(place) in ticked)
    place = request.form.get("hours", _NOWHERE)
    hours = _find(urls, place)
    is_shown = hours is not None or place == _NEW
    return Chosen(url, busy, HoursWish(hours, tells_inbox=request.form.get("inbox") == "1", is_shown=is_shown))


def known_choice(health: CalendarHealth | None, urls: Sequence[str]) -> Chosen:
    """Return what is so now, where that is in this account; else the first, and that all block times."""
    hours = _shown(health)
    if health is not None and health.calendar_url in urls:
        return Chosen(health.calendar_url, tuple(url for url in urls if url in health.busy_urls), hours)
    return Chosen(urls[0] if urls else "", tuple(url for url in urls if url != hours.url), hours)


def _find(urls: Sequence[str], place: str) -> str | None:
    return dict(zip(map(str, range(len(urls))), urls, strict=True)).get(place)


def _shown(health: CalendarHealth | None) -> HoursWish:
    hours = health.hours if health is not None else None
    if hours is None or hours.is_ending:
        return HoursWish(is_shown=False)
    return HoursWish(None if hours.is_own else hours.url, hours.tells_inbox)
