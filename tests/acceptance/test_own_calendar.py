"""What a consultant does in their own calendar program, and what comes of it in Slack."""

import re
from contextlib import ExitStack

import httpx
import pytest

from creneau.bot.calendar_changes.views import emptied
from creneau.calendar_sync.lanes import AT_ONCE, Lanes
from creneau.calendar_sync.reading_jobs import READ_ACCOUNT, READ_ACCOUNTS
from creneau.core.storage import calendar_changes
from creneau.demo.booking_form import times_shown
from creneau.demo.sample import PASSWORD
from tests.acceptance.conftest import Story
from tests.acceptance.gestures import TUESDAY, TUESDAY_AT_TEN, ask_and_confirm, events_of

DENTIST = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//other//EN\r\nBEGIN:VEVENT\r\nUID:dentist\r\n"
    b"DTSTAMP:20261101T000000Z\r\nDTSTART;TZID=Europe/Paris:20261201T100000\r\nDTEND;TZID=Europe/Paris:20261201T110000\r\n"
    b"SUMMARY:Dentiste\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def from_pauls_program(story: Story, method: str, url: str, content: bytes | None = None) -> httpx.Response:
    answer = httpx.request(method, url, content=content, auth=("paul", PASSWORD), trust_env=False)
    return answer.raise_for_status()


def offered_on_tuesday(story: Story) -> list[str]:
    """What Marie's booking form offers on that day; it is closed then, and holds nothing."""
    marie = story.person("marie")
    marie.command("/book")
    marie.wait_for(lambda: marie.modal is not None and any(one.get("block_id") == "day" for one in marie.modal.blocks))
    marie.select("day", TUESDAY.isoformat())
    marie.wait_for(lambda: f"time-{TUESDAY.isoformat()}" in str(marie.modal and marie.modal.blocks))
    shown = [text.split(" ")[0] for text in times_shown(marie)]
    marie.close_modal()
    return shown


def test_what_another_program_puts_into_the_calendar_closes_the_slot_that_the_beneficiary_sees(story: Story):
    paul = story.person("paul")
    assert "10:00" in offered_on_tuesday(story)
    dentist = f"{story.stage.calendar_urls['paul']}dentist.ics"

    from_pauls_program(story, "PUT", dentist, DENTIST)
    story.work_on_the_clock(READ_ACCOUNTS)

    offered = offered_on_tuesday(story)
    assert "10:00" not in offered
    assert "11:00" in offered
    paul.command("/calendar")
    paul.wait_for_modal("Agenda lu le")
    assert "Dentiste" not in paul.modal.all_text

    from_pauls_program(story, "DELETE", dentist)
    story.work_on_the_clock(READ_ACCOUNTS)
    assert "10:00" in offered_on_tuesday(story)
    assert story.slack.problems == []


def drag(story: Story, day: str) -> None:
    """Move the one session in Paul's calendar to another day, as a calendar program does."""
    (event,) = events_of(story, "paul")
    moved = re.sub(r"(DT(?:START|END)):\d{8}", rf"\1:{day}", event.data)
    from_pauls_program(story, "PUT", str(event.url), moved.encode())
    story.work_on_the_clock(READ_ACCOUNTS)


def test_a_session_that_is_dragged_is_put_to_both_sides_and_put_back_when_wanted(story: Story):
    marie, paul = story.person("marie"), story.person("paul")
    ask_and_confirm(story)
    story.work_on_the_clock(READ_ACCOUNTS)

    drag(story, "20261203")
    question = paul.wait_for_message("a été déplacé")
    assert "du mardi 1er décembre 2026 à 10:00" in question.text
    assert "au jeudi 3 décembre 2026 à 10:00" in question.text
    assert "Marie" not in question.text
    assert question.buttons == ["Demander le nouvel horaire", "Le remettre", "Voir le détail"]
    assert not any("proposé" in message.text for message in marie.messages)

    paul.click(question, "Le remettre")
    story.work()
    (event,) = events_of(story, "paul")
    assert event.icalendar_component["DTSTART"].dt == TUESDAY_AT_TEN
    assert question.buttons == ["Voir le détail"]

    story.clock.move(minutes=5)
    drag(story, "20261204")
    paul.click(paul.wait_for_message("vendredi 4 décembre"), "Demander le nouvel horaire")
    story.work()
    waiting = paul.wait_for_message("reste au mardi 1er décembre 2026 à 10:00")
    assert "en attente de réponse\u00a0: ven. 04/12 10:00." in waiting.all_text
    asked = marie.wait_for_message("Un autre créneau vous est proposé")
    marie.click(asked, "Accepter ven. 04/12 10:00")
    story.work()
    assert "vendredi 4 décembre 2026 à 10:00" in paul.wait_for_message("aura désormais lieu").text
    (event,) = events_of(story, "paul")
    assert event.icalendar_component["DTSTART"].dt == TUESDAY_AT_TEN.replace(day=4)

    drag(story, "20261205")
    refused = paul.wait_for_message("samedi 5 décembre")
    assert "ne peut pas être demandé" in refused.all_text
    assert refused.buttons == ["Le remettre", "Voir le détail"]
    assert story.slack.problems == []


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (";TZID=Europe/Paris:20261201T100000", ";TZID=Europe/Paris:20261201T113000", "dure désormais 1\u00a0h\u00a030"),
        (
            ";VALUE=DATE:20261201",
            ";VALUE=DATE:20261202",
            "occupe désormais toute la journée du mardi 1er décembre 2026",
        ),
    ],
)
def test_a_session_that_was_made_longer_is_not_said_to_be_moved(story: Story, start: str, end: str, said: str):
    ask_and_confirm(story)
    story.work_on_the_clock(READ_ACCOUNTS)
    (event,) = events_of(story, "paul")
    longer = re.sub(r"DTSTART:\w+", f"DTSTART{start}", re.sub(r"DTEND:\w+", f"DTEND{end}", event.data))
    from_pauls_program(story, "PUT", str(event.url), longer.encode())
    story.work_on_the_clock(READ_ACCOUNTS)
    asked = story.person("paul").wait_for_message("Dans votre agenda")
    assert said in asked.text
    assert "déplacé" not in asked.text
    assert "Le remettre" in asked.buttons


def test_a_calendar_that_lost_much_is_filled_again_on_one_click_and_a_second_one_is_told_so(story: Story):
    ask_and_confirm(story)
    actor, paul = story.stage.actor("paul"), story.person("paul")
    with story.creneau.database.transaction(actor.organization_id) as tx:
        calendar_changes.set_suspicion(tx, actor.organization_id, actor.user_id, 4, story.clock.now())
    consultant = story.creneau.people.get_user(actor.organization_id, actor.user_id)
    for number in ("1", "2"):
        story.creneau.outbox.tell(consultant, emptied(consultant, 4), {"message": number}, may_be_out=False)
    first, second = [message for message in paul.messages if "ont disparu" in message.text]

    paul.click(first, "Toutes les remettre")
    paul.wait_for(lambda: "en train d’être remises" in first.all_text)
    paul.click(second, "Toutes les remettre")
    told = paul.wait_for_message("déjà réglé")
    paul.wait_for(lambda: "déjà réglé" in second.all_text)

    assert told.is_ephemeral
    assert first.buttons == second.buttons == ["Mes agendas"]
    assert story.slack.problems == []


def test_an_account_that_was_just_connected_is_read_once_what_is_sent_to_it_lets_it(story: Story):
    actor = story.stage.actor("paul")
    link = story.creneau.calendars.find_link(actor.organization_id, actor.user_id)
    lanes = Lanes(story.creneau.database.fence.hold)
    with ExitStack() as pushes:
        for _ in range(AT_ONCE):
            pushes.enter_context(lanes.take(link))
        story.work()
        assert story.creneau.calendars.find_health(actor, actor.user_id).read_at is None
    assert READ_ACCOUNT in story.jobs_left()

    story.work_again()

    assert story.creneau.calendars.find_health(actor, actor.user_id).read_at == story.clock.now()
    assert story.jobs_left() == {}
