"""ChoosingService: what a booking form shows, and the time that is held while it is open."""

from datetime import date

from creneau.core.clock import Clock
from creneau.core.domain.hold import Hold, HoldRequest
from creneau.core.domain.ids import BilanId
from creneau.core.domain.people import Actor
from creneau.core.storage import holds
from creneau.core.storage.database import Database
from creneau.core.usecases import choosing
from creneau.core.usecases.choosing import Choices, Engagement


class ChoosingService:
    """Booking itself is `SchedulingService.create_session_booking`, for who holds the time and for anybody else."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def list_engagements(self, actor: Actor) -> tuple[Engagement, ...]:
        """Return the bilans an actor may book on: one's own, the newest first; of several people, by their names."""
        with self._database.transaction(actor.organization_id) as tx:
            return choosing.list_engagements(tx, actor)

    def get_choices(self, actor: Actor, bilan_id: BilanId | None = None, first: date | None = None) -> Choices:
        """Read what an actor may book on a bilan, or on their newest one, in the two months from a day on."""
        with self._database.transaction(actor.organization_id) as tx:
            return choosing.read_choices(tx, actor, bilan_id, first, self._clock.now())

    def hold_time(self, actor: Actor, request: HoldRequest) -> Hold:
        """Keep a time out of others' sight for some minutes; see `usecases.choosing`."""
        with self._database.transaction(actor.organization_id) as tx:
            return choosing.hold_time(tx, actor, request, self._clock.now())

    def release_hold(self, actor: Actor, reference: str | None = None) -> None:
        """Free the time that an actor holds; with a reference only if it is held for that."""
        with self._database.transaction(actor.organization_id) as tx:
            holds.remove(tx, actor.organization_id, actor.user_id, reference)
