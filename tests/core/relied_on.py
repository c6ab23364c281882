"""What the version before relies on in a schema, and what a migration does to it that this version could not bear."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import LiteralString

import psycopg

Row = tuple[object, ...]

QUERIES: dict[str, LiteralString] = {
    "tables": """
      select relname, relrowsecurity, relforcerowsecurity from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v')""",
    "columns": """
      select c.relname || '.' || attname, format_type(atttypid, atttypmod), attgenerated,
        attnotnull and pg_get_expr(adbin, adrelid) is null and attidentity = ''
      from pg_attribute join pg_class c on c.oid = attrelid
      left join pg_attrdef on adrelid = attrelid and adnum = attnum
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v') and attnum > 0
        and not attisdropped""",
    "constraints": """
      select r.relname || ' ' || conname, pg_get_constraintdef(k.oid), contype,
        array(select r.relname || '.' || attname from pg_attribute where attrelid = conrelid and attnum = any(conkey))
      from pg_constraint k join pg_class r on r.oid = conrelid
      where connamespace = 'public'::regnamespace and contype <> 'n'""",
    "unique indexes": """
      select t.relname || ' ' || i.relname, pg_get_indexdef(indexrelid) from pg_index
      join pg_class t on t.oid = indrelid join pg_class i on i.oid = indexrelid
      where indisunique and t.relnamespace = 'public'::regnamespace
        and not exists (select from pg_constraint where conindid = indexrelid)""",
    "functions": """
      select p.oid::regprocedure::text, pg_get_function_result(p.oid) from pg_proc p
      where pronamespace = 'public'::regnamespace
        and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')""",
    "policies": """
      select tablename || ' ' || policyname, permissive, roles::text, cmd, qual, with_check
      from pg_policies where schemaname = 'public'""",
    "triggers": """
      select tgrelid::regclass || ' ' || tgname, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal""",
    "grants": """
      select 'on ' || relname || ': ' || privilege_type from pg_class, aclexplode(relacl)
      where relnamespace = 'public'::regnamespace and grantee = 'creneau_app'::regrole
      union select 'on ' || relname || '.' || attname || ': ' || privilege_type
      from pg_class c join pg_attribute on attrelid = c.oid, aclexplode(attacl)
      where relnamespace = 'public'::regnamespace and grantee = 'creneau_app'::regrole
      union select 'on ' || p.oid::regprocedure || ': ' || privilege_type from pg_proc p, aclexplode(proacl)
      where pronamespace = 'public'::regnamespace and grantee in (0, 'creneau_app'::regrole)""",
}
"""By name first. A table's own rights are told for all of its columns."""


@dataclass(frozen=True, slots=True)
class Schema:
    """Rows of each catalogue by the name that stands first in them."""

    facts: dict[str, dict[str, Row]]

    def __getitem__(self, kind: str) -> dict[str, Row]:
        return self.facts[kind]


def read_schema(connection: psycopg.Connection[Row]) -> Schema:
    return Schema(
        {
            kind: {str(row[0]): row[1:] for row in connection.execute(query).fetchall()}
            for kind, query in QUERIES.items()
        }
    )


def breaks(before: Schema, after: Schema) -> set[str]:
    """Say each thing that code written for the schema before may not be able to live with in the one after.

    What is asked for is asked of that code too: a constraint on columns that it writes, a trigger, a column without a
    default. More words to choose from, and a check of new columns alone, ask nothing of it.
    """
    found = (_gone, _others, _retyped, _asked_for, _held_to)
    return {told for find in found for told in find(before, after)}


def _gone(before: Schema, after: Schema) -> Iterator[str]:
    for kind in ("tables", "columns", "functions", "policies", "grants"):
        for name in before[kind].keys() - after[kind].keys():
            if not _is_of_what_is_gone(name, after, kind):
                yield f"{kind}: {name} is gone"


def _others(before: Schema, after: Schema) -> Iterator[str]:
    for kind in ("tables", "functions", "policies"):
        for name in before[kind].keys() & after[kind].keys():
            if before[kind][name] != after[kind][name]:
                yield f"{kind}: {name} is another"


def _retyped(before: Schema, after: Schema) -> Iterator[str]:
    for name in before["columns"].keys() & after["columns"].keys():
        if before["columns"][name][:2] != after["columns"][name][:2]:
            yield f"columns: {name} is of another type"


def _asked_for(before: Schema, after: Schema) -> Iterator[str]:
    for name, (*_, is_asked_for) in after["columns"].items():
        was_asked_for = before["columns"].get(name, (False,))[-1]
        if is_asked_for and not was_asked_for and _table(name) in before["tables"]:
            yield f"columns: {name} must be given"


def _held_to(before: Schema, after: Schema) -> Iterator[str]:
    for name in after["policies"].keys() - before["policies"].keys():
        if after["policies"][name][0] == "RESTRICTIVE" and _table(name) in before["tables"]:
            yield f"policies: {name} is asked for"
    for kind in ("constraints", "unique indexes", "triggers"):
        for name, row in after[kind].items():
            if _table(name) not in before["tables"] or before[kind].get(name) == row:
                continue
            if not _is_wider(before[kind].get(name), row) and not _is_about_new_columns(row, before):
                yield f"{kind}: {name} is asked for"


def _table(name: str) -> str:
    return re.split("[ .]", name)[0]


def _is_of_what_is_gone(name: str, after: Schema, kind: str) -> bool:
    """Tell whether something went along with its table, or a right with its column, which is told once."""
    if kind in ("columns", "policies"):
        return _table(name) not in after["tables"]
    if kind == "grants":
        place = name.removeprefix("on ").rsplit(":", 1)[0]
        return place not in after["tables"] and place not in after["columns"] and place not in after["functions"]
    return False


def _is_wider(before: Row | None, after: Row) -> bool:
    """Tell whether a constraint is the one before with more words to choose from."""
    if before is None:
        return False
    words = re.compile(r"'([^']*)'::\w+")
    old, new = str(before[0]), str(after[0])
    return words.sub("", old).replace(", ", "") == words.sub("", new).replace(", ", "") and set(
        words.findall(old)
    ) <= set(words.findall(new))


def _is_about_new_columns(row: Row, before: Schema) -> bool:
    """Tell whether a check is about columns alone that the version before leaves as they are made."""
    if len(row) < 3 or row[1] != "c":
        return False
    columns = row[2]
    return isinstance(columns, list) and bool(columns) and not before["columns"].keys() & set(columns)
