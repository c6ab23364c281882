"""Sessions agreed on before the first harm: with each hour of the service some come due, of this day and the next."""

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from creneau.core.domain.people import Actor
from creneau.core.usecases.bookings import BookingRequest
from soak.ground import Ground
from soak.told import Done, Told

_PARIS = ZoneInfo("Europe/Paris")
_FIRST_HOURS = (10, 9)
"""Of today, and of tomorrow."""
_A_DAY = 4


def agree(ground: Ground, told: Told) -> None:
    """Book and confirm every second hour of a consultant with each of their beneficiaries in turn."""
    scheduling, today = ground.stage.creneau.scheduling, ground.clock.now().astimezone(_PARIS).date()
    for cast in ground.stage.casts:
        actors = {user.id: Actor.from_user(user) for user in cast.users.values()}
        for place, bilan in enumerate(cast.bilans):
            for after, first in enumerate(_FIRST_HOURS):
                for number in range(_A_DAY):
                    wall = datetime.combine(
                        today + timedelta(days=after), time(first + 2 * number + place % 2), tzinfo=_PARIS
                    )
                    wanted = BookingRequest(bilan.id, bilan.consultant_id, wall.astimezone(UTC))
                    booking = scheduling.create_session_booking(actors[bilan.beneficiary_id], wanted)
                    agreed = scheduling.confirm_booking(actors[bilan.consultant_id], booking.id)
                    told.booked[str(uuid4())] = str(booking.id)
                    told.acts.append(Done(str(booking.id), "CONFIRM", agreed.version, agreed.span.starts_at))
