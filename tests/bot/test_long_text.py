"""Texts longer than a field or a block of Slack's: whole when they are shown, whole when they come back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creneau.bot import blocks, inputs, long_text
from creneau.bot.blocks import literal
from creneau.core.i18n.reader import Reader
from tests.bot.drawn import as_sent_back

READER = Reader("fr", "Europe/Paris")
BLOCK = "consultant_notes"
A_NOTE = "\n\n".join(f"Séance {number} : " + "hésite entre deux voies, " * 9 for number in range(16))[:3500]


def back(text: str) -> str:
    """The text as it comes back from a form that nobody changed."""
    drawn = long_text.fields(READER, "Vos notes", BLOCK, longest=4000, initial=text)
    for block in drawn:
        assert block["element"]["max_length"] == inputs.LONGEST_TYPED
        assert len(block["element"].get("initial_value", "").encode("utf-16-le")) // 2 <= inputs.LONGEST_TYPED
    return long_text.typed(as_sent_back(blocks.modal("x", "y", drawn)), BLOCK)


@pytest.mark.parametrize(
    ("text", "fields"),
    [("", 1), ("x" * 3000, 1), (A_NOTE, 2), ("x" * 4000, 2), ("mot " * 999 + "fin", 2), ("\U0001f600" * 4000, 3)],
)
def test_a_note_of_any_length_is_edited_without_loss(text: str, fields: int):
    assert len(long_text.fields(READER, "Vos notes", BLOCK, longest=4000, initial=text)) == fields
    assert back(text) == text


@given(st.lists(st.text(alphabet="aé \n&*\U0001f600", max_size=9), max_size=60), st.integers(1, 300))
def test_what_is_cut_makes_the_whole_again(pieces: list[str], times: int):
    text = ("".join(pieces) * times)[:9000].strip()
    assert back(text) == text


@given(st.text(alphabet="<>&*_~`: \naé", max_size=60), st.integers(1, 200))
def test_a_text_is_shown_whole_in_blocks_that_slack_takes(piece: str, times: int):
    text = (piece * times)[:4000].strip()
    shown = [block["text"]["text"] for block in long_text.sections(text)]
    assert all(len(one) <= blocks.LONGEST_SECTION for one in shown)
    whole = "".join(shown).replace("\u2060", "")
    assert "".join(whole.split()) == "".join(literal(text).replace("\u2060", "").split())


def test_a_part_that_is_emptied_is_gone_and_the_rest_stays():
    drawn = long_text.fields(READER, "Vos notes", BLOCK, longest=4000, initial=A_NOTE)
    view = as_sent_back(blocks.modal("x", "y", drawn))
    first, second = (next(iter(view["state"]["values"][block["block_id"]].values())) for block in drawn)

    rest, first["value"] = second["value"], None

    assert long_text.typed(view, BLOCK) == rest
