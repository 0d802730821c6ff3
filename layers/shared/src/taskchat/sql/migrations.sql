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
