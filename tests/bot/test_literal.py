"""Text that people typed is shown as they typed it: nothing of it means anything to Slack."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creneau.bot.blocks import Link, fields, literal

JOINER = "\u2060"
# What mrkdwn gives a meaning to: https://docs.slack.dev/messaging/formatting-message-text
MEANINGFUL = re.compile(r"<|>|[*_~`](?!\u2060)|:[\w+'-]+:|^&gt;|&(?!amp;|lt;|gt;)", re.MULTILINE)


@pytest.mark.parametrize(
    "typed",
    [
        "<!channel>",
        "<@U123>",
        "<https://evil.example|click>",
        "*bold* _italic_ ~gone~ `code` ```block```",
        ":tada: :+1: :flag-fr:",
        "> quoted\n> twice",
        "&lt;!here&gt;",
        "10:00:30",
    ],
)
def test_nothing_that_is_typed_means_anything(typed: str):
    assert MEANINGFUL.search(literal(typed)) is None
    assert shown(literal(typed)) == typed


@given(st.text(alphabet="<>&*_~`:!@#|/ \naé0+'-", max_size=30))
def test_whatever_is_typed_is_what_is_seen(typed: str):
    assert MEANINGFUL.search(literal(typed)) is None
    assert shown(literal(typed)) == typed


def test_a_link_ends_where_it_ends_whatever_was_kept_before_links_were_looked_at():
    kept = Link("https://meet.example/a_b?x=1&y=2>*hey* <!channel>|z")
    assert fields(("Where", kept))["fields"][0]["text"] == (
        "*Where*\n<https://meet.example/a_b?x=1&amp;y=2%3E*hey* %3C!channel%3E%7Cz>"
    )


def shown(text: str) -> str:
    """What Slack shows of a text without markup."""
    return text.replace(JOINER, "").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
