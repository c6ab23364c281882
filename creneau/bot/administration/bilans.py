"""Bilans: the list, opening one, and changing or closing one."""

from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from creneau.bot import blocks, inputs, modals
from creneau.bot.acknowledging import show
from creneau.bot.administration import ids
from creneau.bot.administration.fields import A_PAGE, choice, choice_to_make, number, paging
from creneau.bot.administration.list_window import ListWindow
from creneau.bot.blocks import Block, View
from creneau.bot.ids import UnreadableValue, reading
from creneau.bot.person import Person, get_person
from creneau.bot.refusals import sentence
from creneau.core.domain.bilan import BilanFile, BilanStatus, Phase
from creneau.core.domain.errors import Refusal, TooManyHours
from creneau.core.domain.ids import BilanId, UserId
from creneau.core.domain.listing import BilansWanted, Paging
from creneau.core.domain.people import Role
from creneau.core.i18n.reader import Reader
from creneau.core.services.administration import AdministrationService
from creneau.core.services.listings import ListingService
from creneau.core.services.people import PeopleService

BENEFICIARY_BLOCK = "beneficiary"
CONSULTANT_BLOCK = "consultant"
HOURS_BLOCK = "hours"
PHASE_BLOCK = "phase"
STATE_BLOCK = "state"
_OPEN, _CLOSED = "open", "closed"
_MOST_PEOPLE = Paging(100)


class BilansListeners:
    def __init__(self, administration: AdministrationService, listings: ListingService, people: PeopleService) -> None:
        self._administration = administration
        self._listings = listings
        self._people = people
        self._window = ListWindow(people, self._list)

    def register(self, app: App) -> None:
        app.action(ids.BILANS_OPEN)(self._window.open)
        app.action(ids.BILANS_PREVIOUS)(self._window.turn)
        app.action(ids.BILANS_NEXT)(self._window.turn)
        app.action(ids.BILAN_ADD)(self.open_add)
        app.action(ids.BILAN_CHANGE)(self.open_change)
        app.view(ids.BILAN_ADD_VIEW)(self.add)
        app.view(ids.BILAN_CHANGE_VIEW)(self.change)

    def open_add(self, ack: Ack, body: Mapping[str, Any], client: WebClient, context: BoltContext) -> None:
        ack()
        view_id = modals.open_loading(client, body, context)
        show(client, view_id, self._add_form(get_person(self._people, body)))

    def open_change(self, ack: Ack, body: Mapping[str, Any], client: WebClient, context: BoltContext) -> None:
        ack()
        view_id = modals.open_loading(client, body, context)
        person = get_person(self._people, body)
        try:
            bilan_id = BilanId(ids.read_id(body["actions"][0]["value"]))
            view = self._change_form(person, self._people.get_bilan(person.actor, bilan_id))
        except Refusal as refusal:
            view = modals.told(person.reader, person.reader.text("Engagements"), sentence(person.reader, refusal))
        show(client, view_id, view)

    def add(self, ack: Ack, body: Mapping[str, Any], view: Mapping[str, Any], client: WebClient) -> None:
        person = get_person(self._people, body)
        sides = [
            UserId(ids.read_id(inputs.chosen(view, block) or "")) for block in (BENEFICIARY_BLOCK, CONSULTANT_BLOCK)
        ]

        def open_bilan() -> object:
            beneficiary, consultant = (self._administration.get_person(person.actor, side) for side in sides)
            return self._people.open_bilan(beneficiary, consultant, _minutes(view), person.actor)

        self._window.save(ack, body, client, person, open_bilan, _block_of)

    def change(self, ack: Ack, body: Mapping[str, Any], view: Mapping[str, Any], client: WebClient) -> None:
        person, bilan_id = get_person(self._people, body), BilanId(ids.read_id(view["private_metadata"]))

        def change() -> object:
            state = inputs.chosen(view, STATE_BLOCK)
            if state not in (_OPEN, _CLOSED):
                raise UnreadableValue(str(state))
            if state == _CLOSED:
                return self._people.close_bilan(person.user.organization_id, bilan_id, person.actor)
            with reading():
                phase = Phase(inputs.chosen(view, PHASE_BLOCK) or "")
            return self._administration.change_bilan(person.actor, bilan_id, _minutes(view), phase)

        self._window.save(ack, body, client, person, change, _block_of)

    def _add_form(self, person: Person) -> View:
        reader = person.reader
        people = {
            role: self._listings.list_users(person.actor, role, _MOST_PEOPLE).items
            for role in (Role.BENEFICIARY, Role.CONSULTANT)
        }
        if not all(people.values()):
            said = reader.text("Add a beneficiary and a consultant first.")
            return modals.told(reader, reader.text("Open an engagement"), said)
        nobody = reader.text("Choose a person")
        fields = [
            choice_to_make(label, block, [(user.name, ids.value_of(user.id)) for user in people[role]], nobody)
            for label, block, role in (
                (reader.text("Beneficiary"), BENEFICIARY_BLOCK, Role.BENEFICIARY),
                (reader.text("Consultant"), CONSULTANT_BLOCK, Role.CONSULTANT),
            )
        ]
        fields.append(_hours_bought(reader, None))
        return blocks.modal(
            reader.text("Open an engagement"),
            reader.text("Back"),
            fields,
            callback_id=ids.BILAN_ADD_VIEW,
            submit=blocks.plain(reader.text("Open")),
        )

    def _change_form(self, person: Person, file: BilanFile) -> View:
        reader, minutes = person.reader, file.bilan.purchased_minutes
        fields = [
            blocks.section(f"*{_sides(self._names(person), file)}*"),
            _hours_bought(reader, minutes),
            choice(
                reader.text("Phase"),
                PHASE_BLOCK,
                [(phase_name(reader, phase), phase.value) for phase in Phase],
                file.bilan.phase.value,
            ),
            choice(
                reader.text("State"),
                STATE_BLOCK,
                [(reader.text("In progress"), _OPEN), (reader.text("Close it"), _CLOSED)],
            ),
        ]
        return blocks.modal(
            reader.text("Change an engagement"),
            reader.text("Back"),
            fields,
            callback_id=ids.BILAN_CHANGE_VIEW,
            submit=blocks.plain(reader.text("Save")),
            private_metadata=ids.value_of(file.bilan.id),
        )

    def _list(self, person: Person, page_number: int) -> View:
        reader = person.reader
        wanted = BilansWanted(status=BilanStatus.ACTIVE)
        page = self._listings.list_bilans(person.actor, wanted, Paging(A_PAGE, page_number * A_PAGE))
        names = self._names(person)
        add = blocks.button(reader.text("Open an engagement"), ids.BILAN_ADD, "v1", "primary")
        drawn = [blocks.actions([add])]
        for file in page.items:
            told = _sides(names, file)
            facts = [phase_name(reader, file.bilan.phase), _hours(reader, file)]
            row = blocks.section(f"*{told}*\n{' · '.join(facts)}")
            button = blocks.button(reader.text("Change"), ids.BILAN_CHANGE, ids.value_of(file.bilan.id))
            drawn.append(blocks.beside(row, button))
        drawn += paging(reader, page_number, page.total, ids.BILANS_PREVIOUS, ids.BILANS_NEXT)
        return blocks.modal(reader.text("Engagements"), reader.text("Close"), drawn)

    def _names(self, person: Person) -> dict[UserId, str]:
        return {user.id: user.name for user in self._people.list_users(person.user.organization_id)}


def phase_name(reader: Reader, phase: Phase) -> str:
    return {
        Phase.PRELIMINARY: reader.text("Preliminary phase"),
        Phase.INVESTIGATION: reader.text("Investigation phase"),
        Phase.CONCLUSION: reader.text("Conclusion phase"),
    }[phase]


def _sides(names: Mapping[UserId, str], file: BilanFile) -> str:
    sides = (file.bilan.beneficiary_id, file.bilan.consultant_id)
    return " · ".join(blocks.literal(names.get(side, "?")) for side in sides)


def _hours(reader: Reader, file: BilanFile) -> str:
    return reader.text(
        "{used} used, {left} left",
        used=reader.duration(file.hours.used_minutes),
        left=reader.duration(file.hours.remaining_minutes),
    )


@reading()
def _minutes(view: Mapping[str, Any]) -> int | None:
    return inputs.typed_minutes(view, HOURS_BLOCK)


def _hours_bought(reader: Reader, minutes: int | None) -> Block:
    shown = None if minutes is None else inputs.in_hours(minutes)
    return number(reader.text("Hours bought"), HOURS_BLOCK, shown, reader.text("At most 24, by law."), is_whole=False)


def _block_of(refusal: Refusal) -> str | None:
    return HOURS_BLOCK if isinstance(refusal, TooManyHours) else None
