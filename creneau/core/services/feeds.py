"""FeedService: the secret addresses of calendar feeds, and what each of them shows."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from creneau.core.clock import Clock
from creneau.core.domain.bookable_series import BookableSeries
from creneau.core.domain.feeds import (
    BookableHours,
    CalendarProgram,
    Feed,
    FeedAddress,
    FeedFetch,
    FeedKind,
    FeedOwner,
    FeedSession,
    IssuedFeed,
    StoredBody,
    ToldSeries,
    list_changed,
    merge_bookable_times,
)
from creneau.core.domain.ids import SlotId
from creneau.core.domain.people import Actor, Role, User
from creneau.core.domain.time import Span
from creneau.core.storage import feeds, users
from creneau.core.storage.database import Database
from creneau.core.usecases import audit
from creneau.core.usecases.availability import list_up_to_horizon
from creneau.core.usecases.hours_calendars import list_series

PAST = timedelta(days=90)
FUTURE = timedelta(days=400)
SETTLED = timedelta(minutes=2)
FETCH_IS_NEWS = timedelta(minutes=5)
KEPT = timedelta(days=1)
"""How long what was said of bookable hours is kept once they have begun."""


class FeedService:
    def __init__(self, database: Database, clock: Clock, new_id: Callable[[], UUID], rendering: str = "") -> None:
        """`rendering` names the way in which feeds become bytes: where it differs, nothing stored counts."""
        self._database = database
        self._clock = clock
        self._new_id = new_id
        self._rendering = rendering

    def issue_feed_token(self, user: User, kind: FeedKind, actor: Actor | None = None) -> str:
        """Return a new secret for a person's feed, to be shown once; the one before opens nothing any more."""
        token = secrets.token_urlsafe(32)
        address = FeedAddress(user.organization_id, user.id, kind)
        now = self._clock.now()
        with self._database.transaction(user.organization_id) as tx:
            feeds.save_token(tx, address, _hash(token), now)
            audit.record(tx, actor, "issued", "feed_token", user.id, now, self._new_id)
        return token

    def revoke_feed_token(self, actor: Actor, kind: FeedKind) -> None:
        """Take back the address of one's own feed; it is then answered like one that never was."""
        now = self._clock.now()
        with self._database.transaction(actor.organization_id) as tx:
            feeds.remove_token(tx, FeedAddress(actor.organization_id, actor.user_id, kind))
            audit.record(tx, actor, "revoked", "feed_token", actor.user_id, now, self._new_id)

    def list_issued(self, actor: Actor) -> dict[FeedKind, IssuedFeed]:
        """Return which of one's own feeds have an address, since when, and who fetched it last."""
        with self._database.transaction(actor.organization_id) as tx:
            return feeds.list_issued(tx, actor.organization_id, actor.user_id)

    def open_feed(self, token: str, kind: FeedKind) -> Feed | None:
        """Return the feed that a token opens, or None: unknown, rotated, of another kind, or of somebody who left.

        All of it is one statement, whichever it is.
        """
        with self._database.for_one_statement() as tx:
            return feeds.open_feed(tx, _hash(token), kind)

    def window(self) -> Span:
        """Return the days that feeds are about: from 90 days back to 400 days ahead, in whole days of UTC."""
        today = self._clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        return Span(today - PAST, today + FUTURE)

    def find_etag(self, feed: Feed) -> str | None:
        """Return the entity tag of a feed of sessions that has not changed since it was made last."""
        stored = feed.stored
        return stored.etag if stored is not None and stored.basis == self._basis(feed) else None

    def list_sessions(self, owner: FeedOwner) -> list[FeedSession]:
        """List the sessions that stand in a person's calendar."""
        with self._database.transaction(owner.organization_id) as tx:
            return feeds.list_sessions(tx, owner, self.window())

    def list_bookable_hours(self, owner: FeedOwner) -> list[BookableHours]:
        """List the hours in which a consultant can be booked, up to their horizon; nobody else has any.

        Each is told with how often it changed: what was listed before is kept for that.
        """
        if owner.role is not Role.CONSULTANT:
            return []
        now = self._clock.now()
        with self._database.transaction(owner.organization_id) as tx:
            runs = merge_bookable_times(list_up_to_horizon(tx, owner.organization_id, owner.user_id, now))
            known = feeds.list_hours(tx, owner)
            changed = list_changed(runs, known)
            if changed:
                feeds.save_hours(tx, owner, changed, now)
                feeds.forget_hours(tx, owner, now - KEPT)
                known = feeds.list_hours(tx, owner)
        return [known[run.slot_id, run.span.starts_at] for run in runs]

    def tell_series(self, owner: FeedOwner) -> ToldSeries:
        """Return a consultant's hours as they recur, sessions apart, this year and the next; nobody else has any.

        What was told before is kept as a digest, so that a change is told as one.
        """
        now = self._clock.now()
        with self._database.transaction(owner.organization_id) as tx:
            known: dict[SlotId, BookableSeries] = {}
            if owner.role is Role.CONSULTANT:
                known = list_series(tx, users.get(tx, owner.organization_id, owner.user_id), now)
            series = tuple(known[slot_id] for slot_id in sorted(known))
            digest = hashlib.sha256(repr(series).encode()).hexdigest()
            return ToldSeries(series, *feeds.tell_series(tx, owner, digest, now))

    def record_fetch(self, feed: Feed, program: CalendarProgram, etag: str | None = None) -> None:
        """Keep by which program a feed was fetched, and with `etag` what it said.

        Written only when it is news: a program that asks every minute writes every five. What a feed said counts from
        two minutes after the last change on: by then no transaction that began before it is still under way, and
        clocks that differ by less do no harm.
        """
        now = self._clock.now()
        made = None
        if etag is not None and (feed.changed_at is None or now - feed.changed_at >= SETTLED):
            made = StoredBody(self._basis(feed), etag)
        if made == feed.stored:
            made = None
        last = feed.fetch
        if made is None and last is not None and last.program is program and now - last.at < FETCH_IS_NEWS:
            return
        with self._database.transaction(feed.owner.organization_id) as tx:
            feeds.record_fetch(tx, feed.owner, FeedFetch(now, program), made)

    def _basis(self, feed: Feed) -> str:
        """Return all that the bytes of a feed of sessions depend on."""
        return f"{self._rendering} {feed.owner.locale} {self._clock.now().date() - PAST} {feed.changed_at}"


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
