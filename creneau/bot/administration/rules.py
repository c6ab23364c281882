"""The rules of the centre in one form: a field left empty is the default; what cannot be stands at its field."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from creneau.bot import blocks, inputs, modals
from creneau.bot.acknowledging import show
from creneau.bot.administration import ids
from creneau.bot.administration.fields import choice, line, number
from creneau.bot.blocks import Block, View
from creneau.bot.ids import UnreadableValue, reading
from creneau.bot.person import get_person
from creneau.bot.refusals import sentence
from creneau.core.domain.calendar_words import CalendarDetail
from creneau.core.domain.errors import InvalidPolicy, PolicyOutOfBounds, Refusal
from creneau.core.domain.policy import BOUNDS, DEFAULT_POLICY, Discretion, Policy, PolicyChoices, PolicyInForce
from creneau.core.i18n.reader import Reader
from creneau.core.services.availability import AvailabilityService
from creneau.core.services.people import PeopleService

_LONGEST_CODE = 60
_YES, _NO = "yes", "no"
_HOURS = frozenset(
    {
        "minimum_notice_minutes",
        "cancellation_deadline_minutes",
        "reschedule_deadline_minutes",
        "answer_within_minutes",
        "last_chase_minutes",
        "busy_max_age_minutes",
    }
)
"""Chosen in hours, kept in minutes: what was set by other means may be an hour and a half."""
_OF_BOOKING = (
    "minimum_notice_minutes",
    "horizon_days",
    "buffer_minutes",
    "slot_increment_minutes",
    "daily_cap",
    "weekly_cap",
    "busy_max_age_minutes",
)
_OF_CHANGES = (
    "answer_within_minutes",
    "last_chase_minutes",
    "cancellation_deadline_minutes",
    "reschedule_deadline_minutes",
)
_NUMBERS = (*_OF_BOOKING, *_OF_CHANGES)


class RulesListeners:
    def __init__(self, availability: AvailabilityService, people: PeopleService) -> None:
        self._availability = availability
        self._people = people

    def register(self, app: App) -> None:
        app.action(ids.RULES_OPEN)(self.open)
        app.view(ids.RULES_VIEW)(self.submit)

    def open(self, ack: Ack, body: Mapping[str, Any], client: WebClient, context: BoltContext) -> None:
        ack()
        view_id = modals.open_loading(client, body, context)
        person = get_person(self._people, body)
        show(client, view_id, rules(person.reader, self._availability.get_policy(person.actor, None)))

    def submit(self, ack: Ack, body: Mapping[str, Any], view: Mapping[str, Any]) -> None:
        person = get_person(self._people, body)
        try:
            kept = self._availability.get_policy(person.actor, None).choices
            self._availability.set_policy(person.actor, None, read_choices(view, kept))
        except PolicyOutOfBounds as refusal:
            name, reader = str(refusal.details["field"]), person.reader
            least, most = (reader.number(bound) for bound in _bounds(name))
            ack(response_action="errors", errors={name: reader.text(refusal.code, least=least, most=most)})
        except InvalidPolicy as refusal:
            ack(response_action="errors", errors={str(refusal.details["field"]): sentence(person.reader, refusal)})
        except Refusal as refusal:
            ack(response_action="errors", errors={_NUMBERS[0]: sentence(person.reader, refusal)})
        else:
            ack(response_action="update", view=saved(person.reader))


def saved(reader: Reader) -> View:
    text = reader.text(
        "The rules of the centre are saved. They hold for what is booked from now on; what sessions tell in calendars"
        " changes at once."
    )
    return blocks.modal(reader.text("Rules of the centre"), reader.text("Close"), [blocks.section(text)])


def rules(reader: Reader, in_force: PolicyInForce) -> View:
    labels = {
        "minimum_notice_minutes": reader.text("Notice before a session (hours)"),
        "horizon_days": reader.text("How far ahead people book (days)"),
        "buffer_minutes": reader.text("Pause after a session (minutes)"),
        "slot_increment_minutes": reader.text("From one start to the next (minutes)"),
        "daily_cap": reader.text("Most sessions a day"),
        "weekly_cap": reader.text("Most sessions a week"),
        "cancellation_deadline_minutes": reader.text("Cancel until (hours before)"),
        "reschedule_deadline_minutes": reader.text("Reschedule until (hours before)"),
        "answer_within_minutes": reader.text("Time to answer a request (hours)"),
        "last_chase_minutes": reader.text("Last word before that time is over (hours before)"),
        "busy_max_age_minutes": reader.text("Offer nothing when calendars were read longer ago (hours)"),
    }
    numbers = {
        name: number(
            labels[name],
            name,
            _shown(name, getattr(in_force.choices, name)),
            _when_empty(reader, name),
            is_whole=name not in _HOURS,
        )
        for name in _NUMBERS
    }
    fields = [
        blocks.context(reader.text("A number that is left empty takes the value below it.")),
        blocks.header(reader.text("Booking")),
        *(numbers[name] for name in _OF_BOOKING),
        *_holidays(reader, in_force.policy),
        blocks.header(reader.text("Answering and changing")),
        *(numbers[name] for name in _OF_CHANGES),
        blocks.header(reader.text("Messages")),
        *_messages(reader, in_force.policy),
    ]
    return blocks.modal(
        reader.text("Rules of the centre"),
        reader.text("Close"),
        fields,
        callback_id=ids.RULES_VIEW,
        submit=blocks.plain(reader.text("Save")),
    )


def _holidays(reader: Reader, policy: Policy) -> list[Block]:
    return [
        _yes_or_no(
            reader, reader.text("Closed on public holidays"), "closes_on_holidays", chosen=policy.closes_on_holidays
        ),
        line(
            reader.text("Country of the public holidays (code, such as FR)"),
            "holiday_country",
            _LONGEST_CODE,
            policy.holiday_country,
        ),
        line(
            reader.text("Region of that country (code)"),
            "holiday_subdivision",
            _LONGEST_CODE,
            policy.holiday_subdivision,
            is_optional=True,
        ),
    ]


def _messages(reader: Reader, policy: Policy) -> list[Block]:
    names = {
        Discretion.STRICT: reader.text("Nothing: that something is new"),
        Discretion.DISCREET: reader.text("What and when, nobody’s name"),
        Discretion.DETAILED: reader.text("With whom and what for, too"),
    }
    calendar_names = {
        CalendarDetail.NEUTRAL: reader.text("Nothing: that there is an appointment"),
        CalendarDetail.NAMED: reader.text("With whom"),
        CalendarDetail.DETAILED: reader.text("With whom and what for"),
    }
    return [
        choice(
            reader.text("What the first line of a message tells"),
            "discretion",
            [(names[level], level.value) for level in Discretion],
            policy.discretion.value,
        ),
        choice(
            reader.text("What sessions tell in calendars and feeds"),
            "calendar_detail",
            [(calendar_names[level], level.value) for level in CalendarDetail],
            policy.calendar_detail.value,
        ),
        _yes_or_no(
            reader,
            reader.text("Remind three days before"),
            "reminds_three_days_before",
            chosen=policy.reminds_three_days_before,
        ),
        inputs.time_field(reader.text("No reminders from"), "quiet_from", policy.quiet_from),
        inputs.time_field(reader.text("No reminders until"), "quiet_until", policy.quiet_until),
    ]


def _yes_or_no(reader: Reader, label: str, block_id: str, *, chosen: bool) -> Block:
    return choice(label, block_id, [(reader.text("Yes"), _YES), (reader.text("No"), _NO)], _YES if chosen else _NO)


@reading()
def read_choices(view: Mapping[str, Any], kept: PolicyChoices) -> PolicyChoices:
    """Return what the form says over what is kept: what it does not ask for stays."""
    numbers: dict[str, Any] = {}
    for name in _NUMBERS:
        if not inputs.has(view, name):  # a window of before there was this rule
            continue
        typed = inputs.typed(view, name)
        numbers[name] = inputs.typed_minutes(view, name) if name in _HOURS else int(typed) if typed else None
    return replace(
        kept,
        **numbers,
        discretion=Discretion(inputs.chosen(view, "discretion") or ""),
        calendar_detail=CalendarDetail(inputs.chosen(view, "calendar_detail") or ""),
        reminds_three_days_before=_is_yes(view, "reminds_three_days_before"),
        closes_on_holidays=_is_yes(view, "closes_on_holidays"),
        holiday_country=(inputs.typed(view, "holiday_country") or "").strip().upper() or None,
        holiday_subdivision=(inputs.typed(view, "holiday_subdivision") or "").strip() or None,
        quiet_from=inputs.picked_time(view, "quiet_from"),
        quiet_until=inputs.picked_time(view, "quiet_until"),
    )


def _shown(name: str, value: int | None) -> float | None:
    return value if value is None or name not in _HOURS else inputs.in_hours(value)


def _bounds(name: str) -> tuple[float, float]:
    """The least and the most that a field takes, in its own unit."""
    least, most = BOUNDS[name]
    return (round(least / 60, 2), round(most / 60, 2)) if name in _HOURS else (least, most)


def _when_empty(reader: Reader, name: str) -> str:
    """What holds where the centre chose nothing, which is not what is in force once it chose."""
    value = _shown(name, getattr(DEFAULT_POLICY, name))
    if value is not None:
        return reader.text("Left empty: {value}", value=reader.number(value))
    return {
        "slot_increment_minutes": reader.text("Left empty: as long as a session"),
        "daily_cap": reader.text("Left empty: no limit"),
        "weekly_cap": reader.text("Left empty: no limit"),
        "busy_max_age_minutes": reader.text("Left empty: no limit"),
    }[name]


def _is_yes(view: Mapping[str, Any], block_id: str) -> bool:
    chosen = inputs.chosen(view, block_id)
    if chosen not in (_YES, _NO):
        raise UnreadableValue(str(chosen))
    return chosen == _YES
