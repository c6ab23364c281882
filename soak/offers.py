"""What messages in Slack still offer when all is quiet: no button that takes a time which is not proposed any more."""

from collections.abc import Iterable, Iterator

from creneau.bot.answering.ids import PROPOSAL_ACCEPT, read_proposal_value
from creneau.demo.slack import Message


def check_offers(messages: Iterable[Message], opened: frozenset[str]) -> Iterator[str]:
    """`opened` are the ids of the proposals that are open."""
    for message in messages:
        for _, element in message.elements():
            if element.get("action_id", "").startswith(PROPOSAL_ACCEPT):
                booking_id, proposal_id = read_proposal_value(element["value"])
                if str(proposal_id) not in opened and not message.is_deleted:
                    yield f"still offered in {message.channel} {message.ts}: {proposal_id} of {booking_id}"
