"""PresenceService: who of an organization's people has an account in its Slack workspace, and who has left it."""

from collections.abc import Callable
from uuid import UUID

from creneau.core.clock import Clock
from creneau.core.domain.events import PersonLeftSlack, PresenceDoubted
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.domain.people import Departure, Role, User
from creneau.core.services.following import Follow
from creneau.core.storage import diary, jobs, organizations, users
from creneau.core.storage.database import Database
from creneau.core.usecases import audit


class PresenceService:
    def __init__(self, database: Database, clock: Clock, follow: Follow, new_id: Callable[[], UUID]) -> None:
        self._database = database
        self._clock = clock
        self._follow = follow
        self._new_id = new_id

    def hear_of_leaving(self, team_id: str, slack_user_id: str) -> None:
        """Have Slack asked about a person who is said to have left, if we have them as being there.

        What an event says is not believed by itself: it may come late, and after a newer one.
        """
        self._doubt(team_id, slack_user_id, is_there=False)

    def hear_of_being_there(self, team_id: str, slack_user_id: str) -> None:
        """Have Slack asked about a person who is said to be there, if we have them as having left."""
        self._doubt(team_id, slack_user_id, is_there=True)

    def record_left(self, user: User) -> None:
        """Keep that a person, as they were read, has no account in Slack any more; administrators are told."""
        now = self._clock.now()
        with self._database.transaction(user.organization_id) as tx:
            known = users.lock(tx, user.organization_id, user.id)
            if known.slack_user_id != user.slack_user_id or not known.is_in_slack:
                return
            users.save_presence(tx, known, now)
            audit.record(tx, None, "left_slack", "user", user.id, now, self._new_id)
            admins = users.list_of_role(tx, user.organization_id, Role.ORG_ADMIN)
            told = tuple(admin.id for admin in admins if admin.is_in_slack)
            jobs.add(tx, self._follow(PersonLeftSlack(user.organization_id, user.id, told)))

    def record_returned(self, user: User) -> None:
        """Keep that a person, as they were read, has an account in Slack again."""
        now = self._clock.now()
        with self._database.transaction(user.organization_id) as tx:
            known = users.lock(tx, user.organization_id, user.id)
            if known.slack_user_id != user.slack_user_id or known.is_in_slack:
                return
            users.save_presence(tx, known, None)
            audit.record(tx, None, "returned_to_slack", "user", user.id, now, self._new_id)

    def find_departure(self, organization_id: OrganizationId, user_id: UserId) -> Departure | None:
        """Return what an administrator is told of somebody who left Slack; None when they are back, or let go."""
        now = self._clock.now()
        with self._database.transaction(organization_id) as tx:
            user = users.find(tx, organization_id, user_id)
            if user is None or user.slack_left_at is None:
                return None
            live = diary.list_live(tx, organization_id, user_id)
            return Departure(user, sum(booking.span.starts_at > now for booking in live))

    def _doubt(self, team_id: str, slack_user_id: str, *, is_there: bool) -> None:
        with self._database.without_tenant() as tx:
            organization_id = organizations.find_id_by_slack_team(tx, team_id)
        if organization_id is None:
            return
        with self._database.transaction(organization_id) as tx:
            user = users.find_by_slack_user(tx, organization_id, slack_user_id)
            if user is not None and user.is_in_slack is not is_there:
                jobs.add(tx, self._follow(PresenceDoubted(organization_id, user.id)))
