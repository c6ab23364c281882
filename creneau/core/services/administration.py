"""AdministrationService: what administrators do with the people of their centre and with bilans."""

from collections.abc import Callable
from dataclasses import asdict
from uuid import UUID

from creneau.core.clock import Clock
from creneau.core.domain.bilan import Bilan, Phase
from creneau.core.domain.booking import Booking
from creneau.core.domain.events import LinksAsked
from creneau.core.domain.ids import BilanId, UserId
from creneau.core.domain.people import Actor, Role, User
from creneau.core.services.following import Follow
from creneau.core.storage import jobs, users
from creneau.core.storage.database import Database, Transaction
from creneau.core.usecases import acts, audit, idempotency, people
from creneau.core.usecases import bilans as bilan_usecases
from creneau.core.usecases.people import PersonDraft


class AdministrationService:
    """Every method raises `actor.not_allowed` for anybody but an administrator of the organization."""

    def __init__(self, database: Database, clock: Clock, follow: Follow, new_id: Callable[[], UUID]) -> None:
        self._database = database
        self._clock = clock
        self._follow = follow
        self._new_id = new_id

    def get_person(self, actor: Actor, user_id: UserId) -> User:
        """Raises: `user.not_found`."""
        with self._database.transaction(actor.organization_id) as tx:
            people.require_admin(actor)
            return users.get(tx, actor.organization_id, user_id)

    def ask_for_links(self, actor: Actor) -> None:
        """Have people looked up in Slack by their e-mail; what comes of it the actor is told."""
        with self._database.transaction(actor.organization_id) as tx:
            people.require_admin(actor)
            self._record(tx, actor, "links_asked", "organization", actor.organization_id)
            jobs.add(tx, self._follow(LinksAsked(actor.organization_id, actor.user_id, self._clock.now())))

    def add_person(self, actor: Actor, draft: PersonDraft, idempotency_key: str | None = None) -> User:
        """Add a person, who need not be in Slack: then e-mails reach them.

        Raises: `user.invalid`, `text.invalid`, `time.unknown_zone`, `user.already_there`.
        """
        with self._database.transaction(actor.organization_id) as tx:
            people.require_admin(actor)
            asked = asdict(draft) if idempotency_key else {}
            earlier = idempotency.find_earlier(tx, actor, idempotency_key, "person", asked, self._clock.now())
            if earlier is not None:
                return users.get(tx, actor.organization_id, UserId(earlier[0]))
            user = people.add_person(tx, actor, draft, UserId(self._new_id()))
            idempotency.keep(tx, actor, idempotency_key, [user.id])
            self._record(tx, actor, "added", "user", user.id)
            return user

    def change_role(self, actor: Actor, user_id: UserId, role: Role) -> User:
        """Raises: `user.not_found`, `user.has_bilans`, `user.last_admin`."""
        with self._database.transaction(actor.organization_id) as tx:
            user = people.change_role(tx, actor, user_id, role, self._clock.now())
            self._record(tx, actor, "role_changed", "user", user_id)
            return user

    def link_slack_user(self, actor: Actor, user_id: UserId, slack_user_id: str | None) -> User:
        """Raises: `user.not_found`, `user.already_there`."""
        with self._database.transaction(actor.organization_id) as tx:
            user = people.link_slack_user(tx, actor, user_id, slack_user_id)
            self._record(tx, actor, "linked", "user", user_id)
            return user

    def deactivate_person(self, actor: Actor, user_id: UserId, reason: str) -> list[Booking]:
        """Let a person go and return the sessions that were cancelled with it; whom they were with is told.

        Their calendar is let go of, too, and what was to come is taken out of it by a job.

        Raises: `user.not_found`, `user.last_admin`, `text.invalid`.
        """
        with self._database.transaction(actor.organization_id) as tx:
            now = self._clock.now()
            ended = people.deactivate(tx, actor, user_id, reason, now)
            self._record(tx, actor, "deactivated", "user", user_id)
            cancelled = [
                acts.conclude(tx, actor, "cancelled", change, self._follow(change.event), self._new_id)
                for change in ended
            ]
            left = people.leave_calendar(tx, actor.organization_id, user_id, now)
            if left is not None:
                jobs.add(tx, self._follow(left))
            return cancelled

    def change_bilan(self, actor: Actor, bilan_id: BilanId, purchased_minutes: int | None, phase: Phase) -> Bilan:
        """Say how much of a bilan was bought and which phase it is in; see `usecases.bilans`."""
        with self._database.transaction(actor.organization_id) as tx:
            bilan = bilan_usecases.change(tx, actor, bilan_id, purchased_minutes, phase)
            self._record(tx, actor, "changed", "bilan", bilan.id)
            return bilan

    def _record(self, tx: Transaction, actor: Actor, action: str, subject: str, subject_id: UUID) -> None:
        audit.record(tx, actor, action, subject, subject_id, self._clock.now(), self._new_id)
