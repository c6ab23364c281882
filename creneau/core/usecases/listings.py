"""Lists: what of an organization each role sees, a page at a time.

A beneficiary sees their own, a consultant theirs, an administrator the organization's. To ask for somebody or
something out of sight is to ask for what is not there.
"""

from dataclasses import replace
from datetime import date, timedelta

from creneau.core.domain.analytics import AnalyticsRow
from creneau.core.domain.audit import AuditLine, AuditQuery
from creneau.core.domain.availability import AvailabilitySlot
from creneau.core.domain.bilan import BilanFile
from creneau.core.domain.errors import InvalidTimeRange, NotAllowed, UnknownZone, UserNotFound
from creneau.core.domain.ids import UserId
from creneau.core.domain.listing import BilansWanted, BookingPage, BookingsWanted, Days, Page, Paging, SlotsWanted
from creneau.core.domain.people import Actor, Role, User
from creneau.core.domain.time import Span, find_zone, to_span_of_days
from creneau.core.domain.time_off import TimeOff
from creneau.core.storage import analytics, audit, bilans, bookings, organizations, slots, time_off, users
from creneau.core.storage.database import Transaction
from creneau.core.usecases.analytics import LONGEST_LISTING
from creneau.core.usecases.bilans import list_hours, require_part
from creneau.core.usecases.slots import require_own

_A_MONTH = timedelta(days=29)
_FAR_PAST, _FAR_FUTURE = date(2, 1, 1), date(9998, 12, 30)


def list_bookings(tx: Transaction, actor: Actor, wanted: BookingsWanted, paging: Paging) -> BookingPage:
    """List bookings by start, with the hours of their bilans. Days are those of the organization's zone.

    Raises: `user.not_found` and `bilan.not_found` for whom and what the actor does not see, `time.invalid_range`.
    """
    _require_known(tx, actor, wanted.beneficiary_id, Role.BENEFICIARY)
    _require_known(tx, actor, wanted.consultant_id, Role.CONSULTANT)
    if wanted.bilan_id is not None:
        require_part(bilans.get(tx, actor.organization_id, wanted.bilan_id), actor)
    span = _to_span(tx, actor, wanted.days)
    page = bookings.list_page(tx, actor.organization_id, wanted, span, _only(actor), paging)
    return BookingPage(page, list_hours(tx, actor.organization_id, {booking.bilan_id for booking in page.items}))


def list_bilans(tx: Transaction, actor: Actor, wanted: BilansWanted, paging: Paging) -> Page[BilanFile]:
    """List bilans, the newest first, with what is left of their hours."""
    page = bilans.list_page(tx, actor.organization_id, wanted, _only(actor), paging)
    hours = list_hours(tx, actor.organization_id, {bilan.id for bilan in page.items})
    return Page(tuple(BilanFile(bilan, hours[bilan.id]) for bilan in page.items), page.total)


def list_users(tx: Transaction, actor: Actor, role: Role | None, paging: Paging) -> Page[User]:
    """List people by name: oneself and those with whom one shares a bilan, for an administrator everybody."""
    return users.list_page(tx, actor.organization_id, role, _only(actor), paging)


def list_slots(tx: Transaction, actor: Actor, wanted: SlotsWanted, paging: Paging) -> Page[AvailabilitySlot]:
    """List rules: a consultant's own, for an administrator anybody's.

    Raises: `user.not_found`, `actor.not_allowed`, `time.invalid_range`.
    """
    wanted.days.require_order()
    consultant_id = _whose(tx, actor, wanted.consultant_id)
    return slots.list_page(tx, actor.organization_id, replace(wanted, consultant_id=consultant_id), paging)


def list_time_off(
    tx: Transaction, actor: Actor, consultant_id: UserId | None, days: Days, paging: Paging
) -> Page[TimeOff]:
    """List exceptions that touch some days: a consultant's own, for an administrator anybody's.

    Raises: as `list_slots`.
    """
    days.require_order()
    return time_off.list_page(tx, actor.organization_id, _whose(tx, actor, consultant_id), days, paging)


def list_analytics(
    tx: Transaction, actor: Actor, consultant_id: UserId, days: Days, today: date, paging: Paging
) -> Page[AnalyticsRow]:
    """List the numbers of a consultant's days, of the thirty up to today unless said otherwise.

    Raises: `user.not_found`, `actor.not_allowed`, `time.invalid_range` (backwards, or more than a year at once).
    """
    require_own(tx, actor, consultant_id)
    last = days.last or max(today, days.first or today)
    first = days.first or max(last, _FAR_PAST + _A_MONTH) - _A_MONTH
    if not timedelta() <= last - first <= LONGEST_LISTING:
        raise InvalidTimeRange
    return analytics.list_page(tx, actor.organization_id, consultant_id, Days(first, last), paging)


def list_audit(tx: Transaction, actor: Actor, query: AuditQuery, days: Days, paging: Paging) -> Page[AuditLine]:
    """List lines of the audit log, the newest first. Raises: `actor.not_allowed` but for an administrator."""
    if actor.role is not Role.ORG_ADMIN:
        raise NotAllowed
    return audit.list_page(tx, actor.organization_id, replace(query, span=_to_span(tx, actor, days)), paging)


def _only(actor: Actor) -> UserId | None:
    return None if actor.role is Role.ORG_ADMIN else actor.user_id


def _whose(tx: Transaction, actor: Actor, consultant_id: UserId | None) -> UserId | None:
    """Return whose rules are asked for: None, of all, only for an administrator."""
    if consultant_id is None and actor.role is Role.ORG_ADMIN:
        return None
    whose = consultant_id or actor.user_id
    require_own(tx, actor, whose)
    return whose


def _require_known(tx: Transaction, actor: Actor, user_id: UserId | None, role: Role) -> None:
    if user_id is None:
        return
    user = users.get(tx, actor.organization_id, user_id)
    if user.role is not role:
        raise UserNotFound
    if actor.role is Role.ORG_ADMIN or actor.user_id == user_id:
        return
    if not bilans.has_together(tx, actor.organization_id, actor.user_id, user_id):
        raise UserNotFound


def _to_span(tx: Transaction, actor: Actor, days: Days) -> Span | None:
    days.require_order()
    if days.is_unbounded:
        return None
    timezone = organizations.get(tx, actor.organization_id).timezone
    zone = find_zone(timezone)
    if zone is None:
        raise UnknownZone(timezone=timezone)
    return to_span_of_days(days.first or _FAR_PAST, days.last or _FAR_FUTURE, zone)
