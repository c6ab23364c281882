"""CalendarService: consultants' links to their calendars, and the record of what stands in them.

The network is elsewhere: `calendar_sync` asks what to do, does it, and tells what came of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from creneau.core.clock import Clock
from creneau.core.domain.booking import Booking
from creneau.core.domain.calendar import (
    LASTING,
    REFUSED_FOR,
    TELL_AFTER,
    CalendarHealth,
    CalendarLink,
    CalendarSession,
    ObjectRefusal,
    PushedObject,
    PushFailure,
)
from creneau.core.domain.calendar_server import ServerKind
from creneau.core.domain.calendar_words import CalendarDetail
from creneau.core.domain.credentials import CredentialKind, clean_username, require_secret
from creneau.core.domain.errors import CalendarNotLinked, PageLinkSpent
from creneau.core.domain.events import (
    BookableHoursChanged,
    CalendarLeft,
    CalendarLinked,
    CalendarPushedAgain,
    CalendarPushWanted,
    CalendarUnpushed,
    SessionsRefused,
)
from creneau.core.domain.hours_calendar import HoursWish
from creneau.core.domain.ids import BookingId, CalendarLinkId, OrganizationId, UserId
from creneau.core.domain.page_links import PageVisit
from creneau.core.domain.people import Actor
from creneau.core.domain.sealed import SealedPlace, SealedSecret
from creneau.core.secrets import SecretBox
from creneau.core.services.following import Follow
from creneau.core.storage import (
    bookings,
    busy,
    calendar_changes,
    calendar_health,
    calendar_links,
    hours_calendars,
    jobs,
    page_links,
    policies,
    pushed_objects,
    users,
)
from creneau.core.storage.calendar_links import SealedLink
from creneau.core.storage.database import Database, Transaction
from creneau.core.usecases import audit
from creneau.core.usecases import calendar_changes as change_usecases
from creneau.core.usecases import hours_calendars as hours_usecases
from creneau.core.usecases.calendar_urls import clean_calendar_url
from creneau.core.usecases.slots import require_own

_LOOK_BACK = timedelta(days=1)


class CalendarService:
    def __init__(
        self, database: Database, clock: Clock, secret_box: SecretBox, follow: Follow, new_id: Callable[[], UUID]
    ) -> None:
        self._database = database
        self._clock = clock
        self._secret_box = secret_box
        self._follow = follow
        self._new_id = new_id

    def link_calendar(
        self,
        actor: Actor,
        consultant_id: UserId,
        calendar_url: str,
        username: str,
        password: str,
        visit: PageVisit | None = None,
        busy_urls: Sequence[str] = (),
        hours: HoursWish | None = None,
        credential: CredentialKind = CredentialKind.PASSWORD,
        server: ServerKind = ServerKind.UNKNOWN,
    ) -> CalendarLink:
        """Link a consultant's calendar, in place of the one linked before; confirmed sessions are sent to it by a job.

        What stands in it, or in one of the account's others at `busy_urls`, closes the consultant's time. With `hours`
        bookable hours are shown in yet another one; without, they go on as they were where that is possible.

        `password` is the token where that is the `credential`; there is no user name then. `server` is what was found.

        With `visit` the link that opened the page is used up in the same transaction.

        Raises: `user.not_found`, `actor.not_allowed` (not one's own and not an administrator), `text.invalid`,
        `page_link.spent`, `calendar.hours_not_apart`.
        """
        now = self._clock.now()
        url = clean_calendar_url(calendar_url)
        username = clean_username(username, credential)
        require_secret(password)
        counting = dict.fromkeys((url, *(clean_calendar_url(other) for other in busy_urls)))
        with self._database.transaction(actor.organization_id) as tx:
            require_own(tx, actor, consultant_id)
            if visit is not None and not page_links.use(tx, visit.link, now):
                raise PageLinkSpent
            before = calendar_links.find(tx, actor.organization_id, consultant_id)
            if before is None or before.calendar_url != url:
                calendar_changes.forget(tx, actor.organization_id, consultant_id)
            link_id = calendar_links.claim_id(
                tx, actor.organization_id, consultant_id, CalendarLinkId(self._new_id()), now
            )
            link = CalendarLink(
                link_id, actor.organization_id, consultant_id, url, username, password, credential, server
            )
            calendar_links.save(tx, self._seal(link), now)
            shown = hours_calendars.find(tx, link.organization_id, consultant_id)
            counts = [one for one in counting if shown is None or one != shown.own_url]  # it takes no time
            busy.choose(tx, link.organization_id, consultant_id, counts, now)
            hours_usecases.keep(tx, link, now)
            if hours is not None:
                (hours_usecases.show(tx, link, hours, now) if hours.is_shown else hours_usecases.hide(tx, link, now))
            audit.record(tx, actor, "linked", "calendar_link", link.id, now, self._new_id)
            jobs.add(tx, self._follow(CalendarLinked(link.organization_id, link.consultant_id, now)))
            if hours_calendars.find(tx, link.organization_id, consultant_id) is not None:
                jobs.add(tx, self._follow(BookableHoursChanged(link.organization_id, consultant_id, now)))
        return link

    def find_health(self, actor: Actor, consultant_id: UserId) -> CalendarHealth | None:
        """Tell how a consultant's calendar is doing; None when none is linked.

        Raises: `user.not_found`, `actor.not_allowed`.
        """
        with self._database.transaction(actor.organization_id) as tx:
            require_own(tx, actor, consultant_id)
            return calendar_health.find(tx, actor.organization_id, consultant_id, self._clock.now() - _LOOK_BACK)

    def push_again(self, actor: Actor, consultant_id: UserId) -> None:
        """Send what a calendar lacks, by a job. Raises: `calendar.not_linked`, and as `find_health`."""
        now = self._clock.now()
        with self._database.transaction(actor.organization_id) as tx:
            link = self._get_own(tx, actor, consultant_id)
            pushed_objects.forget_refusals(tx, actor.organization_id, link.id)
            audit.record(tx, actor, "push_wanted", "calendar_link", link.id, now, self._new_id)
            jobs.add(tx, self._follow(CalendarPushWanted(actor.organization_id, consultant_id, now)))

    def unlink_calendar(self, actor: Actor, consultant_id: UserId, *, removes_sessions: bool = False) -> None:
        """Put nothing more into a calendar. What was put there stays, or is removed by a job and the link with it.

        Raises: `calendar.not_linked`, and as `find_health`.
        """
        now = self._clock.now()
        with self._database.transaction(actor.organization_id) as tx:
            link = self._get_own(tx, actor, consultant_id)
            audit.record(tx, actor, "unlinked", "calendar_link", link.id, now, self._new_id)
            busy.choose(tx, actor.organization_id, consultant_id, [], now)
            calendar_changes.forget(tx, actor.organization_id, consultant_id)
            if not removes_sessions:
                hours_calendars.remove(tx, actor.organization_id, link.id)
                calendar_links.remove(tx, actor.organization_id, link.id)
                return
            hours_usecases.hide(tx, link, now)
            calendar_links.leave(tx, actor.organization_id, link.id, now)
            jobs.add(tx, self._follow(CalendarLeft(actor.organization_id, consultant_id, now)))

    def find_leaving(
        self, organization_id: OrganizationId, consultant_id: UserId
    ) -> tuple[CalendarLink, list[tuple[BookingId, PushedObject]]] | None:
        """Return the calendar that is being left and what stands in it. Raises: SecretUnreadable."""
        with self._database.transaction(organization_id) as tx:
            sealed = calendar_links.find(tx, organization_id, consultant_id, is_leaving=True)
            if sealed is None:
                return None
            return self._open(sealed), pushed_objects.list_of_link(tx, organization_id, sealed.id)

    def is_leaving(self, link: CalendarLink) -> bool:
        """Tell whether a calendar is still being left, and was not linked again meanwhile."""
        with self._database.transaction(link.organization_id) as tx:
            return calendar_links.find(tx, link.organization_id, link.consultant_id, is_leaving=True) is not None

    def finish_leaving(self, organization_id: OrganizationId, consultant_id: UserId) -> None:
        """Forget the calendar that was being left. One that was linked again meanwhile stays, and is filled again."""
        now = self._clock.now()
        with self._database.transaction(organization_id) as tx:
            sealed = calendar_links.find(tx, organization_id, consultant_id, is_leaving=True)
            if sealed is not None:
                hours_calendars.remove(tx, organization_id, sealed.id)
                calendar_links.remove(tx, organization_id, sealed.id)
                return
            again = calendar_links.find(tx, organization_id, consultant_id)
            if again is not None:  # what went last may have been put there by then
                pushed_objects.doubt(tx, organization_id, again.id)
                jobs.add(tx, self._follow(CalendarPushWanted(organization_id, consultant_id, now)))

    def record_failure(self, organization_id: OrganizationId, booking_id: BookingId, failure: PushFailure) -> None:
        """Record why a session did not get into its consultant's calendar.

        The consultant is told once: after a quarter of an hour, or at once of what does not get better by itself.

        Raises: `booking.not_found`.
        """
        now = self._clock.now()
        with self._database.transaction(organization_id) as tx:
            consultant_id = bookings.get(tx, organization_id, booking_id).consultant_id
            since = calendar_health.record_failure(tx, organization_id, consultant_id, failure, now)
            if since is not None and (failure in LASTING or now - since >= TELL_AFTER):
                calendar_health.record_told(tx, organization_id, consultant_id, now)
                jobs.add(tx, self._follow(CalendarUnpushed(organization_id, consultant_id, now)))

    def find_link(self, organization_id: OrganizationId, consultant_id: UserId) -> CalendarLink | None:
        """Raises: SecretUnreadable when no key at hand opens the password."""
        with self._database.transaction(organization_id) as tx:
            return self._find_link(tx, organization_id, consultant_id)

    def get_session(self, organization_id: OrganizationId, booking_id: BookingId) -> CalendarSession:
        """Return all that a push of a booking needs, as it is now.

        Raises: `booking.not_found`, `user.not_found`, SecretUnreadable.
        """
        with self._database.transaction(organization_id) as tx:
            booking = bookings.get(tx, organization_id, booking_id)
            sealed = calendar_links.find_trusted(tx, organization_id, booking.consultant_id)
            link = None if sealed is None else self._open(sealed)
            pushed = pushed_objects.find(tx, organization_id, link.id, booking.id) if link else None
            detail = policies.get_of_organization(tx, organization_id).calendar_detail
            is_named = {detail, pushed.detail if pushed else detail} != {CalendarDetail.NEUTRAL}
            beneficiary = users.find(tx, organization_id, booking.beneficiary_id) if is_named else None
            return CalendarSession(
                booking=booking,
                consultant=users.list_of_ids(tx, organization_id, [booking.consultant_id])[booking.consultant_id],
                link=link,
                pushed=pushed,
                is_asked_about=change_usecases.is_asked_about(tx, booking),
                detail=detail,
                is_refused=self._is_refused(booking, pushed),
                beneficiary_name=beneficiary.name if beneficiary else None,
            )

    def is_current(self, session: CalendarSession) -> bool:
        """Tell whether a booking is still as it was read for a push."""
        booking = session.booking
        with self._database.transaction(booking.organization_id) as tx:
            return bookings.is_as_read(tx, booking)

    def list_to_push(self, organization_id: OrganizationId, consultant_id: UserId) -> list[BookingId]:
        """List what a consultant's calendar lacks or shows wrongly: for a calendar linked, or back, just now."""
        with self._database.transaction(organization_id) as tx:
            link = calendar_links.find(tx, organization_id, consultant_id)
            if link is None:
                return []
            return pushed_objects.list_to_push(
                tx, organization_id, consultant_id, link.id, link.calendar_url, self._clock.now() - _LOOK_BACK
            )

    def record_attempt(
        self, session: CalendarSession, href: str, *, is_edited: bool = False, leaves_href: str | None = None
    ) -> None:
        """Record where a session is about to be put, `is_edited` with the consultant's words, and where it stood.

        Whoever comes after a crash knows where to look.
        """
        self._save(session, PushedObject(href, None, 0, is_edited, session.detail, leaves_href))

    def record_push(self, session: CalendarSession, href: str, etag: str | None, *, is_edited: bool = False) -> None:
        """Record that the session, as it was read, stands in the calendar: `is_edited`, with the consultant's words."""
        self._save(session, PushedObject(href, etag, session.booking.version, is_edited, session.detail))

    def record_refusal(self, session: CalendarSession, status: int) -> None:
        """Record that the server does not take this session as it is: the others go on.

        It is sent again with its next change, or by itself some hours later. The consultant is told of the first one.
        """
        if session.link is None:
            return
        now, booking, link = self._clock.now(), session.booking, session.link
        refusal = ObjectRefusal(status, now, booking.version)
        with self._database.transaction(booking.organization_id) as tx:
            if pushed_objects.save_refusal(tx, booking.organization_id, link.id, booking.id, refusal):
                jobs.add(tx, self._follow(SessionsRefused(booking.organization_id, link.consultant_id, now)))

    def record_removal(self, session: CalendarSession) -> None:
        """Record that the session no longer stands in the calendar."""
        if session.link is None:
            return
        organization_id = session.booking.organization_id
        with self._database.transaction(organization_id) as tx:
            pushed_objects.remove(tx, organization_id, session.link.id, session.booking.id)
            calendar_changes.remove(tx, organization_id, session.booking.id)
            self._record_success(tx, session.link)

    def _save(self, session: CalendarSession, pushed: PushedObject) -> None:
        if session.link is None:
            return
        with self._database.transaction(session.booking.organization_id) as tx:
            now = self._clock.now()
            if pushed.pushed_version and not bookings.hold_as_read(tx, session.booking):  # its place is another by now
                pushed = replace(pushed, pushed_version=session.booking.version - 1)
            pushed_objects.save(tx, session.booking.organization_id, session.link.id, session.booking.id, pushed, now)
            if pushed.pushed_version:
                calendar_changes.remove(tx, session.booking.organization_id, session.booking.id)
                self._record_success(tx, session.link)

    def _record_success(self, tx: Transaction, link: CalendarLink) -> None:
        now = self._clock.now()
        if calendar_health.record_success(tx, link.organization_id, link.id, now):
            calendar_health.record_told(tx, link.organization_id, link.consultant_id, None)
            jobs.add(tx, self._follow(CalendarPushedAgain(link.organization_id, link.consultant_id, now)))

    def _is_refused(self, booking: Booking, pushed: PushedObject | None) -> bool:
        """Tell whether a session was refused as it is, so shortly ago that it is not sent again yet."""
        refusal = pushed.refusal if pushed else None
        if refusal is None or refusal.booking_version != booking.version:
            return False
        return self._clock.now() - refusal.at < REFUSED_FOR

    def _get_own(self, tx: Transaction, actor: Actor, consultant_id: UserId) -> SealedLink:
        require_own(tx, actor, consultant_id)
        link = calendar_links.find(tx, actor.organization_id, consultant_id)
        if link is None:
            raise CalendarNotLinked
        return link

    def _find_link(
        self, tx: Transaction, organization_id: OrganizationId, consultant_id: UserId
    ) -> CalendarLink | None:
        sealed = calendar_links.find(tx, organization_id, consultant_id)
        return None if sealed is None else self._open(sealed)

    def _open(self, sealed: SealedLink) -> CalendarLink:
        password = self._secret_box.decrypt(sealed.password_sealed, _row(sealed.organization_id, sealed.id))
        return CalendarLink(
            sealed.id,
            sealed.organization_id,
            sealed.consultant_id,
            sealed.calendar_url,
            sealed.username,
            password,
            sealed.credential,
            sealed.server,
        )

    def _seal(self, link: CalendarLink) -> SealedLink:
        sealed = self._secret_box.encrypt(link.password, _row(link.organization_id, link.id))
        return SealedLink(
            link.id,
            link.organization_id,
            link.consultant_id,
            link.calendar_url,
            link.username,
            sealed,
            link.credential,
            link.server,
        )


def _row(organization_id: OrganizationId, link_id: CalendarLinkId) -> str:
    return SealedSecret(SealedPlace.CALENDAR, organization_id, link_id).name
