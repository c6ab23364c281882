"""Boxes that whoever runs the stand-in adds to the page: what Slack itself would not show, such as a clock to move."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from creneau.demo.slack.workspace import Json, Person

Say = Callable[[Person], str]
"""Words for whoever looks at the page, in their language."""


@dataclass(frozen=True, slots=True)
class PanelButton:
    id: str
    label: Say
    press: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Panel:
    """A titled box at the foot of the page's left side, the same for everybody. `text` is asked for at each look."""

    id: str
    title: Say
    text: Say
    buttons: Sequence[PanelButton] = ()

    def show(self, person: Person) -> Json:
        return {
            "id": self.id,
            "title": self.title(person),
            "text": self.text(person),
            "buttons": [{"id": button.id, "label": button.label(person)} for button in self.buttons],
        }


def press(panels: Sequence[Panel], panel_id: str, button_id: str) -> None:
    """Raises: LookupError when there is no such button."""
    for panel in panels:
        for button in panel.buttons:
            if (panel.id, button.id) == (panel_id, button_id):
                button.press()
                return
    raise LookupError(f"no button {button_id} on a panel {panel_id}")
