"""Queries on busy time read from consultants' own calendars. The engine reads it through `storage.agenda`."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Table, delete, select
from sqlalchemy.dialects.postgresql import insert

from creneau.core.domain.busy import BusyObject
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.storage.database import Transaction
from creneau.core.storage.tables import busy_calendars as calendars
from creneau.core.storage.tables import busy_intervals as intervals
from creneau.core.storage.tables import busy_objects as objects

Source = tuple[OrganizationId, UserId, str]
"""Whose calendar, and which: its address, or another name that tells it from the others."""


def record_reading(tx: Transaction, source: Source, at: datetime) -> None:
    """Remember that a calendar was read, whether or not it has anything in it."""
    organization_id, consultant_id, name = source
    tx.execute(
        insert(calendars)
        .values(organization_id=organization_id, consultant_id=consultant_id, source=name, read_at=at)
        .on_conflict_do_update(index_elements=["organization_id", "consultant_id", "source"], set_={"read_at": at})
    )


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
        tx.execute(insert(objects), [{**of_source, "href": o.href, "etag": o.etag, "uid": o.uid} for o in found])
    spans = {(one.uid, span.starts_at): span.ends_at for one in found for span in one.spans}
    if spans:
        # Two objects of one UID, which a calendar should not have, block what either of them blocks.
        put = insert(intervals).on_conflict_do_nothing()
        rows = [{**of_source, "uid": uid, "starts_at": start, "ends_at": end} for (uid, start), end in spans.items()]
        tx.execute(put, rows)


def remove(tx: Transaction, source: Source, hrefs: Sequence[str]) -> None:
    """Forget objects, and what they block."""
    gone = _of(objects, source) & objects.c.href.in_(hrefs)
    uids = select(objects.c.uid).where(gone)
    tx.execute(delete(intervals).where(_of(intervals, source) & intervals.c.uid.in_(uids)))
    tx.execute(delete(objects).where(gone))


def forget(tx: Transaction, source: Source) -> None:
    """Forget a calendar with all that was read in it."""
    for table in (intervals, objects, calendars):
        tx.execute(delete(table).where(_of(table, source)))


def _of(table: Table, source: Source) -> ColumnElement[bool]:
    organization_id, consultant_id, name = source
    of_consultant = (table.c.organization_id == organization_id) & (table.c.consultant_id == consultant_id)
    return of_consultant & (table.c.source == name)
