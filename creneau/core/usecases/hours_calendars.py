"""Where a consultant's bookable hours are shown in their own account, and what there is to show."""

from dataclasses import replace
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from creneau.core.domain.bookable_series import BookableSeries, to_series, years_around
from creneau.core.domain.calendar import PushFailure, origin_of
from creneau.core.domain.errors import HoursNotApart, TextInvalid
from creneau.core.domain.events import BookableHoursChanged
from creneau.core.domain.hours_calendar import HoursCalendar, HoursWish, HoursWork, own_url
from creneau.core.domain.ids import CalendarLinkId, OrganizationId, SlotId, UserId
from creneau.core.domain.people import User
from creneau.core.domain.time_off import ExceptionKind, days_of
from creneau.core.holidays import holidays_between
from creneau.core.storage import busy, calendar_changes, calendar_health, policies, slots, time_off, users
from creneau.core.storage import hours_calendars as storage
from creneau.core.storage.database import Transaction
from creneau.core.usecases.calendar_urls import clean_calendar_url

_FIELD = "hours_url"


class Link(Protocol):
    """A consultant's link to their account, sealed or open."""

    @property
    def id(self) -> CalendarLinkId: ...
    @property
    def organization_id(self) -> OrganizationId: ...
    @property
    def consultant_id(self) -> UserId: ...
    @property
    def calendar_url(self) -> str: ...


def show(tx: Transaction, link: Link, wish: HoursWish, now: datetime) -> None:
    """Show hours in a calendar of the account; what stands in the one before leaves it.

    Raises: `text.invalid` (not of the account's server), `calendar.hours_not_apart`.
    """
    before = storage.find(tx, link.organization_id, link.consultant_id)
    own = before.own_url if before else None
    if wish.url is None:
        own = url = own or own_url(link.calendar_url, link.id)
    else:
        url = clean_calendar_url(wish.url, _FIELD)
        if not url.startswith(origin_of(link.calendar_url)):
            raise TextInvalid(field=_FIELD)
    is_made = before is not None and before.is_made
    calendar = HoursCalendar(link.organization_id, link.id, url, own, is_made, wish.tells_inbox, None, is_ending=False)
    _save(tx, link, calendar, now)


def keep(tx: Transaction, link: Link, now: datetime) -> None:
    """Go on showing hours through a link that was given another calendar or password.

    On another server what stood on the one before is not ours to touch any more. Raises: `calendar.hours_not_apart`.
    """
    before = storage.find(tx, link.organization_id, link.consultant_id)
    if before is None:
        return
    if before.url.startswith(origin_of(link.calendar_url)):
        _save(tx, link, before, now)
        return
    storage.remove(tx, link.organization_id, link.id)
    if before.url == before.own_url and not before.is_ending:
        show(tx, link, HoursWish(tells_inbox=before.tells_inbox), now)


def hide(tx: Transaction, link: Link, now: datetime) -> bool:
    """Take hours out of the account again; tell whether they were shown."""
    before = storage.find(tx, link.organization_id, link.consultant_id)
    if before is None:
        return False
    ending = replace(before, tells_inbox=False, is_ending=True)
    storage.save(tx, link.consultant_id, ending, now, made_at=now if before.is_made else None)
    return True


def find_work(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, now: datetime
) -> HoursWork | None:
    """Return what there is to do; None where hours are not shown, or the account is to be left alone for now."""
    calendar = storage.find(tx, organization_id, consultant_id)
    if calendar is None or calendar_changes.find_suspicion(tx, organization_id, consultant_id) is not None:
        return None
    if calendar_health.find_failures(tx, organization_id, consultant_id) & {PushFailure.WRONG_PASSWORD}:
        return None
    consultant = users.list_of_ids(tx, organization_id, [consultant_id])[consultant_id]  # they may have left
    series = {} if calendar.is_ending else list_series(tx, consultant, now)
    return HoursWork(calendar, consultant, series, storage.list_objects(tx, calendar))


def list_series(tx: Transaction, consultant: User, now: datetime) -> dict[SlotId, BookableSeries]:
    """Return the hours of each rule of a consultant that has any, this year and the next."""
    organization_id = consultant.organization_id
    first, last = years_around(now.astimezone(ZoneInfo(consultant.timezone)).date())
    policy = policies.get(tx, organization_id, consultant.id)
    exceptions = time_off.list_of_consultant(tx, organization_id, consultant.id, first, last)
    closed: frozenset[date] = frozenset()
    if policy.closes_on_holidays:
        closed = holidays_between(policy.holiday_country, policy.holiday_subdivision, first, last)
        closed -= days_of(exceptions, ExceptionKind.OPEN_HOLIDAY, first, last)
    told = {
        rule.id: to_series(rule, exceptions, closed, first, last)
        for rule in slots.list_of_consultant(tx, organization_id, consultant.id)
    }
    return {slot_id: series for slot_id, series in told.items() if series is not None}


def list_changed(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId | None, now: datetime
) -> list[BookableHoursChanged]:
    """Return what happened to hours that are shown: the consultant's, or (None) all of the organization."""
    shown = storage.list_consultants(tx, organization_id, consultant_id)
    return [BookableHoursChanged(organization_id, one, now) for one in shown]


def _save(tx: Transaction, link: Link, calendar: HoursCalendar, now: datetime) -> None:
    """Raises: `calendar.hours_not_apart`."""
    counting = busy.list_chosen(tx, link.organization_id, link.consultant_id)
    if link.calendar_url in (calendar.url, calendar.own_url) or calendar.url in counting:
        raise HoursNotApart
    storage.save(tx, link.consultant_id, calendar, now, made_at=now if calendar.is_made else None)
