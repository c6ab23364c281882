"""What goes wrong while people book: processes die or freeze, wires break, Postgres is restarted, clocks jump."""

import random
import signal
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from soak.ground import Ground
from tests.faults.crash import restart_at_once

_LONGEST_PAUSE = 6.0  # seconds; a worker needs some of them to find its database again
_REMINDER = b'"reminder"'
"""In the metadata of the message, as it goes to Slack."""
_REMINDERS_AT_ONCE = 3
_PROPOSALS = (b"times_proposed", b"proposal_accepted", b"proposals_refused")
"""In the audit line of each act, the last thing that Postgres hears before the commit."""
_UPDATES_AT_ONCE = 4
_HELD = (2.0, 8.0)
_RESCUED_AFTER = (45.0, 75.0)
"""Half a minute without a sign of life, and the sweep of a minute."""


class Nemesis:
    """Does one harm after the other in the order that a seed gives, until told to stop; then mends what it broke."""

    def __init__(self, ground: Ground, seed: int, say: Callable[[str], None]) -> None:
        self._ground = ground
        self._draw = random.Random(seed)  # noqa: S311 - to be done again in the same way
        self._say = say
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._harm_again, name="nemesis", daemon=True)
        self._thawing: list[threading.Timer] = []
        self.done: Counter[str] = Counter()
        self._harms: tuple[tuple[int, Callable[[], str]], ...] = (
            (4, self._kill),
            (3, self._kill_at_reminder),
            (3, self._lose_reminders),
            (2, self._freeze),
            (1, self._freeze_past_rescue),
            (4, self._cut),
            (2, self._swallow),
            (2, self._refuse),
            (1, self._slow),
            (5, self._lose),
            (3, self._lose_proposal),
            (2, self._hold_updates),
            (1, self._restart),
            (2, self._jump),
        )

    def __enter__(self) -> "Nemesis":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        for timer in self._thawing:
            timer.join()
        for wire in self._ground.wires.values():
            wire.heal()
            wire.forget_traps()

    def _harm_again(self) -> None:
        weights, harms = zip(*self._harms, strict=True)
        while not self._stop.wait(self._draw.uniform(0.2, _LONGEST_PAUSE)):
            [harm] = self._draw.choices(harms, weights)
            told = harm()
            self.done[told.split(":")[0]] += 1
            self._say(told)

    def _kill(self) -> str:
        service = self._draw.choice(self._ground.services)
        pids = service.pids()
        if pids:
            service.send(signal.SIGKILL, self._draw.choice(pids))
        return f"killed: {service.name}"

    def _kill_at_reminder(self) -> str:
        """Have both workers killed when one of them posts a reminder, before Slack hears of it or when it has it."""
        is_after = self._draw.choice((True, False))

        def kill() -> None:
            for service in self._ground.services[1:]:
                for pid in service.pids():
                    service.send(signal.SIGKILL, pid)

        self._ground.wires["slack"].trap(_REMINDER, kill, is_after=is_after)
        return f"killed at a reminder: {'after' if is_after else 'before'} Slack has it"

    def _freeze(self) -> str:
        service = self._draw.choice(self._ground.services[1:])
        pids = service.pids()
        if pids:
            service.send(signal.SIGSTOP, pids[0])
            self._stop.wait(self._draw.uniform(1, 6))
            service.send(signal.SIGCONT, pids[0])
        return f"frozen and thawed: {service.name}"

    def _freeze_past_rescue(self) -> str:
        """Let a worker sleep until others have taken over what it has in hand, while harm goes on."""
        service = self._draw.choice(self._ground.services[1:])
        pids, seconds = service.pids(), self._draw.uniform(*_RESCUED_AFTER)
        if pids and not any(timer.is_alive() for timer in self._thawing):
            service.send(signal.SIGSTOP, pids[0])
            timer = threading.Timer(seconds, service.send, (signal.SIGCONT, pids[0]))
            timer.start()
            self._thawing.append(timer)
        return f"frozen past rescue: {service.name}"

    def _cut(self) -> str:
        name = self._draw.choice(sorted(self._ground.wires))
        return f"cut: {self._ground.wires[name].cut()} of {name}"

    def _swallow(self) -> str:
        name = self._draw.choice(sorted(self._ground.wires))
        self._ground.wires[name].swallow()
        self._stop.wait(self._draw.uniform(0.5, 4))
        self._ground.wires[name].heal()
        return f"swallowed: {name}"

    def _refuse(self) -> str:
        name = self._draw.choice(sorted(self._ground.wires))
        self._ground.wires[name].refuse()
        self._stop.wait(self._draw.uniform(0.5, 4))
        self._ground.wires[name].heal()
        return f"refused: {name}"

    def _slow(self) -> str:
        name = self._draw.choice(sorted(self._ground.wires))
        self._ground.wires[name].slow(0.05)
        self._stop.wait(2)
        self._ground.wires[name].heal()
        return f"slowed: {name}"

    def _lose(self) -> str:
        name, sign = self._draw.choice(
            [
                ("postgres", b"commit"),
                ("slack", b"chat.postMessage"),
                ("slack", b"chat.update"),
                ("calendars", b"PUT "),
            ]
        )
        way = self._draw.choice(("lose_answer", "lose_request"))
        getattr(self._ground.wires[name], way)(sign)
        return f"{way}: {name} {sign.decode()}"

    def _lose_reminders(self) -> str:
        way = self._draw.choice(("lose_answer", "lose_answer", "lose_request"))
        for _ in range(_REMINDERS_AT_ONCE):
            getattr(self._ground.wires["slack"], way)(_REMINDER)
        return f"{way} of reminders: the next {_REMINDERS_AT_ONCE}"

    def _lose_proposal(self) -> str:
        """Lose the commit of the next act on proposals, or what Postgres says to it: both are a 503 to who asked."""
        wire, sign, is_after = self._ground.wires["postgres"], self._draw.choice(_PROPOSALS), self._draw.random() < 0.7
        wire.trap(sign, lambda: wire.trap(b"commit", is_after=is_after), is_after=False, is_passed=True)
        return f"lost {'answer' if is_after else 'request'} of a proposal's commit: {sign.decode()}"

    def _hold_updates(self) -> str:
        """Hold the next updates of messages for some seconds: what they say may be overtaken when Slack gets it."""
        seconds = self._draw.uniform(*_HELD)
        for _ in range(_UPDATES_AT_ONCE):
            hold = partial(self._stop.wait, seconds)
            self._ground.wires["slack"].trap(b"chat.update", hold, is_after=False, is_passed=True)
        return f"held: the next {_UPDATES_AT_ONCE} updates"

    def _restart(self) -> str:
        restart_at_once(self._ground.postgres)
        return "restarted: postgres"

    def _jump(self) -> str:
        minutes = self._draw.randint(5, 30)
        self._ground.clock.jump(timedelta(minutes=minutes))
        return f"jumped: {minutes} minutes ahead"
