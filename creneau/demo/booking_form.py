"""Filling the windows as a person does, in whatever language they read."""

from datetime import date

from creneau.demo.slack import Actor, Message, View


def choose_time(person: Actor, day: date, start: str) -> None:
    """Wait for the modal's times, choose a day, and on it the time that starts at `start` (`10:00`)."""
    person.wait_for(lambda: _block_of_times(person) is not None)
    wanted = f"time-{day.isoformat()}"
    if not _shows(person, wanted):
        person.select("day", day.isoformat())
        person.wait_for(lambda: _shows(person, wanted))
    block = _block_of_times(person) or wanted
    person.select(block, next(text for text in times_shown(person) if text.startswith(start)))


def _shows(person: Actor, wanted: str) -> bool:
    return (_block_of_times(person) or "").startswith(wanted)


def decide(person: Actor, surface: Message | View, button: str) -> None:
    """Click a button that opens a window (Cancel, Decline, ...), and submit the window as it is."""
    person.click(surface, button)
    person.wait_for(lambda: person.modal is not None and person.modal.submit_label)
    person.submit()


def times_shown(person: Actor) -> list[str]:
    """Return the times that the modal offers on its day, as they read."""
    block = _block_of_times(person)
    return person.modal.options(block) if person.modal and block else []


def _block_of_times(person: Actor) -> str | None:
    blocks = person.modal.blocks if person.modal else []
    found: list[str] = [block["block_id"] for block in blocks if block.get("block_id", "").startswith("time-")]
    return found[0] if found else None
