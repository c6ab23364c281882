"""Fields that the administrator's forms share, and the list that they come from."""

from collections.abc import Sequence

from creneau.bot import blocks
from creneau.bot.administration.ids import number_value
from creneau.bot.blocks import Block
from creneau.core.domain.people import Role
from creneau.core.i18n.reader import Reader

A_PAGE = 10
MOST_CHOICES = 100
"""Slack's own limit of what one menu offers."""


def line(label: str, block_id: str, longest: int, initial: str | None = None, *, is_optional: bool = False) -> Block:
    element: Block = {"type": "plain_text_input", "action_id": block_id, "max_length": longest}
    return _input(label, block_id, element, initial, is_optional=is_optional)


def number(
    label: str, block_id: str, initial: float | None, hint: str | None = None, *, is_whole: bool = True
) -> Block:
    """A number that may be left out."""
    element: Block = {"type": "number_input", "action_id": block_id, "is_decimal_allowed": not is_whole}
    field = _input(label, block_id, element, None if initial is None else str(initial), is_optional=True)
    return {**field, "hint": blocks.plain(hint)} if hint else field


def choice(label: str, block_id: str, options: Sequence[tuple[str, str]], chosen: str | None = None) -> Block:
    drawn = {value: blocks.option(text, value) for text, value in options[:MOST_CHOICES]}
    initial = drawn.get(chosen or "") or next(iter(drawn.values()))
    return blocks.select(label, block_id, block_id, list(drawn.values()), initial)


def choice_to_make(label: str, block_id: str, options: Sequence[tuple[str, str]], nothing: str) -> Block:
    """A menu in which nothing is chosen yet, where a choice that nobody made would do harm."""
    drawn = [blocks.option(text, value) for text, value in options[:MOST_CHOICES]]
    return blocks.field(label, block_id, blocks.static_select(block_id, drawn, placeholder=nothing))


def role_choice(reader: Reader, block_id: str, chosen: Role) -> Block:
    return choice(reader.text("Role"), block_id, [(role_name(reader, role), role.value) for role in Role], chosen.value)


def role_name(reader: Reader, role: Role) -> str:
    return {
        Role.BENEFICIARY: reader.text("Beneficiary"),
        Role.CONSULTANT: reader.text("Consultant"),
        Role.ORG_ADMIN: reader.text("Administrator"),
    }[role]


def paging(reader: Reader, number_: int, total: int, previous: str, next_: str) -> list[Block]:
    count = max(-(-total // A_PAGE), 1)
    if count == 1:
        return []
    buttons = []
    if number_ > 0:
        buttons.append(blocks.button(reader.text("Previous"), previous, number_value(number_ - 1)))
    if number_ + 1 < count:
        buttons.append(blocks.button(reader.text("Next"), next_, number_value(number_ + 1)))
    place = reader.text("Page {number} of {count}", number=number_ + 1, count=count)
    return [blocks.context(place), blocks.actions(buttons)]


def _input(label: str, block_id: str, element: Block, initial: str | None, *, is_optional: bool) -> Block:
    if initial:
        element["initial_value"] = initial
    field: Block = {"type": "input", "block_id": block_id, "label": blocks.plain(label), "element": element}
    return {**field, "optional": True} if is_optional else field
