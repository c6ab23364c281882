"""Alembic migrations: the schema, its roles and its policies, one step a file under `versions/`."""
