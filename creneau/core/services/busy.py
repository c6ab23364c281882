"""BusyService: busy time as it is read from consultants' own calendars. Reading them is for `calendar_sync`."""

from collections.abc import Sequence
from datetime import datetime

from creneau.core.clock import Clock
from creneau.core.domain.busy import BusyObject, BusyReading
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.storage import busy
from creneau.core.storage.database import Database


class BusyService:
    """A calendar is named by its source, for example its address: a consultant may have several."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def list_known_objects(
        self, organization_id: OrganizationId, consultant_id: UserId, source: str
    ) -> dict[str, str | None]:
        """Return the addresses of what is known of a calendar, with their etags: what differs is to be read again."""
        with self._database.transaction(organization_id) as tx:
            return busy.list_etags(tx, (organization_id, consultant_id, source))

    def record_busy(
        self, organization_id: OrganizationId, consultant_id: UserId, source: str, reading: BusyReading
    ) -> None:
        """Keep what a reading brought, and that it was read now: from here on it closes what it overlaps.

        With progress it is kept as `keep_objects` keeps it.
        """
        of_source = (organization_id, consultant_id, source)
        with self._database.transaction(organization_id) as tx:
            if reading.progress is not None and not busy.is_chosen(tx, of_source, reading.progress.chosen_at):
                return
            gone = set(reading.gone)
            if reading.is_whole:
                gone |= busy.list_etags(tx, of_source).keys() - {found.href for found in reading.objects}
            busy.remove(tx, of_source, sorted(gone))
            busy.replace(tx, of_source, reading.objects)
            busy.record_reading(tx, of_source, self._clock.now(), reading.progress)

    def keep_objects(
        self,
        organization_id: OrganizationId,
        consultant_id: UserId,
        source: str,
        objects: Sequence[BusyObject],
        chosen_at: datetime | None,
    ) -> None:
        """Keep a part of a reading that goes on: what it blocks is closed at once, and need not be read again.

        Nothing is kept of a calendar that was left, or chosen anew, since the reading began.
        """
        of_source = (organization_id, consultant_id, source)
        with self._database.transaction(organization_id) as tx:
            if busy.is_chosen(tx, of_source, chosen_at):
                busy.replace(tx, of_source, objects)

    def list_recurring(self, organization_id: OrganizationId, consultant_id: UserId, source: str) -> list[BusyObject]:
        """Return what recurs in a calendar, with its times to be expanded further, and without spans."""
        with self._database.transaction(organization_id) as tx:
            return busy.list_recurring(tx, (organization_id, consultant_id, source))

    def forget_calendar(self, organization_id: OrganizationId, consultant_id: UserId, source: str) -> None:
        """Forget a calendar that no longer counts: nothing in it closes anything any more."""
        with self._database.transaction(organization_id) as tx:
            busy.forget(tx, (organization_id, consultant_id, source))
