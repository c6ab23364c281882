"""Queries on feed tokens. Only their hashes are stored, so that a copy of the database opens no feed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from creneau.core.domain.calendar import IN_CALENDAR
from creneau.core.domain.feeds import (
    BookableHours,
    BookableRun,
    CalendarProgram,
    Feed,
    FeedAddress,
    FeedFetch,
    FeedKind,
    FeedOwner,
    FeedSession,
    IssuedFeed,
    StoredBody,
)
from creneau.core.domain.ids import OrganizationId, SlotId, UserId
from creneau.core.domain.people import Role
from creneau.core.domain.time import Span
from creneau.core.storage import driver
from creneau.core.storage.database import Lent, Transaction
from creneau.core.storage.driver import Statement
from creneau.core.storage.tables import feed_hours as hours
from creneau.core.storage.tables import feed_tokens as tokens


def save_token(tx: Transaction, address: FeedAddress, token_hash: bytes, at: datetime) -> None:
    """Give a feed its token: the one it had opens nothing any more."""
    tx.execute(
        insert(tokens)
        .values(
            organization_id=address.organization_id,
            user_id=address.user_id,
            kind=address.kind,
            token_hash=token_hash,
            created_at=at,
        )
        .on_conflict_do_update(
            index_elements=[tokens.c.organization_id, tokens.c.user_id, tokens.c.kind],
            set_={
                "token_hash": token_hash,
                "created_at": at,
                **dict.fromkeys(("fetched_at", "fetched_by", "basis", "etag")),
            },
        )
    )


def remove_token(tx: Transaction, address: FeedAddress) -> None:
    tx.execute(
        delete(tokens).where(
            tokens.c.organization_id == address.organization_id,
            tokens.c.user_id == address.user_id,
            tokens.c.kind == address.kind,
        )
    )


def list_issued(tx: Transaction, organization_id: OrganizationId, user_id: UserId) -> dict[FeedKind, IssuedFeed]:
    """Return the feeds of a person that have a token, and when it was given and used."""
    query = select(tokens.c.kind, tokens.c.created_at, tokens.c.fetched_at, tokens.c.fetched_by).where(
        tokens.c.organization_id == organization_id, tokens.c.user_id == user_id
    )
    return {
        FeedKind(kind): IssuedFeed(since, _to_fetch(fetched_at, fetched_by))
        for kind, since, fetched_at, fetched_by in tx.execute(query)
    }


def open_feed(tx: Lent, token_hash: bytes, kind: FeedKind) -> Feed | None:
    """Find what a token opens. Works without a tenant, through a function that tells only this."""
    row = driver.fetch_one(tx, _OPEN, {"token_hash": token_hash, "kind": kind})
    if row is None:
        return None
    organization_id, user_id, role, locale, timezone, changed_at, fetched_at, fetched_by, basis, etag = row
    owner = FeedOwner(OrganizationId(organization_id), UserId(user_id), Role(role), locale, timezone, kind)
    stored = StoredBody(basis, etag) if basis is not None else None
    return Feed(owner, changed_at, _to_fetch(fetched_at, fetched_by), stored)


def record_fetch(tx: Transaction, owner: FeedOwner, fetch: FeedFetch, made: StoredBody | None) -> None:
    """Write down who fetched a feed, and what it said where that is given."""
    driver.run(
        tx,
        _RECORD,
        {
            "organization_id": owner.organization_id,
            "user_id": owner.user_id,
            "kind": owner.kind,
            "at": fetch.at,
            "program": fetch.program,
            "basis": made.basis if made else None,
            "etag": made.etag if made else None,
        },
    )


def list_sessions(tx: Transaction, owner: FeedOwner, span: Span) -> list[FeedSession]:
    """Return what stands in a person's calendar and starts within a span, in the order of its start."""
    values = {
        "organization_id": owner.organization_id,
        "user_id": owner.user_id,
        "starts_at": span.starts_at,
        "ends_at": span.ends_at,
        "statuses": sorted(IN_CALENDAR),
    }
    return list(map(FeedSession._make, driver.fetch_all(tx, _SESSIONS, values)))


def forget_bodies(tx: Transaction, organization_id: OrganizationId) -> None:
    """Forget what the feeds of an organization said: they say it otherwise from now on."""
    tx.execute(update(tokens).where(tokens.c.organization_id == organization_id).values(basis=None, etag=None))


def list_hours(tx: Transaction, owner: FeedOwner) -> dict[tuple[SlotId, datetime], BookableHours]:
    """Return what a consultant's availability feed said last, by rule and start."""
    query = select(hours).where(
        hours.c.organization_id == owner.organization_id, hours.c.consultant_id == owner.user_id
    )
    return {
        (row["slot_id"], row["starts_at"]): BookableHours(
            SlotId(row["slot_id"]), Span(row["starts_at"], row["ends_at"]), row["sequence"], row["changed_at"]
        )
        for row in tx.execute(query).mappings()
    }


def save_hours(tx: Transaction, owner: FeedOwner, runs: Sequence[BookableRun], at: datetime) -> None:
    """Write down how runs are from now on. One that ends elsewhere than before has changed, and its sequence grows."""
    driver.run(
        tx,
        _SAVE_HOURS,
        {
            "organization_id": owner.organization_id,
            "consultant_id": owner.user_id,
            "slot_ids": [run.slot_id for run in runs],
            "starts": [run.span.starts_at for run in runs],
            "ends": [run.span.ends_at for run in runs],
            "at": at,
        },
    )


def forget_hours(tx: Transaction, owner: FeedOwner, before: datetime) -> None:
    """Forget the runs that started before an instant: no feed speaks of them any more."""
    tx.execute(
        delete(hours).where(
            hours.c.organization_id == owner.organization_id,
            hours.c.consultant_id == owner.user_id,
            hours.c.starts_at < before,
        )
    )


def tell_series(tx: Transaction, owner: FeedOwner, digest: str, at: datetime) -> tuple[int, datetime]:
    """Write down what a feed tells of recurring hours, if that is news; return how often it was, and when last."""
    values = {
        "organization_id": owner.organization_id,
        "user_id": owner.user_id,
        "kind": owner.kind,
        "digest": digest,
        "at": at,
    }
    driver.run(tx, _TELL_SERIES, values)
    told = driver.fetch_one(tx, _TOLD_SERIES, values)
    return (0, at) if told is None else (told[0], told[1])


def _to_fetch(at: datetime | None, program: str | None) -> FeedFetch | None:
    return None if at is None or program is None else FeedFetch(at, CalendarProgram(program))


_OPEN = Statement("select * from open_feed(%(token_hash)s, %(kind)s)")
_RECORD = Statement("""
update feed_tokens set fetched_at = %(at)s, fetched_by = %(program)s,
  basis = coalesce(cast(%(basis)s as text), basis), etag = coalesce(cast(%(etag)s as text), etag)
where organization_id = %(organization_id)s and user_id = %(user_id)s and kind = %(kind)s
returning set_config('synchronous_commit', 'off', true) -- a crash may lose it: the feed is then made once more
""")
_TELL_SERIES = Statement("""
update feed_tokens
set told_digest = %(digest)s, told_at = %(at)s,
  told_sequence = told_sequence + case when told_digest is null then 0 else 1 end
where organization_id = %(organization_id)s and user_id = %(user_id)s and kind = %(kind)s
  and told_digest is distinct from %(digest)s
""")
_TOLD_SERIES = Statement("""
select told_sequence, told_at from feed_tokens
where organization_id = %(organization_id)s and user_id = %(user_id)s and kind = %(kind)s
""")
_SESSIONS = Statement("""
select cast(b.id as text), b.consultant_id = %(user_id)s, b.starts_at, b.ends_at, b.version, b.updated_at,
  b.meeting_format, b.meeting_location, centre.detail,
  case when centre.detail is not null then ( -- people are read only where their names may be told
    select other.name from users other
    where other.organization_id = b.organization_id and other.deleted_at is null
      and other.id = case b.consultant_id when %(user_id)s then b.beneficiary_id else b.consultant_id end
  ) end,
  case when centre.detail is not null then b.session_type end
from session_bookings b
cross join ( -- one row, whether the centre chose something or not
  select max(calendar_detail) as detail from scheduling_policies
  where organization_id = %(organization_id)s and consultant_id is null and calendar_detail <> 'NEUTRAL'
) centre
where b.organization_id = %(organization_id)s
  and (b.consultant_id = %(user_id)s or b.beneficiary_id = %(user_id)s)
  and b.starts_at >= %(starts_at)s and b.starts_at < %(ends_at)s
  and b.status = any(cast(%(statuses)s as text[])) and b.deleted_at is null
order by b.starts_at, b.id
""")
_SAVE_HOURS = Statement("""
insert into feed_hours as known (organization_id, consultant_id, slot_id, starts_at, ends_at, changed_at)
select %(organization_id)s, %(consultant_id)s, run.slot_id, run.starts_at, run.ends_at, %(at)s
from unnest(cast(%(slot_ids)s as uuid[]), cast(%(starts)s as timestamptz[]), cast(%(ends)s as timestamptz[]))
  as run (slot_id, starts_at, ends_at)
on conflict (organization_id, consultant_id, slot_id, starts_at) do update
set ends_at = excluded.ends_at, sequence = known.sequence + 1, changed_at = excluded.changed_at
where known.ends_at <> excluded.ends_at
""")
