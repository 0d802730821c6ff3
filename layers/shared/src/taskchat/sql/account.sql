-- Export and erasure of all of one person's data.

-- begin_snapshot --
-- Makes all statements of the transaction see the same moment.
set transaction isolation level repeatable read, read only;

-- get_user --
select id, email, created_at from users where id = %(user_id)s;

-- list_tasks --
select id, title, description, priority, tags, due_at, completed_at, created_at, updated_at
from tasks
where user_id = %(user_id)s
order by seq;

-- list_threads --
select id, title, status, metadata, allowed_image_domains, created_at, updated_at
from threads
where user_id = %(user_id)s
order by created_at, id;

-- list_items --
select item.thread_id, item.id, item.type, item.payload, item.created_at
from thread_items item
join threads on threads.id = item.thread_id
where threads.user_id = %(user_id)s
order by item.thread_id, item.seq;

-- list_attachments --
select id, thread_id, payload, created_at
from attachments
where user_id = %(user_id)s
order by created_at, id;

-- list_feedback --
select thread_id, item_id, kind, created_at
from feedback
where user_id = %(user_id)s
order by created_at, item_id;

-- list_runs --
select id, thread_id, status, answers_item_id, input_tokens, output_tokens, error,
    started_at, ended_at
from runs
where user_id = %(user_id)s
order by started_at, id;

-- list_tool_calls --
select run_id, call_id, name, arguments, status, result, widget, started_at, ended_at
from tool_calls
where user_id = %(user_id)s
order by started_at, call_id;

-- list_changes --
select id, run_id, call_id, kind, before, after, created_at, undone_at
from changes
where user_id = %(user_id)s
order by created_at, id;

-- list_confirmations --
select id, thread_id, kind, task_ids, status, change_id, created_at, decided_at
from confirmations
where user_id = %(user_id)s
order by created_at, id;

-- list_clicks --
select idempotency_key, response, created_at
from clicks
where user_id = %(user_id)s
order by created_at, idempotency_key;

-- list_message_counts --
select period, window_start, count
from message_counts
where user_id = %(user_id)s
order by window_start, period;

-- list_change_counts --
select window_start, count from change_counts where user_id = %(user_id)s;

-- list_token_counts --
select day, tokens from token_counts where user_id = %(user_id)s;

-- stop_runs --
-- Ask all of the person's runs to stop. Their processes read the flag at the next heartbeat.
update runs
set stop_requested_at = coalesce(stop_requested_at, clock_timestamp())
where user_id = %(user_id)s and status = 'running';

-- count_running --
select count(*) as count
from runs
where user_id = %(user_id)s and status = 'running' and lease_expires_at >= now();

-- lock_runs --
-- Waits for tool calls in progress. To avoid deadlocks, a run is locked before anything else.
select from runs
where user_id = %(user_id)s
order by id
for update;

-- lock_user --
-- Anyone who begins to write for the person waits for the erasure, and then records them anew.
select from users where id = %(user_id)s for update;

-- count_erasures --
select count(*) as count,
    coalesce(
        extract(epoch from min(erased_at) + interval '24 hours' - now()), 0
    )::float8 as seconds_left,
    coalesce(min(erased_at), now()) + interval '24 hours' as resets_at
from erasures
where person_hash = %(person_hash)s and erased_at > now() - interval '24 hours';

-- insert_erasure --
insert into erasures (person_hash) values (%(person_hash)s);

-- delete_user --
-- Deletes everything that refers to the person with them.
delete from users where id = %(user_id)s;
