"""The booking form as people fill it in: the time held while it is open, what it uses, what is left to choose."""

from datetime import date, time, timedelta

import pytest

from creneau.core.domain.availability import SlotDraft
from creneau.core.domain.booking import Booking, MeetingFormat, SessionType, Status
from creneau.core.domain.policy import PolicyChoices
from creneau.demo.booking_form import choose_time, times_shown
from creneau.demo.slack import Actor as SlackUser
from tests.acceptance.conftest import Story
from tests.acceptance.gestures import TUESDAY, TUESDAY_FR, ask

WEDNESDAY = date(2026, 12, 2)


def open_form(story: Story, login: str, text: str) -> SlackUser:
    person = story.person(login)
    person.command("/book")
    person.wait_for_modal(text)
    return person


def bookings(story: Story, login: str = "paul") -> list[Booking]:
    actor = story.stage.actor(login)
    return story.creneau.scheduling.get_consultant_bookings(actor, actor.user_id)


def show_day(person: SlackUser, day: date) -> str:
    """Turn to a day; return the block of its times."""
    person.select("day", day.isoformat())
    wanted = f"time-{day.isoformat()}"
    person.wait_for(lambda: person.modal is not None and wanted in str(person.modal.blocks))
    return wanted


def starts_of(person: SlackUser) -> list[str]:
    return [text[:5] for text in times_shown(person)]


def test_marie_books_a_first_session_in_french(story: Story):
    marie = open_form(story, "marie", "Avec Paul Martin. Horaires en heure de Paris.")
    assert "Heures restantes\u00a0: 24\u00a0h. Le créneau choisi vous est réservé" in marie.modal.all_text
    assert marie.value("kind") == SessionType.INITIAL_MEETING

    choose_time(marie, TUESDAY, "10:00")
    marie.wait_for_modal(f"{TUESDAY_FR.capitalize()} à 10:00 (heure de Paris)*, 1\u00a0h, à distance (visio).")
    assert "Utilise 1\u00a0h sur les 24\u00a0h restantes\u00a0; il restera 23\u00a0h." in marie.modal.all_text
    assert "Réservé pour vous jusqu’à 09:05" in marie.modal.all_text
    marie.select("format", "En présentiel")
    marie.wait_for_modal("Lieu")
    marie.type("place", "12 rue de la Paix")
    marie.select("kind", "Séance d’accompagnement")
    assert marie.submit() is None

    marie.wait_for_modal("Il vous restera 23\u00a0h.")
    (booking,) = bookings(story)
    assert (booking.session_type, booking.meeting_format) == (SessionType.FOLLOW_UP, MeetingFormat.IN_PERSON)
    assert booking.meeting_location == "12 rue de la Paix"
    assert story.slack.problems == []


def test_emma_books_by_telephone_in_english_and_keeps_what_she_typed(story: Story):
    emma = story.person("emma")
    emma.shortcut("book_session")
    emma.wait_for_modal("With ")
    emma.select("format", "Phone")
    emma.wait_for_modal("Number to call")
    emma.type("phone", "+44 20 7946 0000")
    choose_time(emma, WEDNESDAY, "11:00")
    emma.wait_for_modal("Kept for you until")

    assert emma.value("phone") == "+44 20 7946 0000"
    assert emma.submit() is None
    emma.wait_for_modal("Request sent: appointment on Wednesday 2 December 2026 at 11:00")


def test_the_chosen_time_is_hidden_from_others_until_the_form_is_closed(story: Story):
    marie, emma = open_form(story, "marie", "Avec Paul Martin"), story.person("emma")
    choose_time(marie, TUESDAY, "10:00")
    marie.wait_for_modal("Réservé pour vous")

    assert "10:00" not in starts_after_opening(emma)
    choose_time(marie, TUESDAY, "11:00")
    marie.wait_for_modal("à 11:00 (heure de Paris)*")
    assert {"10:00", "11:00"} & set(starts_after_opening(emma)) == {"10:00"}

    marie.close_modal()
    emma.wait_for(lambda: "11:00" in starts_after_opening(emma))


def starts_after_opening(person: SlackUser) -> list[str]:
    person.command("/book")
    person.wait_for_modal("With Paul Martin")
    show_day(person, TUESDAY)
    found = starts_of(person)
    person.close_modal()
    return found


def test_a_time_that_goes_while_one_chooses_is_told_at_once_with_others_to_choose(story: Story):
    marie = open_form(story, "marie", "Avec Paul Martin")
    block = show_day(marie, TUESDAY)
    ask(story, "emma", time="10:00")

    marie.select(block, next(text for text in times_shown(marie) if text.startswith("10:00")))

    marie.wait_for_modal("Ce créneau vient d’être pris. Prochains créneaux libres")
    assert "10:00" not in starts_of(marie)
    choose_time(marie, TUESDAY, "11:00")
    marie.wait_for_modal("Réservé pour vous")
    assert marie.submit() is None


def test_the_next_days_first_times_can_be_chosen_without_changing_the_day(story: Story):
    marie = open_form(story, "marie", "Avec Paul Martin")
    block = next(one["block_id"] for one in marie.modal.blocks if one["block_id"].startswith("time-"))
    later = next(text for text in times_shown(marie) if text.startswith("mar."))

    marie.select(block, later)

    marie.wait_for_modal(f"*{TUESDAY_FR.capitalize()} à")
    assert marie.value("book_day") == TUESDAY.isoformat()
    assert marie.submit() is None
    assert [booking.local.day for booking in bookings(story)] == [TUESDAY]


def test_a_length_is_chosen_where_there_are_several(story: Story):
    paul = story.stage.actor("paul")
    evening = SlotDraft(time(18), time(20), "Europe/Paris", 2, duration_minutes=120)
    story.creneau.scheduling.create_availability_slot(paul, paul.user_id, evening)
    marie = open_form(story, "marie", "Durée")

    marie.select("minutes", "2\u00a0h")
    choose_time(marie, TUESDAY, "18:00")
    marie.wait_for_modal("Utilise 2\u00a0h sur les 24\u00a0h")
    assert marie.submit() is None

    assert [booking.span.minutes for booking in bookings(story)] == [120]


def test_paul_is_told_where_requests_are_and_books_for_somebody_of_his(story: Story):
    paul = open_form(story, "paul", "Pour qui est la séance")
    assert paul.modal.submit_label == ""  # nobody is booked for by oversight
    paul.select("bilan", "Marie Durand")
    paul.wait_for_modal("Les demandes que vous recevez sont dans vos messages")
    paul.wait_for_modal("Pour Marie Durand, avec Paul Martin")
    paul.type("link", "http://not-secure.example")
    choose_time(paul, TUESDAY, "10:00")
    paul.wait_for_modal("Réservé pour vous")
    assert list(paul.submit() or {}) == ["link"]
    paul.type("link", "https://meet.example/abc")
    assert paul.submit() is None

    paul.wait_for_modal("Vous recevez la demande par message")
    (booking,) = bookings(story)
    assert (booking.status, booking.meeting_link) == (Status.SCHEDULED, "https://meet.example/abc")
    story.work()
    assert story.person("marie").wait_for_message("Demande envoyée")


def test_without_a_free_time_one_is_told_until_when_and_what_to_do(story: Story):
    admin = story.stage.actor("anne")
    story.creneau.availability.set_policy(admin, None, PolicyChoices(minimum_notice_minutes=43_200, horizon_days=7))

    marie = open_form(story, "marie", "Aucun créneau n’est libre jusqu’au lundi 7 décembre 2026. Votre consultant peut")

    assert marie.modal.submit_label == ""


def test_far_days_come_page_by_page(story: Story):
    admin = story.stage.actor("anne")
    story.creneau.availability.set_policy(admin, None, PolicyChoices(horizon_days=120))
    marie = open_form(story, "marie", "Jours suivants")

    marie.press("Jours suivants")

    marie.wait_for_modal("Jours précédents")
    days = marie.modal.options("day")
    assert days[0] > "2027-02-01" or "février 2027" in days[0]
    marie.press("Jours précédents")
    marie.wait_for(lambda: "Mardi 1er décembre 2026" in marie.modal.options("day"))


def test_hours_that_are_not_enough_are_told_before_anything_is_chosen(story: Story):
    cast = story.stage.casts[0]
    marie = cast.users["marie"]
    bilan = story.creneau.people.find_active_bilan(marie)
    story.creneau.people.set_bilan_hours(cast.organization.id, bilan.id, 30)

    open_form(story, "marie", "La séance la plus courte dure 1\u00a0h et il reste 30\u00a0min")


@pytest.mark.parametrize(("minutes", "is_over"), [(4, False), (5, True)])
def test_a_forgotten_form_keeps_nobody_from_booking_for_long(story: Story, minutes: int, is_over: bool):  # noqa: FBT001
    marie = open_form(story, "marie", "Avec Paul Martin")
    choose_time(marie, TUESDAY, "10:00")
    marie.wait_for_modal("Réservé pour vous")
    story.clock.set(story.clock.now() + timedelta(minutes=minutes))

    emma = open_form(story, "emma", "With Paul Martin")

    show_day(emma, TUESDAY)
    assert ("10:00" in starts_of(emma)) is is_over
