"""Choosing: what somebody who is about to book is shown, and the time that is held for them meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from creneau.core.domain.availability import horizon_ends_at
from creneau.core.domain.bilan import Bilan, BilanHours, count_hours, require_active, require_hours
from creneau.core.domain.booking import SessionType
from creneau.core.domain.errors import BilanNotActive, BilanNotFound, SlotUnavailable
from creneau.core.domain.hold import HELD_FOR, Hold, HoldRequest
from creneau.core.domain.ids import BilanId
from creneau.core.domain.people import Actor, Role, User
from creneau.core.domain.time import BookableTime, find_zone
from creneau.core.storage import bilans, holds, policies, users
from creneau.core.storage.database import Transaction
from creneau.core.usecases.agenda import A_DAY
from creneau.core.usecases.alternatives import add_alternatives
from creneau.core.usecases.availability import (
    LONGEST_LISTING,
    Listing,
    Wish,
    choose_offer,
    get_consultant,
    list_offered,
)
from creneau.core.usecases.bilans import get_hours, require_part

_FRESH_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Engagement:
    """A bilan that somebody may book on, with its two sides."""

    bilan: Bilan
    beneficiary: User
    consultant: User


@dataclass(frozen=True, slots=True)
class Choices:
    """Everything a booking form is drawn from, read at one moment.

    `times` are those of the days from `first` to `last`; sessions can be booked up to `horizon`. Before `earliest`
    there is nothing to list.
    """

    engagements: tuple[Engagement, ...]
    chosen: Engagement
    hours: BilanHours
    session_type: SessionType
    times: tuple[BookableTime, ...]
    earliest: date
    first: date
    last: date
    horizon: date
    stale_since: datetime | None = None
    """As of when the consultant's own calendars are known, where that is longer ago than people expect."""


def read_choices(tx: Transaction, actor: Actor, bilan_id: BilanId | None, first: date | None, now: datetime) -> Choices:
    """Read what can be booked on a bilan, or on the newest one, from a day on.

    Raises: `bilan.not_active` for somebody without a bilan to book on, `bilan.not_found`.
    """
    engagements = list_engagements(tx, actor)
    if not engagements:
        raise BilanNotActive
    chosen = engagements[0] if bilan_id is None else _find(engagements, bilan_id)
    consultant = chosen.consultant
    policy = policies.get(tx, actor.organization_id, consultant.id)
    ends_at = horizon_ends_at(now, consultant.timezone, policy.horizon)
    horizon = (ends_at - A_DAY).astimezone(find_zone(consultant.timezone)).date()
    today = now.date()
    first = min(max(first or today, today), max(horizon, today))
    # Times that the hours do not suffice for are listed too: the form says that they do not, and what is left.
    listing = Listing(consultant.id, first, first + LONGEST_LISTING, chosen.beneficiary.id, asker_id=actor.user_id)
    offered = list_offered(tx, actor.organization_id, listing, now)
    use = bilans.read_use(tx, actor.organization_id, chosen.bilan.id)
    return Choices(
        engagements,
        chosen,
        count_hours(chosen.bilan, use.minutes),
        SessionType.FOLLOW_UP if use.has_sessions else SessionType.INITIAL_MEETING,
        tuple(offered.times),
        today,
        first,
        min(first + LONGEST_LISTING, horizon),
        horizon,
        _stale_since(offered.busy_read_at, now),
    )


def _stale_since(read_at: datetime | None, now: datetime) -> datetime | None:
    return read_at if read_at is not None and now - read_at > _FRESH_FOR else None


def hold_time(tx: Transaction, actor: Actor, request: HoldRequest, now: datetime) -> Hold:
    """Hold a time for somebody who may book it, in place of the one they held.

    Raises: `bilan.not_found`, `bilan.not_active`, `bilan.hours_exhausted`, `user.not_found`, and with the next free
    times what `choose_offer` refuses.
    """
    bilan = bilans.get(tx, actor.organization_id, request.bilan_id)
    require_part(bilan, actor)
    require_active(bilan)
    consultant = get_consultant(tx, actor.organization_id, request.consultant_id)
    holds.lock(tx, consultant.id)
    wish = Wish(consultant.id, request.starts_at, bilan.beneficiary_id, request.slot_id, asker_id=actor.user_id)
    try:
        offer = choose_offer(tx, actor.organization_id, wish, now)
    except SlotUnavailable as refusal:
        add_alternatives(tx, actor.organization_id, refusal, wish, now)
        raise
    require_hours(get_hours(tx, bilan), offer.span.minutes)
    hold = Hold(actor.organization_id, actor.user_id, offer.time, offer.held_until, now + HELD_FOR, request.reference)
    holds.save(tx, hold)
    return hold


def list_engagements(tx: Transaction, actor: Actor) -> tuple[Engagement, ...]:
    """Return the bilans an actor may book on: one's own, the newest first; of several people, by their names."""
    part_of = None if actor.role is Role.ORG_ADMIN else actor.user_id
    found = bilans.list_active(tx, actor.organization_id, part_of)
    people = {user.id: user for user in users.list_all(tx, actor.organization_id)} if found else {}
    engagements = [
        Engagement(bilan, people[bilan.beneficiary_id], people[bilan.consultant_id])
        for bilan in found
        if bilan.beneficiary_id in people and bilan.consultant_id in people
    ]
    if actor.role is not Role.BENEFICIARY:
        engagements.sort(key=lambda engagement: engagement.beneficiary.name)
    return tuple(engagements)


def _find(engagements: Sequence[Engagement], bilan_id: BilanId) -> Engagement:
    for engagement in engagements:
        if engagement.bilan.id == bilan_id:
            return engagement
    raise BilanNotFound
