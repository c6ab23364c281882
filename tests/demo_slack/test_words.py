"""The stand-in's own words."""

from creneau.demo.slack import Actor, SlackStandIn
from creneau.demo.slack.wording import ENGLISH, FRENCH

from .conftest import RawApp


def test_both_languages_have_the_same_words() -> None:
    assert ENGLISH.keys() == FRENCH.keys()


def test_slackbot_speaks_the_language_of_the_person(slack: SlackStandIn, raw: RawApp) -> None:
    marie: Actor = slack.person("T1", "U2")
    marie.command("/nothing")
    assert marie.last_message.text == "/nothing n’est pas une commande valide."
    raw.answer = ("", 500)
    marie.command("/fail")
    assert marie.last_message.text == "/fail a échoué avec l’erreur « dispatch_failed »"
