"""What happened, in the past tense. What follows from each is a table in `app.subscriptions`."""

from dataclasses import dataclass
from datetime import datetime

from creneau.core.domain.booking import Booking
from creneau.core.domain.ids import OrganizationId, UserId


@dataclass(frozen=True, slots=True)
class BookingCreated:
    booking: Booking


@dataclass(frozen=True, slots=True)
class BookingConfirmed:
    booking: Booking


@dataclass(frozen=True, slots=True)
class BookingDeclined:
    booking: Booking


@dataclass(frozen=True, slots=True)
class BookingCancelled:
    booking: Booking


@dataclass(frozen=True, slots=True)
class BookingExpired:
    """Nobody answered a request in time."""

    booking: Booking


@dataclass(frozen=True, slots=True)
class BookingRescheduled:
    """A booking stands at another time: a request again where its beneficiary moved it, else confirmed as before."""

    booking: Booking
    moved_from: datetime


@dataclass(frozen=True, slots=True)
class TimesProposed:
    booking: Booking


@dataclass(frozen=True, slots=True)
class ProposalsRefused:
    booking: Booking


@dataclass(frozen=True, slots=True)
class SessionStarted:
    booking: Booking


@dataclass(frozen=True, slots=True)
class SessionCompleted:
    """A session is over; `booking.attended` says whether it took place."""

    booking: Booking


@dataclass(frozen=True, slots=True)
class SessionRated:
    """The beneficiary said how a session was, or said it anew."""

    booking: Booking


@dataclass(frozen=True, slots=True)
class SessionPlaced:
    """Where a session takes place was said, or said anew."""

    booking: Booking


@dataclass(frozen=True, slots=True)
class LinksAsked:
    """An administrator asked to have people looked up in Slack by their e-mail."""

    organization_id: OrganizationId
    admin_id: UserId
    at: datetime


@dataclass(frozen=True, slots=True)
class CalendarLinked:
    """A consultant linked a calendar, or gave a new password for it."""

    organization_id: OrganizationId
    consultant_id: UserId
    at: datetime


@dataclass(frozen=True, slots=True)
class CalendarPushWanted:
    """What a consultant's calendar lacks or shows otherwise is wanted there now: they asked, or their centre did."""

    organization_id: OrganizationId
    consultant_id: UserId
    at: datetime


@dataclass(frozen=True, slots=True)
class CalendarLeft:
    """A consultant disconnected a calendar and wants what was put there removed."""

    organization_id: OrganizationId
    consultant_id: UserId
    at: datetime


@dataclass(frozen=True, slots=True)
class BookableHoursChanged:
    """Hours that are shown in a consultant's calendar are others now, or are to be shown, or not any more."""

    organization_id: OrganizationId
    consultant_id: UserId
    at: datetime


@dataclass(frozen=True, slots=True)
class CalendarUnread:
    """A consultant's calendars could not be read for so long that they are to be told."""

    organization_id: OrganizationId
    consultant_id: UserId
    at: datetime


@dataclass(frozen=True, slots=True)
class CalendarUnpushed:
    """Sessions did not get into a consultant's calendar for so long, or so hopelessly, that they are to be told."""

    organization_id: OrganizationId
    consultant_id: UserId
    at: datetime


@dataclass(frozen=True, slots=True)
class CalendarPushedAgain:
    """Sessions get into a calendar again, of a consultant who was told that they did not."""

    organization_id: OrganizationId
    consultant_id: UserId
    at: datetime


@dataclass(frozen=True, slots=True)
class SessionsRefused:
    """A server does not take some of a consultant's sessions; they have not been told of any yet."""

    organization_id: OrganizationId
    consultant_id: UserId
    at: datetime


@dataclass(frozen=True, slots=True)
class HoursUnpublished:
    """Bookable hours did not get into a calendar for so long, or so hopelessly, that its owner is to be told."""

    organization_id: OrganizationId
    consultant_id: UserId
    at: datetime


@dataclass(frozen=True, slots=True)
class HoursPublishedAgain:
    """Bookable hours are in step again, of a consultant who was told that they were not."""

    organization_id: OrganizationId
    consultant_id: UserId
    at: datetime


@dataclass(frozen=True, slots=True)
class CalendarReadAgain:
    """Calendars are read again, of a consultant who was told that they were not."""

    organization_id: OrganizationId
    consultant_id: UserId
    at: datetime


@dataclass(frozen=True, slots=True)
class CalendarChangeFound:
    """A consultant did something to a session in their own calendar that they are to be asked about."""

    booking: Booking
    at: datetime


@dataclass(frozen=True, slots=True)
class SessionPutBack:
    """A session's event is back where the session stands, or is to be brought back."""

    booking: Booking


@dataclass(frozen=True, slots=True)
class CalendarEmptied:
    """Many sessions vanished from a consultant's calendar at once: it is mistrusted until they answer."""

    organization_id: OrganizationId
    consultant_id: UserId
    at: datetime


@dataclass(frozen=True, slots=True)
class SlackInstalled:
    """The app was installed in an organization's workspace, or installed again."""

    organization_id: OrganizationId


@dataclass(frozen=True, slots=True)
class PresenceDoubted:
    """Something in Slack says that a person has left the workspace, or is back."""

    organization_id: OrganizationId
    user_id: UserId


@dataclass(frozen=True, slots=True)
class PersonLeftSlack:
    """A person's account in the workspace is closed; `admin_ids` are the administrators who have one."""

    organization_id: OrganizationId
    user_id: UserId
    admin_ids: tuple[UserId, ...]


Event = (
    BookingCreated
    | BookingConfirmed
    | BookingDeclined
    | BookingCancelled
    | BookingExpired
    | BookingRescheduled
    | TimesProposed
    | ProposalsRefused
    | SessionStarted
    | SessionCompleted
    | SessionRated
    | SessionPlaced
    | CalendarLinked
    | LinksAsked
    | CalendarPushWanted
    | CalendarLeft
    | BookableHoursChanged
    | CalendarUnread
    | CalendarReadAgain
    | CalendarUnpushed
    | CalendarPushedAgain
    | SessionsRefused
    | HoursUnpublished
    | HoursPublishedAgain
    | CalendarChangeFound
    | SessionPutBack
    | CalendarEmptied
    | SlackInstalled
    | PresenceDoubted
    | PersonLeftSlack
)
