"""Sends one leased reminder: re-read, post, record."""

import structlog

from creneau.bot.outbox import Outbox, SlackRefused, SlackUnavailable
from creneau.bot.reminders.views import reminder
from creneau.core.domain.reminders import Lease
from creneau.core.services.reminders import ReminderService

log = structlog.get_logger()


class ReminderSender:
    def __init__(self, reminders: ReminderService, outbox: Outbox) -> None:
        self._reminders = reminders
        self._outbox = outbox

    def send(self, lease: Lease) -> None:
        """Post the reminder unless there is nothing to send any more. Slack's no ends it, its silence postpones it."""
        due = self._reminders.find_due(lease)
        if due is None:
            return
        try:
            self._outbox.post(due.recipient, reminder(due), {"reminder": str(lease.reminder_id)})
        except SlackUnavailable as problem:
            self._reminders.record_postponed(lease, str(problem), problem.retry_after)
            log.warning("reminder.postponed", reminder_id=str(lease.reminder_id), problem=str(problem))
        except SlackRefused as refused:
            self._reminders.record_failed(lease, refused.problem)
            log.warning("reminder.failed", reminder_id=str(lease.reminder_id), problem=refused.problem)
        else:
            self._reminders.record_sent(lease)
            log.info("reminder.sent", reminder_id=str(lease.reminder_id))
