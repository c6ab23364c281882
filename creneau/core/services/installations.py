"""InstallationService: in which workspaces the app is installed, from the first grant to its end, and new tokens."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from creneau.core.clock import Clock
from creneau.core.domain.errors import HasAnotherWorkspace, TicketInvalid, WorkspaceAlreadyLinked, WorkspaceUnknown
from creneau.core.domain.events import SlackInstalled
from creneau.core.domain.ids import OrganizationId
from creneau.core.domain.people import Organization
from creneau.core.domain.slack import BotTokens, SlackGrant, SlackInstallation
from creneau.core.secrets import SecretBox
from creneau.core.services.following import Follow
from creneau.core.storage import jobs, organizations, slack_installations
from creneau.core.storage.database import Database, Transaction
from creneau.core.usecases import audit

ROTATE_AHEAD = timedelta(hours=2)
"""How long before its end a token is changed: long enough for somebody to act when it fails."""
_ROTATION_LEASE = timedelta(minutes=2)


class InstallationService:
    def __init__(
        self, database: Database, clock: Clock, box: SecretBox, follow: Follow, new_id: Callable[[], UUID]
    ) -> None:
        self._database = database
        self._clock = clock
        self._box = box
        self._follow = follow
        self._new_id = new_id

    def install(self, grant: SlackGrant, organization_id: OrganizationId | None, state: str) -> Organization:
        """Keep what a workspace granted, for the organization that was named, or else the one that has it already.

        Nothing is made or moved: an organization that lives in another workspace stays there. A state installs once.
        Raises: `organization.workspace_unknown`, `organization.workspace_already_linked`,
        `organization.has_another_workspace`, `organization.not_found`, `ticket.invalid`.
        """
        owner = self._find_organization(grant.team_id)
        tenant = organization_id or owner
        if tenant is None:
            raise WorkspaceUnknown
        if owner not in (None, tenant):
            raise WorkspaceAlreadyLinked
        now = self._clock.now()
        with self._database.transaction(tenant) as tx:
            organization = organizations.get(tx, tenant)
            if organization.slack_team_id not in (None, grant.team_id):
                raise HasAnotherWorkspace
            if not slack_installations.spend_state(tx, tenant, hashlib.sha256(state.encode()).digest(), now):
                raise TicketInvalid
            organizations.link_slack_team(tx, tenant, grant.team_id)
            slack_installations.save(tx, SlackInstallation(tenant, grant), self._box, now)
            self._record(tx, "installed", tenant)
            jobs.add(tx, self._follow(SlackInstalled(tenant)))
        return organization

    def end(self, organization_id: OrganizationId, bot_token: str | None = None) -> bool:
        """Forget the tokens of an installation that Slack ended; False when there is nothing to end.

        With a token, only if it is still that one: the app may have been installed anew meanwhile.
        """
        with self._database.transaction(organization_id) as tx:
            installation = slack_installations.find(tx, organization_id, self._box, for_update=True)
            if installation is None or bot_token not in (None, installation.bot_token):
                return False
            slack_installations.end(tx, organization_id, self._clock.now())
            self._record(tx, "ended", organization_id)
        return True

    def end_of_team(self, team_id: str) -> bool:
        organization_id = self._find_organization(team_id)
        return self.end(organization_id) if organization_id else False

    def lease_rotations(self) -> list[OrganizationId]:
        """Lease the installations whose token ends soon. Each goes to one process; a lease that is lost comes back."""
        with self._database.without_tenant() as tx:
            return slack_installations.lease_rotations(tx, self._clock.now(), ROTATE_AHEAD, _ROTATION_LEASE)

    def record_rotated(self, organization_id: OrganizationId, refreshed_with: str, tokens: BotTokens) -> bool:
        """Keep the new tokens; False when the ones they came of are not the installation's any more."""
        with self._database.transaction(organization_id) as tx:
            if self._find_tokens(tx, organization_id, refreshed_with) is None:
                return False
            slack_installations.save_tokens(tx, organization_id, tokens, self._box)
            self._record(tx, "rotated", organization_id)
        return True

    def record_rotation_refused(self, organization_id: OrganizationId, refreshed_with: str) -> None:
        """Stop asking with a refresh token that Slack does not take. The bot token lives on until its own end."""
        with self._database.transaction(organization_id) as tx:
            tokens = self._find_tokens(tx, organization_id, refreshed_with)
            if tokens is not None:
                kept = BotTokens(tokens.bot_token, None, tokens.expires_at)
                slack_installations.save_tokens(tx, organization_id, kept, self._box)
                self._record(tx, "rotation_refused", organization_id)

    def _find_tokens(self, tx: Transaction, organization_id: OrganizationId, refresh_token: str) -> BotTokens | None:
        """Lock the installation and return its tokens, if it still has this refresh token."""
        installation = slack_installations.find(tx, organization_id, self._box, for_update=True)
        if installation is None or installation.grant.tokens.refresh_token != refresh_token:
            return None
        return installation.grant.tokens

    def _find_organization(self, team_id: str) -> OrganizationId | None:
        with self._database.without_tenant() as tx:
            return organizations.find_id_by_slack_team(tx, team_id)

    def _record(self, tx: Transaction, action: str, organization_id: OrganizationId) -> None:
        audit.record(tx, None, action, "slack_installation", organization_id, self._clock.now(), self._new_id)
