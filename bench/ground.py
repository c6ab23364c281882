"""The ground that benchmarks stand on: a migrated embedded Postgres with a consultant and their bookings."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from uuid import UUID

from creneau.core.domain.availability import SlotDraft
from creneau.core.domain.bilan import Bilan
from creneau.core.domain.events import Event
from creneau.core.domain.ids import uuid7
from creneau.core.domain.people import Actor, Role, User
from creneau.core.services.people import PeopleService
from creneau.core.services.scheduling import SchedulingService
from creneau.core.storage import schema
from creneau.core.storage.database import Database
from creneau.core.storage.embedded import EmbeddedPostgres

MONDAY = datetime(2026, 11, 30, 5, 0, tzinfo=UTC)


class StandingClock:
    def now(self) -> datetime:
        return MONDAY


@dataclass(frozen=True, slots=True)
class Ground:
    database: Database
    owner_url: str
    scheduling: SchedulingService
    consultant: User
    beneficiary: User
    bilan: Bilan

    @property
    def actor(self) -> Actor:
        return Actor.from_user(self.beneficiary)


@contextmanager
def open_ground() -> Iterator[Ground]:
    """A consultant who works Monday to Friday, 8 to 18, in sessions of an hour; nothing is booked yet."""
    with tempfile.TemporaryDirectory(prefix="creneau-bench-") as folder, EmbeddedPostgres(Path(folder)) as postgres:
        schema.migrate(postgres.owner_url)
        database = Database(postgres.runtime_url)
        people = PeopleService(database, StandingClock(), new_id)
        scheduling = SchedulingService(database, StandingClock(), _follow_nothing, new_id)
        centre = people.add_organization("Bench")
        consultant = people.add_user(centre, Role.CONSULTANT, "Consultant", "c@example.org")
        beneficiary = people.add_user(centre, Role.BENEFICIARY, "Beneficiary", "b@example.org")
        for day in range(1, 6):
            draft = SlotDraft(time(8), time(18), "Europe/Paris", day, duration_minutes=60)
            scheduling.create_availability_slot(Actor.from_user(consultant), consultant.id, draft)
        yield Ground(
            database,
            postgres.owner_url,
            scheduling,
            consultant,
            beneficiary,
            people.open_bilan(beneficiary, consultant),
        )
        database.close()


def _follow_nothing(event: Event) -> None:
    """What follows from a booking is not what is measured here."""


def new_id() -> UUID:
    return uuid7(datetime.now(UTC), os.urandom(10))
