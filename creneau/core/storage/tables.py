"""The tables as SQLAlchemy sees them. Private to `core.storage`; the migrations hold the constraints and policies."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Computed,
    Date,
    DateTime,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    Table,
    Text,
    Time,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import INT4RANGE, TSTZRANGE

metadata = MetaData()


def _key(name: str) -> Column[object]:
    return Column(name, Uuid, primary_key=True)


def _instant(name: str, *, nullable: bool = False, now: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=text("now()") if now else None)


organizations = Table(
    "organizations",
    metadata,
    _key("id"),
    Column("name", Text, nullable=False),
    Column("timezone", Text, nullable=False, server_default="Europe/Paris"),
    Column("locale", Text, nullable=False, server_default="fr"),
    Column("slack_team_id", Text),
    _instant("created_at", now=True),
)

users = Table(
    "users",
    metadata,
    _key("organization_id"),
    _key("id"),
    Column("role", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("slack_user_id", Text),
    _instant("created_at", now=True),
    _instant("deleted_at", nullable=True),
    _instant("slack_left_at", nullable=True),
)

bilans = Table(
    "bilans",
    metadata,
    _key("organization_id"),
    _key("id"),
    Column("beneficiary_id", Uuid, nullable=False),
    Column("consultant_id", Uuid, nullable=False),
    Column("status", Text, nullable=False, server_default="ACTIVE"),
    Column("phase", Text, nullable=False, server_default="PRELIMINARY"),
    Column("purchased_minutes", Integer),
    _instant("created_at", now=True),
    _instant("deleted_at", nullable=True),
)

availability_slots = Table(
    "availability_slots",
    metadata,
    _key("organization_id"),
    _key("id"),
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
    _instant("created_at", now=True),
    _instant("updated_at", now=True),
    _instant("deleted_at", nullable=True),
)

session_bookings = Table(
    "session_bookings",
    metadata,
    _key("organization_id"),
    _key("id"),
    Column("bilan_id", Uuid, nullable=False),
    Column("consultant_id", Uuid, nullable=False),
    Column("beneficiary_id", Uuid, nullable=False),
    Column("availability_slot_id", Uuid),
    Column("scheduled_date", Date, nullable=False),
    Column("scheduled_start_time", Time, nullable=False),
    Column("scheduled_end_time", Time, nullable=False),
    Column("duration_minutes", Integer, nullable=False),
    Column("timezone", Text, nullable=False),
    _instant("starts_at"),
    _instant("ends_at"),
    _instant("held_until"),
    Column("seats", INT4RANGE, nullable=False, server_default=text("'[0,)'::int4range")),
    Column("held", TSTZRANGE, Computed("tstzrange(starts_at, held_until)", persisted=True), nullable=False),
    Column("during", TSTZRANGE, Computed("tstzrange(starts_at, ends_at)", persisted=True), nullable=False),
    Column("session_type", Text, nullable=False),
    Column("meeting_format", Text, nullable=False),
    Column("meeting_location", Text),
    Column("meeting_link", Text),
    Column("bilan_phase_at_booking", Text, nullable=False),
    Column("status", Text, nullable=False, server_default="SCHEDULED"),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("cancellation_code", Text),
    Column("cancellation_reason", Text),
    Column("cancelled_by", Uuid),
    _instant("created_at"),
    _instant("updated_at"),
    _instant("confirmed_at", nullable=True),
    _instant("cancelled_at", nullable=True),
    Column("beneficiary_notes", Text),
    Column("consultant_notes", Text),
    Column("preparation_materials", Text),
    _instant("answer_by", nullable=True),
    _instant("started_at", nullable=True),
    _instant("completed_at", nullable=True),
    Column("attended", Boolean),
    Column("is_late_cancellation", Boolean, nullable=False, server_default=text("false")),
    Column("beneficiary_rating", SmallInteger),
    Column("beneficiary_feedback", Text),
    Column("rated_by", Uuid),
    _instant("rated_at", nullable=True),
    _instant("deleted_at", nullable=True),
)

booking_history = Table(
    "booking_history",
    metadata,
    _key("organization_id"),
    _key("booking_id"),
    Column("version", Integer, primary_key=True),
    Column("action", Text, nullable=False),
    Column("status_before", Text),
    Column("status_after", Text, nullable=False),
    Column("actor_id", Uuid),
    Column("reason", Text),
    _instant("at"),
    _instant("starts_at", nullable=True),
    Column("is_override", Boolean, nullable=False, server_default=text("false")),
)

session_reminders = Table(
    "session_reminders",
    metadata,
    _key("organization_id"),
    _key("id"),
    Column("session_booking_id", Uuid, nullable=False),
    Column("booking_version", Integer, nullable=False),
    Column("reminder_type", Text, nullable=False),
    Column("recipient_id", Uuid, nullable=False),
    _instant("scheduled_time"),
    _instant("due_at"),
    Column("state", Text, nullable=False),
    _instant("sent_at", nullable=True),
    Column("retry_count", Integer, nullable=False, server_default=text("0")),
    Column("error_message", Text),
    _instant("posting_since", nullable=True),
    Column("channel_id", Text),
    Column("message_ts", Text),
    _instant("created_at"),
    _instant("updated_at"),
)

calendar_links = Table(
    "calendar_links",
    metadata,
    _key("organization_id"),
    _key("id"),
    Column("consultant_id", Uuid, nullable=False),
    Column("calendar_url", Text, nullable=False),
    Column("username", Text, nullable=False),
    Column("password_sealed", LargeBinary, nullable=False),
    Column("credential", Text, nullable=False, server_default="PASSWORD"),
    Column("server", Text, nullable=False, server_default="UNKNOWN"),
    _instant("created_at"),
    _instant("linked_at", nullable=True),
    _instant("pushed_at", nullable=True),
    _instant("failed_at", nullable=True),
    Column("failure", Text),
    _instant("leaving_at", nullable=True),
    _instant("reading_since", nullable=True),
    _instant("read_next_at", nullable=True),
    _instant("read_failed_at", nullable=True),
    Column("read_failure", Text),
    Column("read_failures", Integer, nullable=False, server_default="0"),
    _instant("stale_told_at", nullable=True),
    _instant("push_failing_since", nullable=True),
    _instant("push_told_at", nullable=True),
    _instant("suspect_at", nullable=True),
    Column("suspect_count", Integer),
)

page_links = Table(
    "page_links",
    metadata,
    _key("organization_id"),
    _key("user_id"),
    Column("purpose", Text, primary_key=True),
    Column("id", Uuid, nullable=False),
    _instant("created_at"),
    _instant("expires_at"),
    _instant("used_at", nullable=True),
    Column("tries", Integer, nullable=False, server_default=text("0")),
)

pushed_objects = Table(
    "pushed_objects",
    metadata,
    _key("organization_id"),
    _key("calendar_link_id"),
    _key("booking_id"),
    Column("href", Text, nullable=False),
    Column("etag", Text),
    Column("pushed_version", Integer, nullable=False),
    _instant("pushed_at"),
    Column("is_edited", Boolean, nullable=False, server_default="false"),
    Column("detail", Text, nullable=False, server_default="NEUTRAL"),
)

hours_calendars = Table(
    "hours_calendars",
    metadata,
    _key("organization_id"),
    _key("calendar_link_id"),
    Column("consultant_id", Uuid, nullable=False),
    Column("url", Text, nullable=False),
    Column("own_url", Text),
    _instant("made_at", nullable=True),
    Column("tells_inbox", Boolean, nullable=False, server_default="false"),
    Column("inbox_url", Text),
    Column("inbox_digest", Text),
    _instant("ending_at", nullable=True),
    _instant("told_at", nullable=True),
    _instant("failed_at", nullable=True),
    Column("failure", Text),
)

hours_objects = Table(
    "hours_objects",
    metadata,
    _key("organization_id"),
    _key("calendar_link_id"),
    _key("slot_id"),
    Column("href", Text, nullable=False),
    Column("etag", Text),
    Column("digest", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    _instant("changed_at"),
)

calendar_changes = Table(
    "calendar_changes",
    metadata,
    _key("organization_id"),
    _key("booking_id"),
    Column("kind", Text, nullable=False),
    _instant("booked_at"),
    Column("etag", Text),
    _instant("starts_at", nullable=True),
    _instant("ends_at", nullable=True),
    _instant("seen_at"),
    _instant("asked_at", nullable=True),
    _instant("told_at", nullable=True),
)

feed_tokens = Table(
    "feed_tokens",
    metadata,
    _key("organization_id"),
    _key("user_id"),
    Column("kind", Text, primary_key=True),
    Column("token_hash", LargeBinary, nullable=False),
    _instant("created_at"),
    _instant("fetched_at", nullable=True),
    Column("fetched_by", Text),
    Column("basis", Text),
    Column("etag", Text),
    Column("told_digest", Text),
    Column("told_sequence", Integer, nullable=False, server_default="0"),
    _instant("told_at", nullable=True),
)

feed_hours = Table(
    "feed_hours",
    metadata,
    _key("organization_id"),
    _key("consultant_id"),
    _key("slot_id"),
    Column("starts_at", DateTime(timezone=True), primary_key=True),
    _instant("ends_at"),
    Column("sequence", Integer, nullable=False, server_default="0"),
    _instant("changed_at"),
)

slack_installations = Table(
    "slack_installations",
    metadata,
    _key("organization_id"),
    Column("team_id", Text, nullable=False),
    Column("bot_token_sealed", LargeBinary),
    Column("bot_id", Text, nullable=False),
    Column("bot_user_id", Text, nullable=False),
    _instant("installed_at"),
    Column("refresh_token_sealed", LargeBinary),
    _instant("expires_at", nullable=True),
    _instant("rotation_leased_until", nullable=True),
    _instant("ended_at", nullable=True),
)

slack_install_states = Table(
    "slack_install_states",
    metadata,
    _key("organization_id"),
    Column("state_hash", LargeBinary, primary_key=True),
    _instant("spent_at"),
)

slack_messages = Table(
    "slack_messages",
    metadata,
    _key("organization_id"),
    _key("booking_id"),
    _key("recipient_id"),
    Column("purpose", Text, primary_key=True),
    Column("booking_version", Integer, primary_key=True, server_default=text("1")),
    _instant("starts_at", nullable=True),
    Column("channel_id", Text, nullable=False),
    Column("ts", Text, nullable=False),
    _instant("posted_at"),
)

scheduling_policies = Table(
    "scheduling_policies",
    metadata,
    _key("organization_id"),
    _key("id"),
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
    _instant("updated_at"),
)

availability_exceptions = Table(
    "availability_exceptions",
    metadata,
    _key("organization_id"),
    _key("id"),
    Column("consultant_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("first_date", Date, nullable=False),
    Column("last_date", Date, nullable=False),
    Column("start_time", Time),
    Column("end_time", Time),
    Column("timezone", Text, nullable=False),
    _instant("created_at"),
    _instant("deleted_at", nullable=True),
)

busy_intervals = Table(
    "busy_intervals",
    metadata,
    _key("organization_id"),
    _key("consultant_id"),
    Column("source", Text, primary_key=True),
    Column("uid", Text, primary_key=True),
    Column("starts_at", DateTime(timezone=True), primary_key=True),
    _instant("ends_at"),
)

busy_calendars = Table(
    "busy_calendars",
    metadata,
    _key("organization_id"),
    _key("consultant_id"),
    Column("source", Text, primary_key=True),
    _instant("read_at", nullable=True),
    _instant("chosen_at", nullable=True),
    Column("sync_token", Text),
    _instant("whole_at", nullable=True),
    Column("zone", Text),
    _instant("expanded_until", nullable=True),
)

busy_objects = Table(
    "busy_objects",
    metadata,
    _key("organization_id"),
    _key("consultant_id"),
    Column("source", Text, primary_key=True),
    Column("href", Text, primary_key=True),
    Column("etag", Text),
    Column("uid", Text, nullable=False),
    Column("recurrence", LargeBinary),
    Column("is_doubtful", Boolean, nullable=False, server_default="false"),
)

booking_proposals = Table(
    "booking_proposals",
    metadata,
    _key("organization_id"),
    _key("id"),
    Column("booking_id", Uuid, nullable=False),
    Column("round", Integer, nullable=False),
    Column("proposed_by", Uuid, nullable=False),
    Column("availability_slot_id", Uuid),
    Column("scheduled_date", Date, nullable=False),
    Column("scheduled_start_time", Time, nullable=False),
    Column("scheduled_end_time", Time, nullable=False),
    Column("timezone", Text, nullable=False),
    _instant("starts_at"),
    _instant("ends_at"),
    Column("state", Text, nullable=False),
    _instant("created_at"),
    _instant("answered_at", nullable=True),
)

session_analytics = Table(
    "session_analytics",
    metadata,
    _key("organization_id"),
    Column("id", Uuid, primary_key=True, server_default=text("gen_random_uuid()")),
    Column("consultant_id", Uuid, nullable=False),
    Column("session_date", Date, nullable=False),
    Column("total_sessions_scheduled", Integer, nullable=False, server_default=text("0")),
    Column("total_sessions_completed", Integer, nullable=False, server_default=text("0")),
    Column("total_sessions_no_show", Integer, nullable=False, server_default=text("0")),
    Column("total_sessions_cancelled", Integer, nullable=False, server_default=text("0")),
    Column("total_minutes_completed", Integer, nullable=False, server_default=text("0")),
    Column("total_ratings", Integer, nullable=False, server_default=text("0")),
    Column("rating_total", Integer, nullable=False, server_default=text("0")),
    Column("average_rating", Numeric(3, 2), Computed("round(rating_total::numeric / nullif(total_ratings, 0), 2)")),
    Column(
        "total_hours_completed",
        Numeric(8, 2),
        Computed("round(total_minutes_completed::numeric / 60, 2)"),
        nullable=False,
    ),
    _instant("created_at"),
    _instant("updated_at"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    _key("organization_id"),
    _key("user_id"),
    Column("key", Text, primary_key=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("made_ids", ARRAY(Uuid)),
    _instant("created_at"),
)

audit_log = Table(
    "audit_log",
    metadata,
    _key("organization_id"),
    _key("id"),
    _instant("at"),
    Column("actor_id", Uuid),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
)

user_preferences = Table(
    "user_preferences",
    metadata,
    _key("organization_id"),
    _key("user_id"),
    Column("wants_digest", Boolean, nullable=False),
    Column("digest_at", Time, nullable=False),
    _instant("updated_at"),
)

daily_digests = Table(
    "daily_digests",
    metadata,
    _key("organization_id"),
    _key("user_id"),
    Column("day", Date, primary_key=True),
    _instant("due_at"),
    Column("state", Text, nullable=False),
    Column("attempt", Integer, nullable=False, server_default=text("0")),
    Column("error_message", Text),
    _instant("updated_at"),
)

slack_homes = Table(
    "slack_homes",
    metadata,
    _key("organization_id"),
    _key("user_id"),
    Column("fingerprint", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("metadata", Text, nullable=False),
    _instant("published_at"),
)

request_rates = Table(
    "request_rates",
    metadata,
    _key("organization_id"),
    Column("subject", Text, primary_key=True),
    _instant("paid_at"),
    prefixes=["unlogged"],
)

slot_holds = Table(
    "slot_holds",
    metadata,
    _key("organization_id"),
    _key("user_id"),
    Column("consultant_id", Uuid, nullable=False),
    Column("availability_slot_id", Uuid, nullable=False),
    _instant("starts_at"),
    _instant("ends_at"),
    _instant("held_until"),
    _instant("expires_at"),
    Column("reference", Text),
)

slack_inbox = Table(
    "slack_inbox",
    metadata,
    _key("organization_id"),
    Column("key", Text, primary_key=True),
    Column("handling", Uuid, nullable=False),
    _instant("acted_at"),
)

slack_parks = Table(
    "slack_parks",
    metadata,
    _key("organization_id"),
    Column("method", Text, primary_key=True),
    _instant("until"),
)

backup_log = Table(
    "backup_log",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    _instant("at"),
    _instant("taken_at"),
    Column("bytes", BigInteger, nullable=False),
)
