"""Queries on proposed times. They hold nothing: a booking is moved to one only when it is accepted."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, insert, select, update

from creneau.core.domain.ids import BookingId, OrganizationId, ProposalId, SlotId, UserId
from creneau.core.domain.proposal import Proposal, ProposalState
from creneau.core.domain.time import LocalSpan, Span
from creneau.core.storage import driver
from creneau.core.storage.database import Transaction
from creneau.core.storage.driver import Query
from creneau.core.storage.tables import booking_proposals as proposals


def add(tx: Transaction, proposed: Sequence[Proposal]) -> None:
    tx.execute(
        insert(proposals),
        [
            {
                "organization_id": proposal.organization_id,
                "id": proposal.id,
                "booking_id": proposal.booking_id,
                "round": proposal.round,
                "proposed_by": proposal.proposed_by,
                "availability_slot_id": proposal.slot_id,
                "scheduled_date": proposal.local.day,
                "scheduled_start_time": proposal.local.start,
                "scheduled_end_time": proposal.local.end,
                "timezone": proposal.local.timezone,
                "starts_at": proposal.span.starts_at,
                "ends_at": proposal.span.ends_at,
                "state": proposal.state,
                "created_at": proposal.created_at,
            }
            for proposal in proposed
        ],
    )


def list_of_booking(tx: Transaction, organization_id: OrganizationId, booking_id: BookingId) -> list[Proposal]:
    """Return every time ever proposed for a booking, by round and start."""
    query = (
        select(proposals)
        .where(_of(organization_id, booking_id))
        .order_by(proposals.c.round, proposals.c.starts_at, proposals.c.id)
    )
    return [_to_proposal(row) for row in tx.execute(query).mappings()]


def list_open(tx: Transaction, organization_id: OrganizationId, booking_ids: Collection[BookingId]) -> list[Proposal]:
    """Return the times that wait for an answer of some bookings, by start."""
    values = {"organization_id": organization_id, "booking_ids": list(booking_ids)}
    return [_to_proposal(row) for row in driver.fetch_mappings(tx, _OPEN, values)]


def last_round(tx: Transaction, organization_id: OrganizationId, booking_id: BookingId) -> int:
    """Return the number of the last round, 0 when nothing was proposed yet."""
    query = select(func.coalesce(func.max(proposals.c.round), 0)).where(_of(organization_id, booking_id))
    return int(tx.execute(query).scalar_one())


def accept(tx: Transaction, proposal: Proposal, at: datetime) -> None:
    """Mark one open proposal accepted; the others of its booking are for `close_open`."""
    tx.execute(
        update(proposals)
        .where(_of(proposal.organization_id, proposal.booking_id), proposals.c.id == proposal.id)
        .values(state=ProposalState.ACCEPTED, answered_at=at)
    )


def close_open(
    tx: Transaction, organization_id: OrganizationId, booking_id: BookingId, state: ProposalState, at: datetime
) -> None:
    """Close whatever proposals of a booking are open."""
    tx.execute(
        update(proposals)
        .where(_of(organization_id, booking_id), proposals.c.state == ProposalState.OPEN)
        .values(state=state, answered_at=at)
    )


def _of(organization_id: OrganizationId, booking_id: BookingId) -> ColumnElement[bool]:
    return and_(proposals.c.organization_id == organization_id, proposals.c.booking_id == booking_id)


_OPEN = Query(
    select(proposals)
    .where(
        proposals.c.organization_id == bindparam("organization_id"),
        driver.is_one_of(proposals.c.booking_id, "booking_ids"),
        proposals.c.state == ProposalState.OPEN,
    )
    .order_by(proposals.c.round, proposals.c.starts_at, proposals.c.id)
)


def _to_proposal(row: Mapping[Any, Any]) -> Proposal:
    return Proposal(
        ProposalId(row["id"]),
        OrganizationId(row["organization_id"]),
        BookingId(row["booking_id"]),
        row["round"],
        UserId(row["proposed_by"]),
        SlotId(row["availability_slot_id"]) if row["availability_slot_id"] else None,
        LocalSpan(row["scheduled_date"], row["scheduled_start_time"], row["scheduled_end_time"], row["timezone"]),
        Span(row["starts_at"], row["ends_at"]),
        ProposalState(row["state"]),
        row["created_at"],
        row["answered_at"],
    )
