"""Reads what a person's App Home shows, and publishes it."""

from datetime import timedelta

from creneau.bot.home.views import home
from creneau.bot.outbox import Outbox
from creneau.core.clock import Clock
from creneau.core.domain.booking import LIVE
from creneau.core.domain.people import Actor, Role, User
from creneau.core.domain.time import Span
from creneau.core.services.people import PeopleService
from creneau.core.services.scheduling import EVER, SchedulingService

_STILL_RUNNING = timedelta(hours=8)  # a session that has begun stays in sight until it must have ended


class HomePublisher:
    def __init__(self, scheduling: SchedulingService, people: PeopleService, outbox: Outbox, clock: Clock) -> None:
        self._scheduling = scheduling
        self._people = people
        self._outbox = outbox
        self._clock = clock

    def publish(self, user: User) -> None:
        """Raises: SlackUnavailable, SlackRefused."""
        list_bookings = (
            self._scheduling.get_consultant_bookings
            if user.role is Role.CONSULTANT
            else self._scheduling.get_beneficiary_bookings
        )
        now = self._clock.now()
        running = list_bookings(Actor.from_user(user), user.id, Span(now - _STILL_RUNNING, EVER.ends_at), LIVE)
        coming = [booking for booking in running if booking.span.ends_at > now]
        people = {person.id: person for person in self._people.list_users(user.organization_id)}
        self._outbox.publish_home(user, home(user, coming, people))
