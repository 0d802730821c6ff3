-- The whole schema of the first version. Ids are text with a full UUID behind a prefix
-- (thr_, msg_, run_, tsk_, chg_, cnf_). Rows about a person carry user_id, and every query names it.

create table users (
    id          text primary key,               -- the token's `sub`
    email       text,
    created_at  timestamptz not null default now()
);

create table threads (
    id                     text primary key,
    user_id                text not null references users on delete cascade,
    title                  text,
    status                 jsonb not null default '{"type": "active"}',
    allowed_image_domains  jsonb,
    metadata               jsonb not null default '{}',
    last_seq               bigint not null default 0,   -- the newest item's place; its row lock orders writers
    created_at             timestamptz not null default now(),
    updated_at             timestamptz not null default now()
);
create index threads_by_user on threads (user_id, created_at desc, id desc);

create table thread_items (
    thread_id       text not null references threads on delete cascade,
    id              text not null,
    seq             bigint not null,            -- rises within the thread; clocks may not
    type            text not null,
    schema_version  smallint not null default 1,
    payload         jsonb not null,
    draft           boolean not null default false,  -- still being written, as of the last checkpoint
    superseded_by   text,                       -- the retry in progress that will replace this item
    created_at      timestamptz not null default now(),
    primary key (thread_id, id),
    unique (thread_id, seq)
);
create index thread_items_drafts on thread_items (thread_id) where draft;
create index thread_items_superseded on thread_items (superseded_by) where superseded_by is not null;

create table attachments (
    id          text primary key,
    user_id     text not null references users on delete cascade,
    thread_id   text references threads on delete cascade,
    payload     jsonb not null,
    created_at  timestamptz not null default now()
);
create index attachments_by_thread on attachments (thread_id);
create index attachments_by_user on attachments (user_id);

create table feedback (
    thread_id   text not null,
    item_id     text not null,
    user_id     text not null references users on delete cascade,
    kind        text not null check (kind in ('positive', 'negative')),
    created_at  timestamptz not null default now(),
    primary key (thread_id, item_id),
    foreign key (thread_id, item_id) references thread_items on delete cascade
);
create index feedback_by_user on feedback (user_id);

-- One answer being made. The partial unique index is the lease: one running run per thread.
create table runs (
    id                 text primary key,
    thread_id          text not null references threads on delete cascade,
    user_id            text not null references users on delete cascade,
    status             text not null default 'running'
                       check (status in ('running', 'completed', 'stopped', 'failed', 'lost')),
    answers_item_id    text,                    -- the person's message that is being answered
    new_thread         boolean not null default false,  -- the request also made the thread
    idempotency_key    text,
    request_hash       bytea,                   -- SHA-256 of the body that came with the key
    lease_expires_at   timestamptz not null,
    stop_requested_at  timestamptz,
    input_tokens       bigint not null default 0,
    output_tokens      bigint not null default 0,
    error              text,                    -- why it failed, in words for the person
    started_at         timestamptz not null default now(),
    ended_at           timestamptz,
    log_trimmed_at     timestamptz              -- since when its events are no longer kept
);
-- No index has lease_expires_at: a beat then only touches the row, and few runs are running.
create unique index runs_one_running on runs (thread_id) where status = 'running';
create unique index runs_by_key on runs (user_id, idempotency_key) where idempotency_key is not null;
create index runs_by_answered_item on runs (thread_id, answers_item_id);
create index runs_by_user on runs (user_id);
create index runs_to_trim on runs (ended_at) where log_trimmed_at is null;

-- What a run said, in batches of ChatKit events: followers and replays read it.
create table run_events (
    run_id      text not null references runs on delete cascade,
    seq         bigint not null,                -- of the batch's first event
    events      text not null,                  -- ChatKit events as JSON, one a line; text keeps what JSONB refuses
    primary key (run_id, seq)
);

-- A button pressed under an idempotency key, and the events that answered it.
create table clicks (
    user_id          text not null references users on delete cascade,
    idempotency_key  text not null,
    request_hash     bytea not null,
    response         text,                      -- one event a line; null until the click is carried out
    created_at       timestamptz not null default now(),
    primary key (user_id, idempotency_key)
);
create index clicks_by_age on clicks (created_at);

-- One row per execution of a tool: the reason a tool never runs twice.
create table tool_calls (
    run_id      text not null references runs on delete cascade,
    call_id     text not null,
    user_id     text not null references users on delete cascade,
    name        text not null,
    arguments   jsonb not null,
    status      text not null check (status in ('completed', 'failed')),
    result      jsonb not null,                 -- for the model
    widget      jsonb,                          -- for the person
    started_at  timestamptz not null default now(),
    ended_at    timestamptz not null default now(),
    primary key (run_id, call_id)
);
create index tool_calls_by_user on tool_calls (user_id);

create table tasks (
    id            text primary key,
    user_id       text not null references users on delete cascade,
    seq           bigint generated always as identity,  -- the order of creation, free of ties
    title         text not null check (char_length(title) between 1 and 255),
    description   text check (char_length(description) <= 2000),
    priority      text not null default 'medium' check (priority in ('low', 'medium', 'high')),
    tags          text[] not null default '{}',
    due_at        timestamptz,
    completed_at  timestamptz,
    created_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now()
);
-- The one order of every list: open before done, soonest due first, newest first.
create index tasks_in_order on tasks
    (user_id, (completed_at is not null), (coalesce(due_at, 'infinity'::timestamptz)), (-seq));
create index tasks_by_tag on tasks using gin (tags);

-- What one change did to tasks: each side is an array of whole tasks, and Undo swaps them.
create table changes (
    id           text primary key,
    user_id      text not null references users on delete cascade,
    run_id       text references runs on delete set null,
    call_id      text,
    kind         text not null check (kind in ('create', 'update', 'complete', 'reopen', 'delete')),
    before       jsonb not null,
    after        jsonb not null,
    created_at   timestamptz not null default now(),
    undone_at    timestamptz
);
create index changes_by_user on changes (user_id, created_at desc);
create index changes_by_call on changes (run_id, call_id);
create index changes_by_age on changes (created_at);

-- A bulk tool's card: it acts on the click, on exactly these tasks.
create table confirmations (
    id           text primary key,
    user_id      text not null references users on delete cascade,
    thread_id    text not null references threads on delete cascade,
    kind         text not null check (kind in ('complete', 'delete')),
    task_ids     text[] not null,
    status       text not null default 'pending' check (status in ('pending', 'confirmed', 'cancelled')),
    change_id    text references changes on delete set null,
    created_at   timestamptz not null default now(),
    decided_at   timestamptz
);
create index confirmations_by_user on confirmations (user_id);
create index confirmations_by_thread on confirmations (thread_id);
create index confirmations_by_change on confirmations (change_id) where change_id is not null;
create index confirmations_by_age on confirmations (created_at);

create table message_counts (
    user_id       text not null references users on delete cascade,
    period        text not null check (period in ('minute', 'day')),
    window_start  timestamptz not null,
    count         integer not null,
    primary key (user_id, period, window_start)
);
create index message_counts_by_age on message_counts (window_start);
