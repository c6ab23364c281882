"""Give my opinion, and change it: the button opens the window, the submission rates."""

from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from creneau.bot import inputs, long_text
from creneau.bot.blocks import View
from creneau.bot.booking_window import BookingWindow
from creneau.bot.buttons import SESSION_RATE
from creneau.bot.ids import read_booking_value, reading
from creneau.bot.outbox import Outbox
from creneau.bot.person import Person, get_person
from creneau.bot.rating import views
from creneau.bot.rating.views import COMMENT_BLOCK, RATE_VIEW, RATING_BLOCK
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.rating import require_ratable
from creneau.core.services.booking_files import BookingFileService
from creneau.core.services.people import PeopleService
from creneau.core.services.scheduling import SchedulingService


class RatingListeners:
    def __init__(
        self, scheduling: SchedulingService, people: PeopleService, files: BookingFileService, outbox: Outbox
    ) -> None:
        self._scheduling = scheduling
        self._people = people
        self._window = BookingWindow(people, files, outbox)

    def register(self, app: App) -> None:
        app.action(SESSION_RATE)(self.open)
        app.view(RATE_VIEW)(self.rate)

    def open(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        self._window.open(body, context, client, _draw)

    def rate(self, ack: Ack, body: Mapping[str, Any], view: Mapping[str, Any]) -> None:
        person, booking_id = get_person(self._people, body), read_booking_value(view["private_metadata"])
        with reading():
            rating, comment = int(inputs.chosen(view, RATING_BLOCK) or ""), long_text.typed(view, COMMENT_BLOCK)
        self._window.submit(
            ack,
            person,
            booking_id,
            lambda: self._scheduling.rate_session(person.actor, booking_id, rating, comment),
            block_of=lambda _: COMMENT_BLOCK,
        )


def _draw(person: Person, file: BookingFile) -> View:
    require_ratable(file.booking, person.actor)
    return views.rate(person.user, file)
