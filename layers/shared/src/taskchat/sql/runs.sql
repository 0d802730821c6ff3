-- Runs: the answers being made. To avoid deadlocks, a run is locked before its thread.

-- take_key --
-- Serialise the requests of one person with one idempotency key, until the transaction ends.
select pg_advisory_xact_lock(hashtextextended(%(user_id)s || ' ' || %(key)s, 0));

-- find_request --
-- The request that the person's key belongs to: a run or a click.
select id as run_id, request_hash, null as response
from runs
where user_id = %(user_id)s and idempotency_key = %(key)s
union all
select null, request_hash, response
from clicks
where user_id = %(user_id)s and idempotency_key = %(key)s;

-- insert_click --
insert into clicks (user_id, idempotency_key, request_hash)
values (%(user_id)s, %(key)s, %(request_hash)s);

-- end_click --
update clicks
set response = coalesce(response, %(response)s)
where user_id = %(user_id)s and idempotency_key = %(key)s;

-- lock_running_run --
-- Lock a run to end it. Waits for its tool calls in progress: each holds a key share lock.
select thread_id
from runs
where id = %(id)s and user_id = %(user_id)s and status = 'running'
for update;

-- lock_expired_run --
-- The thread's run whose process died, locked in the same way.
select id, thread_id, user_id
from runs
where thread_id = %(thread_id)s and user_id = %(user_id)s
    and status = 'running' and lease_expires_at < now()
for update;

-- lock_any_expired_run --
-- The same for a run of any thread, skipping those that another process is ending.
select id, thread_id, user_id
from runs
where status = 'running' and lease_expires_at < now()
limit 1
for update skip locked;

-- mark_lost --
update runs
set status = 'lost', ended_at = now(), error = %(error)s
where id = %(id)s;

-- find_running --
-- The run that is running in the person's thread.
select id, thread_id, user_id, status
from runs
where thread_id = %(thread_id)s and user_id = %(user_id)s and status = 'running';

-- get_run_id --
select id from runs
where id = %(id)s and user_id = %(user_id)s;

-- insert_run --
-- Record the run and take the thread's lease. It starts now, not when the transaction did: that may
-- have waited for the run before it.
insert into runs (
    id, thread_id, user_id, answers_item_id, new_thread, idempotency_key, request_hash,
    lease_expires_at, started_at
)
values (
    %(id)s, %(thread_id)s, %(user_id)s, %(answers_item_id)s, %(new_thread)s, %(key)s,
    %(request_hash)s, now() + make_interval(secs => %(lease_seconds)s), clock_timestamp()
);

-- heartbeat --
-- Extend the lease, log the new events, and read the stop flag and whether someone follows, in one
-- statement. Returns no row if the run no longer belongs to this process.
with heartbeat as (
    update runs
    set lease_expires_at = now() + make_interval(secs => %(lease_seconds)s)
    where id = %(id)s and user_id = %(user_id)s and status = 'running'
    returning stop_requested_at, followed_until
), logged as (
    insert into run_events (run_id, seq, events)
    select %(id)s, %(seq)s::bigint, %(events)s::text
    from heartbeat
    where %(events)s::text is not null
    on conflict (run_id, seq) do nothing
)
select stop_requested_at is not null as stop_requested,
    coalesce(followed_until > now(), false) as followed
from heartbeat;

-- log_events --
-- A batch that is already there is identical: it was sent before.
insert into run_events (run_id, seq, events)
values (%(id)s, %(seq)s, %(events)s)
on conflict (run_id, seq) do nothing;

-- count_events --
-- How many events the log has: the first seq of its last batch, plus the lines of that batch.
select seq + cardinality(string_to_array(events, e'\n')) as count
from run_events
where run_id = %(id)s
order by seq desc
limit 1;

-- end_run --
-- End the run with its outcome.
update runs
set status = %(status)s, error = %(error)s, ended_at = now(),
    input_tokens = %(input_tokens)s, output_tokens = %(output_tokens)s
where id = %(id)s and user_id = %(user_id)s and status = 'running';

-- request_stop --
-- Ask the thread's run to stop; its process reads the flag at its next heartbeat.
update runs
set stop_requested_at = coalesce(stop_requested_at, clock_timestamp())
where thread_id = %(thread_id)s and user_id = %(user_id)s and status = 'running'
returning id;

-- is_stopped --
-- Whether tools of this run may no longer start: it was asked to stop, or has ended. The lock
-- allows heartbeats and stop requests, but keeps the run from ending until the transaction is over.
select stop_requested_at is not null or status <> 'running' as stopped
from runs
where id = %(id)s and user_id = %(user_id)s
for key share;

-- load_events --
-- The run's events from a position on, and its status. Returns at least one row while the run
-- exists. While the run is running, this also records that someone follows it, but only now and
-- then, because that is a write.
with following as (
    update runs
    set followed_until = now() + make_interval(secs => %(follow_seconds)s)
    where id = %(id)s and user_id = %(user_id)s and status = 'running'
        and coalesce(
            followed_until < now() + make_interval(secs => %(follow_seconds)s / 2.0), true
        )
)
select runs.thread_id, runs.status, runs.log_trimmed_at is not null as trimmed,
    runs.status = 'running' and runs.lease_expires_at < now() as expired,
    run_events.events
from runs
left join run_events on run_events.run_id = runs.id and run_events.seq >= %(place)s
where runs.id = %(id)s and runs.user_id = %(user_id)s
order by run_events.seq;

-- load_request --
-- How the run began and ended, with its thread.
select runs.new_thread, runs.error, threads.id, threads.title, threads.created_at, threads.status
from runs
join threads on threads.id = runs.thread_id
where runs.id = %(id)s and runs.user_id = %(user_id)s;

-- load_answer --
-- The message that the run answers and the items up to the next message, as the person sees them.
select item.thread_id, item.id, item.type, item.payload, item.created_at
from runs
join thread_items message
    on message.thread_id = runs.thread_id and message.id = runs.answers_item_id
join thread_items item
    on item.thread_id = runs.thread_id and item.seq >= message.seq
where runs.id = %(id)s and runs.user_id = %(user_id)s
    and item.type not in ('hidden_context_item', 'sdk_hidden_context')
    and not exists (
        select from thread_items next_message
        where next_message.thread_id = runs.thread_id and next_message.type = 'user_message'
            and next_message.seq > message.seq and next_message.seq <= item.seq
    )
order by item.seq;
