"""Sends one leased reminder, once: re-read, note that it may be out from now on, post, record.

Whoever finds that an earlier attempt may have posted it looks for its id in the conversation before posting again.
"""

import structlog

from creneau.bot.calling import RecipientLeft, SlackRefused, SlackUnavailable
from creneau.bot.drawing import draw
from creneau.bot.outbox import Outbox
from creneau.core.domain.messages import PURPOSE_OF, Place
from creneau.core.domain.reminders import Lease
from creneau.core.services.reminders import DueReminder, ReminderService
from creneau.core.services.slack import SlackService

log = structlog.get_logger()


class HistoryUnreadable(Exception):
    """Whether an earlier attempt posted a reminder cannot be found out; `problem` is Slack's word."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class ReminderSender:
    def __init__(self, reminders: ReminderService, slack: SlackService, outbox: Outbox) -> None:
        self._reminders = reminders
        self._slack = slack
        self._outbox = outbox

    def send(self, lease: Lease) -> None:
        """Post the reminder unless there is nothing to send any more. Slack's no ends it, its silence postpones it."""
        with self._reminders.hold(lease) as is_ours:
            if not is_ours:
                log.warning("reminder.in_other_hands", reminder_id=str(lease.reminder_id))
                return
            due = self._reminders.find_due(lease)
            if due is not None:
                self._send(lease, due)

    def _send(self, lease: Lease, due: DueReminder) -> None:
        try:
            self._deliver(lease, due)
        except SlackUnavailable as problem:
            self._reminders.record_postponed(lease, str(problem), problem.retry_after)
            log.warning("reminder.postponed", reminder_id=str(lease.reminder_id), problem=str(problem))
        except HistoryUnreadable as unreadable:
            self._reminders.record_ambiguous(lease, unreadable.problem)
            log.warning("reminder.ambiguous", reminder_id=str(lease.reminder_id), problem=unreadable.problem)
        except SlackRefused as refused:
            self._reminders.record_failed(lease, refused.problem)
            log.warning("reminder.failed", reminder_id=str(lease.reminder_id), problem=refused.problem)

    def _deliver(self, lease: Lease, due: DueReminder) -> None:
        """Post the message of a reminder; one without a message of its own brings those up to date that are out."""
        purpose = PURPOSE_OF.get(due.reminder.type)
        if purpose is None:
            self._outbox.refresh(lease.organization_id, due.booking.id)
            self._reminders.record_sent(lease)
            return
        file = self._slack.get_booking_file(lease.organization_id, due.booking.id)
        message = draw(due.recipient, purpose, file)
        metadata = {"reminder": str(lease.reminder_id)}
        try:
            place = self._find_earlier(due, metadata)
            if place is None:
                if not self._reminders.begin_posting(lease):
                    return
                place = self._outbox.post(due.recipient, message, metadata, may_be_out=False)
        except RecipientLeft:
            self._outbox.tell_unreachable(file, due.recipient.id, may_be_out=lease.attempt > 1)
            raise
        self._reminders.record_sent(lease, place)
        log.info("reminder.sent", reminder_id=str(lease.reminder_id))
        self._outbox.remember(file, due.recipient, purpose, place)

    def _find_earlier(self, due: DueReminder, metadata: dict[str, str]) -> Place | None:
        """Raises: HistoryUnreadable, RecipientLeft, SlackUnavailable."""
        if due.reminder.posting_since is None:
            return None
        try:
            return self._outbox.find_posted(due.recipient, metadata)
        except RecipientLeft:
            raise
        except SlackRefused as refused:
            raise HistoryUnreadable(refused.problem) from refused
