"""One reminder, whatever breaks between Slack and us: never two, never none, and what cannot be known is shown."""

from datetime import timedelta
from typing import Any
from uuid import uuid5

import psycopg
import pytest

from creneau.bot.drawing import draw
from creneau.bot.jobs import PUBLISH_HOME
from creneau.bot.message import Message
from creneau.bot.reminders import jobs, sender
from creneau.core.domain.booking import Booking
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.messages import Place, Purpose
from creneau.core.domain.people import Role, User
from creneau.core.domain.reminders import Lease, Reminder, ReminderState, ReminderType
from creneau.core.services.reminders import lane_name
from creneau.core.storage.fence import Fence
from creneau.demo.slack import Message as SlackMessage
from tests.acceptance.conftest import Story
from tests.acceptance.gestures import TUESDAY_AT_TEN, ask, ask_and_confirm, booking_of
from tests.acceptance.killing import kill_at

AN_HOUR_BEFORE = TUESDAY_AT_TEN - timedelta(hours=1)
AN_HOUR = (ReminderType.BENEFICIARY_1H, ReminderType.CONSULTANT_1H)
LEASES_RUN_OUT = {"minutes": 3}


@pytest.fixture
def due(story: Story) -> Story:
    """A confirmed session, an hour before: its last reminders are due."""
    ask_and_confirm(story)
    story.clock.set(AN_HOUR_BEFORE)
    return story


def reminded(story: Story, login: str = "marie") -> int:
    return sum("Rendez-vous bientôt" in message.text for message in story.person(login).messages)


def payload(message: SlackMessage) -> dict[str, str]:
    return dict(message.metadata["event_payload"]) if message.metadata else {}


def ledger(story: Story, type_: ReminderType = ReminderType.BENEFICIARY_1H) -> Reminder:
    marie = story.stage.actor("marie")
    [booking] = story.creneau.scheduling.get_beneficiary_bookings(marie, marie.user_id)
    written = story.creneau.reminders.list_of_booking(marie, booking.id)
    return next(one for one in written if one.type is type_)


def test_an_answer_that_was_lost_is_no_second_reminder(due: Story):
    due.slack.faults.lose_answer("chat.postMessage", times=2)

    due.work_reminders()
    due.clock.move(**LEASES_RUN_OUT)
    due.work_reminders()

    assert (reminded(due), reminded(due, "paul")) == (1, 1)
    assert ledger(due).state is ReminderState.SENT


@pytest.mark.parametrize("lanes", [1, 2])
def test_all_that_is_due_goes_out_in_one_go_however_much_it_is(due: Story, monkeypatch: pytest.MonkeyPatch, lanes: int):
    monkeypatch.setattr(jobs, "MOST_AT_ONCE", 1)
    monkeypatch.setattr(jobs, "LANES", lanes)

    due.work_reminders()

    assert (reminded(due), reminded(due, "paul")) == (1, 1)


def test_a_lane_that_is_somebody_elses_lets_the_next_one_begin(due: Story):
    elsewhere = Fence(due.creneau.database.conninfo)
    with elsewhere.hold(lane_name(0)):
        due.work_reminders()
    elsewhere.close()

    assert (reminded(due), reminded(due, "paul")) == (1, 1)


def test_a_message_that_cannot_be_drawn_holds_up_no_other_and_is_a_failure_for_all_to_see(
    due: Story, monkeypatch: pytest.MonkeyPatch
):
    def draw_for_consultants(recipient: User, purpose: Purpose, file: BookingFile) -> Message:
        if recipient.role is Role.BENEFICIARY:
            raise ZeroDivisionError
        return draw(recipient, purpose, file)

    monkeypatch.setattr(sender, "draw", draw_for_consultants)
    due.work_reminders()

    assert (reminded(due), reminded(due, "paul")) == (0, 1)
    assert due.jobs_left() == {jobs.SWEEP_REMINDERS: 1}

    monkeypatch.undo()
    due.clock.move(**LEASES_RUN_OUT)
    due.work_reminders()

    assert (reminded(due), reminded(due, "paul")) == (1, 1)


def test_a_session_that_is_cancelled_between_reading_and_posting_is_not_reminded_of(
    due: Story, monkeypatch: pytest.MonkeyPatch
):
    begin_posting = due.creneau.reminders.begin_posting

    def cancelled_meanwhile(lease: Lease, booking: Booking) -> bool:
        monkeypatch.undo()
        due.creneau.scheduling.cancel_booking(due.stage.actor("paul"), booking.id, "Grippe")
        return begin_posting(lease, booking)

    monkeypatch.setattr(due.creneau.reminders, "begin_posting", cancelled_meanwhile)
    due.work_reminders()

    assert (reminded(due), reminded(due, "paul")) == (0, 0)
    assert ledger(due).state is ReminderState.CANCELLED


def test_what_is_due_goes_before_all_that_waits_in_the_queue(due: Story):
    marie, queue = due.stage.actor("marie"), due.creneau.jobs
    with queue.open(), psycopg.connect(due.creneau.database.conninfo) as connection:
        queue.configure_task(PUBLISH_HOME).defer(organization_id=str(marie.organization_id), user_id=str(marie.user_id))
        queue.configure_task(jobs.SWEEP_REMINDERS).defer(timestamp=0)
        worker = connection.execute("insert into procrastinate_workers default values returning id").fetchone()
        fetched = connection.execute("select task_name from procrastinate_fetch_job_v2(null, %s)", worker).fetchone()
        connection.rollback()
    assert fetched == (jobs.SWEEP_REMINDERS,)


def test_a_request_that_was_lost_is_sent_again(due: Story):
    due.slack.faults.lose_request("chat.postMessage", times=2)

    due.work_reminders()
    assert reminded(due) == 0
    due.clock.move(**LEASES_RUN_OUT)
    due.work_reminders()

    assert (reminded(due), reminded(due, "paul")) == (1, 1)


@pytest.mark.parametrize(
    ("step", "is_after"),
    [
        ("list_due", False),
        ("begin_posting", False),
        ("begin_posting", True),
        ("post", True),
        ("record_posted", True),
    ],
)
def test_a_worker_that_dies_at_any_step_leaves_one_reminder(
    due: Story,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    is_after: bool,  # noqa: FBT001 - a column of the table above
):
    reminders = due.creneau.reminders
    kill_at(monkeypatch, due.creneau.outbox if step == "post" else reminders, step, after=is_after)

    due.work_reminders()
    due.clock.move(**LEASES_RUN_OUT)
    due.work_reminders()
    due.clock.move(**LEASES_RUN_OUT)
    due.work_reminders()

    assert (reminded(due), reminded(due, "paul")) == (1, 1)
    assert ledger(due).state is ReminderState.SENT


def test_a_frozen_worker_keeps_others_from_what_it_has_in_hand(due: Story):
    frozen = Fence(due.creneau.database.conninfo)
    with frozen.hold(ledger(due).id):
        due.work_reminders()
        assert (reminded(due), reminded(due, "paul")) == (0, 1)
    frozen.close()

    due.clock.move(**LEASES_RUN_OUT)
    due.work_reminders()

    assert reminded(due) == 1


def test_being_asked_to_wait_while_looking_for_an_earlier_one_is_no_second_reminder(due: Story):
    due.slack.faults.lose_answer("chat.postMessage", times=2)
    due.work_reminders()
    due.slack.faults.rate_limit("conversations.history", times=2, retry_after=30)

    for _ in range(3):
        due.clock.move(**LEASES_RUN_OUT)
        due.work_reminders()

    assert (reminded(due), reminded(due, "paul")) == (1, 1)
    assert ledger(due).state is ReminderState.SENT


def test_being_asked_to_wait_instead_of_posting_needs_no_look_at_the_conversation(due: Story):
    due.slack.faults.rate_limit("chat.postMessage", times=1, retry_after=30)
    due.work_reminders()
    due.slack.faults.refuse("conversations.history", "missing_scope", times=2)

    due.clock.move(**LEASES_RUN_OUT)
    due.work_reminders()

    assert (reminded(due), reminded(due, "paul")) == (1, 1)


@pytest.mark.parametrize("is_moved", [True, False])
def test_one_that_went_out_unnoted_is_brought_up_to_date_when_its_session_is_cancelled_or_moved(
    due: Story,
    is_moved: bool,  # noqa: FBT001 - both ways
):
    due.slack.faults.lose_answer("chat.postMessage", times=2)
    due.work_reminders()
    paul, booking = due.stage.actor("paul"), booking_of(due)
    if is_moved:
        due.creneau.scheduling.reschedule_booking(paul, booking.id, TUESDAY_AT_TEN + timedelta(hours=4))
        [proposal] = due.creneau.scheduling.list_proposals(paul, booking.id)
        due.creneau.scheduling.accept_proposal(due.stage.actor("marie"), booking.id, proposal.id)
    else:
        due.creneau.scheduling.cancel_booking(paul, booking.id, "Grippe")
    due.work()
    due.clock.move(**LEASES_RUN_OUT)
    due.work_reminders()

    [reminder] = [one for one in due.person("marie").messages if "reminder" in payload(one)]
    assert "Rejoindre" not in reminder.buttons
    assert ("déplacé" if is_moved else "*Annulée*") in f"{reminder.text} {reminder.blocks}"
    assert ledger(due).state is ReminderState.SENT


def test_one_that_was_called_off_and_never_went_out_is_not_sent(due: Story):
    due.slack.faults.lose_request("chat.postMessage", times=2)
    due.work_reminders()
    due.creneau.scheduling.cancel_booking(due.stage.actor("paul"), booking_of(due).id, "Grippe")
    due.clock.move(**LEASES_RUN_OUT)
    due.work_reminders()

    assert (reminded(due), reminded(due, "paul")) == (0, 0)
    assert ledger(due).state is ReminderState.CANCELLED


def test_one_that_tells_of_a_time_that_has_changed_counts_as_sent_when_it_was_brought_up_to_date(
    due: Story, monkeypatch: pytest.MonkeyPatch
):
    post = due.creneau.outbox.post

    def cancelled_meanwhile(*arguments: Any, **named: Any) -> Place:
        monkeypatch.undo()
        place = post(*arguments, **named)
        due.creneau.scheduling.cancel_booking(due.stage.actor("paul"), booking_of(due).id, "Grippe")
        due.slack.faults.rate_limit("chat.update", times=3, retry_after=30)
        return place

    monkeypatch.setattr(due.creneau.outbox, "post", cancelled_meanwhile)
    due.work_reminders()
    assert ReminderState.DUE in {ledger(due, one).state for one in AN_HOUR}
    due.slack.faults.clear()
    due.clock.move(**LEASES_RUN_OUT)
    due.work_reminders()

    told = [one for name in ("marie", "paul") for one in due.person(name).messages if "reminder" in payload(one)]
    assert len(told) == 1
    assert "*Annulée*" in f"{told[0].text} {told[0].blocks}"
    assert {ledger(due, one).state for one in AN_HOUR} == {ReminderState.SENT, ReminderState.CANCELLED}


def test_what_cannot_be_known_is_shown_and_not_guessed(due: Story):
    due.slack.faults.lose_answer("chat.postMessage", times=2)
    due.work_reminders()
    due.slack.faults.refuse("conversations.history", "missing_scope", times=2)

    for _ in range(3):
        due.clock.move(**LEASES_RUN_OUT)
        due.work_reminders()

    assert reminded(due) == 1
    told = ledger(due)
    assert (told.state, told.reason) == (ReminderState.AMBIGUOUS, "missing_scope")


def test_a_reminder_that_comes_too_late_is_left_to_the_next_one(story: Story):
    ask_and_confirm(story)
    story.clock.set(AN_HOUR_BEFORE + timedelta(minutes=1))

    story.work_reminders()

    assert reminded(story) == 1
    assert not any("Rappel" in message.text for message in story.person("marie").messages)
    told = ledger(story, ReminderType.BENEFICIARY_24H)
    assert (told.state, told.reason) == (ReminderState.SKIPPED, "too_late")


def test_what_went_out_before_it_was_too_late_is_told_as_sent_and_what_did_not_as_skipped(due: Story):
    due.slack.faults.lose_answer("chat.postMessage")
    due.slack.faults.lose_request("chat.postMessage")
    due.work_reminders()
    due.clock.set(TUESDAY_AT_TEN)
    due.work_reminders()

    told = [ledger(due, type_) for type_ in (ReminderType.BENEFICIARY_1H, ReminderType.CONSULTANT_1H)]
    assert [one.state is ReminderState.SENT for one in told] == [reminded(due) == 1, reminded(due, "paul") == 1]
    assert sorted((one.state, one.reason) for one in told) == [
        (ReminderState.SENT, None),
        (ReminderState.SKIPPED, "too_late"),
    ]


def test_a_message_whose_answer_was_lost_is_not_posted_again(story: Story):
    story.slack.faults.lose_answer("chat.postMessage", times=10)
    ask(story)
    story.work()
    story.slack.faults.clear()

    story.work_again()

    requests = [message for message in story.person("paul").messages if "Nouvelle demande" in message.text]
    assert len(requests) == 1
    assert story.jobs_left() == {}


def test_a_message_whose_answer_was_lost_is_found_behind_hundreds_of_later_ones(story: Story):
    story.slack.faults.lose_answer("chat.postMessage", times=10)
    ask(story)
    story.work()
    story.slack.faults.clear()
    paul = story.stage.casts[0].users["paul"]
    for number in range(210):
        story.creneau.outbox.post(paul, Message("later", []), {"number": str(number)}, may_be_out=False)

    story.work_again()

    requests = [message for message in story.person("paul").messages if "Nouvelle demande" in message.text]
    assert len(requests) == 1


def test_a_message_whose_answer_was_lost_says_what_has_become_of_its_booking_when_it_is_found(story: Story):
    story.slack.faults.lose_answer("chat.postMessage", times=10)
    ask(story)
    story.work()
    story.slack.faults.clear()
    story.creneau.scheduling.cancel_booking(story.stage.actor("marie"), booking_of(story).id)
    story.work()  # what is out is brought up to date, and this one is not known to be

    story.work_again()

    [request] = [message for message in story.person("paul").messages if payload(message).get("purpose") == "REQUEST"]
    assert not {"Confirmer", "Refuser"} & set(request.buttons)
    assert story.jobs_left() == {}


def test_a_message_that_a_frozen_worker_has_in_hand_waits_for_it(story: Story):
    ask(story)
    booking, frozen = booking_of(story), Fence(story.creneau.database.conninfo)
    with frozen.hold(uuid5(booking.id, f"{booking.consultant_id} REQUEST 1")):
        story.work()
        assert story.person("paul").messages == []
    frozen.close()

    story.work_again()

    assert len(story.person("paul").messages) == 1
    assert story.jobs_left() == {}
