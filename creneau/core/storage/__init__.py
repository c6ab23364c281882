"""Everything that is asked of Postgres: one module of queries a noun. Rows never leave this package."""
