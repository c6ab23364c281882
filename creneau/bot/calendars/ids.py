"""The names that Slack sends back from the calendar modal."""

from creneau.bot.ids import UnreadableValue
from creneau.core.domain.feeds import FeedKind

CALENDAR_COMMAND = "/calendar"
CALENDAR_OPEN = "calendar_open"
CALENDAR_CONNECT = "calendar_connect"
CALENDAR_PAGE = "calendar_page"
CALENDAR_PUSH = "calendar_push"
CALENDAR_LEAVE = "calendar_leave"
HOURS_SHOW = "calendar_hours_show"
HOURS_HIDE = "calendar_hours_hide"
CALENDAR_LEAVE_VIEW = "calendar_leave"
FEED_ISSUE = "feed_issue"
FEED_REVOKE = "feed_revoke"

LEAVE_BLOCK = "leave"
KEEP, REMOVE = "keep", "remove"

_VERSION = "v1"


def feed_value(kind: FeedKind) -> str:
    return f"{_VERSION}|{kind}"


def read_feed_value(value: str) -> FeedKind:
    """Raises: UnreadableValue."""
    version, _, kind = value.partition("|")
    if version != _VERSION or kind not in set(FeedKind):
        raise UnreadableValue(value)
    return FeedKind(kind)
