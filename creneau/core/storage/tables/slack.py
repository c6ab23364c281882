"""Workspaces, and what was said in them."""

from sqlalchemy import Column, Date, Integer, LargeBinary, Table, Text, Uuid, text

from creneau.core.storage.tables.columns import instant, key, metadata

slack_installations = Table(
    "slack_installations",
    metadata,
    key("organization_id"),
    Column("team_id", Text, nullable=False),
    Column("bot_token_sealed", LargeBinary),
    Column("bot_id", Text, nullable=False),
    Column("bot_user_id", Text, nullable=False),
    instant("installed_at"),
    Column("refresh_token_sealed", LargeBinary),
    instant("expires_at", nullable=True),
    instant("rotation_leased_until", nullable=True),
    instant("ended_at", nullable=True),
)

slack_install_states = Table(
    "slack_install_states",
    metadata,
    key("organization_id"),
    Column("state_hash", LargeBinary, primary_key=True),
    instant("spent_at"),
)

slack_messages = Table(
    "slack_messages",
    metadata,
    key("organization_id"),
    key("booking_id"),
    key("recipient_id"),
    Column("purpose", Text, primary_key=True),
    Column("booking_version", Integer, primary_key=True, server_default=text("1")),
    instant("starts_at", nullable=True),
    Column("channel_id", Text, nullable=False),
    Column("ts", Text, nullable=False),
    instant("posted_at"),
)

slack_homes = Table(
    "slack_homes",
    metadata,
    key("organization_id"),
    key("user_id"),
    Column("fingerprint", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("metadata", Text, nullable=False),
    instant("published_at"),
)

slack_inbox = Table(
    "slack_inbox",
    metadata,
    key("organization_id"),
    Column("key", Text, primary_key=True),
    Column("handling", Uuid, nullable=False),
    instant("acted_at"),
)

slack_parks = Table(
    "slack_parks",
    metadata,
    key("organization_id"),
    Column("method", Text, primary_key=True),
    instant("until"),
)

daily_digests = Table(
    "daily_digests",
    metadata,
    key("organization_id"),
    key("user_id"),
    Column("day", Date, primary_key=True),
    instant("due_at"),
    Column("state", Text, nullable=False),
    Column("attempt", Integer, nullable=False, server_default=text("0")),
    Column("error_message", Text),
    instant("updated_at"),
)
