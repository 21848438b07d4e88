#!/bin/sh
# At the first start of an empty database server: the nodes' own role, which is no superuser, and its database.
set -eu
psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 --quiet <<'SQL'
\getenv password TRADE_DATABASE_PASSWORD
create role trade login password :'password';
create database trade owner trade;
\connect trade
revoke all on schema public from public;
grant all on schema public to trade;
SQL
