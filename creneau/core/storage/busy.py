"""Queries on busy time read from consultants' own calendars. The engine reads it through `storage.agenda`."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Table, delete, or_, select, text
from sqlalchemy.dialects.postgresql import insert

from creneau.core.domain.busy import NOT_READ, BusyObject, ReadingProgress
from creneau.core.domain.ids import BookingId, OrganizationId, UserId
from creneau.core.storage.database import Transaction
from creneau.core.storage.tables import busy_calendars as calendars
from creneau.core.storage.tables import busy_intervals as intervals
from creneau.core.storage.tables import busy_objects as objects

Source = tuple[OrganizationId, UserId, str]
"""Whose calendar, and which: its address, or another name that tells it from the others."""

_KEY = ["organization_id", "consultant_id", "source"]


_TO_READ = text("select organization_id, consultant_id from list_calendars_to_read(:at)")


def list_to_read(tx: Transaction, at: datetime) -> list[tuple[OrganizationId, UserId]]:
    """Return whose accounts are due to be read, of every organization. Needs no tenant."""
    return [
        (OrganizationId(row.organization_id), UserId(row.consultant_id)) for row in tx.execute(_TO_READ, {"at": at})
    ]


def choose(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, names: Sequence[str], at: datetime
) -> None:
    """Let these calendars count from now on, and forget those that do not any more."""
    mine = (calendars.c.organization_id == organization_id) & (calendars.c.consultant_id == consultant_id)
    for name in tx.scalars(select(calendars.c.source).where(mine, calendars.c.source.not_in(names))).all():
        forget(tx, (organization_id, consultant_id, name))
    for name in names:
        row = {"organization_id": organization_id, "consultant_id": consultant_id, "source": name, "chosen_at": at}
        put = insert(calendars).values(row)
        tx.execute(put.on_conflict_do_update(index_elements=_KEY, set_={"chosen_at": at}))


def list_chosen(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId) -> dict[str, ReadingProgress]:
    """Return the calendars that count for a consultant, with how far each was read."""
    rows = tx.execute(
        select(calendars)
        .where(
            calendars.c.organization_id == organization_id,
            calendars.c.consultant_id == consultant_id,
            calendars.c.chosen_at.is_not(None),
        )
        .order_by(calendars.c.source)
    )
    return {
        row.source: ReadingProgress(row.sync_token, row.whole_at, row.zone, row.expanded_until, row.chosen_at)
        for row in rows
    }


def is_chosen(tx: Transaction, source: Source, since: datetime | None) -> bool:
    """Tell whether a calendar counts as it did since an instant, and let it until the transaction ends."""
    query = select(calendars.c.source).where(_of(calendars, source), calendars.c.chosen_at == since)
    return tx.execute(query.with_for_update()).first() is not None


def record_reading(tx: Transaction, source: Source, at: datetime, progress: ReadingProgress | None) -> None:
    """Remember that a calendar was read, whether or not it has anything in it, and how far."""
    organization_id, consultant_id, name = source
    known = progress or NOT_READ
    read = {
        "read_at": at,
        "sync_token": known.token,
        "whole_at": known.whole_at,
        "zone": known.zone,
        "expanded_until": known.expanded_until,
    }
    changed = read if progress else {"read_at": at}
    tx.execute(
        insert(calendars)
        .values(organization_id=organization_id, consultant_id=consultant_id, source=name, **read)
        .on_conflict_do_update(index_elements=_KEY, set_=changed)
    )


def list_recurring(tx: Transaction, source: Source) -> list[BusyObject]:
    """Return the objects that recur, without what they block as it was worked out before."""
    rows = tx.execute(select(objects).where(_of(objects, source), objects.c.recurrence.is_not(None)))
    return [BusyObject(row.href, row.etag, row.uid, (), row.recurrence, row.is_doubtful) for row in rows]


def count_doubtful(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId) -> int:
    """Count the objects that could not be read in full."""
    query = select(objects.c.href).where(
        objects.c.organization_id == organization_id, objects.c.consultant_id == consultant_id, objects.c.is_doubtful
    )
    return len(tx.scalars(query).all())


def find_oldest_reading(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, *, is_read: bool = False
) -> datetime | None:
    """Return as of when a consultant's busy time is known: of several calendars, the one read least lately.

    One that was chosen and not read yet counts as of then; with `is_read` there is no answer until all are read.
    None: no calendar counts.
    """
    query = select(calendars.c.read_at, calendars.c.chosen_at).where(
        calendars.c.organization_id == organization_id, calendars.c.consultant_id == consultant_id
    )
    known = [row.read_at if is_read else row.read_at or row.chosen_at for row in tx.execute(query)]
    return None if None in known else min(known, default=None)


def list_etags(tx: Transaction, source: Source) -> dict[str, str | None]:
    """Return the objects that are known of a calendar, with the etags of which they are."""
    rows = tx.execute(select(objects.c.href, objects.c.etag).where(_of(objects, source)))
    return {row.href: row.etag for row in rows}


def replace(tx: Transaction, source: Source, found: Sequence[BusyObject]) -> None:
    """Put what was read in the place of what was known of the same objects, and of no others."""
    remove(tx, source, [one.href for one in found])
    organization_id, consultant_id, name = source
    of_source = {"organization_id": organization_id, "consultant_id": consultant_id, "source": name}
    if found:
        tx.execute(insert(objects), [{**of_source, **_to_row(one)} for one in found])
    rows = [
        {**of_source, "object": _name(one.href), "uid": one.uid, "starts_at": span.starts_at, "ends_at": span.ends_at}
        for one in found
        for span in one.spans
    ]
    if rows:
        tx.execute(insert(intervals), rows)


def remove(tx: Transaction, source: Source, hrefs: Sequence[str]) -> None:
    """Forget objects, and what they block; another object of the same UID blocks what it did."""
    gone = _of(objects, source) & objects.c.href.in_(hrefs)
    uids = select(objects.c.uid).where(gone)
    theirs = or_(
        intervals.c.object.in_([_name(href) for href in hrefs]),
        (intervals.c.object == "") & intervals.c.uid.in_(uids),  # written by the version before
    )
    tx.execute(delete(intervals).where(_of(intervals, source) & theirs))
    tx.execute(delete(objects).where(gone))


def forget(tx: Transaction, source: Source) -> None:
    """Forget a calendar with all that was read in it. Its own row comes first: whoever is reading it has that."""
    for table in (calendars, intervals, objects):
        tx.execute(delete(table).where(_of(table, source)))


def remove_spans_of_booking(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, booking_id: BookingId
) -> None:
    """Let a session's own event block nothing any more, wherever it stands: its UID begins with the booking's id."""
    tx.execute(
        delete(intervals).where(
            intervals.c.organization_id == organization_id,
            intervals.c.consultant_id == consultant_id,
            intervals.c.uid.startswith(str(booking_id)),
        )
    )


def has_booking(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, booking_id: BookingId, but: str
) -> bool:
    """Tell whether a session's own event is known in any calendar of a consultant but one."""
    query = select(objects.c.href).where(
        objects.c.organization_id == organization_id,
        objects.c.consultant_id == consultant_id,
        objects.c.source != but,
        objects.c.uid.startswith(str(booking_id)),
    )
    return tx.scalar(query.limit(1)) is not None


def _name(href: str) -> str:
    """Return what intervals know an object by: an address may be longer than an index takes."""
    return hashlib.sha256(href.encode()).hexdigest()[:32]


def _to_row(found: BusyObject) -> dict[str, object]:
    return {
        "href": found.href,
        "etag": found.etag,
        "uid": found.uid,
        "recurrence": found.recurrence,
        "is_doubtful": found.is_doubtful,
    }


def _of(table: Table, source: Source) -> ColumnElement[bool]:
    organization_id, consultant_id, name = source
    of_consultant = (table.c.organization_id == organization_id) & (table.c.consultant_id == consultant_id)
    return of_consultant & (table.c.source == name)
