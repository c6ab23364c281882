"""The soak's own eye for buttons: it sees those that a message should not have any more."""

from uuid import uuid4

import pytest

from creneau.bot import blocks
from creneau.bot.answering.ids import PROPOSAL_ACCEPT
from creneau.bot.ids import ANSWER_CONFIRM, SESSION_CANCEL
from creneau.demo.slack import Message
from soak.offers import check_offers

BOOKING, PROPOSAL = uuid4(), uuid4()


@pytest.mark.parametrize(
    ("action_id", "allowed", "over"),
    [
        (ANSWER_CONFIRM, "SCHEDULED", "CONFIRMED"),
        (SESSION_CANCEL, "IN_PROGRESS", "COMPLETED"),
        ("session_details", "CANCELLED", None),
    ],
)
def test_a_button_stands_as_long_as_what_it_does_can_be_done(action_id: str, allowed: str, over: str | None):
    message = shown(action_id, f"v1|{BOOKING}")
    assert list(check_offers([message], {str(BOOKING): allowed}, frozenset())) == []
    if over is not None:
        [problem] = check_offers([message], {str(BOOKING): over}, frozenset())
        assert f"{action_id} in D1 1.0 (None), and {BOOKING} is {over}" in problem


def test_a_time_can_be_taken_as_long_as_it_is_proposed():
    message = shown(f"{PROPOSAL_ACCEPT}_0", f"v1|{BOOKING}|{PROPOSAL}")
    assert list(check_offers([message], {}, frozenset({str(PROPOSAL)}))) == []
    [problem] = check_offers([message], {}, frozenset())
    assert f"proposal {PROPOSAL} of {BOOKING}" in problem


def shown(action_id: str, value: str) -> Message:
    row = blocks.actions([blocks.button("Button", action_id, value)])
    return Message("T1", "D1", "1.0", "B1", "text", [row])
