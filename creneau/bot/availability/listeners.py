"""`/availability` opens the week; buttons and menus open forms; forms save, or ask first what they leave outside."""

from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from creneau.bot.acknowledging import show
from creneau.bot.availability import hours_form, time_off_form
from creneau.bot.availability.changes import (
    AddHours,
    Change,
    ChangeHours,
    DeleteHours,
    carry_out,
    preview,
    read_change,
)
from creneau.bot.availability.confirmation import confirmation
from creneau.bot.availability.hours_form import Repeat
from creneau.bot.availability.ids import (
    AVAILABILITY_COMMAND,
    AVAILABILITY_OPEN,
    CONFIRM_VIEW,
    HOURS_ADD,
    HOURS_MENU,
    HOURS_REPEAT,
    HOURS_VIEW,
    TIME_OFF_ADD,
    TIME_OFF_KIND,
    TIME_OFF_REMOVE,
    TIME_OFF_VIEW,
    HoursAct,
    read_hours_value,
    read_time_off_value,
)
from creneau.bot.availability.inputs import FieldErrors
from creneau.bot.availability.week import Week, week
from creneau.bot.blocks import View, literal, modal, section
from creneau.bot.modals import ask, open_loading, show_beneath
from creneau.bot.person import Person, get_person
from creneau.bot.refusals import sentence
from creneau.core.clock import Clock
from creneau.core.domain.availability import AvailabilitySlot, list_overlapping
from creneau.core.domain.booking import LIVE, Booking
from creneau.core.domain.errors import Refusal, SlotNotFound
from creneau.core.domain.ids import BookingId, SlotId
from creneau.core.domain.people import Role
from creneau.core.domain.time import Span
from creneau.core.i18n.reader import Reader
from creneau.core.services.availability import AvailabilityService
from creneau.core.services.people import PeopleService
from creneau.core.services.scheduling import EVER, SchedulingService

_HOLIDAYS_AHEAD_DAYS = 180


class ConsultantsOnly(Refusal):
    """Only consultants have hours to offer."""

    code = "slack.consultants_only"


class AvailabilityListeners:
    def __init__(
        self, availability: AvailabilityService, scheduling: SchedulingService, people: PeopleService, clock: Clock
    ) -> None:
        self._availability = availability
        self._scheduling = scheduling
        self._people = people
        self._clock = clock

    def register(self, app: App) -> None:
        app.command(AVAILABILITY_COMMAND)(self.open)
        app.action(AVAILABILITY_OPEN)(self.open)
        app.action(HOURS_ADD)(self.add_hours)
        app.action(HOURS_MENU)(self.act_on_hours)
        app.action(HOURS_REPEAT)(self.redraw_hours)
        app.action(TIME_OFF_ADD)(self.add_time_off)
        app.action(TIME_OFF_KIND)(self.redraw_time_off)
        app.action(TIME_OFF_REMOVE)(self.remove_time_off)
        app.view(HOURS_VIEW)(self.submit_hours)
        app.view(TIME_OFF_VIEW)(self.submit_time_off)
        app.view(CONFIRM_VIEW)(self.confirm)

    def open(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        """Open a loading view before anything is read, then show the week."""
        ack()
        view_id = open_loading(client, body, context)
        person = get_person(self._people, body)
        try:
            if person.user.role is not Role.CONSULTANT:
                raise ConsultantsOnly
            view = self._week(person)
        except Refusal as refusal:
            view = _refused(person.reader, sentence(person.reader, refusal))
        show(client, view_id, view)

    def add_hours(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        view_id = open_loading(client, body, context)
        show(client, view_id, hours_form.hours_form(get_person(self._people, body).reader, Repeat.WEEKLY))

    def add_time_off(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        view_id = open_loading(client, body, context)
        show(client, view_id, time_off_form.time_off_form(get_person(self._people, body).reader))

    def redraw_hours(self, ack: Ack, body: Mapping[str, Any], client: WebClient) -> None:
        """Draw the fields of a rule for every week, or of one for a single day."""
        ack()
        person, view = get_person(self._people, body), body["view"]
        show(client, view["id"], hours_form.redraw(person.reader, view), view["hash"])

    def redraw_time_off(self, ack: Ack, body: Mapping[str, Any], client: WebClient) -> None:
        """Draw the fields of the kind of time off that was chosen."""
        ack()
        person, view = get_person(self._people, body), body["view"]
        drawn = time_off_form.time_off_form(person.reader, time_off_form.read_kind(view))
        show(client, view["id"], drawn, view["hash"])

    def act_on_hours(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        """Carry out what was chosen in the menu of a window, or ask first: a window opens for what always asks."""
        ack()
        act, slot_id = read_hours_value(body["actions"][0]["selected_option"]["value"])
        view_id = open_loading(client, body, context) if act in (HoursAct.CHANGE, HoursAct.DELETE) else None
        person = get_person(self._people, body)
        try:
            view = self._act(person, act, self._get_slot(person, slot_id))
        except Refusal as refusal:
            view = _refused(person.reader, sentence(person.reader, refusal))
        if view_id is not None and view is not None:
            show(client, view_id, view)
        elif view is not None and not ask(client, body, view):
            return
        self._redraw_week(person, body, client)

    def _act(self, person: Person, act: HoursAct, slot: AvailabilitySlot) -> View | None:
        """Return the window that an act needs, None for one that is done. Raises: Refusal."""
        if act is HoursAct.CHANGE:
            repeat = Repeat.ONCE if slot.date_specific else Repeat.WEEKLY
            return hours_form.hours_form(person.reader, repeat, slot)
        if act is HoursAct.DELETE:
            return self._ask(person, DeleteHours(slot.id))
        draft = hours_form.to_draft(slot, is_available=act is HoursAct.RESUME)
        return self._save_or_ask(person, ChangeHours(slot.id, draft))

    def remove_time_off(self, ack: Ack, body: Mapping[str, Any], client: WebClient) -> None:
        ack()
        person = get_person(self._people, body)
        try:
            self._availability.remove_time_off(person.actor, read_time_off_value(body["actions"][0]["value"]))
        except Refusal as refusal:
            if not ask(client, body, _refused(person.reader, sentence(person.reader, refusal))):
                return
        self._redraw_week(person, body, client)

    def submit_hours(self, ack: Ack, body: Mapping[str, Any], view: Mapping[str, Any], client: WebClient) -> None:
        person = get_person(self._people, body)
        try:
            change = hours_form.read_hours(person.reader, view)
        except FieldErrors as wrong:
            ack(response_action="errors", errors=wrong.errors)
            return
        self._conclude(ack, body, client, person, change)

    def submit_time_off(self, ack: Ack, body: Mapping[str, Any], view: Mapping[str, Any], client: WebClient) -> None:
        person = get_person(self._people, body)
        try:
            change = time_off_form.read_time_off(person.reader, view)
        except FieldErrors as wrong:
            ack(response_action="errors", errors=wrong.errors)
            return
        self._conclude(ack, body, client, person, change)

    def confirm(self, ack: Ack, body: Mapping[str, Any], view: Mapping[str, Any], client: WebClient) -> None:
        """Save what was shown. Sessions booked since then stay booked all the same, as the view said they do."""
        person = get_person(self._people, body)
        try:
            carry_out(self._availability, person.actor, read_change(view))
        except Refusal as refusal:
            ack(response_action="update", view=_refused(person.reader, sentence(person.reader, refusal)))
        else:
            if view["id"] == view["root_view_id"]:  # asked in the place of the week
                ack(response_action="update", view=self._week(person))
                return
            ack()
        self._redraw_week(person, body, client)

    def _conclude(self, ack: Ack, body: Mapping[str, Any], client: WebClient, person: Person, change: Change) -> None:
        """Save a form and go back to the week, or show in its place what the change would leave outside."""
        try:
            question = self._save_or_ask(person, change)
        except Refusal as refusal:
            question = _refused(person.reader, sentence(person.reader, refusal))
        if question is not None:
            ack(response_action="update", view=question)
            return
        ack()
        self._redraw_week(person, body, client)

    def _save_or_ask(self, person: Person, change: Change) -> View | None:
        """Save a change that nobody needs to be asked about, or return the question. Raises: Refusal."""
        outside = preview(self._availability, person.actor, change)
        overlapping = self._overlapping(person, change)
        if outside or overlapping:
            return self._ask(person, change, outside, overlapping)
        carry_out(self._availability, person.actor, change)
        return None

    def _ask(
        self,
        person: Person,
        change: Change,
        outside: list[BookingId] | None = None,
        overlapping: list[AvailabilitySlot] | None = None,
    ) -> View:
        """Raises: Refusal."""
        if outside is None:
            outside = preview(self._availability, person.actor, change)
        people = {user.id: user for user in self._people.list_users(person.user.organization_id)}
        return confirmation(person.reader, change, self._bookings(person, outside), overlapping or [], people)

    def _bookings(self, person: Person, ids: list[BookingId]) -> list[Booking]:
        if not ids:
            return []
        coming = Span(self._clock.now(), EVER.ends_at)
        found = self._scheduling.get_consultant_bookings(person.actor, person.user.id, coming, LIVE)
        return [booking for booking in found if booking.id in ids]

    def _overlapping(self, person: Person, change: Change) -> list[AvailabilitySlot]:
        match change:
            case AddHours(drafts):
                own = self._slots(person)
            case ChangeHours(slot_id, draft) if draft.is_available:
                drafts, own = (draft,), [slot for slot in self._slots(person) if slot.id != slot_id]
            case _:
                return []
        today = person.reader.local_day(self._clock.now())
        found = {slot.id: slot for draft in drafts for slot in list_overlapping(draft, own, today)}
        return [slot for slot in own if slot.id in found]

    def _get_slot(self, person: Person, slot_id: SlotId) -> AvailabilitySlot:
        """Raises: `slot.not_found`."""
        for slot in self._slots(person):
            if slot.id == slot_id:
                return slot
        raise SlotNotFound

    def _slots(self, person: Person) -> list[AvailabilitySlot]:
        return self._availability.list_availability_slots(person.actor, person.user.id)

    def _redraw_week(self, person: Person, body: Mapping[str, Any], client: WebClient) -> None:
        show_beneath(client, body, self._week(person))

    def _week(self, person: Person) -> View:
        today = person.reader.local_day(self._clock.now())
        slots = [slot for slot in self._slots(person) if not slot.is_over(today)]
        absences = self._availability.list_time_off(person.actor, person.user.id, today)
        holidays = self._availability.list_holidays(
            person.actor, person.user.id, _HOLIDAYS_AHEAD_DAYS, person.reader.locale
        )
        return week(person.reader, Week(slots, absences, holidays))


def _refused(reader: Reader, said: str) -> View:
    return modal(reader.text("My availability"), reader.text("Close"), [section(literal(said))])
