"""`/book`, the shortcut and the Book button open the form; a choice redraws it and holds the time; sending books."""

from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from creneau.bot.acknowledging import show
from creneau.bot.blocks import View
from creneau.bot.booking import forms, ids, views
from creneau.bot.booking.forms import Form
from creneau.bot.booking.views import Drawing
from creneau.bot.chooser import DAY_BLOCK, StaleTimes
from creneau.bot.ids import BOOK_COMMAND, BOOK_DAY, BOOK_FORMAT, BOOK_OPEN, BOOK_SHORTCUT, BOOK_TIME, BOOK_VIEW
from creneau.bot.modals import open_loading
from creneau.bot.person import Person, get_person
from creneau.bot.refusals import sentence
from creneau.core.domain.bilan import BilanHours
from creneau.core.domain.booking import Booking
from creneau.core.domain.errors import BilanNotActive, HoursExhausted, Refusal, SlotUnavailable, TextInvalid
from creneau.core.domain.hold import Hold
from creneau.core.domain.people import Role
from creneau.core.services.choosing import ChoosingService
from creneau.core.services.people import PeopleService
from creneau.core.services.scheduling import SchedulingService

_REDRAW = (ids.BOOK_BILAN, ids.BOOK_MINUTES, ids.BOOK_EARLIER, ids.BOOK_LATER, BOOK_DAY, BOOK_TIME, BOOK_FORMAT)


class NobodyToBookFor(Refusal):
    """A consultant or administrator has no bilan under way to book a session on."""

    code = "slack.nobody_to_book_for"


class BookingListeners:
    def __init__(self, scheduling: SchedulingService, choosing: ChoosingService, people: PeopleService) -> None:
        self._scheduling = scheduling
        self._choosing = choosing
        self._people = people

    def register(self, app: App) -> None:
        app.command(BOOK_COMMAND)(self.open)
        app.shortcut(BOOK_SHORTCUT)(self.open)
        app.action(BOOK_OPEN)(self.open)
        for action_id in _REDRAW:
            app.action(action_id)(self.change)
        app.view(BOOK_VIEW)(self.submit)
        app.view_closed(BOOK_VIEW)(self.close)

    def open(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        """Open a loading view before anything is read (a trigger lives three seconds), then fill it."""
        ack()
        view_id = open_loading(client, body, context)
        person = get_person(self._people, body)
        try:
            view = self._draw(person, Form())
        except Refusal as refusal:
            view = _refused(person, refusal)
        show(client, view_id, view)

    def change(self, ack: Ack, body: Mapping[str, Any], client: WebClient) -> None:
        """Draw the form as it is chosen by now; a time that is chosen is held, whatever was held before is not."""
        ack()
        view = body["view"]
        person = get_person(self._people, body)
        form = forms.read_form(view, body["actions"][0])
        held, notice = self._hold(person, form, view["id"])
        try:
            drawn = self._draw(person, form, held, notice)
        except Refusal as refusal:
            drawn = _refused(person, refusal)
        show(client, view["id"], drawn, view["hash"])

    def submit(self, ack: Ack, body: Mapping[str, Any], view: Mapping[str, Any]) -> None:
        """Book; a time that has gone meanwhile is an error under the field, with the next free ones to choose there."""
        person = get_person(self._people, body)
        form = forms.read_form(view)
        try:
            # The same view sent twice is one request.
            key = f"slack:{view['id']}:{view['hash']}"
            booking = self._scheduling.create_session_booking(person.actor, forms.read_request(form), key)
        except StaleTimes:
            ack(response_action="update", view=self._draw(person, form))
        except (SlotUnavailable, TextInvalid) as refusal:
            block_id = _field_of(refusal, view)
            ack(response_action="errors", errors={block_id: sentence(person.reader, refusal)})
        except Refusal as refusal:
            ack(response_action="update", view=_refused(person, refusal))
        else:
            hours = self._scheduling.get_bilan_hours(person.actor, booking.bilan_id)
            ack(response_action="update", view=self._sent(person, booking, hours))
            self._choosing.release_hold(person.actor, view["id"])

    def _sent(self, person: Person, booking: Booking, hours: BilanHours) -> View:
        if person.user.role is Role.BENEFICIARY:
            return views.sent(person.reader, booking, hours)
        asked_for, asked_of = (
            self._people.get_user(person.user.organization_id, user_id)
            for user_id in (booking.beneficiary_id, booking.consultant_id)
        )
        return views.sent_for(person.user, asked_for, asked_of, booking, hours)

    def close(self, ack: Ack, body: Mapping[str, Any], view: Mapping[str, Any]) -> None:
        """Free at once what was held for a form that is closed."""
        ack()
        self._choosing.release_hold(get_person(self._people, body).actor, view["id"])

    def _hold(self, person: Person, form: Form, view_id: str) -> tuple[Hold | None, str | None]:
        """Hold the chosen time; return what is held, or why it cannot be."""
        request = forms.read_hold(form, view_id)
        notice = None
        if request is not None:
            try:
                return self._choosing.hold_time(person.actor, request), None
            except (SlotUnavailable, HoursExhausted) as refusal:
                notice = sentence(person.reader, refusal)
        self._choosing.release_hold(person.actor, view_id)
        return None, notice

    def _draw(self, person: Person, form: Form, held: Hold | None = None, notice: str | None = None) -> View:
        if form.bilan_id is None and person.user.role is not Role.BENEFICIARY:
            engagements = self._choosing.list_engagements(person.actor)
            if len(engagements) > 1:
                return views.choose_person(person.user, engagements)
        choices = self._choosing.get_choices(person.actor, form.bilan_id, form.first)
        return views.choose(Drawing(person.user, choices, form, held, notice))


def _refused(person: Person, refusal: Refusal) -> View:
    if isinstance(refusal, BilanNotActive) and person.user.role is not Role.BENEFICIARY:
        refusal = NobodyToBookFor()
    return views.refused(person.reader, sentence(person.reader, refusal))


def _field_of(refusal: Refusal, view: Mapping[str, Any]) -> str:
    """Return the block under which a refusal is told."""
    if isinstance(refusal, TextInvalid):
        fields = (ids.LINK_BLOCK,) if refusal.details["field"] == "meeting_link" else (ids.PLACE_BLOCK, ids.PHONE_BLOCK)
        return next(block_id for block_id in fields if block_id in view["state"]["values"])
    return forms.find_time_block(view) or DAY_BLOCK
