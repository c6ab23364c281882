"""Columns that nearly every table has."""

from sqlalchemy import Column, DateTime, MetaData, Uuid, text

metadata = MetaData()


def key(name: str) -> Column[object]:
    return Column(name, Uuid, primary_key=True)


def instant(name: str, *, nullable: bool = False, now: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=text("now()") if now else None)
