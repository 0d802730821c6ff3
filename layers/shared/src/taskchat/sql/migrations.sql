-- lift_timeouts --
-- A server's limits are those of requests. Another migrator and a large table take longer; the end
-- of the migrator's own time bounds them.
select set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true);

-- restore_lock_timeout --
-- Every query of a table waits behind a change that waits for its lock: not for long, then.
set local lock_timeout to default;

-- lock_migrations --
-- One migrator at a time; the number is ours alone. Gone with the transaction.
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
