"""Reminders that are due go out in lanes, at most so many at a time among all workers.

Whoever works in a lane leases a few reminders, sends them one after the other, and leaves the lane to whichever worker
is free. A lane ends when nothing more is due, or with its worker: the next sweep begins it again.
"""

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

import procrastinate
import structlog
from procrastinate.exceptions import AlreadyEnqueued

from creneau.bot.jobs import AHEAD
from creneau.bot.reminders.sender import ReminderSender
from creneau.core.domain.ids import OrganizationId, ReminderId
from creneau.core.domain.reminders import Lease
from creneau.core.services.reminders import MOST_AT_ONCE, ReminderService

log = structlog.get_logger()

SEND_DUE = "reminders.send_due"
SEND_REMINDER = "reminders.send"
SWEEP_REMINDERS = "reminders.sweep"
LANES = 8
EVERY_TEN_SECONDS = "* * * * * */10"


@dataclass(frozen=True, slots=True)
class ReminderJobs:
    reminders: ReminderService
    sender: ReminderSender

    def register(self, app: procrastinate.App) -> None:
        """Declare the tasks on the job queue. Reminders are not retried by the queue: their lease is."""

        @app.periodic(cron=EVERY_TEN_SECONDS)
        @app.task(name=SWEEP_REMINDERS, priority=AHEAD, queueing_lock=SWEEP_REMINDERS)
        def sweep(timestamp: int) -> None:
            log.debug("reminders.swept", tick=timestamp)
            self._work_in(app, lane=0, is_wave=True)

        @app.task(name=SEND_DUE, priority=AHEAD)
        def send(lane: int, *, is_wave: bool) -> None:
            self._work_in(app, lane, is_wave=is_wave)

        app.task(name=SEND_REMINDER, priority=AHEAD)(self.send_one)

    def _work_in(self, app: procrastinate.App, lane: int, *, is_wave: bool) -> None:
        """Send a few of what is due, unless the lane is somebody else's. Where there may be more, go on with it.

        A wave begins the lanes after it as well, as far as there is something left for them.
        """
        with self.reminders.hold_lane(lane) as is_ours:
            leases = self.reminders.claim_due(MOST_AT_ONCE) if is_ours else []
            may_be_more = not is_ours or len(leases) == MOST_AT_ONCE
            if may_be_more and is_wave and lane + 1 < LANES:
                _begin(app, lane + 1, is_wave=True)
            if leases:
                log.info("reminders.leased", lane=lane, count=len(leases))
            self.sender.send(leases)
        if is_ours and may_be_more:
            _begin(app, lane, is_wave=False)

    def send_one(self, organization_id: str, reminder_id: str, attempt: int) -> None:
        """Send a reminder that a worker of release 0.1 or before has leased."""
        self.sender.send([Lease(OrganizationId(UUID(organization_id)), ReminderId(UUID(reminder_id)), attempt)])


def _begin(app: procrastinate.App, lane: int, *, is_wave: bool) -> None:
    with suppress(AlreadyEnqueued):
        app.configure_task(SEND_DUE, queueing_lock=f"{SEND_DUE} {lane}").defer(lane=lane, is_wave=is_wave)
