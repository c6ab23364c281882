"""How fast reminders go out while workers are killed, and whether those that wait slow down those that are due."""

import os
import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import mean, median
from time import perf_counter
from typing import Any

import psycopg
from slack_sdk import WebClient

from bench import slot_rows
from bench.ground import Ground, open_ground
from bench.ratio import Result
from creneau.app.logging import configure_logging
from creneau.app.settings import Settings
from creneau.app.wiring import wire
from creneau.app.worker import run_worker
from creneau.bot.drawing import draw
from creneau.bot.message import Message
from creneau.core.clock import SystemClock
from creneau.core.domain.messages import Purpose
from creneau.core.domain.reminders import Lease
from creneau.core.domain.slack import BotTokens, SlackGrant, SlackInstallation
from creneau.core.secrets import generate_key
from creneau.core.services.reminders import ReminderService
from creneau.demo.slack import Person, SlackStandIn, Workspace

_DUE = 10_000
_AHEAD = 1_000_000
_WORKERS = 4
_KILLED_EVERY = 4.0  # seconds
_PEOPLE = 200
_BARE = 2_000
_BARE_LOOP = "a bare SKIP LOCKED loop posting to the same Slack"
_MOST = 0.95  # what was in hand of the last one killed comes when its lease has run out
_PATIENCE = 1800.0
_READY_WITHIN = 60.0
_TEAM, _TOKEN = "T0BENCH", "xoxb-bench"

_FORKED = get_context("forkserver")
_FORKED.set_forkserver_preload(["bench.reminders"])


@dataclass(frozen=True, slots=True)
class Bare:
    """What the loop without a product needs."""

    database_url: str
    slack_url: str
    message: Message
    """What each of them posts: a reminder, as the product draws it."""


def killed(rounds: int) -> Result:
    """Ten thousand due at once, four workers, one of them killed every few seconds; each is one message in the end."""
    people = [Person(f"U{n:04}", f"p{n}", f"P {n}", f"p{n}@example.org") for n in range(_PEOPLE)]
    with open_ground() as ground, SlackStandIn([Workspace(_TEAM, "Bench", _TOKEN, people)], "bench-secret") as slack:
        settings = _settings(ground, slack)
        _write_due(ground, _DUE)
        slot_rows.analyze(ground)
        bare = Bare(ground.owner_url, slack.api_url, _draw_one(ground))
        before, ours, after = _post_bare(bare), _send(ground, settings), _post_bare(bare)
        with slack.world.lock:
            payloads = [one.metadata["event_payload"] for one in slack.world.messages if one.metadata]
        posted = Counter(payload["reminder"] for payload in payloads if "reminder" in payload)
        if len(posted) != _DUE or max(posted.values()) != 1:
            raise RuntimeError(f"{len(posted)} of {_DUE} were sent, one of them {max(posted.values())} times")
    return Result(
        "reminders.killed",
        round(ours / mean([before, after]), 2),  # ours takes minutes, in which others come and go on this machine
        "ratio",
        0.5,
        "higher",
        _BARE_LOOP,
    )


def million_ahead(rounds: int) -> Result:
    """Fifty reminders leased, read and recorded as sent, with a million that wait, and without."""
    with open_ground() as empty, open_ground() as full:
        for ground in (empty, full):
            _write_due(ground, 50)
        _write_ahead(full, _AHEAD)
        for ground in (empty, full):
            slot_rows.analyze(ground)
        services = [ReminderService(ground.database, SystemClock()) for ground in (full, empty)]
        times = [[_lease_and_record(service, ground) for service, ground in zip(services, (full, empty), strict=True)]
                 for _ in range(rounds * 4)]  # fmt: skip
        ratio = median(with_them / without for with_them, without in times[1:])
    return Result("reminders.million_ahead", round(ratio, 2), "ratio", 1.2, "lower", "the same without those that wait")


def _lease_and_record(service: ReminderService, ground: Ground) -> float:
    with psycopg.connect(ground.owner_url) as connection:
        connection.execute(
            """update session_reminders set state = 'DUE', due_at = now() - interval '1 minute', sent_at = null
               where scheduled_time < now()"""
        )
    began = perf_counter()
    leases = service.claim_due(50)
    due = service.list_due(ground.consultant.organization_id, leases)
    for one in due:
        service.record_sent(one.lease)
    took = perf_counter() - began
    if len(due) != 50:
        raise RuntimeError(f"{len(leases)} were leased, {len(due)} were due")
    return took


def _settings(ground: Ground, slack: SlackStandIn) -> Settings:
    settings = Settings.model_validate(
        {
            "DATABASE_URL": ground.owner_url,
            "CRENEAU_ENCRYPTION_KEYS": generate_key(),
            "CRENEAU_JWT_SECRET": "bench" * 8,
            "SLACK_SIGNING_SECRET": "bench-secret",
            "SLACK_API_URL": slack.api_url,
        }
    )
    creneau = wire(settings, ground.owner_url)
    workspace = slack.world.workspaces[_TEAM]
    grant = SlackGrant(_TEAM, workspace.bot_id, workspace.bot_user_id, BotTokens(_TOKEN))
    creneau.slack.save_installation(SlackInstallation(ground.consultant.organization_id, grant))
    creneau.close()
    return settings


def _write_due(ground: Ground, count: int) -> None:
    """Write sessions from tomorrow on, an hour each, of one consultant with many people, all to be reminded of now."""
    with slot_rows.as_tenant(ground) as connection:
        values = {"organization": ground.consultant.organization_id, "consultant": ground.consultant.id}
        values |= {"count": count, "people": _PEOPLE}  # type: ignore[dict-item]  # numbers beside ids
        for statement in _SESSIONS_DUE:
            connection.execute(statement.encode(), values)


def _write_ahead(ground: Ground, count: int) -> None:
    """Write reminders that are due in some weeks, past all checks: a million of them take a minute otherwise."""
    with psycopg.connect(ground.owner_url) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(
            """insert into session_reminders (organization_id, id, session_booking_id, booking_version, reminder_type,
                 recipient_id, scheduled_time, due_at, state, created_at, updated_at)
               select b.organization_id, gen_random_uuid(), b.id, 1000 + n, 'BENEFICIARY_24H', b.beneficiary_id, at, at,
                 'DUE', now(), now()
               from session_bookings b, generate_series(1, %s) as n,
                 lateral (select now() + interval '20 days' + n * interval '1 minute' as at) as due""",
            (count // 50,),
        )


_SESSIONS_DUE = (
    """insert into users (organization_id, id, role, name, email, timezone, locale, slack_user_id)
       select %(organization)s, ('1' || lpad(n::text, 31, '0'))::uuid, 'BENEFICIARY', 'P', n || '@example.org',
         'Europe/Paris', 'fr', 'U' || lpad(n::text, 4, '0') from generate_series(0, %(people)s - 1) as n""",
    """insert into bilans (organization_id, id, beneficiary_id, consultant_id)
       select %(organization)s, ('2' || lpad(n::text, 31, '0'))::uuid, ('1' || lpad(n::text, 31, '0'))::uuid,
         %(consultant)s
       from generate_series(0, %(people)s - 1) as n""",
    """insert into session_bookings (organization_id, id, bilan_id, consultant_id, beneficiary_id, scheduled_date,
         scheduled_start_time, scheduled_end_time, duration_minutes, timezone, starts_at, ends_at, held_until,
         session_type, meeting_format, bilan_phase_at_booking, status, created_at, updated_at)
       select %(organization)s, ('3' || lpad(n::text, 31, '0'))::uuid,
         ('2' || lpad((n %% %(people)s)::text, 31, '0'))::uuid, %(consultant)s,
         ('1' || lpad((n %% %(people)s)::text, 31, '0'))::uuid, at::date, at::time, at::time, 60, 'Europe/Paris', at,
         at + interval '1 hour', at + interval '1 hour', 'FOLLOW_UP', 'VIDEO', 'PRELIMINARY', 'CONFIRMED',
         now(), now()
       from generate_series(0, %(count)s - 1) as n,
         lateral (select date_trunc('hour', now()) + interval '1 day' + n * interval '1 hour' as at) as start""",
    """insert into session_reminders (organization_id, id, session_booking_id, booking_version, reminder_type,
         recipient_id, scheduled_time, due_at, state, created_at, updated_at)
       select organization_id, gen_random_uuid(), id, 1, 'BENEFICIARY_1H', beneficiary_id, now() - interval '1 minute',
         now() - interval '1 minute', 'DUE', now(), now()
       from session_bookings where consultant_id = %(consultant)s""",
)


def _draw_one(ground: Ground) -> Message:
    due = ReminderService(ground.database, SystemClock())
    with psycopg.connect(ground.owner_url) as connection:
        one_of_them = "select organization_id, id, retry_count from session_reminders where state = 'DUE' limit 1"
        leases = [Lease(*row) for row in connection.execute(one_of_them)]
    [one] = due.list_due(ground.consultant.organization_id, leases)
    return draw(one.recipient, Purpose.REMINDER_1H, one.file)


def _send(ground: Ground, settings: Settings) -> float:
    """Let workers send all of it while they are killed one after the other; return at what rate most went."""
    draw, pause = random.Random(1), threading.Event()  # noqa: S311 - the same each time
    with psycopg.connect(ground.owner_url, autocommit=True) as connection:
        workers = [_start(_work, settings, ground.owner_url) for _ in range(_WORKERS)]
        began, killed_at, rate = perf_counter(), perf_counter(), 0.0
        try:
            while (sent := _count_sent(connection)) < _DUE:
                if perf_counter() - began > _PATIENCE:
                    raise RuntimeError(f"{sent} of {_DUE} were sent within {_PATIENCE} s")
                if not rate and sent >= _MOST * _DUE:
                    rate = sent / (perf_counter() - began)
                if not rate and perf_counter() - killed_at > _KILLED_EVERY:
                    place = draw.randrange(_WORKERS)
                    workers[place].kill()
                    workers[place] = _start(_work, settings, ground.owner_url)
                    killed_at = perf_counter()
                pause.wait(0.25)
        finally:
            for worker in workers:
                worker.kill()
                worker.join()
    return rate or _DUE / (perf_counter() - began)


def _count_sent(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute("select count(*) from session_reminders where state = 'SENT'").fetchone()
    return int(row[0]) if row else 0


def _post_bare(bare: Bare) -> float:
    """Return how many a second as many processes post that do nothing but take a row, post it, and tick it off."""
    with psycopg.connect(bare.database_url) as connection:
        connection.execute("drop table if exists bare")
        connection.execute("create table bare (id integer primary key, recipient text, is_sent boolean default false)")
        connection.execute(
            "insert into bare select n, 'U' || lpad((n %% %s)::text, 4, '0') from generate_series(1, %s) as n",
            (_PEOPLE, _BARE),
        )
    all_there = _FORKED.Barrier(_WORKERS + 1)
    loops = [_start(_loop, bare, all_there) for _ in range(_WORKERS)]
    all_there.wait(_READY_WITHIN)
    began = perf_counter()
    for loop in loops:
        loop.join()
    return _BARE / (perf_counter() - began)


def _loop(bare: Bare, all_there: Barrier) -> None:
    client = WebClient(token=_TOKEN, base_url=bare.slack_url, retry_handlers=[])
    take = "select id, recipient from bare where not is_sent limit 1 for update skip locked"
    with psycopg.connect(bare.database_url, autocommit=True) as connection:
        all_there.wait(_READY_WITHIN)
        while True:
            with connection.transaction():
                row = connection.execute(take).fetchone()
                if row is None:
                    return
                client.chat_postMessage(channel=row[1], text=bare.message.text, blocks=bare.message.blocks)
                connection.execute("update bare set is_sent = true where id = %s", (row[0],))


def _work(settings: Settings, database_url: str) -> None:
    with Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), 1)
        os.dup2(nothing.fileno(), 2)
    configure_logging()
    run_worker(wire(settings, database_url).jobs)


def _start(target: Callable[..., None], *given: object) -> BaseProcess:
    process = _FORKED.Process(target=target, args=given, daemon=True)
    process.start()
    return process
