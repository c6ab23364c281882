"""SlackService: what the core remembers for the Slack front: installations, and messages posted about bookings."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid5

from creneau.core.clock import Clock
from creneau.core.domain.booking import Booking
from creneau.core.domain.ids import BookingId, OrganizationId, UserId
from creneau.core.domain.jobs import Job
from creneau.core.domain.messages import PostedMessage, PublishedHome, Purpose
from creneau.core.domain.people import User
from creneau.core.domain.slack import SlackInstallation
from creneau.core.secrets import SecretBox
from creneau.core.storage import (
    bookings,
    history,
    jobs,
    organizations,
    slack_homes,
    slack_installations,
    slack_messages,
    slack_parks,
)
from creneau.core.storage.database import Database
from creneau.core.usecases import audit


class SlackService:
    def __init__(self, database: Database, clock: Clock, box: SecretBox, new_id: Callable[[], UUID]) -> None:
        self._database = database
        self._clock = clock
        self._box = box
        self._new_id = new_id

    def save_installation(self, installation: SlackInstallation) -> None:
        now = self._clock.now()
        with self._database.transaction(installation.organization_id) as tx:
            slack_installations.save(tx, installation, self._box, now)
            audit.record(tx, None, "saved", "slack_installation", installation.organization_id, now, self._new_id)

    def find_installation(self, organization_id: OrganizationId) -> SlackInstallation | None:
        """Raises: SecretUnreadable."""
        with self._database.transaction(organization_id) as tx:
            return slack_installations.find(tx, organization_id, self._box)

    def find_installation_of_team(self, team_id: str) -> SlackInstallation | None:
        """Return the installation of a workspace, or None for one that no organization has."""
        with self._database.without_tenant() as tx:
            organization_id = organizations.find_id_by_slack_team(tx, team_id)
        return self.find_installation(organization_id) if organization_id else None

    def hold_message(
        self, booking_id: BookingId, recipient_id: UserId, purpose: Purpose, version: int
    ) -> AbstractContextManager[bool]:
        """Keep every other sender from a message; false when another has it in hand, frozen as it may be."""
        return self._database.fence.hold(uuid5(booking_id, f"{recipient_id} {purpose} {version}"))

    def record_message(self, booking: Booking, message: PostedMessage) -> bool:
        """Remember where a message about a booking is; tell whether the booking still is as it was read."""
        with self._database.transaction(booking.organization_id) as tx:
            slack_messages.save(tx, booking.organization_id, message, self._clock.now())
            return bookings.hold_as_read(tx, booking)

    def record_overtaken(self, booking: Booking, message: PostedMessage) -> None:
        """Remember where a message is that tells of an older version of a booking than others do."""
        with self._database.transaction(booking.organization_id) as tx:
            told = history.find_start(tx, booking.organization_id, booking.id, message.booking_version)
            message = replace(message, starts_at=told or message.starts_at)
            slack_messages.save(tx, booking.organization_id, message, self._clock.now())

    @contextmanager
    def trying(self, job: Job, wait: timedelta) -> Iterator[None]:
        """Have a job done after `wait` unless the block ends well: whoever is in it may fail, or be killed."""
        with self._database.without_tenant() as tx:
            number = jobs.add_later(tx, job, wait)
        yield
        with self._database.without_tenant() as tx:
            jobs.take_back(tx, number)

    def find_home(self, user: User) -> PublishedHome | None:
        """Return a person's App Home as it was last published."""
        with self._database.transaction(user.organization_id) as tx:
            return slack_homes.find(tx, user.organization_id, user.id)

    def record_home(self, user: User, known: PublishedHome | None, home: PublishedHome) -> None:
        """Remember a home that was published over `known`, unless somebody else's has been remembered since."""
        with self._database.transaction(user.organization_id) as tx:
            slack_homes.replace(tx, user.organization_id, user.id, known, home, self._clock.now())

    def park_method(self, organization_id: OrganizationId, method: str, wait: timedelta) -> None:
        """Let every process wait with a method of Slack's in one workspace, because Slack asked for it."""
        with self._database.transaction(organization_id) as tx:
            slack_parks.park(tx, organization_id, method, self._clock.now() + wait)

    def find_access(
        self, organization_id: OrganizationId, method: str
    ) -> tuple[SlackInstallation | None, timedelta | None]:
        """Return the installation, and how long a method has to wait in its workspace, None when it need not.

        Raises: SecretUnreadable.
        """
        now = self._clock.now()
        with self._database.transaction(organization_id) as tx:
            installation, until = slack_installations.find_access(tx, organization_id, method, self._box, now)
        return installation, until - now if until else None
