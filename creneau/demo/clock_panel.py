"""The demonstration's clock on the page of the local Slack: what time it is for the product, and buttons to move it."""

from datetime import timedelta

from creneau.core.i18n.reader import Reader
from creneau.demo.clock import DemoClock
from creneau.demo.slack import Panel, PanelButton, Person

_ZONE = "Europe/Paris"
_TITLES = {"fr": "Horloge de la démonstration", "en": "Clock of the demonstration"}
_HOUR = {"fr": "+1 h", "en": "+1 hour"}
_DAY = {"fr": "+1 jour", "en": "+1 day"}


def clock_panel(clock: DemoClock) -> Panel:
    def text(person: Person) -> str:
        return Reader(_language(person), _ZONE).when(clock.now())

    return Panel(
        "clock",
        lambda person: _TITLES[_language(person)],
        text,
        (
            PanelButton("hour", lambda person: _HOUR[_language(person)], lambda: clock.move(timedelta(hours=1))),
            PanelButton("day", lambda person: _DAY[_language(person)], lambda: clock.move(timedelta(days=1))),
        ),
    )


def _language(person: Person) -> str:
    return "fr" if person.locale.startswith("fr") else "en"
