"""Lists: which part of one is wanted, and the part itself with how many there are in all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

from creneau.core.domain.bilan import BilanHours, BilanStatus
from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.errors import InvalidTimeRange
from creneau.core.domain.ids import BilanId, UserId

MOST_AT_ONCE = 200

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Paging:
    """How many to list, at most 200, and how many to skip before them."""

    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Part of a list. `total` counts all of it."""

    items: tuple[Item, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Days:
    """Days from one to another, both included; None: no bound on that side."""

    first: date | None = None
    last: date | None = None

    @property
    def is_unbounded(self) -> bool:
        return self.first is None and self.last is None

    def require_order(self) -> None:
        """Raise `time.invalid_range` for days that run backwards."""
        if self.first is not None and self.last is not None and self.last < self.first:
            raise InvalidTimeRange


FIRST_PAGE = Paging()
EVERY_DAY = Days()


@dataclass(frozen=True, slots=True)
class BookingsWanted:
    """Which bookings to list; None asks for any. `day_of_week` is 0 = Sunday."""

    beneficiary_id: UserId | None = None
    consultant_id: UserId | None = None
    bilan_id: BilanId | None = None
    status: Status | None = None
    day_of_week: int | None = None
    days: Days = EVERY_DAY


@dataclass(frozen=True, slots=True)
class BilansWanted:
    """Which bilans to list; None asks for any."""

    beneficiary_id: UserId | None = None
    consultant_id: UserId | None = None
    status: BilanStatus | None = None


@dataclass(frozen=True, slots=True)
class SlotsWanted:
    """Which rules to list. With days: those that hold on at least one of them."""

    consultant_id: UserId | None = None
    day_of_week: int | None = None
    days: Days = EVERY_DAY


ANY_BILAN = BilansWanted()
ANY_SLOT = SlotsWanted()


@dataclass(frozen=True, slots=True)
class BookingPage:
    """Bookings, and what is left of the hours of each bilan they are on."""

    page: Page[Booking]
    hours: Mapping[BilanId, BilanHours] = field(default_factory=dict)
