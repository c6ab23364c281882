"""PeopleService: organizations, their people and their bilans."""

from collections.abc import Callable
from uuid import UUID

from creneau.core.clock import Clock
from creneau.core.domain.bilan import Bilan, BilanFile, BilanStatus, Phase, require_pair
from creneau.core.domain.errors import OrganizationNotFound, UnknownZone
from creneau.core.domain.ids import BilanId, OrganizationId, UserId
from creneau.core.domain.people import Actor, Organization, Role, User
from creneau.core.domain.time import find_zone
from creneau.core.storage import bilans, organizations, users
from creneau.core.storage.database import Database, Transaction
from creneau.core.usecases import audit, idempotency
from creneau.core.usecases import bilans as bilan_usecases


class PeopleService:
    """Adding is for administrators on the command line; reading is for every front."""

    def __init__(self, database: Database, clock: Clock, new_id: Callable[[], UUID]) -> None:
        self._database = database
        self._clock = clock
        self._new_id = new_id

    def add_organization(
        self, name: str, slack_team_id: str | None = None, timezone: str = "Europe/Paris", locale: str = "fr"
    ) -> Organization:
        """Raises: `time.unknown_zone`."""
        _require_zone(timezone)
        organization = Organization(OrganizationId(self._new_id()), name, timezone, locale, slack_team_id)
        with self._database.transaction(organization.id) as tx:
            organizations.add(tx, organization)
            self._record(tx, None, "added", "organization", organization.id)
        return organization

    def link_slack_team(self, organization_id: OrganizationId, team_id: str) -> None:
        """Give an organization its Slack workspace, or another one.

        Raises: `organization.not_found`, `organization.workspace_already_linked`.
        """
        with self._database.transaction(organization_id) as tx:
            organizations.get(tx, organization_id)
            organizations.link_slack_team(tx, organization_id, team_id)
            self._record(tx, None, "linked", "organization", organization_id)

    def add_user(
        self,
        organization: Organization,
        role: Role,
        name: str,
        email: str,
        slack_user_id: str | None = None,
        timezone: str | None = None,
        locale: str | None = None,
    ) -> User:
        """Add a person; zone and language are the organization's unless given. Raises: `time.unknown_zone`."""
        user = User(
            UserId(self._new_id()),
            organization.id,
            role,
            name,
            email,
            timezone or organization.timezone,
            locale or organization.locale,
            slack_user_id,
        )
        _require_zone(user.timezone)
        with self._database.transaction(organization.id) as tx:
            users.add(tx, user)
            self._record(tx, None, "added", "user", user.id)
        return user

    def open_bilan(
        self,
        beneficiary: User,
        consultant: User,
        purchased_minutes: int | None = None,
        actor: Actor | None = None,
        idempotency_key: str | None = None,
    ) -> Bilan:
        """Open a bilan, as an administrator or, without an actor, on the command line.

        Without a number of minutes only the legal limit holds.

        Raises: `user.not_found` for somebody who is not what they should be, `actor.not_allowed`,
        `bilan.too_many_hours`.
        """
        require_pair(beneficiary, consultant)
        bilan = Bilan(
            BilanId(self._new_id()),
            beneficiary.organization_id,
            beneficiary.id,
            consultant.id,
            BilanStatus.ACTIVE,
            Phase.PRELIMINARY,
            purchased_minutes,
        )
        request = {
            "beneficiary_id": beneficiary.id,
            "consultant_id": consultant.id,
            "purchased_minutes": purchased_minutes,
        }
        with self._database.transaction(beneficiary.organization_id) as tx:
            now = self._clock.now()
            earlier = idempotency.find_earlier(tx, actor, idempotency_key, "bilan", request, now)
            if earlier is not None:
                return bilans.get(tx, bilan.organization_id, BilanId(earlier[0]))
            bilan_usecases.open_bilan(tx, bilan, actor)
            idempotency.keep(tx, actor, idempotency_key, [bilan.id])
            self._record(tx, actor, "opened", "bilan", bilan.id)
        return bilan

    def close_bilan(self, organization_id: OrganizationId, bilan_id: BilanId, actor: Actor | None = None) -> Bilan:
        """End a bilan, as an administrator or, without an actor, on the command line; see `usecases.bilans`."""
        with self._database.transaction(organization_id) as tx:
            bilan = bilan_usecases.close(tx, actor, organization_id, bilan_id)
            self._record(tx, actor, "closed", "bilan", bilan.id)
        return bilan

    def set_bilan_hours(
        self,
        organization_id: OrganizationId,
        bilan_id: BilanId,
        purchased_minutes: int | None,
        actor: Actor | None = None,
    ) -> Bilan:
        """Say how much was bought, as an administrator or, without an actor, on the command line."""
        with self._database.transaction(organization_id) as tx:
            bilan = bilan_usecases.set_hours(tx, actor, organization_id, bilan_id, purchased_minutes)
            self._record(tx, actor, "hours_set", "bilan", bilan.id)
        return bilan

    def get_bilan(self, actor: Actor, bilan_id: BilanId) -> BilanFile:
        """Return a bilan with its hours. Raises: `bilan.not_found`, also for somebody who is no side of it."""
        with self._database.transaction(actor.organization_id) as tx:
            bilan = bilans.get(tx, actor.organization_id, bilan_id)
            bilan_usecases.require_part(bilan, actor)
            return BilanFile(bilan, bilan_usecases.get_hours(tx, bilan))

    def get_organization(self, organization_id: OrganizationId) -> Organization:
        """Raises: `organization.not_found`."""
        with self._database.transaction(organization_id) as tx:
            return organizations.get(tx, organization_id)

    def get_organization_of_slack_team(self, team_id: str) -> OrganizationId:
        """Raises: `organization.not_found` for a workspace that no organization has."""
        with self._database.without_tenant() as tx:
            organization_id = organizations.find_id_by_slack_team(tx, team_id)
        if organization_id is None:
            raise OrganizationNotFound
        return organization_id

    def get_user(self, organization_id: OrganizationId, user_id: UserId) -> User:
        """Raises: `user.not_found`."""
        with self._database.transaction(organization_id) as tx:
            return users.get(tx, organization_id, user_id)

    def get_slack_user(self, team_id: str, slack_user_id: str) -> User:
        """Return the person behind a Slack user. Raises: `organization.not_found`, `user.not_found`."""
        organization_id = self.get_organization_of_slack_team(team_id)
        with self._database.transaction(organization_id) as tx:
            return users.get_by_slack_user(tx, organization_id, slack_user_id)

    def get_user_by_email(self, organization_id: OrganizationId, email: str) -> User:
        """Raises: `user.not_found`."""
        with self._database.transaction(organization_id) as tx:
            return users.get_by_email(tx, organization_id, email)

    def list_users(self, organization_id: OrganizationId) -> list[User]:
        with self._database.transaction(organization_id) as tx:
            return users.list_all(tx, organization_id)

    def find_active_bilan(self, beneficiary: User) -> Bilan | None:
        """Return the bilan a beneficiary books on."""
        with self._database.transaction(beneficiary.organization_id) as tx:
            return bilans.find_active_of_beneficiary(tx, beneficiary.organization_id, beneficiary.id)

    def _record(self, tx: Transaction, actor: Actor | None, action: str, subject: str, subject_id: UUID) -> None:
        audit.record(tx, actor, action, subject, subject_id, self._clock.now(), self._new_id)


def _require_zone(timezone: str) -> None:
    if find_zone(timezone) is None:
        raise UnknownZone(timezone=timezone)
