"""Telling a consultant, once, that something is wrong with their calendars, and once that it is over."""

from dataclasses import dataclass
from uuid import UUID

import procrastinate

from creneau.bot.calendars import telling
from creneau.bot.message import Message
from creneau.bot.outbox import Outbox
from creneau.core.domain.calendar import CalendarHealth
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.domain.people import Actor, User
from creneau.core.services.availability import AvailabilityService
from creneau.core.services.calendars import CalendarService
from creneau.core.services.people import PeopleService

TELL_UNREAD = "calendars.tell_unread"
TELL_READ_AGAIN = "calendars.tell_read_again"
TELL_UNPUSHED = "calendars.tell_unpushed"
TELL_PUSHED_AGAIN = "calendars.tell_pushed_again"
TELL_REFUSED = "calendars.tell_refused"
TELL_HOURS_UNPUBLISHED = "calendars.tell_hours_unpublished"
TELL_HOURS_AGAIN = "calendars.tell_hours_again"


@dataclass(frozen=True, slots=True)
class CalendarTellingJobs:
    calendars: CalendarService
    availability: AvailabilityService
    people: PeopleService
    outbox: Outbox

    def register(self, app: procrastinate.App, retry: procrastinate.BaseRetryStrategy) -> None:
        app.task(name=TELL_UNREAD, retry=retry, pass_context=True)(self.tell_unread)
        app.task(name=TELL_READ_AGAIN, retry=retry, pass_context=True)(self.tell_read_again)
        app.task(name=TELL_UNPUSHED, retry=retry, pass_context=True)(self.tell_unpushed)
        app.task(name=TELL_PUSHED_AGAIN, retry=retry, pass_context=True)(self.tell_pushed_again)
        app.task(name=TELL_REFUSED, retry=retry, pass_context=True)(self.tell_refused)
        app.task(name=TELL_HOURS_UNPUBLISHED, retry=retry, pass_context=True)(self.tell_hours_unpublished)
        app.task(name=TELL_HOURS_AGAIN, retry=retry, pass_context=True)(self.tell_hours_again)

    def tell_unread(
        self, context: procrastinate.JobContext, organization_id: str, consultant_id: str, asked_at: str
    ) -> None:
        """Say what is wrong, unless it is well again by now."""
        consultant, health = self._read(organization_id, consultant_id)
        if health is None or health.read_failure is None:
            return
        policy = self.availability.get_policy(Actor.from_user(consultant), consultant.id).policy
        closes = policy.busy_max_age_minutes is not None
        self._post(context, consultant, telling.unread(consultant, health, closes_times=closes), asked_at)

    def tell_read_again(
        self, context: procrastinate.JobContext, organization_id: str, consultant_id: str, asked_at: str
    ) -> None:
        consultant, health = self._read(organization_id, consultant_id)
        if health is not None and health.read_failure is None:
            self._post(context, consultant, telling.read_again(consultant), asked_at)

    def tell_unpushed(
        self, context: procrastinate.JobContext, organization_id: str, consultant_id: str, asked_at: str
    ) -> None:
        """Say what is wrong, unless it is well again by now."""
        consultant, health = self._read(organization_id, consultant_id)
        if health is not None and health.failure is not None:
            self._post(context, consultant, telling.unpushed(consultant, health.failure), asked_at)

    def tell_pushed_again(
        self, context: procrastinate.JobContext, organization_id: str, consultant_id: str, asked_at: str
    ) -> None:
        consultant, health = self._read(organization_id, consultant_id)
        if health is not None and health.failure is None:
            self._post(context, consultant, telling.pushed_again(consultant), asked_at)

    def tell_refused(
        self, context: procrastinate.JobContext, organization_id: str, consultant_id: str, asked_at: str
    ) -> None:
        """Say that the server does not take some sessions, unless it has taken them by now."""
        consultant, health = self._read(organization_id, consultant_id)
        if health is not None and health.refused:
            self._post(context, consultant, telling.refused(consultant, health.refused), asked_at)

    def tell_hours_unpublished(
        self, context: procrastinate.JobContext, organization_id: str, consultant_id: str, asked_at: str
    ) -> None:
        """Say what is wrong, unless it is well again by now."""
        consultant, health = self._read(organization_id, consultant_id)
        if health is not None and health.hours is not None and health.hours.failure is not None:
            self._post(context, consultant, telling.hours_unpublished(consultant, health.hours.failure), asked_at)

    def tell_hours_again(
        self, context: procrastinate.JobContext, organization_id: str, consultant_id: str, asked_at: str
    ) -> None:
        consultant, health = self._read(organization_id, consultant_id)
        if health is not None and health.hours is not None and health.hours.failure is None:
            self._post(context, consultant, telling.hours_again(consultant), asked_at)

    def _read(self, organization_id: str, consultant_id: str) -> tuple[User, CalendarHealth | None]:
        consultant = self.people.get_user(OrganizationId(UUID(organization_id)), UserId(UUID(consultant_id)))
        return consultant, self.calendars.find_health(Actor.from_user(consultant), consultant.id)

    def _post(self, context: procrastinate.JobContext, consultant: User, message: Message, asked_at: str) -> None:
        metadata = {"calendar_of": str(consultant.id), "job": context.job.task_name, "asked_at": asked_at}
        self.outbox.tell(consultant, message, metadata, may_be_out=context.job.attempts > 0)
