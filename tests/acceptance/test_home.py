"""App Home shows each person what is next, and follows every change of either side."""

from datetime import UTC, date, datetime, timedelta

from creneau.bot.home.views import MOST_BLOCKS
from creneau.core.domain.ids import BookingId
from creneau.core.domain.people import Role
from creneau.core.usecases.bookings import BookingRequest
from creneau.demo.booking_form import decide
from creneau.demo.slack import Person
from tests.acceptance.conftest import Story
from tests.acceptance.gestures import TUESDAY_AT_TEN, TUESDAY_FR, ask, ask_and_confirm

EIGHT_IN_PARIS = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)


def test_a_consultant_answers_from_home_and_both_homes_follow(story: Story):
    marie, paul = story.person("marie"), story.person("paul")
    paul.open_home()
    assert "Rien pour le moment" in paul.wait_for_home("En attente de votre réponse").all_text
    ask(story)
    story.work()

    home = paul.wait_for_home("Marie Durand")
    assert f"{TUESDAY_FR.capitalize()} à 10:00" in home.all_text
    paul.click(home, "Confirmer")
    story.work()

    assert "Confirmée" in paul.wait_for_home("Séances à venir").all_text
    assert "Confirmée" in marie.wait_for_home("Vos rendez-vous").all_text
    decide(marie, marie.home, "Annuler")
    story.work()
    assert "Rien pour le moment" in marie.wait_for_home("Vos rendez-vous").all_text
    assert "Marie Durand" not in paul.wait_for_home("Séances à venir").all_text
    assert story.slack.problems == []


def test_times_are_told_in_the_readers_own_zone(story: Story):
    ask(story, "karim", time="13:00")  # 10:00 in Paris is 13:00 in La Réunion
    story.work()

    told = story.person("karim").wait_for_message("Demande envoyée")
    request = story.person("julie").wait_for_message("Nouvelle demande")

    assert "13:00 (heure de La Réunion)" in told.text
    assert "10:00 (heure de Paris)" in request.text


def test_the_shortcut_and_home_open_the_same_modal(story: Story):
    oliver = story.person("oliver")
    oliver.shortcut("book_session")
    assert oliver.wait_for_modal("With Grace Moore").title == "Book a session"
    oliver.close_modal()
    oliver.open_home()

    oliver.click(oliver.wait_for_home("Your appointments"), "Choose a time")

    assert oliver.wait_for_modal("With Grace Moore")


def test_somebody_without_an_open_bilan_is_told_so(story: Story):
    cast = story.stage.casts[0]
    story.slack.world.workspaces["T0CAPAVENIR"].people.append(Person("U0NEW", "new", "New", "new@example.org"))
    story.creneau.people.add_user(cast.organization, Role.BENEFICIARY, "New", "new@example.org", slack_user_id="U0NEW")
    newcomer = story.slack.person("T0CAPAVENIR", "U0NEW")

    newcomer.command("/book")

    assert newcomer.wait_for_modal("Vous n’avez pas d’accompagnement ouvert")


def book_many(story: Story, days: int) -> None:
    """Let Marie have a session at nine on each of some weekdays, all of them confirmed."""
    marie, paul = story.stage.actor("marie"), story.stage.actor("paul")
    bilan = story.stage.casts[0].bilans[0]
    weekdays = [date(2026, 12, 1) + timedelta(days=number) for number in range(30)]
    for day in [day for day in weekdays if day.isoweekday() <= 5][:days]:
        starts_at = datetime(day.year, day.month, day.day, 8, 0, tzinfo=UTC)
        request = BookingRequest(bilan.id, paul.user_id, starts_at)
        booking = story.creneau.scheduling.create_session_booking(marie, request)
        story.creneau.scheduling.confirm_booking(paul, booking.id)


def test_home_says_what_to_do_first_when_there_is_nothing_yet(story: Story):
    oliver, grace = story.person("oliver"), story.person("grace")

    oliver.open_home()
    grace.open_home()

    assert oliver.wait_for_home("No appointment yet. Choose a first time").buttons[0] == "Choose a time"
    assert grace.wait_for_home("Once your availability is there, people can book")


def test_a_session_of_today_is_joined_from_home_and_from_the_list(story: Story):
    marie, paul = story.stage.actor("marie"), story.stage.actor("paul")
    request = BookingRequest(
        story.stage.casts[0].bilans[0].id, paul.user_id, TUESDAY_AT_TEN, meeting_link="https://meet.example/abc"
    )
    booking = story.creneau.scheduling.create_session_booking(marie, request)
    story.creneau.scheduling.confirm_booking(paul, booking.id)
    person = story.person("marie")
    person.open_home()
    assert "Rejoindre" not in person.wait_for_home(TUESDAY_FR).buttons, "not before the day"

    story.clock.set(TUESDAY_AT_TEN - timedelta(hours=1))
    person.open_home()
    person.command("/sessions")

    home = person.wait_for_home("Aujourd’hui")
    assert home.buttons.count("Rejoindre") == 1
    assert "Rien pour le moment" not in home.all_text
    assert person.wait_for_modal("Aujourd’hui").buttons[0] == "Rejoindre"
    assert story.slack.problems == []


def test_home_tells_what_is_next_and_the_hours_that_are_left(story: Story):
    ask_and_confirm(story)

    home = story.person("marie").wait_for_home("Prochain rendez-vous")

    assert f"{TUESDAY_FR} à 10:00 (heure de Paris), Paul Martin" in home.all_text
    assert "1\u00a0h réservées ou utilisées sur 24\u00a0h, reste 23\u00a0h" in home.all_text


def test_a_session_that_is_over_waits_to_be_recorded(story: Story):
    ask_and_confirm(story)
    paul, marie = story.person("paul"), story.person("marie")
    story.clock.set(TUESDAY_AT_TEN + timedelta(hours=1))

    paul.open_home()
    marie.open_home()

    assert "Marie Durand" in paul.wait_for_home("Terminées, à enregistrer").all_text
    assert "Paul Martin" in marie.wait_for_home("Séances passées").all_text


def test_long_lists_are_turned_page_by_page_in_place_and_stay_there_when_something_changes(story: Story):
    book_many(story, 14)
    story.work()
    paul = story.person("paul")
    home = paul.wait_for_home("Page 1 sur 3")
    assert len(home.body["blocks"]) <= MOST_BLOCKS <= 100
    assert "Mardi 8 décembre" in home.all_text

    paul.click(home, "Suivant")
    home = paul.wait_for_home("Page 2 sur 3")
    assert "Mercredi 9 décembre 2026" in home.all_text
    assert "Mardi 8 décembre" not in home.all_text

    ask(story, "emma", date(2026, 12, 2), "11:00")
    story.work()
    home = paul.wait_for_home("Emma Wilson")
    assert "Page 2 sur 3" in home.all_text

    paul.click(home, "Suivant")
    paul.click(paul.wait_for_home("Page 3 sur 3"), "Précédent")
    assert paul.wait_for_home("Page 2 sur 3")
    paul.open_home()
    assert paul.wait_for_home("Page 1 sur 3")
    assert story.slack.problems == []


def test_home_is_published_only_when_something_changed(story: Story):
    ask(story)
    story.work()
    paul = story.person("paul")
    paul.open_home()
    paul.wait_for_home("Marie Durand")
    before = publications(story)

    story.creneau.homes.publish(story.stage.casts[0].users["paul"])

    assert publications(story) == before


def test_a_view_that_slack_has_and_we_do_not_know_is_published_over(story: Story):
    ask(story)
    story.work()
    paul, user = story.person("paul"), story.stage.casts[0].users["paul"]
    workspace = story.slack.world.workspaces["T0CAPAVENIR"]
    story.creneau.outbox.publish_home(user, {"type": "home", "blocks": [], "private_metadata": "nothing of ours"})
    assert "Marie Durand" not in paul.home.all_text

    story.creneau.scheduling.cancel_booking(story.stage.actor("marie"), coming(story))
    story.work()
    assert "Rien pour le moment" in paul.wait_for_home("Aujourd’hui").all_text

    story.creneau.outbox.publish_home(user, {"type": "home", "blocks": []})
    paul.open_home()
    assert paul.wait_for_home("Aujourd’hui")
    assert workspace.find_person("U0PAUL")


def test_opening_the_messages_tab_publishes_nothing(story: Story):
    before = publications(story)

    story.person("paul").open_home("messages")

    assert publications(story) == before


def test_an_administrator_sees_requests_that_wait_too_long_and_the_day_of_the_centre(story: Story):
    ask_and_confirm(story)
    ask(story, "karim", date(2026, 12, 3), "13:00")
    story.work()
    anne = story.person("anne")
    story.clock.set(EIGHT_IN_PARIS)

    anne.open_home()

    home = anne.wait_for_home("Sans réponse depuis trop longtemps").all_text
    assert "Karim Payet · Julie Roux" in home
    assert "10:00 – 11:00" in home
    assert "Marie Durand · Paul Martin" in home


def publications(story: Story) -> int:
    return sum(call.method == "views.publish" for call in story.slack.calls)


def coming(story: Story) -> BookingId:
    marie = story.stage.actor("marie")
    (booking,) = story.creneau.scheduling.get_beneficiary_bookings(marie, marie.user_id)
    return booking.id
