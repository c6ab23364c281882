"""CalendarChangeService: what consultants do to sessions in their own calendars, and their answers to it.

Nothing is cancelled and nothing moved here but by a person. What is seen comes from `calendar_sync`.
"""

from collections.abc import Callable
from uuid import UUID

from creneau.core.clock import Clock
from creneau.core.domain.booking import Booking
from creneau.core.domain.calendar_change import Sighting, Watched
from creneau.core.domain.events import CalendarEmptied, CalendarPushWanted, SessionPutBack
from creneau.core.domain.ids import BookingId, OrganizationId, UserId
from creneau.core.domain.people import Actor
from creneau.core.services.following import Follow
from creneau.core.storage import busy, jobs
from creneau.core.storage import calendar_changes as storage
from creneau.core.storage.database import Database
from creneau.core.usecases import acts, audit
from creneau.core.usecases import calendar_changes as usecases


class CalendarChangeService:
    def __init__(self, database: Database, clock: Clock, follow: Follow, new_id: Callable[[], UUID]) -> None:
        self._database = database
        self._clock = clock
        self._follow = follow
        self._new_id = new_id

    def list_watched(self, organization_id: OrganizationId, consultant_id: UserId) -> list[Watched]:
        """List the sessions to come that stand in a consultant's calendar, as far as no push is on its way."""
        with self._database.transaction(organization_id) as tx:
            return storage.list_watched(tx, organization_id, consultant_id, self._clock.now())

    def record_seen(self, organization_id: OrganizationId, watched: Watched, seen: Sighting) -> None:
        """Take down how a session stands in the calendar; its consultant is asked about what is new."""
        now = self._clock.now()
        with self._database.transaction(organization_id) as tx:
            came = usecases.see(tx, organization_id, watched, seen, now)
            if came is not None:
                jobs.add(tx, self._follow(came))

    def record_missing(self, organization_id: OrganizationId, watched: Watched) -> None:
        """Take down that a session is not in the calendar; its consultant is asked after a second look."""
        now = self._clock.now()
        with self._database.transaction(organization_id) as tx:
            came = usecases.miss(tx, organization_id, watched, now)
            if came is not None:
                jobs.add(tx, self._follow(came))

    def is_in_another_calendar(
        self, organization_id: OrganizationId, consultant_id: UserId, booking_id: BookingId, source: str
    ) -> bool:
        """Tell whether a session's event was read in another calendar of its consultant than `source`."""
        with self._database.transaction(organization_id) as tx:
            return busy.has_booking(tx, organization_id, consultant_id, booking_id, source)

    def record_told(self, organization_id: OrganizationId, booking_id: BookingId) -> None:
        with self._database.transaction(organization_id) as tx:
            usecases.record_told(tx, organization_id, booking_id, self._clock.now())

    def ask_for_new_time(self, actor: Actor, booking_id: BookingId) -> Booking:
        """Propose to the beneficiary the time to which a session was moved; see `usecases.calendar_changes`."""
        now = self._clock.now()
        with self._database.transaction(actor.organization_id) as tx:
            change = usecases.ask_for_new_time(tx, actor, booking_id, now, self._new_id)
            return acts.conclude(tx, actor, "times_proposed", change, self._follow(change.event), self._new_id)

    def put_back(self, actor: Actor, booking_id: BookingId) -> Booking:
        """Bring a session's event back to where the session stands, by a job."""
        with self._database.transaction(actor.organization_id) as tx:
            booking = usecases.put_back(tx, actor, booking_id)
            audit.record(tx, actor, "put_back", "booking", booking.id, self._clock.now(), self._new_id)
            jobs.add(tx, self._follow(SessionPutBack(booking)))
            return booking

    def record_suspicion(self, organization_id: OrganizationId, consultant_id: UserId, count: int) -> None:
        """Stop an account that lost many sessions at once. Its consultant is asked, once."""
        now = self._clock.now()
        with self._database.transaction(organization_id) as tx:
            known = storage.find_suspicion(tx, organization_id, consultant_id)
            storage.set_suspicion(tx, organization_id, consultant_id, count, now)
            if known is None:
                jobs.add(tx, self._follow(CalendarEmptied(organization_id, consultant_id, now)))

    def clear_suspicion(self, organization_id: OrganizationId, consultant_id: UserId) -> None:
        """Trust an account again: what had vanished is there. What waited is sent."""
        with self._database.transaction(organization_id) as tx:
            if storage.find_suspicion(tx, organization_id, consultant_id) is not None:
                storage.trust(tx, organization_id, consultant_id)
                jobs.add(tx, self._follow(CalendarPushWanted(organization_id, consultant_id, self._clock.now())))

    def find_suspicion(self, organization_id: OrganizationId, consultant_id: UserId) -> int | None:
        """Return how many sessions vanished at once from an account that is stopped; None for one that is not."""
        with self._database.transaction(organization_id) as tx:
            return storage.find_suspicion(tx, organization_id, consultant_id)

    def put_all_back(self, actor: Actor, consultant_id: UserId) -> None:
        """Put into the calendar what vanished from it. Raises: `actor.not_allowed`, `calendar_change.settled`."""
        now = self._clock.now()
        with self._database.transaction(actor.organization_id) as tx:
            settled = usecases.put_all_back(tx, actor, consultant_id, now)
            audit.record(tx, actor, "put_back", "calendar", consultant_id, now, self._new_id)
            jobs.add(tx, self._follow(CalendarPushWanted(actor.organization_id, consultant_id, now)))
            for booking in settled:
                jobs.add(tx, self._follow(SessionPutBack(booking)))
