"""Queries on the messages we posted about bookings, so that they can be brought up to date in place."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from creneau.core.domain.ids import BookingId, OrganizationId, UserId
from creneau.core.domain.messages import PostedMessage, Purpose
from creneau.core.storage import driver
from creneau.core.storage.database import Transaction
from creneau.core.storage.driver import Query, Statement
from creneau.core.storage.tables import slack_messages as messages

SAVE = """
insert into slack_messages (organization_id, booking_id, recipient_id, purpose, booking_version, channel_id, ts,
  starts_at, posted_at)
values (%(organization_id)s, %(booking_id)s, %(recipient_id)s, %(purpose)s, %(booking_version)s, %(channel_id)s,
  %(ts)s, %(starts_at)s, %(posted_at)s)
on conflict (organization_id, booking_id, recipient_id, purpose, booking_version) do update
set channel_id = excluded.channel_id, ts = excluded.ts, starts_at = excluded.starts_at, posted_at = excluded.posted_at
"""
_SAVE = Statement(SAVE)


def save(tx: Transaction, organization_id: OrganizationId, message: PostedMessage, at: datetime) -> None:
    """Remember where a message is; of two of the same purpose about the same version, the later one."""
    driver.run(tx, _SAVE, values_of(organization_id, message, at))


def values_of(organization_id: OrganizationId, message: PostedMessage, at: datetime) -> dict[str, object]:
    """Return the values of `SAVE`."""
    return {
        "organization_id": organization_id,
        "booking_id": message.booking_id,
        "recipient_id": message.recipient_id,
        "purpose": message.purpose.value,
        "booking_version": message.booking_version,
        "channel_id": message.channel_id,
        "ts": message.ts,
        "starts_at": message.starts_at,
        "posted_at": at,
    }


def list_of_bookings(
    tx: Transaction, organization_id: OrganizationId, booking_ids: Collection[BookingId]
) -> list[PostedMessage]:
    """Return the messages about some bookings in the order in which they were posted."""
    values = {"organization_id": organization_id, "booking_ids": list(booking_ids)}
    return [_to_message(row) for row in driver.fetch_mappings(tx, _OF_BOOKINGS, values)]


_OF_BOOKINGS = Query(
    select(messages)
    .where(
        messages.c.organization_id == bindparam("organization_id"),
        driver.is_one_of(messages.c.booking_id, "booking_ids"),
    )
    .order_by(messages.c.posted_at)
)


def _to_message(row: Mapping[str, Any]) -> PostedMessage:
    return PostedMessage(
        BookingId(row["booking_id"]),
        UserId(row["recipient_id"]),
        Purpose(row["purpose"]),
        row["channel_id"],
        row["ts"],
        row["booking_version"],
        row["starts_at"],
    )
