-- take_key --
-- Serialise the requests that carry one idempotency key of one person, until the transaction ends.
select pg_advisory_xact_lock(hashtextextended(%(user_id)s || ' ' || %(key)s, 0));

-- find_run_by_key --
-- The run that this person's key belongs to.
select id, thread_id, user_id, status, request_hash, error
from runs
where user_id = %(user_id)s and idempotency_key = %(key)s;

-- insert_thread --
-- Make the thread that the run will answer in.
insert into threads (id, user_id)
values (%(thread_id)s, %(user_id)s);

-- lock_thread --
-- Lock the person's thread: whoever holds it decides whether a run may start.
select id, status
from threads
where id = %(thread_id)s and user_id = %(user_id)s
for update;

-- lose_expired_run --
-- End the thread's run whose process died: its lease ran out.
update runs
set status = 'lost', ended_at = now(), error = 'The answer was interrupted.'
where thread_id = %(thread_id)s and user_id = %(user_id)s
    and status = 'running' and lease_expires_at < now()
returning id;

-- find_running --
-- The run that is answering in the person's thread now.
select id, thread_id, user_id, status, request_hash, error
from runs
where thread_id = %(thread_id)s and user_id = %(user_id)s and status = 'running';

-- insert_run --
-- Record the run and take the thread's lease.
insert into runs (
    id, thread_id, user_id, answers_item_id, idempotency_key, request_hash, lease_expires_at
)
values (
    %(id)s, %(thread_id)s, %(user_id)s, %(answers_item_id)s, %(key)s, %(request_hash)s,
    now() + make_interval(secs => %(lease_seconds)s)
);

-- beat --
-- Extend the lease, log what was said since the last beat, and read the stop flag, all at once.
-- No row: the run is no longer this process's to go on with.
with beat as (
    update runs
    set lease_expires_at = now() + make_interval(secs => %(lease_seconds)s)
    where id = %(id)s and user_id = %(user_id)s and status = 'running'
    returning stop_requested_at
), logged as (
    insert into run_events (run_id, seq, events)
    select %(id)s, %(seq)s, %(events)s::text
    from beat
    where %(events)s::text is not null
)
select stop_requested_at is not null as stop_requested from beat;

-- end_run --
-- Close the run with its outcome and the rest of what it said. No row: someone else ended it.
with ended as (
    update runs
    set status = %(status)s, error = %(error)s, ended_at = now(),
        input_tokens = %(input_tokens)s, output_tokens = %(output_tokens)s
    where id = %(id)s and user_id = %(user_id)s and status = 'running'
    returning id
), logged as (
    insert into run_events (run_id, seq, events)
    select %(id)s, %(seq)s, %(events)s::text
    from ended
    where %(events)s::text is not null
)
select id from ended;

-- request_stop --
-- Ask the thread's run to stop; its process reads the flag at its next beat.
update runs
set stop_requested_at = coalesce(stop_requested_at, now())
where thread_id = %(thread_id)s and user_id = %(user_id)s and status = 'running'
    and lease_expires_at >= now()
returning id;

-- is_stopped --
-- Whether a tool of this run may no longer start: it was stopped, or it has ended.
select stop_requested_at is not null or status <> 'running' as stopped
from runs
where id = %(id)s and user_id = %(user_id)s
for share;

-- load_run --
select id, thread_id, user_id, status, request_hash, error
from runs
where id = %(id)s and user_id = %(user_id)s;

-- load_events --
-- What the run said from a place on, and how it stands. One row at least while the run exists.
select runs.status, runs.status = 'running' and runs.lease_expires_at < now() as expired,
     run_events.seq, run_events.events
from runs
left join run_events on run_events.run_id = runs.id and run_events.seq >= %(after)s
where runs.id = %(id)s and runs.user_id = %(user_id)s
order by run_events.seq;
