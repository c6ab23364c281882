"""Queries on what stands in a person's diary, or, without a person, in that of the whole organization."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from creneau.core.domain.booking import LIVE, Booking
from creneau.core.domain.ids import BookingId, OrganizationId, UserId
from creneau.core.domain.proposal import ProposalState
from creneau.core.storage.bookings import WHOLE, to_booking
from creneau.core.storage.database import Transaction
from creneau.core.storage.tables import booking_proposals as proposals
from creneau.core.storage.tables import session_bookings as bookings

MOST_LIVE = 1000


def list_live(tx: Transaction, organization_id: OrganizationId, user_id: UserId | None) -> list[Booking]:
    """Return the live bookings by start, those that are over and not recorded among them; at most a thousand."""
    query = (
        WHOLE.where(_of(organization_id, user_id), bookings.c.status.in_(sorted(LIVE)))
        .order_by(bookings.c.starts_at, bookings.c.id)
        .limit(MOST_LIVE)
    )
    return [to_booking(row) for row in tx.execute(query).mappings()]


def list_past(
    tx: Transaction,
    organization_id: OrganizationId,
    user_id: UserId | None,
    now: datetime,
    *,
    also_unrecorded: bool,
    limit: int,
    offset: int,
) -> tuple[list[Booking], int]:
    """Return a page of the bookings that have begun and are not live any more, the newest first, and their number.

    `also_unrecorded` adds sessions that are over although nobody recorded them.
    """
    is_over: ColumnElement[bool] = bookings.c.status.not_in(sorted(LIVE))
    if also_unrecorded:
        is_over = or_(is_over, bookings.c.ends_at <= now)
    where = and_(_of(organization_id, user_id), bookings.c.starts_at <= now, is_over)
    total = int(tx.execute(select(func.count()).select_from(bookings).where(where)).scalar_one())
    query = WHOLE.where(where).order_by(bookings.c.starts_at.desc(), bookings.c.id.desc()).limit(limit).offset(offset)
    return [to_booking(row) for row in tx.execute(query).mappings()], total


def list_proposers(
    tx: Transaction, organization_id: OrganizationId, booking_ids: Collection[BookingId]
) -> dict[BookingId, UserId]:
    """Return who proposed other times for bookings, as far as these are not answered yet."""
    query = select(proposals.c.booking_id, proposals.c.proposed_by).where(
        proposals.c.organization_id == organization_id,
        proposals.c.booking_id.in_(booking_ids),
        proposals.c.state == ProposalState.OPEN,
    )
    return {BookingId(booking_id): UserId(proposed_by) for booking_id, proposed_by in tx.execute(query)}


def _of(organization_id: OrganizationId, user_id: UserId | None) -> ColumnElement[bool]:
    is_theirs = (
        true() if user_id is None else or_(bookings.c.consultant_id == user_id, bookings.c.beneficiary_id == user_id)
    )
    return and_(bookings.c.organization_id == organization_id, is_theirs)
