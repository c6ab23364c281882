"""What happened to a booking, in the past tense. What follows from each is a table in `app.subscriptions`."""

from dataclasses import dataclass

from creneau.core.domain.booking import Booking


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


Event = BookingCreated | BookingConfirmed | BookingDeclined | BookingCancelled
