"""Whom Slack cannot reach: an e-mail, once; or, without a mail server, those concerned are told, once."""

import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from importlib import import_module
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from creneau.app.cli.reminders import reminders as reminders_command
from creneau.app.postgres import PostgresUrls
from creneau.core.domain.booking import Booking
from creneau.core.domain.emails import EmailState
from creneau.core.domain.people import Role, User
from creneau.core.domain.reminders import ReminderState, ReminderType
from creneau.core.usecases.bookings import BookingRequest
from creneau.demo.sample import Cast
from creneau.demo.stage import Stage
from tests.acceptance.conftest import Story
from tests.acceptance.gestures import TUESDAY_AT_TEN, ask_and_confirm
from tests.conftest import MovableClock, Urls
from tests.mail.smtp_server import SmtpServer

CAP = "T0CAPAVENIR"


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with SmtpServer() as running:
        yield running


@pytest.fixture
def mailing(
    fresh_urls: Urls, casts: list[Cast], tmp_path: Path, clock: MovableClock, server: SmtpServer
) -> Iterator[Story]:
    """The story of a centre that has a mail server."""
    mail = {"CRENEAU_SMTP_URL": f"smtp://127.0.0.1:{server.port}", "CRENEAU_MAIL_FROM": "Créneau <rdv@centre.example>"}
    urls = PostgresUrls(fresh_urls.runtime, fresh_urls.owner)
    with Stage(urls, tmp_path, clock, more_settings=mail, casts=casts) as stage:
        yield Story(stage, clock)


def book_for_somebody_without_slack(story: Story) -> tuple[User, Booking]:
    """Anne adds Zoé, who has no Slack account, and books for her with Paul."""
    creneau, anne = story.creneau, story.stage.actor("anne")
    paul = creneau.people.get_user(anne.organization_id, story.stage.actor("paul").user_id)
    centre = creneau.people.get_organization(anne.organization_id)
    zoe = creneau.people.add_user(centre, Role.BENEFICIARY, "Zoé Sans-Slack", "zoe@example.org", locale="fr")
    bilan = creneau.people.open_bilan(zoe, paul, 600)
    booking = creneau.scheduling.create_session_booking(anne, BookingRequest(bilan.id, paul.id, TUESDAY_AT_TEN))
    return zoe, booking


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def undelivered(story: Story, login: str) -> int:
    return sum("n’a pas pu être remis" in message.text for message in story.person(login).messages)


def test_a_beneficiary_without_slack_hears_of_everything_by_e_mail_and_nothing_twice(
    mailing: Story, server: SmtpServer
):
    zoe, booking = book_for_somebody_without_slack(mailing)
    mailing.work()
    paul = mailing.person("paul")
    paul.click(paul.wait_for_message("Nouvelle demande"), "Confirmer")
    mailing.work()
    for hours in (24, 1):
        mailing.clock.set(TUESDAY_AT_TEN - timedelta(hours=hours))
        mailing.work_reminders()
        mailing.work_reminders()
    anne = mailing.stage.actor("anne")
    mailing.creneau.scheduling.cancel_booking(anne, booking.id, "fermeture")
    mailing.work()

    assert server.recipients == ["zoe@example.org"] * 5
    asked, confirmed, *reminded, cancelled = server.letters
    assert len({letter["Message-ID"] for letter in server.letters}) == 5
    assert all(str(letter["From"]) == "Créneau <rdv@centre.example>" for letter in server.letters)
    assert [part.get_content_type() for part in confirmed.iter_attachments()] == ["text/calendar"]
    assert not list(cancelled.iter_attachments())
    assert "mardi 1er décembre 2026 à 10:00" in asked["Subject"]
    assert all("Paul" not in letter["Subject"] for letter in server.letters)
    assert len(reminded) == 2
    pages = [re.findall(r"http://127\S+/booking/\S+", text_of(letter)) for letter in server.letters]
    assert {len(found) for found in pages} == {1}
    shown = httpx.get(pages[1][0])
    assert (shown.status_code, "Annulée" in shown.text, "/cancel" in shown.text) == (200, True, False)
    sent = {one.type: one for one in mailing.creneau.reminders.list_of_booking(anne, booking.id)}
    for type_ in (ReminderType.BENEFICIARY_24H, ReminderType.BENEFICIARY_1H):
        assert (sent[type_].state, sent[type_].is_by_email) == (ReminderState.SENT, True)
    assert (sent[ReminderType.CONSULTANT_1H].state, sent[ReminderType.CONSULTANT_1H].is_by_email) == (
        ReminderState.SENT,
        False,
    )
    assert {email.state for email in mailing.creneau.emails.list_of_booking(anne, booking.id)} == {EmailState.SENT}
    assert undelivered(mailing, "paul") == undelivered(mailing, "anne") == 0
    assert mailing.jobs_left() == {}
    assert mailing.creneau.people.get_user(zoe.organization_id, zoe.id).slack_user_id is None


def test_a_reminder_whose_answer_was_lost_is_uncertain_and_one_that_was_postponed_goes_by_the_same_way(
    mailing: Story, server: SmtpServer
):
    _, booking = book_for_somebody_without_slack(mailing)
    mailing.work()
    mailing.creneau.scheduling.confirm_booking(mailing.stage.actor("paul"), booking.id)
    mailing.work()
    before = len(server.letters)
    server.hang_up_at = "DATA"
    mailing.clock.set(TUESDAY_AT_TEN - timedelta(hours=24))
    mailing.work_reminders()
    server.hang_up_at = ""
    mailing.clock.move(minutes=20)
    mailing.work_reminders()
    assert len(server.letters) == before + 1

    server.refuse["RCPT"] = "450 grey"
    mailing.clock.set(TUESDAY_AT_TEN - timedelta(hours=1))
    mailing.work_reminders()
    server.refuse.clear()
    mailing.clock.move(minutes=20)
    mailing.work_reminders()

    anne = mailing.stage.actor("anne")
    told = {one.type: one for one in mailing.creneau.reminders.list_of_booking(anne, booking.id)}
    day, hour = told[ReminderType.BENEFICIARY_24H], told[ReminderType.BENEFICIARY_1H]
    assert (day.state, day.reason) == (ReminderState.AMBIGUOUS, "email_no_answer")
    assert (hour.state, hour.is_by_email) == (ReminderState.SENT, True)
    assert len(server.letters) == before + 2


def test_what_began_by_e_mail_is_not_repeated_in_slack(mailing: Story, server: SmtpServer):
    """A reminder waits for the mail server; meanwhile its recipient is back in Slack."""
    ask_and_confirm(mailing)
    mailing.slack.set_active(CAP, "U0MARIE", is_active=False)
    mailing.work()
    server.refuse["MAIL"] = "421 busy"
    mailing.clock.set(TUESDAY_AT_TEN - timedelta(hours=1))
    mailing.work_reminders()
    mailing.slack.set_active(CAP, "U0MARIE", is_active=True)
    mailing.work()
    posts = len(mailing.person("marie").messages)
    server.refuse.clear()
    mailing.clock.move(minutes=20)
    mailing.work_reminders()

    assert server.recipients == ["marie@cap-avenir.example"]
    assert len(mailing.person("marie").messages) == posts
    assert undelivered(mailing, "paul") == 0


def test_without_a_mail_server_the_consultant_and_the_administrator_are_told_once(
    story: Story, monkeypatch: pytest.MonkeyPatch
):
    zoe, booking = book_for_somebody_without_slack(story)
    story.work()
    paul = story.person("paul")
    paul.click(paul.wait_for_message("Nouvelle demande"), "Confirmer")
    story.work()
    story.work_again()
    for hours in (24, 1):
        story.clock.set(TUESDAY_AT_TEN - timedelta(hours=hours))
        story.work_reminders()

    assert undelivered(story, "anne") == 1
    told = [message for message in paul.messages if "n’a pas pu être remis" in message.text]
    assert len(told) == 1  # of the session that was confirmed; the one of the request points to it
    assert "Veuillez écrire à zoe@example.org" in told[0].all_text
    anne = story.stage.actor("anne")
    one = next(
        one
        for one in story.creneau.reminders.list_of_booking(anne, booking.id)
        if one.type is ReminderType.BENEFICIARY_1H
    )
    assert (one.state, one.reason) == (ReminderState.FAILED, "recipient_without_slack")
    assert {email.reason for email in story.creneau.emails.list_of_booking(anne, booking.id)} == {"no_mail_server"}
    assert zoe.slack_user_id is None

    class Opened:
        def __enter__(self) -> object:
            return story.creneau

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr(import_module("creneau.app.cli.reminders"), "open_creneau", Opened)
    said = CliRunner().invoke(
        reminders_command, ["--organization", str(anne.organization_id), str(booking.id)], catch_exceptions=False
    )
    assert f"to {zoe.id} by e-mail  failed no_mail_server (Slack: recipient_without_slack)" in said.output
