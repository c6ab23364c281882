"""AdmissionService: who may come in by a token, and how often."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from creneau.core.clock import Clock
from creneau.core.domain.ids import OrganizationId
from creneau.core.domain.people import Membership, User
from creneau.core.domain.rates import RateLimit, RateLimits, Standing, TooManyRequests
from creneau.core.storage import rates, users
from creneau.core.storage.database import Database, Transaction

_A_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Admission:
    """Somebody let in; `standing` is None where nothing is counted."""

    user: User
    standing: Standing | None


class AdmissionService:
    """Without limits nobody is counted."""

    def __init__(self, database: Database, clock: Clock, limits: RateLimits | None = None) -> None:
        self._database = database
        self._clock = clock
        self._limits = limits

    def list_memberships(self, email: str) -> list[Membership]:
        """List the people, across organizations, that have an address which somebody else has verified."""
        with self._database.without_tenant() as tx:
            return users.list_memberships(tx, email)

    def admit(self, membership: Membership, token_hash: str) -> Admission:
        """Return who comes in, and count the request against the token and the organization.

        A transaction of its own, over before the request's begins: it holds no lock meanwhile. What is refused is not
        counted.

        Raises: `user.not_found`, `rate.exceeded`.
        """
        with self._database.transaction(membership.organization_id) as tx:
            user = users.get(tx, membership.organization_id, membership.user_id)
            if self._limits is None:
                return Admission(user, None)
            return Admission(user, self._count(tx, membership.organization_id, token_hash, self._limits))

    def _count(self, tx: Transaction, organization_id: OrganizationId, token_hash: str, limits: RateLimits) -> Standing:
        now = self._clock.now()
        charge = rates.charge(tx, organization_id, token_hash, limits, now)
        if charge.token is None:
            raise _too_many("token", limits.token, rates.read(tx, organization_id, token_hash), now)
        if charge.organization is None:
            raise _too_many("organization", limits.organization, rates.read(tx, organization_id, None), now)
        return Standing(limits.token, limits.token.remaining(charge.token, now), _seconds(charge.token - now))


def _too_many(whose: str, limit: RateLimit, paid_at: datetime, now: datetime) -> TooManyRequests:
    return TooManyRequests(limit=whose, retry_after_seconds=max(1, _seconds(limit.wait(paid_at, now))))


def _seconds(wait: timedelta) -> int:
    """Round up: whoever waits this long is not refused again."""
    return -(-wait // _A_SECOND)
