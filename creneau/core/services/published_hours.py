"""PublishedHoursService: bookable hours in a calendar of the consultant's own account, and the record of what is there.

The network is elsewhere: `calendar_sync` asks what to do, does it, and tells what came of it.
"""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from creneau.core.clock import Clock
from creneau.core.domain.calendar import LASTING, TELL_AFTER, PushFailure
from creneau.core.domain.errors import CalendarNotLinked
from creneau.core.domain.events import BookableHoursChanged, HoursPublishedAgain, HoursUnpublished
from creneau.core.domain.hours_calendar import TRIED, HoursObject, HoursWish, HoursWork, InboxNote
from creneau.core.domain.ids import OrganizationId, SlotId, UserId
from creneau.core.domain.people import Actor
from creneau.core.services.following import Follow
from creneau.core.storage import calendar_health, calendar_links, hours_calendars, jobs
from creneau.core.storage.calendar_links import SealedLink
from creneau.core.storage.database import Database, Transaction
from creneau.core.usecases import audit
from creneau.core.usecases import hours_calendars as usecases
from creneau.core.usecases.slots import require_own


class PublishedHoursService:
    def __init__(self, database: Database, clock: Clock, follow: Follow, new_id: Callable[[], UUID]) -> None:
        self._database = database
        self._clock = clock
        self._follow = follow
        self._new_id = new_id

    def show_hours(self, actor: Actor, consultant_id: UserId, wish: HoursWish) -> None:
        """Show a consultant's bookable hours in their account from now on, by a job.

        Raises: `user.not_found`, `actor.not_allowed`, `calendar.not_linked`, `calendar.hours_not_apart`,
        `text.invalid`.
        """
        now = self._clock.now()
        with self._database.transaction(actor.organization_id) as tx:
            link = self._get_own(tx, actor, consultant_id)
            usecases.show(tx, link, wish, now)
            audit.record(tx, actor, "shown", "hours_calendar", link.id, now, self._new_id)
            jobs.add(tx, self._follow(BookableHoursChanged(actor.organization_id, consultant_id, now)))

    def hide_hours(self, actor: Actor, consultant_id: UserId) -> None:
        """Take bookable hours out of the account by a job, with the calendar that was made for them.

        Raises: as `show_hours`.
        """
        now = self._clock.now()
        with self._database.transaction(actor.organization_id) as tx:
            link = self._get_own(tx, actor, consultant_id)
            if usecases.hide(tx, link, now):
                audit.record(tx, actor, "hidden", "hours_calendar", link.id, now, self._new_id)
                jobs.add(tx, self._follow(BookableHoursChanged(actor.organization_id, consultant_id, now)))

    def list_published(self) -> list[tuple[OrganizationId, UserId]]:
        """List whose hours are shown in a calendar, of every organization."""
        with self._database.without_tenant() as tx:
            return hours_calendars.list_published(tx)

    def find_work(self, organization_id: OrganizationId, consultant_id: UserId) -> HoursWork | None:
        """Return what there is to bring in line, as it is now."""
        with self._database.transaction(organization_id) as tx:
            return usecases.find_work(tx, organization_id, consultant_id, self._clock.now())

    def record_made(self, work: HoursWork) -> None:
        """Record that the calendar that is ours alone was made."""
        with self._database.transaction(work.calendar.organization_id) as tx:
            hours_calendars.set_made(tx, work.calendar, self._clock.now())

    def record_cleared(self, work: HoursWork) -> None:
        """Record that the calendar that was made is gone, or its owner's from now on."""
        with self._database.transaction(work.calendar.organization_id) as tx:
            hours_calendars.set_made(tx, work.calendar, None)

    def record_put(self, work: HoursWork, slot_id: SlotId, made: HoursObject, *, is_tried: bool = False) -> None:
        """Record what stands there for a rule; `is_tried`, what is about to: whoever comes after a crash finds it."""
        with self._database.transaction(work.calendar.organization_id) as tx:
            kept = replace(made, digest=TRIED) if is_tried else made
            hours_calendars.save_object(tx, work.calendar, slot_id, kept)

    def record_removal(self, work: HoursWork, slot_id: SlotId) -> None:
        with self._database.transaction(work.calendar.organization_id) as tx:
            hours_calendars.remove_object(tx, work.calendar, slot_id)

    def record_inbox(self, work: HoursWork, note: InboxNote | None) -> None:
        """Record what the account's inbox was told; None: nothing of ours stands there."""
        with self._database.transaction(work.calendar.organization_id) as tx:
            hours_calendars.record_inbox(tx, work.calendar, note)

    def finish(self, work: HoursWork) -> bool:
        """Record that all is in line; tell whether nothing else is wanted by now.

        Where hours were to end, they are forgotten, unless somebody wants them again meanwhile.
        """
        with self._database.transaction(work.calendar.organization_id) as tx:
            now = hours_calendars.find(tx, work.calendar.organization_id, work.consultant.id)
            if now is None or now.is_ending != work.calendar.is_ending:
                return now is None
            if now.is_ending:
                hours_calendars.remove(tx, now.organization_id, now.link_id)
                return True
            at = self._clock.now()
            if hours_calendars.record_told(tx, now, at):
                jobs.add(tx, self._follow(HoursPublishedAgain(now.organization_id, work.consultant.id, at)))
            return True

    def record_failure(self, organization_id: OrganizationId, consultant_id: UserId, failure: PushFailure) -> None:
        """Record why hours did not get into the account.

        The consultant is told once, as of sessions that do not; not where they know that the account is in trouble.
        """
        now = self._clock.now()
        with self._database.transaction(organization_id) as tx:
            calendar = hours_calendars.find(tx, organization_id, consultant_id)
            if calendar is None or calendar.is_ending:
                return
            since = hours_calendars.record_failure(tx, calendar, failure, now)
            if since is None or calendar_health.is_trouble_told(tx, organization_id, consultant_id):
                return
            if failure in LASTING or now - since >= TELL_AFTER:
                hours_calendars.record_failure_told(tx, calendar, now)
                jobs.add(tx, self._follow(HoursUnpublished(organization_id, consultant_id, now)))

    def _get_own(self, tx: Transaction, actor: Actor, consultant_id: UserId) -> SealedLink:
        require_own(tx, actor, consultant_id)
        link = calendar_links.find(tx, actor.organization_id, consultant_id)
        if link is None:
            raise CalendarNotLinked
        return link
