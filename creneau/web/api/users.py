"""Routes on people: oneself, and those one has to do with."""

from typing import Annotated, Literal
from uuid import UUID

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from creneau.core.domain.people import Role, User
from creneau.core.usecases.people import LONGEST_EMAIL, LONGEST_NAME, PersonDraft
from creneau.web.api import tags
from creneau.web.api.actor import current_actor
from creneau.web.api.envelope import Answer, ListAnswer, show
from creneau.web.api.fields import Plain, Request, ZoneName
from creneau.web.api.queries import IdempotencyHeader, PageQuery
from creneau.web.api.services import ApiServices


class UsersQuery(PageQuery):
    role: Role | None = None


class UserView(BaseModel):
    id: UUID
    organization_id: UUID
    role: Role
    name: str
    email: str
    timezone: str
    locale: str


class UserAnswer(Answer):
    data: UserView


class UsersAnswer(ListAnswer):
    data: list[UserView]


class UserBody(Request):
    model_config = ConfigDict(
        json_schema_extra={"example": {"role": "BENEFICIARY", "name": "Zoé Martin", "email": "zoe@example.org"}}
    )

    role: Role
    name: Annotated[Plain, Field(min_length=1, max_length=LONGEST_NAME)]
    email: Annotated[Plain, Field(min_length=3, max_length=LONGEST_EMAIL)]
    timezone: ZoneName | None = Field(None, description="The organization's unless given")
    locale: Literal["fr", "en"] | None = Field(None, description="The organization's unless given")


def add_user_routes(api: APIBlueprint, services: ApiServices) -> None:
    @api.get("/me", tags=[tags.PEOPLE], responses={200: UserAnswer})
    def get_me() -> Response:
        """Read who the token speaks for."""
        actor = current_actor()
        user = services.people.get_user(actor.organization_id, actor.user_id)
        return show(UserAnswer(data=_to_view(user), message="User found"))

    @api.get("/users", tags=[tags.PEOPLE], responses={200: UsersAnswer})
    def list_users(query: UsersQuery) -> Response:
        """List oneself and those with whom one shares a bilan, by name; for an administrator everybody."""
        page = services.listings.list_users(current_actor(), query.role, query.to_paging())
        data = [_to_view(user) for user in page.items]
        return show(UsersAnswer(data=data, total=page.total, message="Users listed"))

    @api.post("/users", tags=[tags.PEOPLE], responses={201: UserAnswer})
    def add_user(body: UserBody, header: IdempotencyHeader) -> Response:
        """Add a person, as an administrator. Without a Slack account they get e-mails, and links to their sessions."""
        draft = PersonDraft(body.role, body.name, body.email, timezone=body.timezone, locale=body.locale)
        user = services.administration.add_person(current_actor(), draft, header.idempotency_key)
        return show(UserAnswer(data=_to_view(user), message="User added"), 201)


def _to_view(user: User) -> UserView:
    return UserView.model_validate(user, from_attributes=True)
