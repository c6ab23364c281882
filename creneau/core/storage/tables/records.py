"""What is kept of requests and of the work itself."""

from sqlalchemy import ARRAY, BigInteger, Column, Identity, LargeBinary, Table, Text, Uuid

from creneau.core.storage.tables.columns import instant, key, metadata

audit_log = Table(
    "audit_log",
    metadata,
    key("organization_id"),
    key("id"),
    instant("at"),
    Column("actor_id", Uuid),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    key("organization_id"),
    key("user_id"),
    Column("key", Text, primary_key=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("made_ids", ARRAY(Uuid)),
    instant("created_at"),
)

request_rates = Table(
    "request_rates",
    metadata,
    key("organization_id"),
    Column("subject", Text, primary_key=True),
    instant("paid_at"),
    prefixes=["unlogged"],
)

backup_log = Table(
    "backup_log",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    instant("at"),
    instant("taken_at"),
    Column("bytes", BigInteger, nullable=False),
)
