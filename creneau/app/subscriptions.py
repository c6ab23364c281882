"""What follows from what happened: the one table from events to jobs.

One job is written in the event's own transaction: if the booking is there, so is it. It puts the others into the queue:
each job that is written costs the transaction, and rivals that wait for it, about as much as the booking itself.
"""

from collections.abc import Callable

import procrastinate

from creneau.bot.administration.linking import LINK_PEOPLE
from creneau.bot.calendar_changes.jobs import ASK_ABOUT_CHANGE, ASK_ABOUT_LOSS
from creneau.bot.calendars.jobs import (
    TELL_HOURS_AGAIN,
    TELL_HOURS_UNPUBLISHED,
    TELL_PUSHED_AGAIN,
    TELL_READ_AGAIN,
    TELL_REFUSED,
    TELL_UNPUSHED,
    TELL_UNREAD,
)
from creneau.bot.jobs import POST_MESSAGE, PUBLISH_HOME, PUBLISH_HOMES
from creneau.bot.outbox import REFRESH_MESSAGES
from creneau.bot.presence.jobs import CHECK_PRESENCE, TELL_DEPARTURE
from creneau.calendar_sync.hours_jobs import PUBLISH_HOURS
from creneau.calendar_sync.jobs import PUSH_MISSED_SESSIONS, PUSH_SESSION, REMOVE_SESSIONS
from creneau.calendar_sync.reading_jobs import READ_ACCOUNT
from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.events import (
    BookableHoursChanged,
    BookingCancelled,
    BookingConfirmed,
    BookingCreated,
    BookingDeclined,
    BookingExpired,
    BookingRescheduled,
    CalendarChangeFound,
    CalendarEmptied,
    CalendarLeft,
    CalendarLinked,
    CalendarPushedAgain,
    CalendarPushWanted,
    CalendarReadAgain,
    CalendarUnpushed,
    CalendarUnread,
    Event,
    HoursPublishedAgain,
    HoursUnpublished,
    LinksAsked,
    PersonLeftSlack,
    PresenceDoubted,
    ProposalsRefused,
    SessionCompleted,
    SessionPlaced,
    SessionPutBack,
    SessionRated,
    SessionsRefused,
    SessionStarted,
    SlackInstalled,
    TimesProposed,
)
from creneau.core.domain.ids import UserId
from creneau.core.domain.jobs import Job
from creneau.core.domain.messages import Purpose

FOLLOW = "events.follow"

Wanted = tuple[str, dict[str, str]]
"""A job that follows: the task's name and its arguments, ids only."""


def created(event: BookingCreated) -> list[Wanted]:
    booking = event.booking
    return [
        _post(booking, booking.consultant_id, Purpose.REQUEST),
        _post(booking, booking.beneficiary_id, Purpose.RECEIPT),
        *_homes(booking),
    ]


def confirmed(event: BookingConfirmed) -> list[Wanted]:
    booking = event.booking
    return [
        _about(PUSH_SESSION, booking),
        _about(REFRESH_MESSAGES, booking),
        _post(booking, booking.beneficiary_id, Purpose.CONFIRMED),
        *_homes(booking),
    ]


def declined(event: BookingDeclined) -> list[Wanted]:
    booking = event.booking
    return [
        _about(REFRESH_MESSAGES, booking),
        _post(booking, booking.beneficiary_id, Purpose.DECLINED),
        *_homes(booking),
    ]


def cancelled(event: BookingCancelled) -> list[Wanted]:
    """Whoever did not cancel is told; both are, when an administrator did."""
    booking = event.booking
    told = [user_id for user_id in (booking.consultant_id, booking.beneficiary_id) if user_id != booking.cancelled_by]
    return [
        _about(PUSH_SESSION, booking),
        _about(REFRESH_MESSAGES, booking),
        *(_post(booking, user_id, Purpose.CANCELLED) for user_id in told),
        *_homes(booking),
    ]


def expired(event: BookingExpired) -> list[Wanted]:
    """Both sides are told: nobody else did anything that they could have seen."""
    booking = event.booking
    return [
        *_follow(booking),
        _post(booking, booking.beneficiary_id, Purpose.DECLINED),
        _post(booking, booking.consultant_id, Purpose.CANCELLED),
    ]


def rescheduled(event: BookingRescheduled) -> list[Wanted]:
    """The messages that are out show the new time. Both sides hear of an agreed one, else the consultant is asked."""
    booking = event.booking
    if booking.status is not Status.CONFIRMED:
        return [*_follow(booking), _post(booking, booking.consultant_id, Purpose.REQUEST)]
    return [
        *_follow(booking),
        _post(booking, booking.beneficiary_id, Purpose.CONFIRMED),
        _post(booking, booking.consultant_id, Purpose.MOVED),
    ]


def proposed(event: TimesProposed) -> list[Wanted]:
    booking = event.booking
    return [*_follow(booking), _post(booking, booking.beneficiary_id, Purpose.PROPOSAL)]


def refused(event: ProposalsRefused) -> list[Wanted]:
    booking = event.booking
    return [*_follow(booking), _post(booking, booking.consultant_id, Purpose.REFUSED)]


def rated(event: SessionRated) -> list[Wanted]:
    return [_about(REFRESH_MESSAGES, event.booking)]


def placed(event: SessionPlaced) -> list[Wanted]:
    return [_about(PUSH_SESSION, event.booking), _about(REFRESH_MESSAGES, event.booking), *_homes(event.booking)]


def linked(event: CalendarLinked | CalendarPushWanted) -> list[Wanted]:
    return [_calendar(PUSH_MISSED_SESSIONS, event), _calendar(READ_ACCOUNT, event)]


def hours_changed(event: BookableHoursChanged) -> list[Wanted]:
    return [_calendar(PUBLISH_HOURS, event)]


def unread(event: CalendarUnread) -> list[Wanted]:
    return [_calendar(TELL_UNREAD, event)]


def read_again(event: CalendarReadAgain) -> list[Wanted]:
    return [_calendar(TELL_READ_AGAIN, event)]


def changed_there(event: CalendarChangeFound) -> list[Wanted]:
    task, about = _about(ASK_ABOUT_CHANGE, event.booking)
    return [(task, {**about, "asked_at": event.at.isoformat()})]


def put_back(event: SessionPutBack) -> list[Wanted]:
    return [_about(PUSH_SESSION, event.booking), _about(REFRESH_MESSAGES, event.booking)]


def emptied(event: CalendarEmptied) -> list[Wanted]:
    return [_calendar(ASK_ABOUT_LOSS, event)]


def links_asked(event: LinksAsked) -> list[Wanted]:
    about = {"organization_id": str(event.organization_id), "admin_id": str(event.admin_id)}
    return [(LINK_PEOPLE, {**about, "asked_at": event.at.isoformat()})]


def unpushed(event: CalendarUnpushed) -> list[Wanted]:
    return [_calendar(TELL_UNPUSHED, event)]


def pushed_again(event: CalendarPushedAgain) -> list[Wanted]:
    return [_calendar(TELL_PUSHED_AGAIN, event)]


def not_taken(event: SessionsRefused) -> list[Wanted]:
    return [_calendar(TELL_REFUSED, event)]


def hours_unpublished(event: HoursUnpublished) -> list[Wanted]:
    return [_calendar(TELL_HOURS_UNPUBLISHED, event)]


def hours_again(event: HoursPublishedAgain) -> list[Wanted]:
    return [_calendar(TELL_HOURS_AGAIN, event)]


def left(event: CalendarLeft) -> list[Wanted]:
    return [_calendar(REMOVE_SESSIONS, event)]


def installed(event: SlackInstalled) -> list[Wanted]:
    return [(PUBLISH_HOMES, {"organization_id": str(event.organization_id)})]


def doubted(event: PresenceDoubted) -> list[Wanted]:
    return [(CHECK_PRESENCE, {"organization_id": str(event.organization_id), "user_id": str(event.user_id)})]


def departed(event: PersonLeftSlack) -> list[Wanted]:
    about = {"organization_id": str(event.organization_id), "user_id": str(event.user_id)}
    return [(TELL_DEPARTURE, {**about, "admin_id": str(admin_id)}) for admin_id in event.admin_ids]


def followed(event: SessionStarted | SessionCompleted) -> list[Wanted]:
    return _follow(event.booking)


_FOLLOWS: dict[type[Event], Callable[..., list[Wanted]]] = {
    BookingCreated: created,
    BookingConfirmed: confirmed,
    BookingDeclined: declined,
    BookingCancelled: cancelled,
    BookingExpired: expired,
    BookingRescheduled: rescheduled,
    TimesProposed: proposed,
    ProposalsRefused: refused,
    SessionStarted: followed,
    SessionCompleted: followed,
    SessionRated: rated,
    SessionPlaced: placed,
    CalendarLinked: linked,
    CalendarPushWanted: linked,
    CalendarLeft: left,
    BookableHoursChanged: hours_changed,
    CalendarUnread: unread,
    CalendarChangeFound: changed_there,
    SessionPutBack: put_back,
    CalendarEmptied: emptied,
    CalendarReadAgain: read_again,
    CalendarUnpushed: unpushed,
    CalendarPushedAgain: pushed_again,
    SessionsRefused: not_taken,
    HoursUnpublished: hours_unpublished,
    HoursPublishedAgain: hours_again,
    SlackInstalled: installed,
    LinksAsked: links_asked,
    PresenceDoubted: doubted,
    PersonLeftSlack: departed,
}


def jobs_for(event: Event) -> list[Wanted]:
    return _FOLLOWS[type(event)](event)


def follow(event: Event) -> Job:
    """Return the one job that puts all that follows from an event into the queue."""
    return Job(FOLLOW, {"wanted": jobs_for(event)})


def register_follow(app: procrastinate.App, retry: procrastinate.BaseRetryStrategy) -> None:
    @app.task(name=FOLLOW, retry=retry, pass_context=True)
    async def follow_up(context: procrastinate.JobContext, wanted: list[tuple[str, dict[str, str]]]) -> None:
        """Put what follows into the queue. Done twice, the second of two equal jobs waits for the first."""
        queue = context.app
        jobs = [
            queue.configure_task(task, lock=" ".join((task, *arguments.values()))).make_new_job(**arguments)
            for task, arguments in wanted
        ]
        await queue.job_manager.batch_defer_jobs_async(jobs)


def _follow(booking: Booking) -> list[Wanted]:
    """What stands in calendars, messages and homes is brought in line."""
    return [_about(PUSH_SESSION, booking), _about(REFRESH_MESSAGES, booking), *_homes(booking)]


def _about(task: str, booking: Booking) -> Wanted:
    return task, {"organization_id": str(booking.organization_id), "booking_id": str(booking.id)}


def _calendar(
    task: str,
    event: CalendarLinked
    | BookableHoursChanged
    | CalendarPushWanted
    | CalendarLeft
    | CalendarUnread
    | CalendarReadAgain
    | CalendarUnpushed
    | CalendarPushedAgain
    | SessionsRefused
    | HoursUnpublished
    | HoursPublishedAgain
    | CalendarEmptied,
) -> Wanted:
    """The instant tells one wish from another: a job that waits for its next try does not hold up a new one."""
    return task, {
        "organization_id": str(event.organization_id),
        "consultant_id": str(event.consultant_id),
        "asked_at": event.at.isoformat(),
    }


def _post(booking: Booking, recipient_id: UserId, purpose: Purpose) -> Wanted:
    task, arguments = _about(POST_MESSAGE, booking)
    about = {"recipient_id": str(recipient_id), "purpose": purpose.value, "version": str(booking.version)}
    return task, {**arguments, **about}


def _homes(booking: Booking) -> list[Wanted]:
    return [
        (PUBLISH_HOME, {"organization_id": str(booking.organization_id), "user_id": str(user_id)})
        for user_id in (booking.consultant_id, booking.beneficiary_id)
    ]
