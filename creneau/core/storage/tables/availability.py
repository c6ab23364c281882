"""What consultants offer, the rules it is offered by, and what of their own calendars closes it."""

from sqlalchemy import (
    Boolean,
    Column,
    Computed,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Time,
    Uuid,
    text,
)

from creneau.core.storage.tables.columns import instant, key, metadata

availability_slots = Table(
    "availability_slots",
    metadata,
    key("organization_id"),
    key("id"),
    Column("consultant_id", Uuid, nullable=False),
    Column("day_of_week", SmallInteger),
    Column("date_specific", Date),
    Column("start_time", Time, nullable=False),
    Column("end_time", Time, nullable=False),
    Column("duration_minutes", Integer, nullable=False, server_default="120"),
    Column("max_concurrent_bookings", Integer, nullable=False, server_default="1"),
    Column("timezone", Text, nullable=False),
    Column("is_recurring", Boolean, Computed("day_of_week is not null", persisted=True), nullable=False),
    Column("recurring_until", Date),
    Column("is_available", Boolean, nullable=False, server_default=text("true")),
    instant("created_at", now=True),
    instant("updated_at", now=True),
    instant("deleted_at", nullable=True),
)

availability_exceptions = Table(
    "availability_exceptions",
    metadata,
    key("organization_id"),
    key("id"),
    Column("consultant_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("first_date", Date, nullable=False),
    Column("last_date", Date, nullable=False),
    Column("start_time", Time),
    Column("end_time", Time),
    Column("timezone", Text, nullable=False),
    instant("created_at"),
    instant("deleted_at", nullable=True),
)

scheduling_policies = Table(
    "scheduling_policies",
    metadata,
    key("organization_id"),
    key("id"),
    Column("consultant_id", Uuid),
    Column("minimum_notice_minutes", Integer),
    Column("horizon_days", Integer),
    Column("buffer_minutes", Integer),
    Column("slot_increment_minutes", Integer),
    Column("daily_cap", Integer),
    Column("weekly_cap", Integer),
    Column("holiday_country", Text),
    Column("holiday_subdivision", Text),
    Column("closes_on_holidays", Boolean),
    Column("busy_max_age_minutes", Integer),
    Column("cancellation_deadline_minutes", Integer),
    Column("reschedule_deadline_minutes", Integer),
    Column("answer_within_minutes", Integer),
    Column("last_chase_minutes", Integer),
    Column("reminds_three_days_before", Boolean),
    Column("quiet_from", Time),
    Column("quiet_until", Time),
    Column("discretion", Text),
    Column("calendar_detail", Text),
    instant("updated_at"),
)

busy_calendars = Table(
    "busy_calendars",
    metadata,
    key("organization_id"),
    key("consultant_id"),
    Column("source", Text, primary_key=True),
    instant("read_at", nullable=True),
    instant("chosen_at", nullable=True),
    Column("sync_token", Text),
    instant("whole_at", nullable=True),
    Column("zone", Text),
    instant("expanded_until", nullable=True),
)

busy_objects = Table(
    "busy_objects",
    metadata,
    key("organization_id"),
    key("consultant_id"),
    Column("source", Text, primary_key=True),
    Column("href", Text, primary_key=True),
    Column("etag", Text),
    Column("uid", Text, nullable=False),
    Column("recurrence", LargeBinary),
    Column("is_doubtful", Boolean, nullable=False, server_default="false"),
)

busy_intervals = Table(
    "busy_intervals",
    metadata,
    key("organization_id"),
    key("consultant_id"),
    Column("source", Text, primary_key=True),
    Column("object", Text, primary_key=True, server_default=""),
    Column("uid", Text, primary_key=True),
    Column("starts_at", DateTime(timezone=True), primary_key=True),
    instant("ends_at"),
)
