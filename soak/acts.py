"""Each act on a booking that people were told of, beside the history: it is there once, and there are no others."""

from collections import Counter
from collections.abc import Iterator

from soak.history import History
from soak.told import Told

_OF_THE_CLOCK = ("EXPIRE",)


def check_acts(told: Told, history: History) -> Iterator[str]:
    """Tell of acts that were answered and are lost, that one event stands for two, and that nobody asked for."""
    there = {(str(act["booking_id"]), act["version"]): act for act in history.rows}
    answered = Counter((done.booking_id, done.version) for done in told.acts)
    for (booking_id, version), count in answered.items():
        if count > 1:
            yield f"one act for {count} answers: version {version} of {booking_id}"
    for done in told.acts:
        act = there.get((done.booking_id, done.version))
        if act is None or (act["action"], act["starts_at"]) != (done.action, done.starts_at):
            was = f"{act['action']} to {act['starts_at']}" if act else "nothing"
            yield f"lost act: {done.action} of {done.booking_id} at {done.version} was answered, and there is {was}"
    at_most = Counter((done.booking_id, done.action) for done in told.acts) + told.unknown
    at_most.update((booking_id, "REQUEST") for booking_id in told.booked.values())
    done_there = Counter((str(act["booking_id"]), act["action"]) for act in history.rows)
    for (booking_id, action), count in done_there.items():
        asked = at_most[booking_id, action]
        if count > asked and action not in _OF_THE_CLOCK:
            yield f"acts nobody asked for: {action} of {booking_id} {count} times, and asked for {asked} times at most"
