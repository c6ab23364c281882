"""Accounts of calendars, what was written to them, and feeds."""

from sqlalchemy import Boolean, Column, DateTime, Integer, LargeBinary, Table, Text, Uuid

from creneau.core.storage.tables.columns import instant, key, metadata

calendar_links = Table(
    "calendar_links",
    metadata,
    key("organization_id"),
    key("id"),
    Column("consultant_id", Uuid, nullable=False),
    Column("calendar_url", Text, nullable=False),
    Column("username", Text, nullable=False),
    Column("password_sealed", LargeBinary, nullable=False),
    Column("credential", Text, nullable=False, server_default="PASSWORD"),
    Column("server", Text, nullable=False, server_default="UNKNOWN"),
    instant("created_at"),
    instant("linked_at", nullable=True),
    instant("pushed_at", nullable=True),
    instant("failed_at", nullable=True),
    Column("failure", Text),
    instant("leaving_at", nullable=True),
    instant("reading_since", nullable=True),
    instant("read_next_at", nullable=True),
    instant("read_failed_at", nullable=True),
    Column("read_failure", Text),
    Column("read_failures", Integer, nullable=False, server_default="0"),
    instant("stale_told_at", nullable=True),
    instant("push_failing_since", nullable=True),
    instant("push_told_at", nullable=True),
    instant("suspect_at", nullable=True),
    Column("suspect_count", Integer),
    instant("refusal_told_at", nullable=True),
)

pushed_objects = Table(
    "pushed_objects",
    metadata,
    key("organization_id"),
    key("calendar_link_id"),
    key("booking_id"),
    Column("href", Text, nullable=False),
    Column("etag", Text),
    Column("pushed_version", Integer, nullable=False),
    instant("pushed_at"),
    Column("is_edited", Boolean, nullable=False, server_default="false"),
    Column("detail", Text, nullable=False, server_default="NEUTRAL"),
    Column("leaves_href", Text),
    instant("refused_at", nullable=True),
    Column("refused_status", Integer),
    Column("refused_version", Integer),
)

hours_calendars = Table(
    "hours_calendars",
    metadata,
    key("organization_id"),
    key("calendar_link_id"),
    Column("consultant_id", Uuid, nullable=False),
    Column("url", Text, nullable=False),
    Column("own_url", Text),
    instant("made_at", nullable=True),
    Column("tells_inbox", Boolean, nullable=False, server_default="false"),
    Column("inbox_url", Text),
    Column("inbox_digest", Text),
    instant("ending_at", nullable=True),
    instant("told_at", nullable=True),
    instant("failed_at", nullable=True),
    Column("failure", Text),
    instant("failing_since", nullable=True),
    instant("failure_told_at", nullable=True),
)

hours_objects = Table(
    "hours_objects",
    metadata,
    key("organization_id"),
    key("calendar_link_id"),
    key("slot_id"),
    Column("href", Text, nullable=False),
    Column("etag", Text),
    Column("digest", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    instant("changed_at"),
)

calendar_changes = Table(
    "calendar_changes",
    metadata,
    key("organization_id"),
    key("booking_id"),
    Column("kind", Text, nullable=False),
    instant("booked_at"),
    Column("etag", Text),
    instant("starts_at", nullable=True),
    instant("ends_at", nullable=True),
    instant("seen_at"),
    instant("asked_at", nullable=True),
    instant("told_at", nullable=True),
)

feed_tokens = Table(
    "feed_tokens",
    metadata,
    key("organization_id"),
    key("user_id"),
    Column("kind", Text, primary_key=True),
    Column("token_hash", LargeBinary, nullable=False),
    instant("created_at"),
    instant("fetched_at", nullable=True),
    Column("fetched_by", Text),
    Column("basis", Text),
    Column("etag", Text),
    Column("told_digest", Text),
    Column("told_sequence", Integer, nullable=False, server_default="0"),
    instant("told_at", nullable=True),
)

feed_hours = Table(
    "feed_hours",
    metadata,
    key("organization_id"),
    key("consultant_id"),
    key("slot_id"),
    Column("starts_at", DateTime(timezone=True), primary_key=True),
    instant("ends_at"),
    Column("sequence", Integer, nullable=False, server_default="0"),
    instant("changed_at"),
)
