"""API6:2023, unrestricted access to sensitive business flows: nobody takes a consultant's times away from the others.

Holds: `tests/core/test_holds.py`. The last hours of a bilan, and twenty who want one: `tests/race`. Caps, deadlines:
`tests/core/test_engine_service.py`, `test_reschedule.py`.
"""

from creneau.core.domain.errors import HoursExhausted, IllegalTransition, NotAllowed, Refusal
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre


def test_somebody_who_asks_for_everything_gets_what_was_bought(centre: Centre):
    centre.people.set_bilan_hours(centre.organization.id, centre.bilan.id, 3 * 60)
    marie = centre.actor(centre.beneficiary)
    times = centre.scheduling.get_available_slots_for_consultant(marie, centre.consultant.id)
    refused = []
    for time in times[:12]:
        try:
            centre.scheduling.create_session_booking(
                marie, BookingRequest(centre.bilan.id, centre.consultant.id, time.span.starts_at)
            )
        except Refusal as refusal:
            refused.append(type(refusal))
    assert refused == [HoursExhausted] * 9


def test_nobody_answers_for_the_other_side(centre: Centre):
    marie, paul = centre.actor(centre.beneficiary), centre.actor(centre.consultant)
    [first, *_] = centre.scheduling.get_available_slots_for_consultant(marie, centre.consultant.id)
    request = BookingRequest(centre.bilan.id, centre.consultant.id, first.span.starts_at)
    booking = centre.scheduling.create_session_booking(marie, request)
    scheduling = centre.scheduling
    for act in (
        lambda: scheduling.confirm_booking(marie, booking.id),
        lambda: scheduling.decline_booking(marie, booking.id),
        lambda: scheduling.start_session(marie, booking.id),
        lambda: scheduling.complete_session(marie, booking.id, attended=True),
        lambda: scheduling.rate_session(paul, booking.id, 5),
        lambda: scheduling.refuse_proposals(paul, booking.id),
    ):
        try:
            act()
        except (NotAllowed, IllegalTransition):
            continue
        except Refusal as refusal:
            assert refusal.code in ("session.not_completed", "booking.too_early"), refusal  # noqa: PT017
        else:
            raise AssertionError(act)
    assert scheduling.get_booking(marie, booking.id).version == booking.version
