"""What the worker does for Slack. Each job may run twice, and re-reads what it is about."""

from dataclasses import dataclass
from uuid import UUID

import procrastinate
import structlog

from creneau.bot.calling import SlackRefused, SlackUnavailable
from creneau.bot.home.publisher import HomePublisher
from creneau.bot.other_way import OtherWay
from creneau.bot.outbox import REFRESH_MESSAGES, Outbox
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.errors import Refusal
from creneau.core.domain.ids import BookingId, OrganizationId, UserId
from creneau.core.domain.messages import Purpose
from creneau.core.services.booking_files import BookingFileService
from creneau.core.services.people import PeopleService
from creneau.core.services.slack import SlackService

log = structlog.get_logger()

POST_MESSAGE = "slack.post_message"
PUBLISH_HOME = "slack.publish_home"
PUBLISH_HOMES = "slack.publish_homes"
AHEAD = 1
"""Of what is leased, and of what leases it: it goes before all else, or leases run out in the queue."""


@dataclass(frozen=True, slots=True)
class BotJobs:
    slack: SlackService
    files: BookingFileService
    people: PeopleService
    outbox: Outbox
    homes: HomePublisher
    other_way: OtherWay

    def register(self, app: procrastinate.App, retry: procrastinate.BaseRetryStrategy) -> None:
        """Declare the tasks on the job queue."""
        app.task(name=POST_MESSAGE, retry=retry, pass_context=True)(self.post_message)
        app.task(name=REFRESH_MESSAGES, retry=retry)(self.refresh_messages)
        app.task(name=PUBLISH_HOME, retry=retry)(self.publish_home)
        app.task(name=PUBLISH_HOMES, retry=retry)(self.publish_homes)

    def post_message(
        self,
        context: procrastinate.JobContext,
        organization_id: str,
        booking_id: str,
        recipient_id: str,
        purpose: str,
        version: str = "1",
    ) -> None:
        """Post a message about a booking, or send it another way where Slack refuses it for good."""
        about, recipient, told = BookingId(UUID(booking_id)), UserId(UUID(recipient_id)), Purpose(purpose)
        with self.slack.hold_message(about, recipient, told, int(version)) as is_ours:
            if not is_ours:
                raise SlackUnavailable("in_other_hands")
            file = self.files.get_booking_file(OrganizationId(UUID(organization_id)), about)
            problem = self._post(file, recipient, told, int(version), may_be_out=context.job.attempts > 0)
            if problem is not None:
                log.warning("slack.message_refused", booking_id=booking_id, purpose=purpose, problem=problem)
                self.other_way.take(file, recipient, told, int(version), problem, file.booking.updated_at)

    def _post(
        self, file: BookingFile, recipient_id: UserId, purpose: Purpose, version: int, *, may_be_out: bool
    ) -> str | None:
        """Post a message in Slack; return why it is not there."""
        if self.other_way.is_taken(file, recipient_id, purpose, version):
            return "went_by_email"
        try:
            self.outbox.post_about(file, recipient_id, purpose, version, may_be_out=may_be_out)
        except SlackRefused as refused:
            return refused.problem
        return None

    def refresh_messages(self, organization_id: str, booking_id: str) -> None:
        self.outbox.refresh(OrganizationId(UUID(organization_id)), BookingId(UUID(booking_id)))

    def publish_home(self, organization_id: str, user_id: str) -> None:
        try:
            user = self.people.get_user(OrganizationId(UUID(organization_id)), UserId(UUID(user_id)))
            self.homes.publish(user)
        except (SlackRefused, Refusal) as refused:
            log.warning("slack.home_refused", user_id=user_id, problem=str(refused))

    def publish_homes(self, organization_id: str) -> None:
        """Draw every home of an organization afresh: the app has just been installed in its workspace."""
        for user in self.people.list_users(OrganizationId(UUID(organization_id))):
            if user.slack_user_id is not None:
                self.publish_home(organization_id, str(user.id))
