"""Queries on secrets as they are sealed, wherever they stand."""

from sqlalchemy import text

from creneau.core.domain.ids import OrganizationId
from creneau.core.domain.sealed import SealedPlace, SealedSecret
from creneau.core.storage.database import Transaction

_COUNT = text("select key_tag, count(*) from list_sealed_secrets() group by key_tag")
_LIST = text("""
select place, organization_id, row_id from list_sealed_secrets()
where key_tag <> :newest
  and (place, organization_id, row_id) > (:place, cast(:organization_id as uuid), cast(:row_id as uuid))
order by place, organization_id, row_id limit :most
""")
_FIRST = {"place": "", "organization_id": "00000000-0000-0000-0000-000000000000"}
_COLUMNS = {
    SealedPlace.CALENDAR: ("calendar_links", "password_sealed", "id"),
    SealedPlace.BOT: ("slack_installations", "bot_token_sealed", "organization_id"),
    SealedPlace.REFRESH: ("slack_installations", "refresh_token_sealed", "organization_id"),
}
_READ = {
    place: text(
        f"select {column} from {table} where organization_id = :organization_id and {key} = :row_id"  # noqa: S608 - ours
        f" and {column} is not null for update"
    )
    for place, (table, column, key) in _COLUMNS.items()
}
_WRITE = {
    place: text(
        f"update {table} set {column} = :sealed"  # noqa: S608 - ours
        f" where organization_id = :organization_id and {key} = :row_id"
    )
    for place, (table, column, key) in _COLUMNS.items()
}


def count_by_key(tx: Transaction) -> dict[bytes, int]:
    """Return how many secrets each key has sealed, of every organization, by the key's tag. Needs no tenant."""
    return {bytes(tag): count for tag, count in tx.execute(_COUNT)}


def list_under_other_keys(tx: Transaction, newest: bytes, after: SealedSecret | None, most: int) -> list[SealedSecret]:
    """Return some secrets of every organization that another key than the newest has sealed. Needs no tenant."""
    begin = _FIRST | {"row_id": _FIRST["organization_id"]}
    if after is not None:
        begin = {"place": after.place, "organization_id": str(after.organization_id), "row_id": str(after.row_id)}
    return [
        SealedSecret(SealedPlace(row.place), OrganizationId(row.organization_id), row.row_id)
        for row in tx.execute(_LIST, {"newest": newest, "most": most, **begin})
    ]


def lock(tx: Transaction, secret: SealedSecret) -> bytes | None:
    """Return a secret as it is sealed and keep its row from others; None when it is gone."""
    values = {"organization_id": secret.organization_id, "row_id": secret.row_id}
    sealed = tx.scalar(_READ[secret.place], values)
    return None if sealed is None else bytes(sealed)


def write(tx: Transaction, secret: SealedSecret, sealed: bytes) -> None:
    values = {"organization_id": secret.organization_id, "row_id": secret.row_id}
    tx.execute(_WRITE[secret.place], {"sealed": sealed, **values})
