"""Chasing: who is asked for an answer is asked again; an answer ends that in its own transaction."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from creneau.core.domain.booking import Booking
from creneau.core.domain.chasing import plan_chases
from creneau.core.domain.ids import ReminderId, UserId
from creneau.core.domain.policy import Policy
from creneau.core.domain.reminders import CHASES, ReminderType
from creneau.core.storage import reminders, users
from creneau.core.storage.database import Transaction


def stop(tx: Transaction, booking: Booking, now: datetime) -> None:
    """Somebody answered: nobody is asked again."""
    reminders.cancel_of_booking(tx, booking.organization_id, booking.id, now, CHASES)


def ask_again(
    tx: Transaction,
    booking: Booking,
    recipient_id: UserId,
    kinds: tuple[ReminderType, ReminderType],
    policy: Policy,
    now: datetime,
    new_id: Callable[[], UUID],
) -> None:
    """Let one side be asked again until `answer_by`, and the other no longer: it has answered."""
    stop(tx, booking, now)
    if booking.answer_by is None:
        return
    recipient = users.get(tx, booking.organization_id, recipient_id)
    planned = plan_chases(kinds, recipient, booking.answer_by, policy, now)
    if planned:
        reminders.add(tx, booking, [reminders.NewReminder(ReminderId(new_id()), one) for one in planned], now)
