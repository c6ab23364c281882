"""Alternatives: what a refused start is answered with, for a booking, a move and a proposal alike."""

from datetime import datetime, timedelta

from creneau.core.domain.errors import SlotUnavailable
from creneau.core.domain.ids import OrganizationId
from creneau.core.domain.time import BookableTime
from creneau.core.storage.database import Transaction
from creneau.core.usecases.availability import Listing, Wish, list_bookable

_MOST = 3
_SEARCH = timedelta(days=14)
_FARTHEST = timedelta(days=366)  # the longest horizon that a policy may choose


def add_alternatives(
    tx: Transaction, organization_id: OrganizationId, refusal: SlotUnavailable, wish: Wish, now: datetime
) -> SlotUnavailable:
    """Return a refusal with the next free times on it: those after the wanted one, else those after the present."""
    refusal.wanted_at = wish.starts_at
    is_ahead = now < wish.starts_at < now + _FARTHEST
    refusal.alternatives = (_free_from(tx, organization_id, wish, wish.starts_at, now) if is_ahead else ()) or (
        _free_from(tx, organization_id, wish, now, now)
    )
    return refusal


def _free_from(
    tx: Transaction, organization_id: OrganizationId, wish: Wish, wanted: datetime, now: datetime
) -> tuple[BookableTime, ...]:
    listing = Listing(
        wish.consultant_id, wanted.date(), wanted.date() + _SEARCH, wish.beneficiary_id, asker_id=wish.asker_id
    )
    free = list_bookable(tx, organization_id, listing, now)
    return tuple([time for time in free if time.span.starts_at >= wanted][:_MOST])
