"""The names that answers send back to us, and what rides in them."""

from uuid import UUID

from creneau.bot.ids import UnreadableValue
from creneau.core.domain.ids import BookingId, ProposalId
from creneau.core.domain.proposal import Proposal

DECLINE_VIEW = "decline_request"
PROPOSE_VIEW = "propose_times"
REASON_BLOCK = "reason"
TIMES_BLOCK = "times"
OWN_DAY_BLOCK = "own_day"
OWN_TIME_BLOCK = "own_time"
PROPOSAL_ACCEPT = "proposal_accept"
"""One button a time, each with its number after it: no two of a block may have one name."""
PROPOSAL_REFUSE = "proposal_refuse"
PROPOSAL_OTHER = "proposal_other"

_VERSION = "v1"


def proposal_value(proposal: Proposal) -> str:
    return f"{_VERSION}|{proposal.booking_id}|{proposal.id}"


def read_proposal_value(value: str) -> tuple[BookingId, ProposalId]:
    """Raises: UnreadableValue."""
    match value.split("|"):
        case [version, booking_id, proposal_id] if version == _VERSION:
            try:
                return BookingId(UUID(booking_id)), ProposalId(UUID(proposal_id))
            except ValueError as error:
                raise UnreadableValue(value) from error
    raise UnreadableValue(value)
