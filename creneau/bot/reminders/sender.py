"""Sends leased reminders, each once: re-read, note that it may be out from now on, post, record.

They are read together, and posted one after the other; one whose booking was changed in between is read again. Whoever
finds that an earlier attempt may have posted one looks for its id in the conversation before posting again.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import structlog

from creneau.bot.calling import SlackRefused, SlackUnavailable
from creneau.bot.drawing import draw
from creneau.bot.message import Message
from creneau.bot.other_way import OtherWay
from creneau.bot.outbox import Outbox
from creneau.core.domain.emails import EmailState
from creneau.core.domain.ids import OrganizationId
from creneau.core.domain.messages import PURPOSE_OF, Place, PostedMessage, Purpose
from creneau.core.domain.reminders import Lease
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
    def __init__(self, reminders: ReminderService, outbox: Outbox, other_way: OtherWay) -> None:
        self._reminders = reminders
        self._outbox = outbox
        self._other_way = other_way

    def send(self, leases: Sequence[Lease]) -> None:
        """Post the reminders, but those that there is nothing to send of any more. Where Slack refuses one it goes by
        e-mail. A no for good ends one, silence postpones it.

        Raises: ExceptionGroup of what went wrong otherwise, when all others are sent.
        """
        failures: list[Exception] = []
        with self._reminders.hold(leases) as ours:
            for lease in set(leases).difference(ours):
                log.warning("reminder.in_other_hands", reminder_id=str(lease.reminder_id))
            for organization_id, own in groupby(sorted(ours, key=_tenant), key=_tenant):
                for due in self._reminders.list_due(organization_id, list(own)):
                    try:
                        self._send(due)
                    except Exception as failure:
                        log.exception("reminder.crashed", reminder_id=str(due.reminder.id))
                        failures.append(failure)
        if failures:
            raise ExceptionGroup("reminders that wait for their leases to run out", failures)

    def _send(self, due: DueReminder) -> None:
        reminder_id = str(due.reminder.id)
        try:
            self._deliver(due)
        except (SlackUnavailable, MailUnavailable) as problem:
            wait = problem.retry_after if isinstance(problem, SlackUnavailable) else None
            self._reminders.record_postponed(due.lease, str(problem), wait)
            log.warning("reminder.postponed", reminder_id=reminder_id, problem=str(problem))
        except HistoryUnreadable as unreadable:
            self._reminders.record_ambiguous(due.lease, unreadable.problem)
            log.warning("reminder.ambiguous", reminder_id=reminder_id, problem=unreadable.problem)

    def _deliver(self, due: DueReminder) -> None:
        """Send the message of a reminder; one without a message of its own brings those up to date that are out."""
        purpose = PURPOSE_OF.get(due.reminder.type)
        if purpose is None:
            self._outbox.refresh(due.reminder.organization_id, due.reminder.booking_id)
            self._reminders.record_sent(due.lease)
            return
        if due.reminder.is_by_email:
            self._send_another_way(due, purpose, due.reminder.reason or "")
            return
        try:
            self._post(due, purpose)
        except SlackRefused as refused:
            if self._reminders.turn_to_email(due.lease):
                self._send_another_way(due, purpose, refused.problem)

    def _post(self, due: DueReminder, purpose: Purpose) -> None:
        """Raises: SlackUnavailable, SlackRefused, HistoryUnreadable."""
        metadata = {"reminder": str(due.reminder.id)}
        earlier = self._find_earlier(due, metadata)
        if earlier is not None:
            self._reminders.record_found(due, self._describe(due, purpose, earlier))
            self._bring_up_to_date(due, earlier)
            return
        if due.reason is not None:
            self._reminders.record_skipped(due.lease, due.reason)
            return
        if not self._reminders.begin_posting(due.lease, due.file.booking):
            self._read_again(due)
            return
        place = self._post_now(due, draw(due.recipient, purpose, due.file), metadata)
        if self._reminders.record_posted(due, due.file.told(due.recipient, purpose, place)):
            log.info("reminder.sent", reminder_id=str(due.reminder.id))
        else:
            self._bring_up_to_date(due, place)

    def _post_now(self, due: DueReminder, message: Message, metadata: dict[str, str]) -> Place:
        """Raises: SlackUnavailable, SlackRefused."""
        try:
            return self._outbox.post(due.recipient, message, metadata, may_be_out=False)
        except SlackUnavailable as problem:
            if problem.retry_after is not None:
                self._reminders.record_unposted(due.lease)
            raise

    def _describe(self, due: DueReminder, purpose: Purpose, place: Place) -> PostedMessage:
        """Tell of what a message speaks: one that was called off of the session as it stood when it was planned."""
        told = due.file.told(due.recipient, purpose, place)
        if due.reminder.called_off_at is None:
            return told
        return replace(
            told, booking_version=due.reminder.booking_version, starts_at=self._reminders.find_told_start(due)
        )

    def _bring_up_to_date(self, due: DueReminder, place: Place) -> None:
        """Have messages say what is so by now, and only then count this one as sent. Raises: SlackUnavailable."""
        self._outbox.refresh(due.reminder.organization_id, due.reminder.booking_id)
        self._reminders.record_sent(due.lease, place)
        log.info("reminder.sent", reminder_id=str(due.reminder.id))

    def _read_again(self, due: DueReminder) -> None:
        """Send what there is to send since the booking was changed; nothing, when the lease has run out."""
        for anew in self._reminders.list_due(due.reminder.organization_id, [due.lease]):
            self._deliver(anew)

    def _send_another_way(self, due: DueReminder, purpose: Purpose, problem: str) -> None:
        """Raises: MailUnavailable, SlackUnavailable."""
        reminder, reminder_id = due.reminder, str(due.reminder.id)
        state, reason = self._other_way.take(
            due.file, due.recipient.id, purpose, reminder.booking_version, problem, reminder.scheduled_time
        )
        if state is EmailState.SENT:
            self._reminders.record_sent(due.lease)
            log.info("reminder.sent", reminder_id=reminder_id)
            return
        why = problem if reason in (NO_MAIL_SERVER, problem) else f"email_{reason}"
        if state is EmailState.FAILED:
            self._reminders.record_failed(due.lease, why)
            log.warning("reminder.failed", reminder_id=reminder_id, problem=why)
        else:
            self._reminders.record_ambiguous(due.lease, why)
            log.warning("reminder.ambiguous", reminder_id=reminder_id, problem=why)

    def _find_earlier(self, due: DueReminder, metadata: dict[str, str]) -> Place | None:
        """Raises: HistoryUnreadable, SlackUnavailable."""
        if due.reminder.posting_since is None:
            return None
        try:
            return self._outbox.find_posted(due.recipient, metadata)
        except SlackRefused as refused:
            raise HistoryUnreadable(refused.problem) from refused


def _tenant(lease: Lease) -> OrganizationId:
    return lease.organization_id
