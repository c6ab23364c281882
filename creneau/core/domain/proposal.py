"""Proposals: other times that a consultant offers for a booking, for its beneficiary to accept or refuse.

A proposed time is not held: somebody else may book it meanwhile. It is checked again when it is accepted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from creneau.core.domain.errors import InvalidProposal
from creneau.core.domain.ids import BookingId, OrganizationId, ProposalId, SlotId, UserId
from creneau.core.domain.time import LocalSpan, Span

MOST_AT_ONCE = 3


class ProposalState(StrEnum):
    """SUPERSEDED: something else was done with the booking before an answer came."""

    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    SUPERSEDED = "SUPERSEDED"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A time proposed for a booking. Those proposed at once share a round, which counts from 1."""

    id: ProposalId
    organization_id: OrganizationId
    booking_id: BookingId
    round: int
    proposed_by: UserId
    slot_id: SlotId | None
    local: LocalSpan
    span: Span
    state: ProposalState
    created_at: datetime
    answered_at: datetime | None = None


def require_proposable(starts: Sequence[datetime]) -> None:
    """Raise `proposal.invalid` unless there are one to three different times."""
    if not 1 <= len(starts) <= MOST_AT_ONCE or len(set(starts)) != len(starts):
        raise InvalidProposal(most=MOST_AT_ONCE)
