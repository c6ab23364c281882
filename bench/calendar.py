"""What catching up with a calendar costs: 500 sessions, beside a bare loop of the PUTs that they are."""

import tempfile
from asyncio import StreamReader, StreamWriter, gather, get_running_loop, open_connection, run, start_server
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from statistics import median
from threading import Event
from time import perf_counter
from uuid import UUID, uuid4

import httpx
from structlog.testing import capture_logs

from bench import slot_rows
from bench.api import served
from bench.ground import MONDAY, Ground, StandingClock, new_id, open_ground
from bench.ratio import Result
from creneau.calendar_sync.caldav import open_caldav
from creneau.calendar_sync.calendar import OpenCalendar
from creneau.calendar_sync.catching_up import push_all
from creneau.calendar_sync.connections import Connections
from creneau.calendar_sync.feed import render_object
from creneau.calendar_sync.hosts import Hosts
from creneau.calendar_sync.lanes import AT_ONCE
from creneau.calendar_sync.push import push_session
from creneau.calendar_sync.vevent import session_event
from creneau.core.domain.ids import BookingId, OrganizationId
from creneau.core.domain.people import Actor
from creneau.core.i18n.reader import Reader
from creneau.core.secrets import SecretBox, generate_key
from creneau.core.services.calendars import CalendarService
from creneau.demo.radicale_server import RadicaleServer

_SESSIONS = 500
_FAR_AWAY = 200  # Radicale reads a whole calendar for each new object: with more of them, its own time is measured
_LATENCY_SECONDS = 0.08
_USER, _PASSWORD = "paul", "secret"
_AUTH = (_USER, _PASSWORD)


def push(rounds: int) -> Result:
    """All of a consultant's sessions into an empty calendar, with everything that is kept of each."""
    with _bench(_SESSIONS) as bench:
        ratios = [bench.push(bench.new_calendar()) / bench.put(bench.new_calendar(), AT_ONCE) for _ in range(rounds)]
    return Result(
        "calendar.push", round(median(ratios), 2), "ratio", 1.3, "lower", "four connections that PUT the same objects"
    )


def push_far_away(rounds: int) -> Result:
    """The same with 80 ms to the server and back, four at once and one after the other."""
    with _bench(_FAR_AWAY) as bench, served(_serve_from_afar, bench.radicale_port) as port:
        ratios = [
            bench.push(bench.new_calendar(port)) / bench.push(bench.new_calendar(port), _one_by_one)
            for _ in range(rounds)
        ]
    return Result(
        "calendar.push_far_away",
        round(median(ratios), 2),
        "ratio",
        0.25,
        "lower",
        "the same pushes, one after the other",
    )


class _Bench:
    def __init__(self, ground: Ground, radicale_port: int, sessions: int) -> None:
        self._ground = ground
        self.radicale_port = radicale_port
        self._ids: list[BookingId] = []
        slot_rows.add_sessions(ground, ground.consultant.id, MONDAY.date() + timedelta(days=1), sessions)
        slot_rows.analyze(ground)
        self._service = CalendarService(
            ground.database, StandingClock(), SecretBox([generate_key()]), _follow_nothing, new_id
        )

    def new_calendar(self, port: int | None = None) -> str:
        url = httpx.URL(f"http://127.0.0.1:{self.radicale_port}/{_USER}/c{uuid4().hex[:8]}/")
        httpx.request("MKCALENDAR", url, auth=_AUTH, trust_env=False).raise_for_status()
        return str(url if port is None else url.copy_with(port=port))

    def push(self, calendar_url: str, push_them: Callable[..., None] = push_all) -> float:
        """Return the seconds until every session stands in a calendar that was just linked."""
        consultant = self._ground.consultant
        self._service.link_calendar(Actor.from_user(consultant), consultant.id, calendar_url, _USER, _PASSWORD)
        self._forget_pushed()
        began = perf_counter()
        missed = self._service.list_to_push(consultant.organization_id, consultant.id)
        open_calendar = open_caldav(Hosts.parse(["127.0.0.1"]))
        push_them(self._service, open_calendar, "bench", consultant.organization_id, missed, _fail)
        seconds = perf_counter() - began
        if self._service.list_to_push(consultant.organization_id, consultant.id):
            raise RuntimeError
        return seconds

    def put(self, calendar_url: str, at_once: int) -> float:
        """Return the seconds that the bare requests take, each over a connection that is kept."""
        objects = self._objects()

        def put_some(own: Sequence[tuple[UUID, bytes]]) -> None:
            with httpx.Client(auth=_AUTH, trust_env=False, timeout=60) as client:
                for booking_id, ics in own:
                    headers = {"If-None-Match": "*", "Content-Type": "text/calendar; charset=utf-8"}
                    client.put(f"{calendar_url}{booking_id}.ics", content=ics, headers=headers).raise_for_status()

        began = perf_counter()
        with ThreadPoolExecutor(at_once) as pool:
            list(pool.map(put_some, [objects[place::at_once] for place in range(at_once)]))
        return perf_counter() - began

    def _objects(self) -> list[tuple[UUID, bytes]]:
        consultant = self._ground.consultant
        reader = Reader.from_user(consultant)
        sessions = [self._service.get_session(consultant.organization_id, one).booking for one in self._ids]
        return [(one.id, render_object(session_event(one, consultant.id, reader, "bench"))) for one in sessions]

    def _forget_pushed(self) -> None:
        """The calendar before is another bench's: nothing is to be moved out of it."""
        with slot_rows.as_tenant(self._ground) as connection:
            connection.execute("delete from pushed_objects")
        consultant = self._ground.consultant
        self._ids = self._service.list_to_push(consultant.organization_id, consultant.id)


@contextmanager
def _bench(sessions: int) -> Iterator[_Bench]:
    with (
        open_ground() as ground,
        tempfile.TemporaryDirectory(prefix="creneau-bench-") as folder,
        served(_serve_radicale, folder) as port,
        capture_logs(),
    ):
        yield _Bench(ground, port, sessions)


def _serve_radicale(port: int, folder: str) -> None:
    """Serve calendars in a process of its own, as somebody else's server is."""
    RadicaleServer(Path(folder), {_USER: _PASSWORD}).start(port)
    Event().wait()


def _serve_from_afar(port: int, server_port: int) -> None:
    """Stand before a server as if it were far away: what goes there arrives half of the time later, and so do answers.

    Nothing waits for what was sent before it, and making a connection takes no time: most servers keep theirs.
    """

    async def carry(reader: StreamReader, writer: StreamWriter) -> None:
        loop = get_running_loop()
        with suppress(ConnectionError):
            while received := await reader.read(65536):
                loop.call_later(_LATENCY_SECONDS / 2, writer.write, received)
        loop.call_later(_LATENCY_SECONDS / 2, writer.close)

    async def accept(near_reader: StreamReader, near_writer: StreamWriter) -> None:
        far_reader, far_writer = await open_connection("127.0.0.1", server_port)
        await gather(carry(near_reader, far_writer), carry(far_reader, near_writer))

    async def serve() -> None:
        async with await start_server(accept, "127.0.0.1", port) as server:
            await server.serve_forever()

    run(serve())


def _one_by_one(
    service: CalendarService,
    open_calendar: OpenCalendar,
    domain: str,
    organization_id: OrganizationId,
    booking_ids: Sequence[BookingId],
    _: object,
) -> None:
    with Connections(open_calendar, 1) as connections:
        for booking_id in booking_ids:
            push_session(service, connections.open, domain, organization_id, booking_id)


def _fail(booking_id: BookingId, error: Exception) -> None:
    raise RuntimeError(booking_id) from error


def _follow_nothing(event: object) -> None:
    """What follows from linking a calendar is called here by hand."""
