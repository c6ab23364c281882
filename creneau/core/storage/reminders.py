"""Queries on reminders. `session_reminders` is the schedule itself: what is due is leased by time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, insert, select, update

from creneau.core.domain.booking import Booking
from creneau.core.domain.ids import BookingId, OrganizationId, ReminderId, UserId
from creneau.core.domain.messages import Place, PostedMessage
from creneau.core.domain.reminders import Lease, PlannedReminder, Reminder, ReminderState, ReminderType
from creneau.core.storage import driver, slack_messages
from creneau.core.storage.bookings import AS_READ, as_read
from creneau.core.storage.database import Transaction
from creneau.core.storage.driver import Query, Statement
from creneau.core.storage.tables import session_reminders as reminders
from creneau.core.storage.tables import users


@dataclass(frozen=True, slots=True)
class NewReminder:
    id: ReminderId
    planned: PlannedReminder


def add(tx: Transaction, booking: Booking, planned: Sequence[NewReminder], at: datetime) -> None:
    """Write reminders for a booking as it stands. Those of its first version `bookings.add` writes."""
    rows = [
        {
            "organization_id": booking.organization_id,
            "id": reminder.id,
            "session_booking_id": booking.id,
            "booking_version": booking.version,
            "reminder_type": reminder.planned.type,
            "recipient_id": reminder.planned.recipient_id,
            "scheduled_time": reminder.planned.scheduled_time,
            "due_at": reminder.planned.scheduled_time,
            "state": reminder.planned.state,
            "error_message": "too_late" if reminder.planned.state is ReminderState.SKIPPED else None,
            "created_at": at,
            "updated_at": at,
        }
        for reminder in planned
    ]
    tx.execute(insert(reminders), rows)


def claim_due(tx: Transaction, at: datetime, lease: timedelta, most: int) -> list[Lease]:
    """Lease reminders that are due, of all organizations. Needs no tenant."""
    rows = driver.fetch_all(tx, _CLAIM_DUE, {"at": at, "lease": lease, "most": most})
    return [
        Lease(OrganizationId(organization_id), ReminderId(reminder_id), attempt)
        for organization_id, reminder_id, attempt in rows
    ]


@dataclass(frozen=True, slots=True)
class Leased:
    reminder: Reminder
    is_recipient_there: bool


def list_leased(tx: Transaction, organization_id: OrganizationId, leases: Sequence[Lease]) -> list[Leased]:
    """Return the reminders of leases of one organization, those alone whose lease is still the current one."""
    attempts = {lease.reminder_id: lease.attempt for lease in leases}
    values = {"organization_id": organization_id, "ids": list(attempts)}
    return [
        Leased(_to_reminder(row), row["deleted_at"] is None)
        for row in driver.fetch_mappings(tx, _LEASED, values)
        if attempts[row["id"]] == row["retry_count"]
    ]


def begin_posting(tx: Transaction, lease: Lease, booking: Booking, at: datetime) -> bool:
    """Note that a reminder is about to be posted.

    False when the lease is no longer the current one, or the booking no longer what was read.
    """
    values = {**_values(lease), **as_read(booking), "at": at}
    return driver.fetch_one(tx, _BEGIN_POSTING, values) is not None


def finish(
    tx: Transaction,
    lease: Lease,
    state: ReminderState,
    at: datetime,
    error: str | None = None,
    place: Place | None = None,
) -> bool:
    """Record the outcome of a lease; False when the lease had run out and another sender took over."""
    values = {
        **_values(lease),
        "state": state.value,
        "sent_at": at if state is ReminderState.SENT else None,
        "error": error,
        "channel_id": place.channel_id if place else None,
        "ts": place.ts if place else None,
        "at": at,
    }
    return driver.fetch_one(tx, _FINISH, values) is not None


def finish_posted(tx: Transaction, lease: Lease, booking: Booking, posted: PostedMessage, at: datetime) -> bool:
    """Record where the message of a reminder is, and that it is sent where its booking is as it was read.

    False when it is not: the reminder is not sent then. Nobody changes the booking until this transaction ends.
    """
    message = slack_messages.values_of(booking.organization_id, posted, at)
    return driver.fetch_one(tx, _FINISH_POSTED, {**_values(lease), **as_read(booking), **message}) is not None


def postpone(tx: Transaction, lease: Lease, until: datetime, at: datetime, error: str) -> None:
    """Give a lease back after a failure, to be claimed again from `until` on."""
    driver.run(tx, _POSTPONE, {**_values(lease), "until": until, "error": error, "at": at})


def forget_posting(tx: Transaction, lease: Lease) -> None:
    """Note that the last attempt posted nothing, for certain."""
    driver.run(tx, _FORGET_POSTING, _values(lease))


def turn_to_email(tx: Transaction, lease: Lease, at: datetime) -> bool:
    """Note that a reminder goes by e-mail, and is not in Slack; False when the lease is no longer the current one."""
    return driver.fetch_one(tx, _TURN_TO_EMAIL, {**_values(lease), "at": at}) is not None


def cancel_of_booking(
    tx: Transaction,
    organization_id: OrganizationId,
    booking_id: BookingId,
    at: datetime,
    types: Collection[ReminderType] = frozenset(ReminderType),
) -> None:
    """Call off whatever reminders of a booking, of some types or of all, were not sent yet.

    One that may be out waits for the end of its lease, to be looked for: its message may need to be brought up to date.
    """
    may_be_out = reminders.c.posting_since.is_not(None)
    tx.execute(
        update(reminders)
        .where(
            reminders.c.organization_id == organization_id,
            reminders.c.session_booking_id == booking_id,
            reminders.c.state == ReminderState.DUE,
            reminders.c.reminder_type.in_(sorted(types)),
        )
        .values(
            state=case((may_be_out, ReminderState.DUE), else_=ReminderState.CANCELLED),
            called_off_at=case((may_be_out, at)),
            updated_at=at,
        )
    )


def list_of_booking(tx: Transaction, organization_id: OrganizationId, booking_id: BookingId) -> list[Reminder]:
    query = (
        select(reminders)
        .where(reminders.c.organization_id == organization_id, reminders.c.session_booking_id == booking_id)
        .order_by(reminders.c.scheduled_time, reminders.c.reminder_type)
    )
    return [_to_reminder(row) for row in tx.execute(query).mappings()]


# Whether a lease is still the current one: nobody else has claimed the reminder since, and it is not finished.
_HELD = """
reminder.organization_id = %(organization_id)s and reminder.id = %(reminder_id)s
  and reminder.state = 'DUE' and reminder.retry_count = %(attempt)s
"""
_BEGIN_POSTING = Statement(f"""
update session_reminders reminder set posting_since = %(at)s, updated_at = %(at)s
from session_bookings booking
where {_HELD} and {AS_READ} and reminder.called_off_at is null
returning reminder.id
""")  # noqa: S608 - made of constants
_FINISH = Statement(f"""
update session_reminders reminder set state = %(state)s, sent_at = %(sent_at)s, error_message = %(error)s,
  channel_id = %(channel_id)s, message_ts = %(ts)s, updated_at = %(at)s
where {_HELD} returning reminder.id
""")  # noqa: S608 - made of constants
_FINISH_POSTED = Statement(f"""
with held as (select 1 from session_bookings booking where {AS_READ} for share),
  saved as ({slack_messages.SAVE}),
  finished as (
    update session_reminders reminder set state = 'SENT', sent_at = %(posted_at)s, error_message = null,
      channel_id = %(channel_id)s, message_ts = %(ts)s, updated_at = %(posted_at)s
    where {_HELD} and exists (select from held))
select 1 from held
""")  # noqa: S608 - made of constants
_POSTPONE = Statement(f"""
update session_reminders reminder set due_at = %(until)s, error_message = %(error)s, updated_at = %(at)s where {_HELD}
""")  # noqa: S608 - made of constants
_FORGET_POSTING = Statement(f"update session_reminders reminder set posting_since = null where {_HELD}")  # noqa: S608 - the same
_TURN_TO_EMAIL = Statement(f"""
update session_reminders reminder set is_by_email = true, posting_since = null, updated_at = %(at)s
where {_HELD} returning reminder.id
""")  # noqa: S608 - made of constants


def _values(lease: Lease) -> dict[str, object]:
    return {"organization_id": lease.organization_id, "reminder_id": lease.reminder_id, "attempt": lease.attempt}


_CLAIM_DUE = Statement("select organization_id, id, attempt from claim_due_reminders(%(at)s, %(lease)s, %(most)s)")
_LEASED = Query(
    select(reminders, users.c.deleted_at)
    .join_from(
        reminders,
        users,
        (users.c.organization_id == reminders.c.organization_id) & (users.c.id == reminders.c.recipient_id),
    )
    .where(
        reminders.c.organization_id == bindparam("organization_id"),
        driver.is_one_of(reminders.c.id, "ids"),  # and attempts not, or no index serves
        reminders.c.state == ReminderState.DUE,
    )
    .order_by(reminders.c.due_at)
)


def _to_reminder(row: Mapping[Any, Any]) -> Reminder:
    return Reminder(
        ReminderId(row["id"]),
        OrganizationId(row["organization_id"]),
        BookingId(row["session_booking_id"]),
        row["booking_version"],
        ReminderType(row["reminder_type"]),
        UserId(row["recipient_id"]),
        row["scheduled_time"],
        ReminderState(row["state"]),
        row["retry_count"],
        row["sent_at"],
        row["error_message"],
        row["posting_since"],
        row["is_by_email"],
        row["called_off_at"],
    )
