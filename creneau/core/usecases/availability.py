"""Which times can be booked: listed, chosen for a booking, and explained, by the one engine."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from creneau.core.domain.availability import resolve_local
from creneau.core.domain.bilan import BilanHours
from creneau.core.domain.engine import judge
from creneau.core.domain.errors import InvalidTimeRange
from creneau.core.domain.explanation import Explanation, Reason, reasons_against, refusal_of
from creneau.core.domain.ids import BilanId, BookingId, OrganizationId, SlotId, UserId
from creneau.core.domain.midnights import to_minute
from creneau.core.domain.offers import OpenTimes, to_bookable_times
from creneau.core.domain.people import Actor, User, require_consultant
from creneau.core.domain.policy import Policy
from creneau.core.domain.time import BookableTime, LocalSpan, Span
from creneau.core.storage import agenda as storage
from creneau.core.storage import held_time, users
from creneau.core.storage.bilans import Use
from creneau.core.storage.database import Transaction
from creneau.core.usecases.agenda import A_DAY, Question, Situation, read

LONGEST_LISTING = timedelta(days=62)
FARTHEST = timedelta(days=369)
"""The longest horizon that a policy may choose, and the days around it that zones make."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What to list: a consultant's times from one day to another, both included, free for a beneficiary if given.

    With a day of the week (0 = Sunday) only the times of that day on their own wall clock.
    """

    consultant_id: UserId
    first: date
    last: date
    beneficiary_id: UserId | None = None
    day_of_week: int | None = None
    asker_id: UserId | None = None
    """Who asks: times that they hold are free for them."""
    bilan: BilanHours | None = None
    """Of the bilan to book on: sessions that its hours do not suffice for are left out."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A start asked for: of one rule and with one end where these are given.

    `moving` is the booking that would leave its own time for it, which is then free. `minutes` is the length to
    prefer where several rules offer the start. What `asker_id` or the beneficiary holds is free for them.
    """

    consultant_id: UserId
    starts_at: datetime
    beneficiary_id: UserId | None = None
    slot_id: SlotId | None = None
    ends_at: datetime | None = None
    moving: BookingId | None = None
    minutes: int | None = None
    asker_id: UserId | None = None
    bilan: BilanHours | None = None
    bilan_id: BilanId | None = None
    """The bilan to book on, which this transaction has locked: what its hours were used for is read along."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A time that is free now, with what the database's constraints read: the seats in all, and the buffer.

    With the policy it was judged by, and the use of the bilan asked about, so that nobody reads them twice.
    """

    time: BookableTime
    capacity: int
    held_until: datetime
    policy: Policy
    use: Use | None = None

    @property
    def slot_id(self) -> SlotId:
        return self.time.slot_id

    @property
    def local(self) -> LocalSpan:
        return self.time.local

    @property
    def span(self) -> Span:
        return self.time.span


@dataclass(frozen=True, slots=True)
class Offered:
    """Times that can be booked, as of when the consultant's own calendars are known; None where none counts."""

    times: list[BookableTime]
    busy_read_at: datetime | None


def list_bookable(
    tx: Transaction, organization_id: OrganizationId, listing: Listing, now: datetime
) -> list[BookableTime]:
    """List the times that can be booked now, in order. Raises: as `list_offered`."""
    return list_offered(tx, organization_id, listing, now).times


def list_offered(tx: Transaction, organization_id: OrganizationId, listing: Listing, now: datetime) -> Offered:
    """List the times that can be booked now, in order, with the age of what closes others.

    Raises: `user.not_found`, `time.invalid_range` (backwards, or more than two months at once).
    """
    _require_listable(listing.first, listing.last)
    first, last = max(listing.first, now.date() - A_DAY), min(listing.last, now.date() + FARTHEST)
    question = Question(
        organization_id,
        listing.consultant_id,
        first,
        max(first, last),
        listing.beneficiary_id,
        asker_id=listing.asker_id,
    )
    situation = _on_bilan(read(tx, question, now), listing.bilan)
    can_book, seats = judge(situation.grid, situation.agenda)
    times = to_bookable_times(situation.grid, seats, can_book)
    if listing.day_of_week is not None:
        times = [time for time in times if time.local.day.isoweekday() % 7 == listing.day_of_week]
    return Offered(times, situation.read_at.get(listing.consultant_id))


def list_up_to_horizon(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, now: datetime
) -> list[BookableTime]:
    """List all times of a consultant that can be booked now, however far ahead. Raises: `user.not_found`."""
    situation = read(tx, Question(organization_id, consultant_id, now.date() - A_DAY, now.date() + FARTHEST), now)
    can_book, seats = judge(situation.grid, situation.agenda)
    return to_bookable_times(situation.grid, seats, can_book)


def list_open_times(
    tx: Transaction, organization_id: OrganizationId, first: date, last: date, now: datetime, asker_id: UserId
) -> OpenTimes:
    """List the times of all consultants of an organization that can be booked now, in one answer.

    Raises: `time.invalid_range` (backwards, or more than two months at once).
    """
    _require_listable(first, last)
    first = max(first, now.date() - A_DAY)
    last = max(first, min(last, now.date() + FARTHEST))
    situation = read(tx, Question(organization_id, None, first, last, asker_id=asker_id), now)
    can_book, seats = judge(situation.grid, situation.agenda)
    ids = tuple(consultant.id for consultant in situation.consultants)
    return OpenTimes(ids, situation.grid.pick(can_book), seats[can_book])


def choose_offer(tx: Transaction, organization_id: OrganizationId, wish: Wish, now: datetime) -> Offer:
    """Return the rule's offer to book for a start; of two rules that offer it, the first that is free.

    The constraint still decides between rivals. With caps, bookings of the consultant pass one by one from here.

    Raises: `user.not_found`, and for a start that cannot be booked the first reason why, as `explain` orders them.
    """
    situation = _read_around(tx, organization_id, wish, now)
    [consultant] = situation.consultants
    if consultant.policy.has_caps:
        storage.lock_consultant(tx, consultant.id)
        situation = _read_around(tx, organization_id, wish, now)
    chosen = _choose(situation, wish)
    if chosen is None and any(rule.max_concurrent_bookings > 1 for rule in situation.grid.rules):
        # A seat taken since this transaction began to read looks like somebody else's time.
        held_time.lock_groups(tx, organization_id, consultant.id)
        situation = _read_around(tx, organization_id, wish, now)
        chosen = _choose(situation, wish)
    if chosen is None:
        raise refusal_of(_explain(situation, wish).reasons[0])
    rule = next(rule for rule in situation.grid.rules if rule.id == chosen.slot_id)
    held_until = chosen.span.ends_at + consultant.policy.buffer
    return Offer(chosen, rule.max_concurrent_bookings, held_until, consultant.policy, situation.use)


def explain(tx: Transaction, organization_id: OrganizationId, wish: Wish, now: datetime) -> Explanation:
    """Say whether a start can be booked, or all that speaks against it. Raises: `user.not_found`."""
    situation = _read_around(tx, organization_id, wish, now)
    return replace(_explain(situation, wish), busy_read_at=situation.read_at.get(wish.consultant_id))


def has_conflict(
    tx: Transaction, actor: Actor, consultant_id: UserId, day: date, hours: tuple[time, time], now: datetime
) -> bool:
    """Tell whether live sessions of a consultant, buffers included, or others' holds take any of a day's hours.

    Raises: `user.not_found`, `time.invalid_range`, `time.does_not_exist`.
    """
    if hours[0] >= hours[1]:
        raise InvalidTimeRange
    consultant = get_consultant(tx, actor.organization_id, consultant_id)
    span = Span(*(resolve_local(day, wall, consultant.timezone) for wall in hours))
    asked = storage.Asked(actor.organization_id, span, day, day, now, span, holders=(actor.user_id,))
    reading = storage.read_one(tx, asked, consultant.id)
    return reading is not None and reading.held.starts.size > 0


def get_consultant(tx: Transaction, organization_id: OrganizationId, user_id: UserId) -> User:
    """Raises: `user.not_found`, also for somebody who is not a consultant."""
    return require_consultant(users.get(tx, organization_id, user_id))


def _choose(situation: Situation, wish: Wish) -> BookableTime | None:
    """Return what can be booked of the offers at a start: the first, or the first of the length to prefer."""
    can_book, seats = judge(situation.grid, situation.agenda)
    free = to_bookable_times(situation.grid, seats, can_book)
    return min(free, key=lambda time: time.span.minutes != wish.minutes, default=None)


def _explain(situation: Situation, wish: Wish) -> Explanation:
    """Of several rules that offer the start, the one with the least against it speaks."""
    grid, agenda = situation.grid, situation.agenda
    starts_at = wish.starts_at.astimezone(UTC)
    offers = to_bookable_times(grid, judge(grid, agenda)[1])
    if not offers:
        start = to_minute(starts_at)
        when = [Reason.PAST] * (start <= agenda.now) + [Reason.HORIZON] * (start >= int(agenda.horizon[0]))
        # Days that are out of reach are not laid out: what the rules say of them is not known.
        bilan = [] if agenda.is_bilan_open else [Reason.BILAN_NOT_ACTIVE]
        return Explanation(starts_at, (*bilan, *(when or [Reason.OUTSIDE_RULES])), None)
    places = {rule.id: place for place, rule in enumerate(grid.rules)}
    told = [(reasons_against(grid.pick(grid.rule == places[offer.slot_id]), agenda), offer) for offer in offers]
    reasons, offer = min(told, key=lambda pair: len(pair[0]))
    return Explanation(starts_at, reasons, offer, wish.bilan.remaining_minutes if wish.bilan else None)


def _read_around(tx: Transaction, organization_id: OrganizationId, wish: Wish, now: datetime) -> Situation:
    """Read the days around a start, with the grid of what the rules offer at that very start."""
    starts_at = wish.starts_at.astimezone(UTC)
    # No day beyond the longest horizon is read: it may not even be on the calendar.
    day = min(max(starts_at, now - 3 * A_DAY), now + FARTHEST).date()
    question = Question(
        organization_id,
        wish.consultant_id,
        day - A_DAY,
        day + A_DAY,
        wish.beneficiary_id,
        wish.moving,
        wish.asker_id,
        wish.bilan_id,
        to_minute(starts_at),
    )
    situation = read(tx, question, now)
    grid = situation.grid
    is_wished = np.ones(len(grid.start), np.bool_)
    if starts_at.second or starts_at.microsecond:
        is_wished &= False
    if wish.slot_id is not None:
        is_wished &= np.array([rule.id == wish.slot_id for rule in grid.rules], np.bool_)[grid.rule]
    if wish.ends_at is not None:
        length = (wish.ends_at - wish.starts_at) / timedelta(minutes=1)
        is_wished &= grid.length == length
    return _on_bilan(replace(situation, grid=grid.pick(is_wished)), wish.bilan)


def _on_bilan(situation: Situation, hours: BilanHours | None) -> Situation:
    if hours is None:
        return situation
    agenda = replace(situation.agenda, is_bilan_open=hours.is_open, minutes_left=hours.remaining_minutes)
    return replace(situation, agenda=agenda)


def _require_listable(first: date, last: date) -> None:
    if not timedelta() <= last - first <= LONGEST_LISTING:
        raise InvalidTimeRange
