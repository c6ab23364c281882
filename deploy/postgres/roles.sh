#!/bin/sh
# Run once by the image of Postgres, when it makes its cluster: the roles and the database of docs/operations.md.
set -eu
exec psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set owner="$POSTGRES_OWNER_PASSWORD" --set app="$POSTGRES_APP_PASSWORD" <<'SQL'
create role creneau_owner login createrole bypassrls password :'owner';
create role creneau_app login password :'app';
create role creneau_definer nologin;
grant creneau_app, creneau_definer to creneau_owner with admin option;
create database creneau owner creneau_owner;
SQL
