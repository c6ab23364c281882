"""Every view and message, in both languages, with the longest texts and the most of everything: Slack takes it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from creneau.bot.message import Message
from creneau.core.i18n.catalog import LOCALES
from creneau.core.usecases.cancellations import LONGEST_REASON
from creneau.core.usecases.people import LONGEST_EMAIL, LONGEST_NAME
from creneau.demo.slack.blocks import is_too_large, problems_of_message, problems_of_view
from tests.bot.drawn import Painter, blocks_of, discreetly_drawn_by, drawn_by, painters
from tests.bot.extremes import SECRET

PAINTERS = painters()
LONGEST_MESSAGE_TEXT = 4000
MOST_OF_A_PLACE = 255
ABOUT_A_BILAN = re.compile(r"bilan|comp[ée]tence|skills|career|employ|consultant", re.IGNORECASE)

MEANT_BY_SLACK = re.compile(
    r"<!channel>|<@U0MARIE>|<https://e\.example|(?<![\w\u2060])[*_~`](de|la|Tour|d’Auvergne|appuyé)"
)
"""What the names and texts of the samples would be if Slack gave them a meaning."""

each_painter = pytest.mark.parametrize("painter", PAINTERS, ids=lambda painter: painter.name)
each_message = pytest.mark.parametrize(
    "painter", [one for one in PAINTERS if one.kind == "Message"], ids=lambda painter: painter.name
)
each_locale = pytest.mark.parametrize("locale", LOCALES)


def parts(drawn: Any) -> Iterator[dict[str, Any]]:
    """Every JSON object of a drawing."""
    waiting: list[Any] = [blocks_of(drawn)]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part


def texts(block: dict[str, Any]) -> list[str]:
    return [part["text"] for part in parts(Message("", [block])) if isinstance(part.get("text"), str)]


def test_there_are_painters_to_look_at():
    assert len([painter for painter in PAINTERS if painter.kind == "View"]) >= 5
    assert len([painter for painter in PAINTERS if painter.kind == "Message"]) >= 5


@each_locale
@each_painter
def test_slack_takes_whatever_is_drawn(painter: Painter, locale: str):
    for drawn in drawn_by(painter, locale):
        if isinstance(drawn, Message):
            assert problems_of_message(drawn.blocks) == []
            assert 0 < len(drawn.text) <= LONGEST_MESSAGE_TEXT
        else:
            assert problems_of_view(drawn) == []
            assert not is_too_large(drawn)


@each_locale
@each_painter
def test_the_models_of_slacks_own_library_take_it_too(painter: Painter, locale: str):
    for drawn in drawn_by(painter, locale)[:10]:
        if isinstance(drawn, Message):
            assert [block.to_dict()["type"] for block in Block.parse_all(drawn.blocks)] == [
                block["type"] for block in drawn.blocks
            ]
        else:
            assert View(**drawn).to_dict()["type"] == drawn["type"]


@each_locale
@each_painter
def test_nothing_is_said_by_a_picture_or_a_colour_alone(painter: Painter, locale: str):
    for drawn in drawn_by(painter, locale):
        for part in parts(drawn):
            if part.get("type") == "image":
                assert part["alt_text"].strip()
            if part.get("type") == "button":
                assert re.search(r"\w{2}", re.sub(r":[a-z0-9_+-]+:", "", part["text"]["text"]))
            if part.get("type") in ("mrkdwn", "plain_text"):
                assert re.search(r"\w", re.sub(r":[a-z0-9_+-]+:", "", part["text"]))
            if part.get("type") == "input":
                assert part["label"]["text"].strip()


@each_locale
@each_painter
def test_what_people_typed_is_shown_literally(painter: Painter, locale: str):
    """In every text that Slack reads as mrkdwn; what is plain text has no meaning but emoji, which are switched off."""
    for drawn in drawn_by(painter, locale):
        marked = [part["text"] for part in parts(drawn) if part.get("type") == "mrkdwn"]
        if isinstance(drawn, Message):
            marked.append(drawn.text)
        for text in marked:
            assert not MEANT_BY_SLACK.search(text), text
            assert not re.search(r"&(?!amp;|lt;|gt;)", text), text
        for part in parts(drawn):
            assert part.get("type") != "plain_text" or part["emoji"] is False
            assert part.get("type") != "mrkdwn" or part["verbatim"] is True


@each_locale
@each_message
def test_a_message_is_a_whole_sentence_for_who_hears_or_glances_at_it(painter: Painter, locale: str):
    for drawn in discreetly_drawn_by(painter, locale):
        assert len(drawn.text.split()) >= 3
        assert re.search(r"[.?!…]$", drawn.text)
        assert not re.search(r"[*_~`]|<[^!]", drawn.text)


@each_locale
@each_message
def test_the_notification_and_the_first_block_say_nothing_of_a_bilan_or_of_anybody(painter: Painter, locale: str):
    for drawn in discreetly_drawn_by(painter, locale):
        for said in (drawn.text, *texts(drawn.blocks[0])):
            assert SECRET not in said
            assert not ABOUT_A_BILAN.search(said)


@each_locale
@each_painter
def test_metadata_and_values_carry_ids_and_no_words_of_anybody(painter: Painter, locale: str):
    for drawn in drawn_by(painter, locale):
        carried = [str(part["value"]) for part in parts(drawn) if isinstance(part.get("value"), str)]
        if not isinstance(drawn, Message):
            carried.append(json.dumps(drawn.get("private_metadata", "")))
        assert [value for value in carried if SECRET in value] == []


LONGEST = {
    "reason": LONGEST_REASON,
    "consultant_notes": 3000,
    "preparation_materials": 3000,
    "comment": 3000,
    "place": MOST_OF_A_PLACE,
    "meeting_location": MOST_OF_A_PLACE,
    "phone": MOST_OF_A_PLACE,
    "name": LONGEST_NAME,
    "email": LONGEST_EMAIL,
    "holiday_country": 60,
    "holiday_subdivision": 60,
}
"""What a field takes: as much as the core does, and no more than Slack's 3000. A longer text has several fields."""


@each_locale
@each_painter
def test_a_field_takes_no_more_than_the_core_does(painter: Painter, locale: str):
    for drawn in drawn_by(painter, locale):
        for part in parts(drawn):
            if part.get("type") == "input" and part["element"]["type"] == "plain_text_input":
                name = part["block_id"].split("-part-")[0]
                assert part["element"]["max_length"] == LONGEST[name]
                if part["element"].get("multiline"):
                    assert len(part["element"].get("initial_value", "")) <= LONGEST[name]


@each_painter
def test_a_day_that_begins_a_line_has_a_capital(painter: Painter):
    """In French, where days are small inside a sentence."""
    for drawn in drawn_by(painter, "fr"):
        for part in parts(drawn):
            if part.get("type") in ("section", "header", "plain_text") and isinstance(said := text_of(part), str):
                assert not re.match(r"\*?(lun|mar|mercre|jeu|vendre|same|diman)di\b", said), said


def text_of(part: dict[str, Any]) -> Any:
    text = part.get("text")
    return text.get("text") if isinstance(text, dict) else text


def test_a_centre_that_wants_everything_told_has_names_in_the_first_line():
    """The samples have what the tests above look for: they would find it where it should not be."""
    everything = [drawn.text for one in PAINTERS if one.kind == "Message" for drawn in drawn_by(one, "fr")]

    assert any(SECRET in text for text in everything)
