"""Chasing: whoever leaves a request, or proposed times, unanswered is asked again, twice, before the time is up."""

from datetime import datetime
from zoneinfo import ZoneInfo

from creneau.core.domain.people import User
from creneau.core.domain.policy import Policy
from creneau.core.domain.reminders import PlannedReminder, ReminderState, ReminderType


def plan_chases(
    kinds: tuple[ReminderType, ReminderType], recipient: User, answer_by: datetime, policy: Policy, now: datetime
) -> list[PlannedReminder]:
    """Return when somebody is asked again: at half of the time left, and `last_chase` before it ends.

    Neither in the recipient's quiet hours: the first waits for their end, the last comes before they begin. A step
    for which there is no room left is skipped.
    """
    if not policy.last_chase_minutes:
        return []
    zone, (first, last) = ZoneInfo(recipient.timezone), kinds
    last_at = policy.quiet_hours.last_before(answer_by - policy.last_chase, zone)
    first_at = policy.quiet_hours.first_after(now + (answer_by - now) / 2, zone)
    first_ends = last_at if last_at > now else answer_by
    return [
        PlannedReminder(first, recipient.id, first_at, _state(now < first_at < first_ends)),
        PlannedReminder(last, recipient.id, last_at, _state(now < last_at)),
    ]


def _state(has_room: bool) -> ReminderState:  # noqa: FBT001 - a private word for a yes or no
    return ReminderState.DUE if has_room else ReminderState.SKIPPED
