"""Alternatives: what a refused start is answered with, for a booking, a move and a proposal alike."""

from datetime import datetime, timedelta

from creneau.core.domain.availability import HORIZON
from creneau.core.domain.errors import SlotUnavailable
from creneau.core.domain.ids import OrganizationId
from creneau.core.storage.database import Transaction
from creneau.core.usecases.availability import Listing, Wish, list_bookable

_MOST = 3
_SEARCH = timedelta(days=14)


def add_alternatives(
    tx: Transaction, organization_id: OrganizationId, refusal: SlotUnavailable, wish: Wish, now: datetime
) -> SlotUnavailable:
    """Return a refusal with the next free times on it: those after the wanted one, else what that day has left."""
    wanted = wish.starts_at if now < wish.starts_at < now + HORIZON else now
    listing = Listing(wish.consultant_id, wanted.date(), wanted.date() + _SEARCH, wish.beneficiary_id)
    free = list_bookable(tx, organization_id, listing, now)
    later = [time for time in free if time.span.starts_at >= wanted]
    refusal.alternatives = tuple((later or free)[:_MOST])
    return refusal
