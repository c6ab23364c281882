"""FeedService: the secret addresses of calendar feeds, and what each of them shows."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from creneau.core.clock import Clock
from creneau.core.domain.booking import Status
from creneau.core.domain.calendar import is_in_calendar
from creneau.core.domain.errors import UserNotFound
from creneau.core.domain.feeds import (
    BookableHours,
    FeedAddress,
    FeedKind,
    FeedOwner,
    FeedSessions,
    merge_bookable_times,
)
from creneau.core.domain.people import Actor, Role, User
from creneau.core.domain.time import Span
from creneau.core.storage import bookings, feeds, users
from creneau.core.storage.database import Database
from creneau.core.usecases import audit
from creneau.core.usecases.availability import list_up_to_horizon

PAST = timedelta(days=90)
FUTURE = timedelta(days=400)


class FeedService:
    def __init__(self, database: Database, clock: Clock, new_id: Callable[[], UUID]) -> None:
        self._database = database
        self._clock = clock
        self._new_id = new_id

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

    def list_issued(self, actor: Actor) -> dict[FeedKind, datetime]:
        """Return which of one's own feeds have an address, and since when."""
        with self._database.transaction(actor.organization_id) as tx:
            return feeds.list_issued(tx, actor.organization_id, actor.user_id)

    def find_owner(self, token: str) -> FeedOwner | None:
        """Return whose feed a token opens, or None: unknown, rotated, or of somebody who left."""
        with self._database.without_tenant() as tx:
            address = feeds.find_address(tx, _hash(token))
        if address is None:
            return None
        with self._database.transaction(address.organization_id) as tx:
            try:
                user = users.get(tx, address.organization_id, address.user_id)
            except UserNotFound:
                return None
        return FeedOwner(address.organization_id, user, address.kind)

    def list_sessions(self, owner: FeedOwner) -> FeedSessions:
        """List the sessions that stand in a person's calendar, from 90 days back to 400 days ahead."""
        now = self._clock.now()
        span = Span(now - PAST, now + FUTURE)
        with self._database.transaction(owner.organization_id) as tx:
            found = bookings.list_of_user(tx, owner.organization_id, owner.user.id, span, frozenset(Status))
        return FeedSessions(
            bookings=tuple(booking for booking in found if is_in_calendar(booking)),
            modified_at=max((booking.updated_at for booking in found), default=None),
        )

    def list_bookable_hours(self, owner: FeedOwner) -> list[BookableHours]:
        """List the hours in which a consultant can be booked, up to their horizon; nobody else has any."""
        if owner.user.role is not Role.CONSULTANT:
            return []
        with self._database.transaction(owner.organization_id) as tx:
            return merge_bookable_times(list_up_to_horizon(tx, owner.organization_id, owner.user.id, self._clock.now()))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
