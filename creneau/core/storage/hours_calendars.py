"""Queries on calendars of bookable hours: where hours go, and what was put there."""

from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from creneau.core.domain.calendar import HoursHealth, PushFailure
from creneau.core.domain.hours_calendar import TRIED, HoursCalendar, HoursObject, InboxNote
from creneau.core.domain.ids import CalendarLinkId, OrganizationId, SlotId, UserId
from creneau.core.storage.database import Transaction
from creneau.core.storage.tables import hours_calendars as calendars
from creneau.core.storage.tables import hours_objects as objects

_LIST = text("select organization_id, consultant_id from list_published_hours()")


def list_published(tx: Transaction) -> list[tuple[OrganizationId, UserId]]:
    """Return whose hours are shown in a calendar, of every organization. Needs no tenant."""
    return [(OrganizationId(row.organization_id), UserId(row.consultant_id)) for row in tx.execute(_LIST)]


def list_consultants(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId | None) -> list[UserId]:
    """Return whose hours are shown: the consultant's, if theirs are, or (None) everybody's."""
    query = select(calendars.c.consultant_id).where(calendars.c.organization_id == organization_id)
    if consultant_id is not None:
        query = query.where(calendars.c.consultant_id == consultant_id)
    return [UserId(found) for found in tx.scalars(query.order_by(calendars.c.consultant_id))]


def find(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId) -> HoursCalendar | None:
    """Return where a consultant's hours go, locked until the transaction ends."""
    row = tx.execute(select(calendars).where(_of(organization_id, consultant_id)).with_for_update()).mappings().first()
    return None if row is None else _to_calendar(row)


def find_health(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId) -> HoursHealth | None:
    row = tx.execute(select(calendars).where(_of(organization_id, consultant_id))).mappings().first()
    if row is None:
        return None
    return HoursHealth(
        row["url"],
        row["url"] == row["own_url"],
        row["told_at"],
        row["failed_at"],
        PushFailure(row["failure"]) if row["failure"] else None,
        row["tells_inbox"],
        row["ending_at"] is not None,
    )


def save(
    tx: Transaction, consultant_id: UserId, calendar: HoursCalendar, at: datetime, *, made_at: datetime | None
) -> None:
    """Write where hours go from now on; nothing is known of how that is doing."""
    said = {
        "url": calendar.url,
        "own_url": calendar.own_url,
        "made_at": made_at,
        "tells_inbox": calendar.tells_inbox,
        "ending_at": at if calendar.is_ending else None,
        "failed_at": None,
        "failure": None,
        "failing_since": None,
        "failure_told_at": None,
    }
    key = {"organization_id": calendar.organization_id, "calendar_link_id": calendar.link_id}
    put = insert(calendars).values(**key, consultant_id=consultant_id, **said)
    tx.execute(put.on_conflict_do_update(index_elements=list(key), set_=said))


def set_made(tx: Transaction, calendar: HoursCalendar, at: datetime | None) -> None:
    """Record that the calendar of our own is there, or (None) that it is not, or not any more."""
    tx.execute(update(calendars).where(_is(calendar)).values(made_at=at))


def record_told(tx: Transaction, calendar: HoursCalendar, at: datetime) -> bool:
    """Record that hours are in step; tell whether the consultant had been told that they were not."""
    was_told: datetime | None = tx.scalar(select(calendars.c.failure_told_at).where(_is(calendar)).with_for_update())
    well = dict.fromkeys(("failed_at", "failure", "failing_since", "failure_told_at"))
    tx.execute(update(calendars).where(_is(calendar)).values(told_at=at, **well))
    return was_told is not None


def record_failure(tx: Transaction, calendar: HoursCalendar, failure: PushFailure, at: datetime) -> datetime | None:
    """Record a failure; return since when hours fail, None when the consultant knows already."""
    query = (
        update(calendars)
        .where(_is(calendar))
        .values(failed_at=at, failure=failure, failing_since=func.coalesce(calendars.c.failing_since, at))
        .returning(calendars.c.failing_since, calendars.c.failure_told_at)
    )
    row = tx.execute(query).first()
    if row is None or row.failure_told_at is not None:
        return None
    since: datetime = row.failing_since
    return since


def record_failure_told(tx: Transaction, calendar: HoursCalendar, at: datetime) -> None:
    tx.execute(update(calendars).where(_is(calendar)).values(failure_told_at=at))


def record_inbox(tx: Transaction, calendar: HoursCalendar, note: InboxNote | None) -> None:
    """Record what the inbox was told; None: nothing of ours is there."""
    said = {"inbox_url": note.url if note else None, "inbox_digest": note.digest if note else None}
    tx.execute(update(calendars).where(_is(calendar)).values(**said))


def list_objects(tx: Transaction, calendar: HoursCalendar) -> dict[SlotId, HoursObject]:
    query = select(
        objects.c.slot_id, objects.c.href, objects.c.etag, objects.c.digest, objects.c.sequence, objects.c.changed_at
    ).where(objects.c.organization_id == calendar.organization_id, objects.c.calendar_link_id == calendar.link_id)
    return {SlotId(slot_id): HoursObject(*made) for slot_id, *made in tx.execute(query)}


def save_object(tx: Transaction, calendar: HoursCalendar, slot_id: SlotId, made: HoursObject) -> None:
    """Record what was put there for a rule, in place of what was known before."""
    key = {
        "organization_id": calendar.organization_id,
        "calendar_link_id": calendar.link_id,
        "slot_id": slot_id,
    }
    said = {
        "href": made.href,
        "etag": made.etag,
        "digest": made.digest,
        "sequence": made.sequence,
        "changed_at": made.changed_at,
    }
    tx.execute(insert(objects).values(**key, **said).on_conflict_do_update(index_elements=list(key), set_=said))


def remove_object(tx: Transaction, calendar: HoursCalendar, slot_id: SlotId) -> None:
    tx.execute(
        delete(objects).where(
            objects.c.organization_id == calendar.organization_id,
            objects.c.calendar_link_id == calendar.link_id,
            objects.c.slot_id == slot_id,
        )
    )


def forget_objects(tx: Transaction, organization_id: OrganizationId, link_id: CalendarLinkId) -> None:
    """Forget what was put where: it is not ours to touch any more, or it is gone."""
    tx.execute(
        delete(objects).where(objects.c.organization_id == organization_id, objects.c.calendar_link_id == link_id)
    )


def remove(tx: Transaction, organization_id: OrganizationId, link_id: CalendarLinkId) -> None:
    """Forget that hours are shown through a link, and all that was put there."""
    forget_objects(tx, organization_id, link_id)
    tx.execute(
        delete(calendars).where(calendars.c.organization_id == organization_id, calendars.c.calendar_link_id == link_id)
    )


def _of(organization_id: OrganizationId, consultant_id: UserId) -> ColumnElement[bool]:
    return (calendars.c.organization_id == organization_id) & (calendars.c.consultant_id == consultant_id)


def _is(calendar: HoursCalendar) -> ColumnElement[bool]:
    return (calendars.c.organization_id == calendar.organization_id) & (
        calendars.c.calendar_link_id == calendar.link_id
    )


def _to_calendar(row: RowMapping) -> HoursCalendar:
    has_note = row["inbox_url"] is not None
    return HoursCalendar(
        OrganizationId(row["organization_id"]),
        CalendarLinkId(row["calendar_link_id"]),
        row["url"],
        row["own_url"],
        row["made_at"] is not None,
        row["tells_inbox"],
        InboxNote(row["inbox_url"], row["inbox_digest"] or TRIED) if has_note else None,
        row["ending_at"] is not None,
    )
