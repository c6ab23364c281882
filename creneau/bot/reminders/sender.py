"""Sends one leased reminder: re-read, post, record."""

import structlog

from creneau.bot.drawing import draw
from creneau.bot.outbox import Outbox, RecipientLeft, SlackRefused, SlackUnavailable
from creneau.core.domain.messages import PURPOSE_OF
from creneau.core.domain.reminders import Lease
from creneau.core.services.reminders import DueReminder, ReminderService
from creneau.core.services.slack import SlackService

log = structlog.get_logger()


class ReminderSender:
    def __init__(self, reminders: ReminderService, slack: SlackService, outbox: Outbox) -> None:
        self._reminders = reminders
        self._slack = slack
        self._outbox = outbox

    def send(self, lease: Lease) -> None:
        """Post the reminder unless there is nothing to send any more. Slack's no ends it, its silence postpones it."""
        due = self._reminders.find_due(lease)
        if due is None:
            return
        try:
            self._deliver(lease, due)
        except SlackUnavailable as problem:
            self._reminders.record_postponed(lease, str(problem), problem.retry_after)
            log.warning("reminder.postponed", reminder_id=str(lease.reminder_id), problem=str(problem))
        except SlackRefused as refused:
            self._reminders.record_failed(lease, refused.problem)
            log.warning("reminder.failed", reminder_id=str(lease.reminder_id), problem=refused.problem)
        else:
            log.info("reminder.sent", reminder_id=str(lease.reminder_id))

    def _deliver(self, lease: Lease, due: DueReminder) -> None:
        """Post the message of a reminder; one without a message of its own brings those up to date that are out."""
        purpose = PURPOSE_OF.get(due.reminder.type)
        if purpose is None:
            self._outbox.refresh(lease.organization_id, due.booking.id)
            self._reminders.record_sent(lease)
            return
        file = self._slack.get_booking_file(lease.organization_id, due.booking.id)
        message = draw(due.recipient, purpose, file)
        try:
            channel, ts = self._outbox.post(due.recipient, message, {"reminder": str(lease.reminder_id)})
        except RecipientLeft:
            self._outbox.tell_unreachable(file, due.recipient.id)
            raise
        self._reminders.record_sent(lease)
        self._outbox.remember(file, due.recipient, purpose, channel, ts)
