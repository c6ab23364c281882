"""Sends one leased reminder: re-read, post, record."""

import structlog

from creneau.bot.drawing import draw
from creneau.bot.outbox import Outbox, SlackRefused, SlackUnavailable
from creneau.core.domain.messages import PURPOSE_OF, PostedMessage
from creneau.core.domain.reminders import Lease
from creneau.core.services.reminders import ReminderService
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
        purpose, recipient = PURPOSE_OF[due.reminder.type], due.recipient
        file = self._slack.get_booking_file(lease.organization_id, due.booking.id)
        try:
            channel, ts = self._outbox.post(
                recipient, draw(recipient, purpose, file), {"reminder": str(lease.reminder_id)}
            )
        except SlackUnavailable as problem:
            self._reminders.record_postponed(lease, str(problem), problem.retry_after)
            log.warning("reminder.postponed", reminder_id=str(lease.reminder_id), problem=str(problem))
        except SlackRefused as refused:
            self._reminders.record_failed(lease, refused.problem)
            log.warning("reminder.failed", reminder_id=str(lease.reminder_id), problem=refused.problem)
        else:
            self._reminders.record_sent(lease)
            posted = PostedMessage(due.booking.id, recipient.id, purpose, channel, ts)
            self._slack.record_message(lease.organization_id, posted)
            log.info("reminder.sent", reminder_id=str(lease.reminder_id))
