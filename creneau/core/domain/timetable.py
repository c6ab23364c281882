"""A booking's timetable: everything that is to be said about it later, written with it and with each of its moves."""

from datetime import datetime

from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.chasing import plan_chases
from creneau.core.domain.people import User
from creneau.core.domain.policy import Policy
from creneau.core.domain.reminders import CONSULTANT_CHASES, PlannedReminder, plan_reminders, plan_session_day


def plan_timetable(
    booking: Booking, consultant: User, beneficiary: User, policy: Policy, now: datetime
) -> list[PlannedReminder]:
    """Return the reminders of a booking as it stands: of a request, also how its answer is chased."""
    planned = plan_reminders(booking.span.starts_at, consultant, beneficiary, policy, now)
    if booking.status is Status.CONFIRMED:
        return [*planned, *plan_session_day(booking, consultant, policy)]
    if booking.answer_by is None:
        return planned
    return [*planned, *plan_chases(CONSULTANT_CHASES, consultant, booking.answer_by, policy, now)]
