"""The people of a centre: the list, adding somebody, another role, and letting somebody go."""

from collections.abc import Sequence

from creneau.bot import blocks
from creneau.bot.administration import ids
from creneau.bot.administration.fields import A_PAGE, line, paging, role_choice, role_name
from creneau.bot.blocks import Block, View
from creneau.core.domain.booking import Booking
from creneau.core.domain.listing import Page
from creneau.core.domain.people import Role, User
from creneau.core.i18n.reader import Reader
from creneau.core.usecases.cancellations import LONGEST_REASON
from creneau.core.usecases.people import LONGEST_EMAIL, LONGEST_NAME

ROLE_BLOCK = "role"
SLACK_BLOCK = "slack_user"
NAME_BLOCK = "name"
EMAIL_BLOCK = "email"
REASON_BLOCK = "reason"
_MOST_SHOWN = 20


def people(reader: Reader, page: Page[User], number: int) -> View:
    add = blocks.button(reader.text("Add a person"), ids.PERSON_ADD, "v1", "primary")
    link = blocks.button(reader.text("Link by e-mail"), ids.PEOPLE_LINK, "v1")
    listed = [_row(reader, user) for user in page.items[:A_PAGE]]
    turning = paging(reader, number, page.total, ids.PEOPLE_PREVIOUS, ids.PEOPLE_NEXT)
    return blocks.modal(reader.text("People"), reader.text("Close"), [blocks.actions([add, link]), *listed, *turning])


def _row(reader: Reader, user: User) -> Block:
    facts = [role_name(reader, user.role), blocks.literal(user.email)]
    if user.slack_user_id is None:
        facts.append(reader.text("not linked to Slack"))
    elif not user.is_in_slack:
        facts.append(reader.text("has left Slack"))
    row = blocks.section(f"*{blocks.literal(user.name)}*\n{' · '.join(facts)}")
    return blocks.beside(row, blocks.button(reader.text("Change"), ids.PERSON_CHANGE, ids.value_of(user.id)))


def add(reader: Reader) -> View:
    someone: Block = {"type": "users_select", "action_id": SLACK_BLOCK}
    fields = [
        blocks.field(reader.text("Slack user"), SLACK_BLOCK, someone),
        role_choice(reader, ROLE_BLOCK, Role.BENEFICIARY),
        line(reader.text("Name, if not the one in Slack"), NAME_BLOCK, LONGEST_NAME, is_optional=True),
        line(reader.text("E-mail, if not the one in Slack"), EMAIL_BLOCK, LONGEST_EMAIL, is_optional=True),
    ]
    return _form(reader, reader.text("Add a person"), fields, ids.PERSON_ADD_VIEW)


def change(reader: Reader, user: User) -> View:
    value = ids.value_of(user.id)
    fields = [
        blocks.section(f"*{blocks.literal(user.name)}*\n{blocks.literal(user.email)}"),
        role_choice(reader, ROLE_BLOCK, user.role),
        blocks.actions([blocks.button(reader.text("Deactivate…"), ids.PERSON_DEACTIVATE, value, "danger")]),
    ]
    return _form(reader, reader.text("Change a person"), fields, ids.PERSON_CHANGE_VIEW, value)


def deactivate(reader: Reader, user: User, coming: Sequence[Booking]) -> View:
    """Show what ends with somebody before it does."""
    lines = [f"• {reader.when(booking.span.starts_at)}" for booking in coming[:_MOST_SHOWN]]
    more = len(coming) - len(lines)
    if more > 0:
        lines.append(reader.many("and {count} more", "and {count} more", more))
    sessions = (
        reader.text("These sessions will be cancelled, and the other side is told:") + "\n" + "\n".join(lines)
        if coming
        else reader.text("There are no sessions to come.")
    )
    fields = [
        blocks.section(
            reader.text(
                "{name} will have no access any more; their open engagements end.", name=blocks.literal(user.name)
            )
        ),
        blocks.section(sessions),
        line(reader.text("Reason"), REASON_BLOCK, LONGEST_REASON),
    ]
    return _form(
        reader,
        reader.text("Deactivate"),
        fields,
        ids.PERSON_DEACTIVATE_VIEW,
        ids.value_of(user.id),
        reader.text("Deactivate"),
    )


def _form(
    reader: Reader, title: str, fields: list[Block], callback_id: str, metadata: str = "", submit: str | None = None
) -> View:
    return blocks.modal(
        title,
        reader.text("Back"),
        fields,
        callback_id=callback_id,
        submit=blocks.plain(submit or reader.text("Save")),
        private_metadata=metadata,
    )
