"""Monday: a session is booked, proposed elsewhere, countered, confirmed; another is declined."""

from datetime import date

from play import Play

from creneau.demo.booking_form import choose_time
from creneau.demo.slack import Message, View

TUESDAY = date(2026, 12, 1)


def first_homes(play: Play) -> None:
    play.take_home(play.beneficiary, "home-first")
    play.take_home(play.consultant, "home-consultant-first")


def book(play: Play) -> None:
    marie = play.beneficiary
    play.command(marie, "/book")
    play.take_window(marie, "book")
    choose_and_hold(play, "11:00")
    play.take_window(marie, "book-held")
    play.take_phone(marie, "book-held")

    play.at(0, "09:11")  # what was kept for five minutes is kept no more
    play.ask(play.rival, 1, "11:00")
    if not marie.submit():
        raise RuntimeError("the time is taken, and nobody says so")
    play.take_window(marie, "book-taken")
    choose_and_hold(play, "10:00")
    marie.submit()
    marie.wait_for_modal(play.lead("Request sent: appointment on {when}."))
    play.take_window(marie, "book-sent")
    play.close(marie)
    play.work()
    play.take_message(marie, "request-sent")


def choose_and_hold(play: Play, start: str) -> None:
    choose_time(play.beneficiary, TUESDAY, start)
    play.beneficiary.wait_for_modal(play.lead("Kept for you until {time}."))


def answer(play: Play) -> None:
    marie, paul = play.beneficiary, play.consultant
    of_emma, request = (m for m in paul.messages if "answer_confirm" in actions(m))
    paul.click(of_emma, "answer_confirm")
    play.work()
    play.take_message(paul, "request", request)
    if play.language == "fr":
        play.take_desk(paul, "desk")

    form = play.open(paul, "answer_propose", request)
    times = form.options("times")
    paul.check("times", [text for text in times if text.endswith(("02/12 09:00", "02/12 10:00", "03/12 11:00"))])
    play.take_window(paul, "propose")
    play.take_phone(paul, "propose")
    paul.submit()
    play.work()
    play.take_message(paul, "request-proposed", request)
    proposal = play.newest(marie, "proposal_accept_1")
    play.take_message(marie, "proposal", proposal)
    play.take_phone(marie, "proposal")

    play.open(marie, "proposal_other", proposal)
    choose_time(marie, date(2026, 12, 3), "15:00")
    play.take_window(marie, "proposal-other")
    marie.submit()
    play.work()
    again = play.newest(paul, "answer_confirm")
    play.take_message(paul, "request-again", again)
    paul.click(again, "answer_confirm")
    play.work()
    play.take_message(paul, "confirmed-consultant", again)
    play.take_message(marie, "confirmed")


def decline(play: Play) -> None:
    marie, paul = play.beneficiary, play.consultant
    play.ask(marie, 4, "10:00")
    play.open(paul, "answer_decline", play.newest(paul, "answer_decline"))
    paul.type("reason", {"fr": "Formation ce jour-là", "en": "Training that day"}[play.language])
    play.take_window(paul, "decline")
    paul.submit()
    play.work()
    play.take_message(marie, "declined")


def book_for_somebody(play: Play) -> None:
    """The consultant books, with the link of the meeting, and confirms; two more requests wait for an answer."""
    paul, marie = play.consultant, play.beneficiary
    paul.command("/book")
    paul.wait_for_modal(play.lead("Whom is the session for?"))
    play.take_window(paul, "book-whom")
    name = marie.person.real_name
    paul.select("bilan", name)
    paul.wait_for(lambda: name in shown_whom(paul.modal))
    paul.type("link", "https://visio.example/b4f2")
    choose_time(paul, TUESDAY, "16:00")
    paul.wait_for_modal(play.lead("Kept for you until {time}."))
    play.take_window(paul, "book-consultant")
    paul.submit()
    play.close(paul)
    play.work()
    paul.click(play.newest(paul, "answer_confirm"), "answer_confirm")
    play.work()
    play.ask(marie, 2, "11:00")


def shown_whom(modal: View | None) -> str:
    return modal.blocks[0]["text"]["text"] if modal else ""


def actions(message: Message) -> list[str]:
    return [element["action_id"] for _, element in message.elements()]
