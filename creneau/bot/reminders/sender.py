"""Sends one leased reminder, once: re-read, note that it may be out from now on, post, record.

Whoever finds that an earlier attempt may have posted it looks for its id in the conversation before posting again.
"""

import structlog

from creneau.bot.calling import SlackRefused, SlackUnavailable
from creneau.bot.drawing import draw
from creneau.bot.other_way import OtherWay
from creneau.bot.outbox import Outbox
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.emails import EmailState
from creneau.core.domain.messages import PURPOSE_OF, Place, Purpose
from creneau.core.domain.reminders import Lease
from creneau.core.services.booking_files import BookingFileService
from creneau.core.services.reminders import DueReminder, ReminderService
from creneau.mail.postman import NO_MAIL_SERVER
from creneau.mail.transport import MailUnavailable

log = structlog.get_logger()


class HistoryUnreadable(Exception):
    """Whether an earlier attempt posted a reminder cannot be found out; `problem` is Slack's word."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class ReminderSender:
    def __init__(
        self, reminders: ReminderService, files: BookingFileService, outbox: Outbox, other_way: OtherWay
    ) -> None:
        self._reminders = reminders
        self._files = files
        self._outbox = outbox
        self._other_way = other_way

    def send(self, lease: Lease) -> None:
        """Post the reminder unless there is nothing to send any more. Where Slack refuses it goes by e-mail.

        A no for good ends it, silence postpones it.
        """
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
        except (SlackUnavailable, MailUnavailable) as problem:
            wait = problem.retry_after if isinstance(problem, SlackUnavailable) else None
            self._reminders.record_postponed(lease, str(problem), wait)
            log.warning("reminder.postponed", reminder_id=str(lease.reminder_id), problem=str(problem))
        except HistoryUnreadable as unreadable:
            self._reminders.record_ambiguous(lease, unreadable.problem)
            log.warning("reminder.ambiguous", reminder_id=str(lease.reminder_id), problem=unreadable.problem)

    def _deliver(self, lease: Lease, due: DueReminder) -> None:
        """Send the message of a reminder; one without a message of its own brings those up to date that are out."""
        purpose = PURPOSE_OF.get(due.reminder.type)
        if purpose is None:
            self._outbox.refresh(lease.organization_id, due.booking.id)
            self._reminders.record_sent(lease)
            return
        file = self._files.get_booking_file(lease.organization_id, due.booking.id)
        if due.reminder.is_by_email:
            self._send_another_way(lease, due, purpose, file, due.reminder.reason or "")
            return
        try:
            self._post(lease, due, purpose, file)
        except SlackRefused as refused:
            if self._reminders.turn_to_email(lease):
                self._send_another_way(lease, due, purpose, file, refused.problem)

    def _post(self, lease: Lease, due: DueReminder, purpose: Purpose, file: BookingFile) -> None:
        """Raises: SlackUnavailable, SlackRefused, HistoryUnreadable."""
        message = draw(due.recipient, purpose, file)
        metadata = {"reminder": str(lease.reminder_id)}
        place = self._find_earlier(due, metadata)
        if place is None and due.reason is not None:
            self._reminders.record_skipped(lease, due.reason)
            return
        if place is None:
            if not self._reminders.begin_posting(lease):
                return
            place = self._outbox.post(due.recipient, message, metadata, may_be_out=False)
        self._reminders.record_sent(lease, place)
        log.info("reminder.sent", reminder_id=str(lease.reminder_id))
        self._outbox.remember(file, due.recipient, purpose, place)

    def _send_another_way(
        self, lease: Lease, due: DueReminder, purpose: Purpose, file: BookingFile, problem: str
    ) -> None:
        """Raises: MailUnavailable, SlackUnavailable."""
        reminder, reminder_id = due.reminder, str(lease.reminder_id)
        state, reason = self._other_way.take(
            file, due.recipient.id, purpose, reminder.booking_version, problem, reminder.scheduled_time
        )
        if state is EmailState.SENT:
            self._reminders.record_sent(lease)
            log.info("reminder.sent", reminder_id=reminder_id)
            return
        why = problem if reason in (NO_MAIL_SERVER, problem) else f"email_{reason}"
        if state is EmailState.FAILED:
            self._reminders.record_failed(lease, why)
            log.warning("reminder.failed", reminder_id=reminder_id, problem=why)
        else:
            self._reminders.record_ambiguous(lease, why)
            log.warning("reminder.ambiguous", reminder_id=reminder_id, problem=why)

    def _find_earlier(self, due: DueReminder, metadata: dict[str, str]) -> Place | None:
        """Raises: HistoryUnreadable, SlackUnavailable."""
        if due.reminder.posting_since is None:
            return None
        try:
            return self._outbox.find_posted(due.recipient, metadata)
        except SlackRefused as refused:
            raise HistoryUnreadable(refused.problem) from refused
