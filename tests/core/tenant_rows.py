"""Rows of one organization in every table that has a tenant: made, counted and copied."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql

from creneau.core.domain.feeds import FeedKind
from creneau.core.secrets import SecretBox, generate_key
from creneau.core.services.feeds import FeedService
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre

RUNTIME = "creneau_app"
TENANT_TABLES = """
  select c.relname, c.relrowsecurity, c.relforcerowsecurity
  from pg_class c
  where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
    and (c.relname = 'organizations' or exists (
      select from pg_attribute a where a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped))
  order by c.relname
"""

Row = tuple[Any, ...]
NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


def fill(centre: Centre, owner: psycopg.Connection[Row], feed_service: FeedService) -> str:
    """Give every tenant table a row of a centre; return the centre's feed token."""
    booking = centre.scheduling.create_session_booking(
        centre.actor(centre.beneficiary),
        BookingRequest(centre.bilan.id, centre.consultant.id, datetime(2026, 12, 1, 9, 0, tzinfo=UTC)),
        idempotency_key="a key",
    )
    token = feed_service.issue_feed_token(centre.consultant, FeedKind.SESSIONS)
    link, organization = uuid4(), centre.organization.id
    sealed = SecretBox([generate_key()]).encrypt("secret", "row")
    rows: dict[str, dict[str, object]] = {
        "calendar_links": {
            "id": link,
            "consultant_id": centre.consultant.id,
            "calendar_url": "https://c/",
            "username": "u",
            "password_sealed": sealed,
            "created_at": NOW,
        },
        "pushed_objects": {
            "calendar_link_id": link,
            "booking_id": booking.id,
            "href": "/a.ics",
            "pushed_version": 1,
            "pushed_at": NOW,
        },
        "hours_calendars": {"calendar_link_id": link, "consultant_id": centre.consultant.id, "url": "https://h/"},
        "hours_objects": {
            "calendar_link_id": link,
            "slot_id": centre.slots[0].id,
            "href": "/h.ics",
            "digest": "",
            "sequence": 0,
            "changed_at": NOW,
        },
        "page_links": {
            "user_id": centre.consultant.id,
            "purpose": "CONNECT_CALENDAR",
            "id": uuid4(),
            "created_at": NOW,
            "expires_at": NOW,
        },
        "slack_installations": {
            "team_id": uuid4().hex,
            "bot_token_sealed": sealed,
            "bot_id": "B1",
            "bot_user_id": "U1",
            "installed_at": NOW,
        },
        "slack_install_states": {"state_hash": b"hash", "spent_at": NOW},
        "slack_messages": {
            "booking_id": booking.id,
            "recipient_id": centre.consultant.id,
            "purpose": "REQUEST",
            "channel_id": "D1",
            "ts": "1.0",
            "posted_at": NOW,
        },
        "booking_emails": {
            "booking_id": booking.id,
            "recipient_id": centre.beneficiary.id,
            "purpose": "RECEIPT",
            "booking_version": 1,
            "state": "WAITING",
            "slack_problem": "account_inactive",
            "created_at": NOW,
            "updated_at": NOW,
        },
        "scheduling_policies": {"id": uuid4(), "updated_at": NOW},
        "user_preferences": {
            "user_id": centre.consultant.id,
            "wants_digest": True,
            "digest_at": time(8),
            "updated_at": NOW,
        },
        "daily_digests": {
            "user_id": centre.consultant.id,
            "day": date(2026, 12, 1),
            "due_at": NOW + timedelta(days=1),
            "state": "DUE",
            "updated_at": NOW,
        },
        "slack_homes": {
            "user_id": centre.consultant.id,
            "fingerprint": "f",
            "hash": "h",
            "metadata": "{}",
            "published_at": NOW,
        },
        "availability_exceptions": {
            "id": uuid4(),
            "consultant_id": centre.consultant.id,
            "kind": "CLOSED",
            "first_date": date(2027, 8, 1),
            "last_date": date(2027, 8, 15),
            "timezone": "Europe/Paris",
            "created_at": NOW,
        },
        "busy_intervals": {
            "consultant_id": centre.consultant.id,
            "source": "https://c/",
            "uid": "u",
            "starts_at": NOW,
            "ends_at": NOW + timedelta(hours=1),
        },
        "feed_hours": {
            "consultant_id": centre.consultant.id,
            "slot_id": centre.slots[0].id,
            "starts_at": NOW,
            "ends_at": NOW + timedelta(hours=1),
            "changed_at": NOW,
        },
        "request_rates": {"subject": "organization", "paid_at": NOW},
        "busy_calendars": {"consultant_id": centre.consultant.id, "source": "https://c/", "read_at": NOW},
        "busy_objects": {"consultant_id": centre.consultant.id, "source": "https://c/", "href": "/c/1.ics", "uid": "u"},
        "calendar_changes": {
            "booking_id": booking.id,
            "kind": "GONE",
            "booked_at": NOW,
            "seen_at": NOW,
        },
        "slot_holds": {
            "user_id": centre.beneficiary.id,
            "consultant_id": centre.consultant.id,
            "availability_slot_id": centre.slots[0].id,
            "starts_at": NOW,
            "ends_at": NOW + timedelta(hours=1),
            "held_until": NOW + timedelta(hours=1),
            "expires_at": NOW,
        },
        "slack_inbox": {"key": "trigger", "handling": uuid4(), "acted_at": NOW},
        "slack_parks": {"method": "chat.update", "until": NOW},
        "booking_proposals": {
            "id": uuid4(),
            "booking_id": booking.id,
            "round": 1,
            "proposed_by": centre.consultant.id,
            "scheduled_date": date(2026, 12, 2),
            "scheduled_start_time": time(10),
            "scheduled_end_time": time(11),
            "timezone": "Europe/Paris",
            "starts_at": NOW,
            "ends_at": NOW + timedelta(hours=1),
            "state": "OPEN",
            "created_at": NOW,
        },
    }
    for table, row in rows.items():
        columns = ["organization_id", *row]
        owner.execute(
            sql.SQL("insert into {} ({}) values ({})").format(
                sql.Identifier(table),
                sql.SQL(", ").join(map(sql.Identifier, columns)),
                sql.SQL(", ").join(sql.Placeholder() * len(columns)),
            ),
            [organization, *row.values()],
        )
    return token


def tenant_tables(owner: psycopg.Connection[Row]) -> list[str]:
    return [name for name, _, _ in owner.execute(TENANT_TABLES)]


def key_of(table: str) -> str:
    return "id" if table == "organizations" else "organization_id"


def count(connection: psycopg.Connection[Row], table: str, organization_id: object = None) -> int:
    query = sql.SQL("select count(*) from {} where {} = coalesce(%s::uuid, {})").format(
        sql.Identifier(table), sql.Identifier(key_of(table)), sql.Identifier(key_of(table))
    )
    row = connection.execute(query, (organization_id,)).fetchone()
    assert row is not None
    return int(row[0])


def insert_copy(
    connection: psycopg.Connection[Row], owner: psycopg.Connection[Row], table: str, organization_id: object
) -> None:
    """Insert a row as it stands in a table of that organization."""
    columns = [
        name
        for (name,) in owner.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped"
            " and attgenerated = ''",
            (table,),
        )
    ]
    name, key = sql.Identifier(table), sql.Identifier(key_of(table))
    row = owner.execute(
        sql.SQL("select to_jsonb(t)::text from {} t where {} = %s limit 1").format(name, key), (organization_id,)
    ).fetchone()
    assert row is not None
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    connection.execute(
        sql.SQL("insert into {} ({}) select {} from jsonb_populate_record(null::{}, %s::jsonb)").format(
            name, listed, listed, name
        ),
        (row[0],),
    )
