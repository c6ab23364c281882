"""Organizations, the people of them, what each prefers, and their links to our pages."""

from sqlalchemy import Boolean, Column, Integer, Table, Text, Time, Uuid, text

from creneau.core.storage.tables.columns import instant, key, metadata

organizations = Table(
    "organizations",
    metadata,
    key("id"),
    Column("name", Text, nullable=False),
    Column("timezone", Text, nullable=False, server_default="Europe/Paris"),
    Column("locale", Text, nullable=False, server_default="fr"),
    Column("slack_team_id", Text),
    instant("created_at", now=True),
)

users = Table(
    "users",
    metadata,
    key("organization_id"),
    key("id"),
    Column("role", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("slack_user_id", Text),
    instant("created_at", now=True),
    instant("deleted_at", nullable=True),
    instant("slack_left_at", nullable=True),
)

user_preferences = Table(
    "user_preferences",
    metadata,
    key("organization_id"),
    key("user_id"),
    Column("wants_digest", Boolean, nullable=False),
    Column("digest_at", Time, nullable=False),
    Column("video_link", Text),
    instant("updated_at"),
)

page_links = Table(
    "page_links",
    metadata,
    key("organization_id"),
    key("user_id"),
    Column("purpose", Text, primary_key=True),
    Column("id", Uuid, nullable=False),
    instant("created_at"),
    instant("expires_at"),
    instant("used_at", nullable=True),
    Column("tries", Integer, nullable=False, server_default=text("0")),
)
