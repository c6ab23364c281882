"""The catalogs: each refusal has its sentence in each language, and French spaces its punctuation."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from creneau.core import i18n
from creneau.core.domain import errors
from creneau.core.i18n.catalog import LOCALES

FOLDER = Path(i18n.__file__).parent


def messages(locale: str) -> dict[str, tuple[str, ...]]:
    """Every message of a catalog with its translation, or its plural's."""
    with (FOLDER / f"{locale}.po").open("rb") as source:
        catalog = read_po(source, locale=locale)
    return {
        message.id if isinstance(message.id, str) else message.id[0]: (
            (message.string,) if isinstance(message.string, str) else tuple(message.string)
        )
        for message in catalog
        if message.id
    }


def codes(refusal: type[errors.Refusal] = errors.Refusal) -> Iterator[str]:
    for child in refusal.__subclasses__():
        if "code" in vars(child):
            yield child.code
        yield from codes(child)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_refusal_has_a_sentence(locale: str):
    assert [code for code in codes() if not all(messages(locale).get(code, ("",)))] == []


def test_the_catalogs_hold_the_same_messages():
    assert set(messages("fr")) == set(messages("en"))


def test_a_no_break_space_stands_before_double_punctuation_in_french():
    broken = [
        said for texts in messages("fr").values() for said in texts if re.search(r"(?<![\u00a0\u202f])[:;!?]", said)
    ]

    assert broken == []
