"""How often the API may be asked: so many requests a minute, all at once or spread, then one as each is paid off.

The generic cell rate algorithm (GCRA): each request costs a share of a minute, and the costs that are still open may
add up to a minute. All that is kept of the past is one instant: when everything is paid off.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from creneau.core.domain.errors import Refusal

WINDOW = timedelta(minutes=1)
MOST_A_MINUTE = 1_000_000


class TooManyRequests(Refusal):
    """`details["limit"]` says whose requests they are, the token's or the organization's; the next is allowed after
    `details["retry_after_seconds"]`."""

    code = "rate.exceeded"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Raises ValueError for less than one request a minute, or more than a million."""

    per_minute: int

    def __post_init__(self) -> None:
        if not 1 <= self.per_minute <= MOST_A_MINUTE:
            raise ValueError(f"a rate is 1 to {MOST_A_MINUTE} requests a minute")

    @property
    def cost(self) -> timedelta:
        """What one request takes of a minute, in whole microseconds."""
        return WINDOW // self.per_minute

    @property
    def burst(self) -> timedelta:
        """What may be open at once: exactly `per_minute` requests."""
        return self.cost * self.per_minute

    def remaining(self, paid_at: datetime, now: datetime) -> int:
        """Return how many more requests may come at once."""
        return max(0, (now + self.burst - paid_at) // self.cost)

    def wait(self, paid_at: datetime, now: datetime) -> timedelta:
        """Return how long until one more request may come."""
        return max(paid_at + self.cost - self.burst - now, timedelta(0))


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Of each token, and of all tokens of an organization together."""

    token: RateLimit
    organization: RateLimit


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a token stands after a request."""

    limit: RateLimit
    remaining: int
    reset_seconds: int
