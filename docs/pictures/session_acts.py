"""From the evening before to the day after: reminded, moved or not, held, missed, rated, chased, told of the day."""

from play import Play

from creneau.app.schedule import EXPIRE_BOOKINGS
from creneau.bot.digest.jobs import SWEEP_DIGESTS


def want_digest(play: Play) -> None:
    paul = play.consultant
    play.home_of(paul)
    play.open(paul, "preferences_open")
    paul.check("digest", ["wanted"])
    paul.type("video_link", "https://visio.example/salle-3")
    play.take_window(paul, "settings")
    paul.submit()


def evening_before(play: Play) -> None:
    marie = play.beneficiary
    play.at(0, "16:00")
    reminder = play.newest(marie, "session_join")
    play.take_message(marie, "reminder", reminder)
    play.take_phone(marie, "reminder")
    play.take_message(play.consultant, "reminder-consultant", play.newest(play.consultant, "session_join"))
    play.open(marie, "session_reschedule", reminder)
    play.take_window(marie, "reschedule")
    play.take_phone(marie, "reschedule")
    play.close(marie)
    play.open(marie, "session_cancel", reminder)
    play.take_window(marie, "cancel")
    play.close(marie)


def morning(play: Play) -> None:
    paul, marie = play.consultant, play.beneficiary
    play.at(1, "08:00", SWEEP_DIGESTS)
    play.take_message(paul, "digest")
    play.take_home(paul, "home-consultant")
    play.take_phone(paul, "home-consultant", "home")
    play.take_home(marie, "home")
    play.take_phone(marie, "home", "home")
    for person, name in ((paul, "sessions-consultant"), (marie, "sessions")):
        play.command(person, "/sessions")
        play.take_window(person, name)
        play.close(person)

    play.at(1, "12:30")
    reminder = play.newest(marie, "session_join")
    play.open(marie, "session_cancel", reminder)
    play.take_window(marie, "cancel-too-late")
    play.close(marie)
    play.open(paul, "session_cancel", play.newest(paul, "session_join"))
    play.take_window(paul, "cancel-consultant")
    play.close(paul)


def afternoon(play: Play) -> None:
    paul = play.consultant
    play.at(1, "15:00")
    play.at(1, "15:45")
    reminder = play.newest(paul, "session_start")
    play.take_message(paul, "session-start", reminder)
    play.at(1, "16:00")
    paul.click(reminder, "session_start")
    play.work()
    play.take_message(paul, "session-running", reminder)
    play.at(1, "17:00")
    play.open(paul, "session_details", reminder)
    play.take_window(paul, "details")
    play.open(paul, "session_complete")
    paul.type("consultant_notes", NOTES[play.language][0])
    paul.type("preparation_materials", NOTES[play.language][1])
    play.take_window(paul, "session-held")
    play.take_phone(paul, "session-held")
    paul.submit()
    play.close(paul)
    play.work()
    play.at(1, "17:01")


NOTES = {
    "fr": ("Hésite entre deux pistes ; à creuser.", "Relire le questionnaire d’intérêts avant la prochaine séance."),
    "en": ("Torn between two directions; look closer.", "Read the questionnaire again before the next session."),
}


def evening(play: Play) -> None:
    paul, marie = play.consultant, play.beneficiary
    play.at(1, "18:00")
    asked = play.newest(paul, "session_no_show")
    play.take_message(paul, "session-asked", asked)
    play.open(paul, "session_no_show", asked)
    play.take_window(paul, "session-missed")
    play.close(paul)
    play.at(1, "19:00")
    question = play.newest(marie, "session_rate")
    play.take_message(marie, "rating-question", question)
    play.open(marie, "session_rate", question)
    marie.select("rating", "4")
    play.take_window(marie, "rating")
    play.take_phone(marie, "rating")
    marie.submit()
    play.work()
    play.take_message(marie, "rated", question)


def unanswered(play: Play) -> None:
    paul, marie = play.consultant, play.beneficiary
    chase = play.newest(paul, "answer_confirm")
    play.take_message(paul, "chased", chase)
    play.at(2, "11:00", EXPIRE_BOOKINGS)
    play.take_message(marie, "expired")
