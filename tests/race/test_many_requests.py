"""Many at once, in threads and in processes: exactly the allowed number pass."""

import subprocess
import sys
from threading import Barrier, Thread

from creneau.core.domain.people import Membership
from creneau.core.domain.rates import RateLimit, RateLimits, TooManyRequests
from creneau.core.services.admission import AdmissionService
from creneau.core.storage.database import Database
from tests.conftest import Centre, MovableClock, Urls

LIMITS = RateLimits(token=RateLimit(20), organization=RateLimit(50))
PROGRAM = """
import os, sys
from datetime import datetime
from uuid import UUID
from creneau.core.domain.people import Membership
from creneau.core.domain.rates import RateLimit, RateLimits, TooManyRequests
from creneau.core.services.admission import AdmissionService
from creneau.core.storage.database import Database

class StandingClock:
    def now(self):
        return datetime.fromisoformat(sys.argv[4])

database = Database(sys.argv[1], pool_size=1)
admission = AdmissionService(database, StandingClock(), RateLimits(RateLimit(20), RateLimit(50)))
print("ready", flush=True)
sys.stdin.readline()
admitted = 0
for n in range(80):
    try:
        admission.admit(Membership(UUID(sys.argv[2]), UUID(sys.argv[3])), f"token-{n % 4}")
        admitted += 1
    except TooManyRequests:
        pass
print(admitted, flush=True)
"""


def test_threads_on_one_token_and_on_several_pass_exactly_as_often_as_allowed(
    centre: Centre, database: Database, clock: MovableClock
):
    admission = AdmissionService(database, clock, LIMITS)
    membership = Membership(centre.organization.id, centre.beneficiary.id)
    start = Barrier(24)
    admitted: dict[str, list[int]] = {token: [] for token in "abc"}

    def ask(token: str) -> None:
        start.wait()
        for _ in range(5):
            try:
                admission.admit(membership, token)
            except TooManyRequests:
                continue
            admitted[token].append(1)

    threads = [Thread(target=ask, args=("abc"[n % 3],)) for n in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    counts = {token: len(times) for token, times in admitted.items()}
    assert sum(counts.values()) == 50
    assert max(counts.values()) <= 20


def test_processes_share_the_count(centre: Centre, worker_urls: Urls, clock: MovableClock):
    arguments = [
        worker_urls.runtime, str(centre.organization.id), str(centre.beneficiary.id), clock.now().isoformat(),
    ]  # fmt: skip
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

    admitted = [int(process.communicate("go\n", timeout=60)[0]) for process in processes]

    assert sum(admitted) == 50
