"""The jobs that ask Slack whether somebody is still there, and tell administrators of who has left."""

from dataclasses import dataclass
from uuid import UUID

import procrastinate
import structlog

from creneau.bot.calling import SlackRefused
from creneau.bot.outbox import Outbox
from creneau.bot.presence.views import departure
from creneau.bot.stranger import Deactivated, NotRegistered, require_member
from creneau.core.domain.errors import UserNotFound
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.services.people import PeopleService
from creneau.core.services.presence import PresenceService

log = structlog.get_logger()

CHECK_PRESENCE = "slack.check_presence"
TELL_DEPARTURE = "slack.tell_departure"
_NOBODY = frozenset({"user_not_found", "user_not_visible"})


@dataclass(frozen=True, slots=True)
class PresenceJobs:
    people: PeopleService
    presence: PresenceService
    outbox: Outbox

    def register(self, app: procrastinate.App, retry: procrastinate.BaseRetryStrategy) -> None:
        app.task(name=CHECK_PRESENCE, retry=retry)(self.check_presence)
        app.task(name=TELL_DEPARTURE, retry=retry, pass_context=True)(self.tell_departure)

    def check_presence(self, organization_id: str, user_id: str) -> None:
        """Ask Slack and keep what it says: that alone is as new as can be."""
        try:
            user = self.people.get_user(OrganizationId(UUID(organization_id)), UserId(UUID(user_id)))
        except UserNotFound:
            return
        if user.slack_user_id is None:
            return
        try:
            profile = self.outbox.get_profile(user.organization_id, user.slack_user_id)
            require_member(profile, None)
        except SlackRefused as refused:
            if refused.problem not in _NOBODY:
                log.warning("slack.presence_unknown", user_id=user_id, problem=refused.problem)
                return
            self.presence.record_left(user)
        except Deactivated:
            self.presence.record_left(user)
        except NotRegistered as stranger:
            log.warning("slack.presence_unknown", user_id=user_id, problem=stranger.code)
        else:
            self.presence.record_returned(user)

    def tell_departure(
        self, context: procrastinate.JobContext, organization_id: str, user_id: str, admin_id: str
    ) -> None:
        tenant = OrganizationId(UUID(organization_id))
        gone = self.presence.find_departure(tenant, UserId(UUID(user_id)))
        if gone is None or gone.user.slack_left_at is None:
            return
        metadata = {"departure": user_id, "left_at": gone.user.slack_left_at.isoformat()}
        try:
            admin = self.people.get_user(tenant, UserId(UUID(admin_id)))
            self.outbox.post(admin, departure(admin, gone), metadata, may_be_out=context.job.attempts > 0)
        except (SlackRefused, UserNotFound) as problem:
            log.warning("slack.departure_untold", user_id=user_id, problem=str(problem))
