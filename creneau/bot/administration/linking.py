"""The job that looks people up in Slack by their e-mail, and tells the administrator what came of it."""

from dataclasses import dataclass
from uuid import UUID

import procrastinate

from creneau.bot import blocks
from creneau.bot.message import Message
from creneau.bot.outbox import Outbox
from creneau.core.domain.errors import UserAlreadyThere
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.domain.people import Actor, User
from creneau.core.i18n.reader import Reader
from creneau.core.services.administration import AdministrationService
from creneau.core.services.people import PeopleService

LINK_PEOPLE = "slack.link_people"
_MOST_NAMED = 30


@dataclass(frozen=True, slots=True)
class LinkingJobs:
    administration: AdministrationService
    people: PeopleService
    outbox: Outbox

    def register(self, app: procrastinate.App, retry: procrastinate.BaseRetryStrategy) -> None:
        app.task(name=LINK_PEOPLE, retry=retry, pass_context=True)(self.link_people)

    def link_people(
        self, context: procrastinate.JobContext, organization_id: str, admin_id: str, asked_at: str
    ) -> None:
        """Link who can be told by their address. Who is linked is not looked up again: a retry goes on from there."""
        tenant = OrganizationId(UUID(organization_id))
        admin = self.people.get_user(tenant, UserId(UUID(admin_id)))
        linked, missing, taken = 0, [], []
        for user in self.people.list_users(tenant):
            if user.is_in_slack:
                continue
            slack_user_id = self.outbox.find_by_email(tenant, user.email)
            if slack_user_id is None:
                missing.append(user)
                continue
            try:
                self.administration.link_slack_user(Actor.from_user(admin), user.id, slack_user_id)
                linked += 1
            except UserAlreadyThere:
                taken.append(user)
        message = _told(Reader.from_user(admin), linked, missing, taken)
        metadata = {"links_for": admin_id, "asked_at": asked_at}
        self.outbox.tell(admin, message, metadata, may_be_out=context.job.attempts > 0)


def _told(reader: Reader, linked: int, missing: list[User], taken: list[User]) -> Message:
    text = reader.text(
        "Linked to Slack: {linked}. Not found: {missing}. Found, but linked to somebody else: {taken}.",
        linked=linked,
        missing=len(missing),
        taken=len(taken),
    )
    drawn = [blocks.section(text)]
    for title, people in (
        (reader.text("Not found in Slack by their e-mail"), missing),
        (reader.text("Their Slack user is linked to somebody else"), taken),
    ):
        if people:
            lines = [f"• {blocks.literal(user.name)} · {blocks.literal(user.email)}" for user in people[:_MOST_NAMED]]
            drawn.append(blocks.section(f"*{title}*\n" + "\n".join(lines)))
    return Message(text, drawn)
