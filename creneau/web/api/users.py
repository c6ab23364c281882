"""Routes on people: oneself, and those one has to do with."""

from uuid import UUID

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import BaseModel

from creneau.core.domain.people import Role, User
from creneau.web.api import tags
from creneau.web.api.actor import current_actor
from creneau.web.api.envelope import Answer, ListAnswer, show
from creneau.web.api.queries import PageQuery
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


def _to_view(user: User) -> UserView:
    return UserView.model_validate(user, from_attributes=True)
