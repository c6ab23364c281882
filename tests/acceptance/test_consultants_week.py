"""A consultant's week in Slack: seen, added to, changed, paused, taken from; no booked session is lost by it."""

from datetime import date, time

from creneau.core.domain.time_off import ExceptionKind
from tests.acceptance.conftest import Story
from tests.acceptance.gestures import TUESDAY, ask, ask_and_confirm

NBSP = "\N{NO-BREAK SPACE}"
TUESDAY_MORNING = "*Mardi*\n09:00 – 12:00"


def open_week(story: Story, login: str = "paul"):
    person = story.person(login)
    person.command("/availability")
    person.wait_for(
        lambda: person.modal is not None and "block_id" in str(person.modal.blocks) and person.modal.buttons
    )
    return person


def choose(person, window: str, act: str) -> None:
    """Choose an act in the menu beside a window."""
    person.select(window, act)


def slots_of(story: Story, login: str = "paul"):
    actor = story.stage.actor(login)
    return story.creneau.availability.list_availability_slots(actor, actor.user_id)


def free_times(story: Story, day: date, login: str = "paul") -> list[str]:
    actor = story.stage.actor(login)
    times = story.creneau.scheduling.get_available_slots_for_consultant(actor, actor.user_id, day, day)
    return [one.local.start.isoformat("minutes") for one in times if one.local.day == day]


def test_the_week_reads_as_people_say_it_monday_first(story: Story):
    paul = open_week(story)

    text = paul.modal.all_text
    assert paul.modal.title == "Mes disponibilités"
    assert "Vos horaires sont en heure de Paris." in text
    assert [
        text.index(f"*{day.capitalize()}*") for day in ("lundi", "mardi", "mercredi", "jeudi", "vendredi")
    ] == sorted(text.index(f"*{day.capitalize()}*") for day in ("lundi", "mardi", "mercredi", "jeudi", "vendredi"))
    assert f"09:00 – 12:00 · séances de 1{NBSP}h" in text
    assert f"Pas d’horaires{NBSP}: samedi, dimanche." in text
    assert "vendredi 25 décembre 2026 · Noël" in text
    assert story.slack.problems == []


def test_every_weekday_in_the_morning_and_in_the_afternoon_is_one_form(story: Story):
    hugo_before = len(slots_of(story, "grace"))
    grace = open_week(story, "grace")
    grace.press("Add hours")
    grace.wait_for_modal("Length of a session")

    grace.check("days", ["6", "0"])
    grace.pick_time("from", "09:00")
    grace.pick_time("to", "12:00")
    grace.pick_time("second-from", "14:00")
    grace.pick_time("second-to", "18:00")
    grace.select("length", "90")
    grace.type("seats", "3")
    grace.pick_date("until", "2026-12-31")
    assert grace.submit() is None

    week = grace.wait_for_modal("*Saturday*")
    assert "14:00 – 18:00 · sessions of 1 h 30 · 3 seats · until Thursday 31 December 2026" in week.all_text.replace(
        NBSP, " "
    )
    added = [slot for slot in slots_of(story, "grace") if slot.day_of_week in (0, 6)]
    assert len(slots_of(story, "grace")) == hugo_before + 4
    assert {(slot.start_time, slot.end_time) for slot in added} == {(time(9), time(12)), (time(14), time(18))}
    assert {slot.timezone for slot in added} == {"Europe/Paris"}
    assert story.slack.problems == []


def test_what_cannot_be_is_said_at_its_field_and_nothing_is_written(story: Story):
    before = slots_of(story)
    paul = open_week(story)
    paul.press("Ajouter des horaires")
    paul.wait_for_modal("Durée d’une séance")

    paul.pick_time("from", "14:00")
    paul.pick_time("to", "12:00")
    assert paul.submit() == {"to": "La fin doit venir après le début, sans que la période soit trop longue."}

    paul.pick_time("to", "14:30")
    assert paul.submit() == {"length": f"Une séance de 1{NBSP}h ne tient pas dans ces horaires."}

    paul.pick_time("to", "16:00")
    paul.pick_time("second-from", "17:00")
    assert paul.submit() == {"second-to": "Indiquez les deux heures, ou laissez les deux vides."}
    assert slots_of(story) == before


def test_hours_that_overlap_others_are_asked_about_and_saved_on_a_yes(story: Story):
    before = len(slots_of(story))
    paul = open_week(story)
    paul.press("Ajouter des horaires")
    paul.wait_for_modal("Durée d’une séance")
    paul.check("days", ["1"])
    paul.pick_time("from", "11:00")
    paul.pick_time("to", "13:00")
    assert paul.submit() is None

    question = paul.wait_for_modal("Ces horaires en chevauchent d’autres")
    assert "• lundi · 09:00 – 12:00" in question.all_text
    assert len(slots_of(story)) == before
    assert paul.submit() is None
    paul.wait_for_modal("11:00 – 13:00")
    assert len(slots_of(story)) == before + 1


def test_an_edit_shows_the_sessions_that_it_leaves_outside_and_saves_on_a_yes(story: Story):
    ask_and_confirm(story)  # Tuesday at ten
    paul = open_week(story)
    choose(paul, TUESDAY_MORNING, "Modifier")
    paul.wait_for_modal("Modifier des horaires")
    paul.pick_time("from", "11:00")
    assert paul.submit() is None

    question = paul.wait_for_modal(f"1 séance reste réservée mais sera en dehors de vos horaires{NBSP}:")
    assert "mardi 1er décembre 2026 à 10:00 · Marie Durand" in question.all_text
    assert "11:00" not in free_times(story, TUESDAY) or "09:00" in free_times(story, TUESDAY), "nothing is saved yet"
    assert paul.submit() is None

    paul.wait_for_modal("*Mardi*\n11:00 – 12:00")
    assert "09:00" not in free_times(story, TUESDAY)
    actor = story.stage.actor("marie")
    (booking,) = story.creneau.scheduling.get_beneficiary_bookings(actor, actor.user_id)
    assert booking.status == "CONFIRMED"
    assert story.slack.problems == []


def test_whoever_changes_nothing_has_changed_nothing(story: Story):
    ask(story)
    before = slots_of(story)
    paul = open_week(story)
    choose(paul, TUESDAY_MORNING, "Supprimer")
    paul.wait_for_modal("1 séance reste réservée")

    paul.close_modal()

    assert slots_of(story) == before
    assert paul.modal.title == "Mes disponibilités"


def test_paused_hours_offer_nothing_until_they_are_resumed(story: Story):
    paul = open_week(story)
    choose(paul, TUESDAY_MORNING, "Mettre en pause")
    paul.wait_for_modal("· *en pause*")
    assert "09:00" not in free_times(story, TUESDAY)

    choose(paul, TUESDAY_MORNING, "Reprendre")
    paul.wait_for(lambda: "· *en pause*" not in paul.modal.all_text)
    assert "09:00" in free_times(story, TUESDAY)


def test_a_pause_over_a_booked_session_is_asked_about(story: Story):
    ask(story)
    paul = open_week(story)
    choose(paul, TUESDAY_MORNING, "Mettre en pause")

    paul.wait_for_modal("1 séance reste réservée")
    assert paul.submit() is None
    paul.wait_for_modal("· *en pause*")


def test_what_slack_would_not_open_in_time_is_asked_in_the_weeks_place_or_pressed_again(story: Story):
    ask(story)
    paul = open_week(story)
    story.slack.faults.refuse("views.push", "expired_trigger_id", times=2)

    choose(paul, TUESDAY_MORNING, "Mettre en pause")
    paul.wait_for_modal("1 séance reste réservée")
    assert paul.submit() is None
    paul.wait_for_modal("· *en pause*")
    paul.press("Ajouter des horaires")
    paul.wait_for_message("Veuillez réessayer")
    paul.press("Ajouter des horaires")
    paul.wait_for_modal("Durée d’une séance")
    paul.check("days", ["6"])
    assert paul.submit() is None

    paul.wait_for(lambda: any(slot.day_of_week == 6 for slot in slots_of(story)))
    assert story.slack.problems == []


def test_hours_are_deleted_after_a_yes(story: Story):
    paul = open_week(story)
    choose(paul, TUESDAY_MORNING, "Supprimer")
    paul.wait_for_modal("Aucune séance n’y est réservée.")
    assert "09:00" in free_times(story, TUESDAY)

    assert paul.submit() is None

    paul.wait_for(lambda: TUESDAY_MORNING not in paul.modal.all_text)
    assert "09:00" not in free_times(story, TUESDAY)


def test_a_single_day_has_hours_of_its_own(story: Story):
    paul = open_week(story)
    paul.press("Ajouter des horaires")
    paul.wait_for_modal("Durée d’une séance")
    paul.select("repeat", "Un seul jour")
    paul.wait_for(lambda: paul.modal.find_block("date") is not None)
    paul.pick_date("date", "2026-12-05")  # a Saturday
    assert paul.submit() is None

    paul.wait_for_modal("*Samedi 5 décembre 2026*\n09:00 – 12:00")
    assert free_times(story, date(2026, 12, 5)) == ["09:00", "10:00", "11:00"]


def test_days_off_show_the_sessions_booked_in_them_and_can_be_taken_back(story: Story):
    ask(story)
    paul = open_week(story)
    paul.press("Ajouter une absence")
    paul.wait_for_modal("Premier jour")
    paul.pick_date("first", "2026-12-01")
    paul.pick_date("last", "2026-12-04")
    assert paul.submit() is None
    question = paul.wait_for_modal("1 séance reste réservée")
    assert "Marie Durand" in question.all_text
    assert paul.submit() is None

    paul.wait_for_modal(f"Du mardi 1er décembre 2026 au vendredi 4 décembre 2026{NBSP}: toute la journée")
    assert free_times(story, TUESDAY) == []

    paul.press("Retirer")
    paul.wait_for_modal("Aucune absence prévue.")
    assert "09:00" in free_times(story, TUESDAY)


def test_time_off_that_ends_before_it_begins_is_an_error_at_its_field(story: Story):
    paul = open_week(story)
    paul.press("Ajouter une absence")
    paul.wait_for_modal("Premier jour")
    paul.pick_date("first", "2026-12-04")
    paul.pick_date("last", "2026-12-01")

    assert paul.submit() == {"last": "La fin doit venir après le début, sans que la période soit trop longue."}


def test_some_hours_of_a_day_other_hours_and_a_worked_holiday(story: Story):
    grace = open_week(story, "grace")
    grace.press("Add time off")
    grace.wait_for_modal("First day")
    grace.select("kind", "Away at some hours")
    grace.wait_for(lambda: grace.modal.find_block("from") is not None)
    grace.pick_date("first", "2026-12-01")
    grace.pick_time("from", "09:00")
    grace.pick_time("to", "11:00")
    assert grace.submit() is None
    grace.wait_for_modal("Tuesday 1 December 2026: 09:00 – 11:00")
    assert free_times(story, TUESDAY, "grace")[:2] == ["11:00", "14:00"]

    grace.press("Add time off")
    grace.wait_for_modal("First day")
    grace.select("kind", "Other hours that day")
    grace.wait_for(lambda: grace.modal.find_block("second-from") is not None)
    grace.pick_date("first", "2026-12-02")
    grace.pick_time("from", "15:00")
    grace.pick_time("to", "17:00")
    assert grace.submit() is None
    grace.wait_for_modal("Wednesday 2 December 2026: other hours than the week’s")
    assert free_times(story, date(2026, 12, 2), "grace") == ["15:00", "16:00"]

    assert free_times(story, date(2026, 12, 25), "grace") == []
    grace.press("Add time off")
    grace.wait_for_modal("First day")
    grace.select("kind", "Work on a public holiday")
    grace.wait_for(lambda: grace.modal.find_block("last") is None)
    grace.pick_date("first", "2026-12-25")
    assert grace.submit() is None
    grace.wait_for_modal("Christmas Day · worked")
    assert "09:00" in free_times(story, date(2026, 12, 25), "grace")
    actor = story.stage.actor("grace")
    kinds = [one.kind for one in story.creneau.availability.list_time_off(actor, actor.user_id)]
    assert kinds == [ExceptionKind.TIME_OFF, ExceptionKind.CLOSED, ExceptionKind.OPEN_HOLIDAY]
    assert story.slack.problems == []


def test_hours_that_went_meanwhile_are_said_to_be_gone(story: Story):
    paul = open_week(story)
    actor = story.stage.actor("paul")
    (tuesday, *_) = [slot for slot in slots_of(story) if slot.day_of_week == 2]
    story.creneau.availability.delete_availability_slot(actor, tuesday.id)

    choose(paul, TUESDAY_MORNING, "Modifier")

    paul.wait_for_modal("Cette disponibilité n’existe plus.")


def test_a_beneficiary_is_told_that_hours_are_for_consultants(story: Story):
    marie = story.person("marie")
    marie.command("/availability")
    marie.wait_for_modal("Cette commande est réservée aux consultants")
    assert story.slack.problems == []
