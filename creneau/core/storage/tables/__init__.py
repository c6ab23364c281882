"""The tables as SQLAlchemy sees them. Private to `core.storage`; the migrations hold the constraints and policies."""

from creneau.core.storage.tables.availability import (
    availability_exceptions,
    availability_slots,
    busy_calendars,
    busy_intervals,
    busy_objects,
    scheduling_policies,
)
from creneau.core.storage.tables.bookings import (
    bilans,
    booking_emails,
    booking_history,
    booking_proposals,
    session_analytics,
    session_bookings,
    session_reminders,
    slot_holds,
)
from creneau.core.storage.tables.calendars import (
    calendar_changes,
    calendar_links,
    feed_hours,
    feed_tokens,
    hours_calendars,
    hours_objects,
    pushed_objects,
)
from creneau.core.storage.tables.columns import metadata
from creneau.core.storage.tables.people import organizations, page_links, user_preferences, users
from creneau.core.storage.tables.records import audit_log, backup_log, idempotency_keys, request_rates
from creneau.core.storage.tables.slack import (
    daily_digests,
    slack_homes,
    slack_inbox,
    slack_install_states,
    slack_installations,
    slack_messages,
    slack_parks,
)

__all__ = [
    "audit_log",
    "availability_exceptions",
    "availability_slots",
    "backup_log",
    "bilans",
    "booking_emails",
    "booking_history",
    "booking_proposals",
    "busy_calendars",
    "busy_intervals",
    "busy_objects",
    "calendar_changes",
    "calendar_links",
    "daily_digests",
    "feed_hours",
    "feed_tokens",
    "hours_calendars",
    "hours_objects",
    "idempotency_keys",
    "metadata",
    "organizations",
    "page_links",
    "pushed_objects",
    "request_rates",
    "scheduling_policies",
    "session_analytics",
    "session_bookings",
    "session_reminders",
    "slack_homes",
    "slack_inbox",
    "slack_install_states",
    "slack_installations",
    "slack_messages",
    "slack_parks",
    "slot_holds",
    "user_preferences",
    "users",
]
