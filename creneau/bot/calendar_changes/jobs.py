"""The jobs that ask: about one session, and about an account that lost many."""

from dataclasses import dataclass
from uuid import UUID

import procrastinate
import structlog

from creneau.bot.calendar_changes import views
from creneau.bot.calling import SlackRefused
from creneau.bot.outbox import Outbox
from creneau.core.domain.ids import BookingId, OrganizationId, UserId
from creneau.core.domain.messages import Purpose
from creneau.core.services.booking_files import BookingFileService
from creneau.core.services.calendar_changes import CalendarChangeService
from creneau.core.services.people import PeopleService

ASK_ABOUT_CHANGE = "calendars.ask_about_change"
ASK_ABOUT_LOSS = "calendars.ask_about_loss"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class CalendarChangeJobs:
    changes: CalendarChangeService
    people: PeopleService
    files: BookingFileService
    outbox: Outbox

    def register(self, app: procrastinate.App, retry: procrastinate.BaseRetryStrategy) -> None:
        app.task(name=ASK_ABOUT_CHANGE, retry=retry, pass_context=True)(self.ask_about_change)
        app.task(name=ASK_ABOUT_LOSS, retry=retry, pass_context=True)(self.ask_about_loss)

    def ask_about_change(
        self, context: procrastinate.JobContext, organization_id: str, booking_id: str, asked_at: str
    ) -> None:
        """Put a change to the consultant, unless it is settled or asked by now. `asked_at` names the change."""
        tenant, booking = OrganizationId(UUID(organization_id)), BookingId(UUID(booking_id))
        file = self.files.get_booking_file(tenant, booking)
        if file.question is None or file.question.change.told_at is not None:
            return
        metadata = {"booking": booking_id, "purpose": Purpose.CALENDAR_CHANGE.value, "asked_at": asked_at}
        try:
            self.outbox.post_of(
                file, file.consultant, Purpose.CALENDAR_CHANGE, metadata, may_be_out=context.job.attempts > 0
            )
        except SlackRefused as refused:
            log.warning("slack.message_refused", booking_id=booking_id, problem=refused.problem)
            return
        self.changes.record_told(tenant, booking)

    def ask_about_loss(
        self, context: procrastinate.JobContext, organization_id: str, consultant_id: str, asked_at: str
    ) -> None:
        consultant = self.people.get_user(OrganizationId(UUID(organization_id)), UserId(UUID(consultant_id)))
        count = self.changes.find_suspicion(consultant.organization_id, consultant.id)
        if count is None:
            return
        metadata = {"calendar_of": consultant_id, "job": context.job.task_name, "asked_at": asked_at}
        self.outbox.tell(consultant, views.emptied(consultant, count), metadata, may_be_out=context.job.attempts > 0)
