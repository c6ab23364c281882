"""What happened, in the past tense. What follows from each is a table in `app.subscriptions`."""

from dataclasses import dataclass

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
class CalendarLinked:
    """A consultant linked a calendar, or gave a new password for it."""

    organization_id: OrganizationId
    consultant_id: UserId


Event = BookingCreated | BookingConfirmed | BookingDeclined | BookingCancelled | CalendarLinked
