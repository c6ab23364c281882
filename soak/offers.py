"""What messages in Slack still offer when all is quiet: no button for what cannot be done with a booking any more."""

from collections.abc import Iterable, Iterator, Mapping

from creneau.bot.answering.ids import PROPOSAL_ACCEPT, PROPOSAL_REFUSE, read_proposal_value
from creneau.bot.buttons import ANSWER_PROPOSE, SESSION_RESCHEDULE
from creneau.bot.ids import ANSWER_CONFIRM, ANSWER_DECLINE, SESSION_CANCEL, read_booking_value
from creneau.demo.slack import Message

_ASKED = frozenset({"SCHEDULED"})
_WAITING = frozenset({"SCHEDULED", "CONFIRMED"})
_FOR = {
    ANSWER_CONFIRM: _ASKED,
    ANSWER_DECLINE: _ASKED,
    ANSWER_PROPOSE: _WAITING,
    PROPOSAL_REFUSE: _WAITING,
    SESSION_RESCHEDULE: _WAITING,
    SESSION_CANCEL: _WAITING | {"IN_PROGRESS"},
}
"""What a booking must be for a button to make sense."""


def check_offers(messages: Iterable[Message], statuses: Mapping[str, str], proposed: frozenset[str]) -> Iterator[str]:
    """`statuses` are those of bookings, by id; `proposed` are the ids of the proposals that are open."""
    for message in messages:
        for _, element in message.elements():
            name = element.get("action_id", "")
            about = (message.metadata or {}).get("event_payload")
            where = f"{name} in {message.channel} {message.ts} ({about})"
            if name.startswith(PROPOSAL_ACCEPT):
                booking_id, proposal_id = read_proposal_value(element["value"])
                if str(proposal_id) not in proposed:
                    yield f"still offered: {where}, proposal {proposal_id} of {booking_id}"
            elif name in _FOR:
                booking = str(read_booking_value(element["value"]))
                if statuses[booking] not in _FOR[name]:
                    yield f"still offered: {where}, and {booking} is {statuses[booking]}"
