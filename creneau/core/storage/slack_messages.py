"""Queries on the messages we posted about bookings, so that they can be brought up to date in place."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from creneau.core.domain.ids import BookingId, OrganizationId, UserId
from creneau.core.domain.messages import PostedMessage, Purpose
from creneau.core.storage.database import Transaction
from creneau.core.storage.tables import slack_messages as messages


def save(tx: Transaction, organization_id: OrganizationId, message: PostedMessage, at: datetime) -> None:
    """Remember where a message is; of two of the same purpose about the same version, the later one."""
    place = {"channel_id": message.channel_id, "ts": message.ts, "starts_at": message.starts_at, "posted_at": at}
    tx.execute(
        insert(messages)
        .values(
            organization_id=organization_id,
            booking_id=message.booking_id,
            recipient_id=message.recipient_id,
            purpose=message.purpose,
            booking_version=message.booking_version,
            **place,
        )
        .on_conflict_do_update(
            index_elements=["organization_id", "booking_id", "recipient_id", "purpose", "booking_version"], set_=place
        )
    )


def list_of_booking(tx: Transaction, organization_id: OrganizationId, booking_id: BookingId) -> list[PostedMessage]:
    query = (
        select(messages)
        .where(messages.c.organization_id == organization_id, messages.c.booking_id == booking_id)
        .order_by(messages.c.posted_at)
    )
    return [
        PostedMessage(
            BookingId(row["booking_id"]),
            UserId(row["recipient_id"]),
            Purpose(row["purpose"]),
            row["channel_id"],
            row["ts"],
            row["booking_version"],
            row["starts_at"],
        )
        for row in tx.execute(query).mappings()
    ]
