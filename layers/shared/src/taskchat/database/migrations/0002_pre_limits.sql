-- What the limits count. One row per person in each table: a new window takes the old one's place.

create table change_counts (
    user_id       text primary key references users on delete cascade,
    window_start  timestamptz not null,         -- a minute
    count         integer not null
);

create table token_counts (
    user_id       text primary key references users on delete cascade,
    day           date not null,                -- of UTC
    tokens        bigint not null
);

-- Of all people together, those whose account was erased since included.
create table token_totals (
    day           date primary key,             -- of UTC
    tokens        bigint not null
);

-- A response that reads along with an answer. The process that sends it renews the row, so that one
-- whose process died counts no longer than its lease.
create table followers (
    id                text primary key,
    user_id           text not null references users on delete cascade,
    lease_expires_at  timestamptz not null
);
create index followers_by_user on followers (user_id);

-- Accounts erased within the last day, under a hash that names nobody: erasing an account resets
-- its limits, so it is limited itself.
create table erasures (
    person_hash   bytea not null,               -- SHA-256 of the person's id
    erased_at     timestamptz not null default now()
);
create index erasures_by_person on erasures (person_hash);
create index erasures_by_age on erasures (erased_at);

-- Few runs are running, so that counting a person's is a look at a handful of rows.
create index runs_running_by_user on runs (user_id) where status = 'running';

-- For the retention of threads. BRIN costs writers next to nothing; creation never changes.
create index threads_by_age on threads using brin (created_at);
