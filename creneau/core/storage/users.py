"""Queries on the people of an organization."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import RowMapping, Select, Update, bindparam, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from creneau.core.domain.errors import UserAlreadyThere, UserNotFound
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.domain.listing import Page, Paging
from creneau.core.domain.people import Membership, Role, User, require_there
from creneau.core.storage import driver
from creneau.core.storage.database import Transaction
from creneau.core.storage.driver import Query, Statement
from creneau.core.storage.pages import read_page
from creneau.core.storage.tables import bilans, users

PERSON = ("id", "organization_id", "role", "name", "email", "timezone", "locale", "slack_user_id", "slack_left_at")
"""The columns that make a `User`, in its order."""

_FIND = Statement(f"""
select {", ".join(PERSON)} from users
where organization_id = %(organization_id)s and id = %(user_id)s and deleted_at is null
""")  # noqa: S608 - names of columns


def add(tx: Transaction, user: User) -> None:
    """Raises: `user.already_there`."""
    added = tx.execute(
        insert(users)
        .values(
            organization_id=user.organization_id,
            id=user.id,
            role=user.role,
            name=user.name,
            email=user.email,
            timezone=user.timezone,
            locale=user.locale,
            slack_user_id=user.slack_user_id,
        )
        .on_conflict_do_nothing()
        .returning(users.c.id)
    )
    if added.first() is None:
        raise UserAlreadyThere


def get(tx: Transaction, organization_id: OrganizationId, user_id: UserId) -> User:
    """Raises: `user.not_found`."""
    return require_there(find(tx, organization_id, user_id))


def find(tx: Transaction, organization_id: OrganizationId, user_id: UserId) -> User | None:
    row = driver.fetch_one(tx, _FIND, {"organization_id": organization_id, "user_id": user_id})
    return to_person(row) if row else None


def count_unlinked(tx: Transaction, organization_id: OrganizationId) -> int:
    """Return how many people have no Slack user."""
    unlinked = _of(organization_id).where(users.c.slack_user_id.is_(None))
    return tx.scalar(select(func.count()).select_from(unlinked.subquery())) or 0


def lock(tx: Transaction, organization_id: OrganizationId, user_id: UserId) -> User:
    """Read a person that this transaction will change. Raises: `user.not_found`."""
    query = _of(organization_id).where(users.c.id == user_id).with_for_update(key_share=True)
    row = tx.execute(query).mappings().first()
    if row is None:
        raise UserNotFound
    return _to_user(row)


def save(tx: Transaction, user: User) -> None:
    """Write what can change of a person. Raises: `user.already_there` for a Slack user who is somebody else."""
    try:
        with tx.begin_nested():
            tx.execute(
                _update(user).values(
                    role=user.role,
                    timezone=user.timezone,
                    locale=user.locale,
                    slack_user_id=user.slack_user_id,
                )
            )
    except IntegrityError as violation:
        raise UserAlreadyThere from violation


def save_presence(tx: Transaction, user: User, left_at: datetime | None) -> None:
    """Write since when a person has no account in Slack any more, None when they have one."""
    tx.execute(_update(user).values(slack_left_at=left_at))


def deactivate(tx: Transaction, user: User, at: datetime) -> None:
    """Let a person go. Their Slack user may be somebody again."""
    tx.execute(_update(user).values(deleted_at=at, slack_user_id=None))


def count_of_role(tx: Transaction, organization_id: OrganizationId, role: Role) -> int:
    """Count people of a role, whom nobody else changes until this transaction ends."""
    locked = _of(organization_id).where(users.c.role == role).with_for_update(key_share=True)
    return len(tx.execute(locked).all())


def get_by_slack_user(tx: Transaction, organization_id: OrganizationId, slack_user_id: str) -> User:
    """Raises: `user.not_found`."""
    user = find_by_slack_user(tx, organization_id, slack_user_id)
    if user is None:
        raise UserNotFound
    return user


def find_by_slack_user(tx: Transaction, organization_id: OrganizationId, slack_user_id: str) -> User | None:
    row = tx.execute(_of(organization_id).where(users.c.slack_user_id == slack_user_id)).mappings().first()
    return _to_user(row) if row else None


def get_by_email(tx: Transaction, organization_id: OrganizationId, email: str) -> User:
    """Raises: `user.not_found`."""
    query = _of(organization_id).where(func.lower(users.c.email) == email.lower())
    row = tx.execute(query).mappings().first()
    if row is None:
        raise UserNotFound
    return _to_user(row)


def list_all(tx: Transaction, organization_id: OrganizationId) -> list[User]:
    return [_to_user(row) for row in tx.execute(_of(organization_id).order_by(users.c.name)).mappings()]


def list_of_role(tx: Transaction, organization_id: OrganizationId, role: Role) -> list[User]:
    query = _of(organization_id).where(users.c.role == role).order_by(users.c.id)
    return [_to_user(row) for row in tx.execute(query).mappings()]


def list_page(
    tx: Transaction, organization_id: OrganizationId, role: Role | None, known_to: UserId | None, paging: Paging
) -> Page[User]:
    """Return people by name; with somebody, only them and those with whom they share a bilan."""
    query = _of(organization_id)
    if role is not None:
        query = query.where(users.c.role == role)
    if known_to is not None:
        theirs = bilans.c.organization_id == organization_id
        query = query.where(
            or_(
                users.c.id == known_to,
                users.c.id.in_(select(bilans.c.consultant_id).where(theirs, bilans.c.beneficiary_id == known_to)),
                users.c.id.in_(select(bilans.c.beneficiary_id).where(theirs, bilans.c.consultant_id == known_to)),
            )
        )
    return read_page(tx, query, (users.c.name, users.c.id), paging, _to_user)


def list_of_ids(tx: Transaction, organization_id: OrganizationId, user_ids: Collection[UserId]) -> dict[UserId, User]:
    """Return people by their ids, those who have left too: their names stand in what they took part in."""
    values = {"organization_id": organization_id, "ids": list(user_ids)}
    return {UserId(row[0]): to_person(row) for row in driver.fetch_all(tx, _OF_IDS, values)}


def list_memberships(tx: Transaction, email: str) -> list[Membership]:
    """List who has an address, anywhere. Works without a tenant, through a function that tells only ids."""
    query = text("select organization_id, user_id from memberships_of_email(:email)")
    return [
        Membership(OrganizationId(organization_id), UserId(user_id))
        for organization_id, user_id in tx.execute(query, {"email": email})
    ]


_OF_IDS = Query(
    select(*(users.c[name] for name in PERSON)).where(
        users.c.organization_id == bindparam("organization_id"), driver.is_one_of(users.c.id, "ids")
    )
)


def to_person(row: driver.Row) -> User:
    """Return a user from the columns of `PERSON`."""
    return User(UserId(row[0]), OrganizationId(row[1]), Role(row[2]), *row[3:])


def _update(user: User) -> Update:
    return update(users).where(users.c.organization_id == user.organization_id, users.c.id == user.id)


def _of(organization_id: OrganizationId) -> Select[tuple[object, ...]]:
    return select(users).where(users.c.organization_id == organization_id, users.c.deleted_at.is_(None))


def _to_user(row: RowMapping) -> User:
    return to_person(tuple(row[name] for name in PERSON))
