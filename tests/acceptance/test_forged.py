"""Every listener of the app, with ids that are not the sender's: refused or politely told, and nothing changes."""

import pytest

from tests.acceptance.conftest import Story
from tests.acceptance.forgery import Sender, Victims, dump, forge, listeners, make_victims, requests_for


@pytest.fixture
def victims(story: Story) -> Victims:
    return make_victims(story)


def test_every_listener_has_a_request_that_can_be_forged_and_that_acts_for_whom_it_is_meant(
    story: Story, victims: Victims, monkeypatch: pytest.MonkeyPatch
):
    heard = listeners(story.creneau.bot)
    requests = list(requests_for(story.creneau.bot, victims))
    before = dump(story, victims.paul.organization_id)

    forge(Sender(story, "paul", monkeypatch), requests)

    assert len(heard) > 60
    assert {listener for listener in heard if listener.kind != "event"} - {
        listener for listener, _ in requests
    } == set()
    after = dump(story, victims.paul.organization_id)
    assert {table for table, rows in before.items() if rows != after[table]} >= {"session_bookings", "audit_log"}


def test_nobody_of_another_organization_changes_anything_with_its_ids(
    story: Story, victims: Victims, monkeypatch: pytest.MonkeyPatch
):
    before = dump(story, victims.paul.organization_id)

    for login in ("grace", "oliver", "sofia"):
        sender = Sender(story, login, monkeypatch)
        forge(sender, requests_for(story.creneau.bot, victims))

    assert before["session_bookings"]
    assert dump(story, victims.paul.organization_id) == before


def test_no_colleague_changes_what_is_not_theirs(story: Story, victims: Victims, monkeypatch: pytest.MonkeyPatch):
    people = {victims.paul.id, victims.marie.id}
    before = dump(story, victims.paul.organization_id, people)

    for login in ("julie", "emma"):
        forge(Sender(story, login, monkeypatch), requests_for(story.creneau.bot, victims))

    assert before["session_bookings"]
    assert dump(story, victims.paul.organization_id, people) == before


def test_nobody_becomes_somebody_by_what_a_request_says(
    story: Story, victims: Victims, monkeypatch: pytest.MonkeyPatch
):
    before = dump(story, victims.paul.organization_id)
    requests = list(requests_for(story.creneau.bot, victims))

    for stranger in ("U0NOBODY", "U0GRACE"):  # nobody's id, and that of a person of the other workspace
        sender = Sender(story, "paul", monkeypatch)
        sender.user_id = stranger
        forge(sender, requests)
    guest = Sender(story, "paul", monkeypatch)
    guest.user_team_id = "T0ELSEWHERE"  # of a shared channel; with Paul's own id
    forge(guest, [one for one in requests if one[0].kind != "command"])  # a command names one team only

    assert dump(story, victims.paul.organization_id) == before
