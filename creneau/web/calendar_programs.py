"""Which calendar program asks, by its user agent. The agent itself is not kept: some carry a version of a phone."""

from functools import lru_cache

from creneau.core.domain.feeds import CalendarProgram

_MARKS = (
    (CalendarProgram.GOOGLE, ("google-calendar", "googlebot", "feedfetcher-google")),
    (CalendarProgram.THUNDERBIRD, ("thunderbird", "lightning/")),
    (CalendarProgram.EVOLUTION, ("evolution",)),
    (CalendarProgram.NEXTCLOUD, ("nextcloud",)),
    (CalendarProgram.ANDROID, ("icsx5", "davx5", "dalvik", "okhttp")),
    (CalendarProgram.OUTLOOK, ("outlook", "microsoft", "msoffice", "exchange")),
    (CalendarProgram.APPLE, ("dataaccessd", "calendaragent", "accountsd", "remindd", "ios/", "macos/", "mac os x/")),
    (CalendarProgram.BROWSER, ("mozilla/",)),
)
"""In this order: programs call themselves by the names of others, browsers' above all."""


@lru_cache(maxsize=256)
def program_of(user_agent: str) -> CalendarProgram:
    said = user_agent.lower()
    return next((program for program, marks in _MARKS if any(mark in said for mark in marks)), CalendarProgram.OTHER)
