-- lift_timeouts --
-- The server's timeouts are meant for requests. Waiting for another migrator, or changing a large
-- table, takes longer; the migrator's own time limit bounds it.
select set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true);

-- restore_lock_timeout --
-- While a migration waits for a table's lock, all queries of that table wait behind it. So it must
-- not wait for long.
set local lock_timeout to default;

-- lock_migrations --
-- One migrator at a time, until its transaction ends. Nothing else uses this number.
select pg_advisory_xact_lock(7309841120365412);

-- create_ledger --
create table if not exists schema_migrations (
    version     integer primary key,
    name        text not null,
    checksum    text not null,              -- SHA-256 of the file, in hex
    applied_at  timestamptz not null default now()
);

-- list_migrations --
select version, name, checksum
from schema_migrations
order by version;

-- record_migration --
insert into schema_migrations (version, name, checksum)
values (%(version)s, %(name)s, %(checksum)s);
