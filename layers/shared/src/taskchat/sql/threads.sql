-- Threads and their items. Every statement is restricted to the person: another person's row counts
-- as missing. An item's position is its seq, because clocks may stand still or go back.

-- insert_thread --
-- Create a thread. The person must be recorded.
insert into threads (id, user_id, title, created_at)
values (%(thread_id)s, %(user_id)s, %(title)s, %(created_at)s);

-- upsert_thread --
-- Returns nothing if the id belongs to someone else's thread.
insert into threads (id, user_id, title, status, allowed_image_domains, metadata, created_at)
values (
    %(id)s, %(user_id)s, %(title)s, %(status)s, %(allowed_image_domains)s, %(metadata)s,
    %(created_at)s
)
on conflict (id) do update
set title = excluded.title,
    status = excluded.status,
    allowed_image_domains = excluded.allowed_image_domains,
    metadata = excluded.metadata,
    updated_at = now()
where threads.user_id = excluded.user_id
returning id;

-- get_thread --
select id, title, status, allowed_image_domains, metadata, created_at
from threads
where id = %(thread_id)s and user_id = %(user_id)s;

-- list_threads_ascending --
-- The limit is one more than the page, to tell whether there are more.
select id, title, status, allowed_image_domains, metadata, created_at
from threads
where user_id = %(user_id)s
    and (
        %(after_id)s::text is null
        or (created_at, id) > (%(after_created_at)s::timestamptz, %(after_id)s)
    )
order by created_at, id
limit %(limit)s;

-- list_threads_descending --
select id, title, status, allowed_image_domains, metadata, created_at
from threads
where user_id = %(user_id)s
    and (
        %(after_id)s::text is null
        or (created_at, id) < (%(after_created_at)s::timestamptz, %(after_id)s)
    )
order by created_at desc, id desc
limit %(limit)s;

-- lock_run --
-- To avoid deadlocks, a run is locked before its thread; deleting a thread locks both.
select id from runs
where thread_id = %(thread_id)s and user_id = %(user_id)s and status = 'running'
for update;

-- delete_thread --
delete from threads
where id = %(thread_id)s and user_id = %(user_id)s;

-- lock_thread --
-- Orders the writers of one thread. A separate statement, so that the next one sees what the
-- previous writer committed.
select id
from threads
where id = %(thread_id)s and user_id = %(user_id)s
for no key update;

-- upsert_item --
-- Needs lock_thread. An existing item keeps its seq, and seq has no gaps. A draft never replaces an
-- item that is done, however late it comes. A run that has ended writes nothing: it was marked as
-- lost while its process hung.
with item as (
    insert into thread_items (
        thread_id, id, seq, type, schema_version, payload, draft, created_at
    )
    select threads.id, %(id)s, threads.last_seq + 1, %(type)s, %(schema_version)s, %(payload)s,
        %(draft)s, %(created_at)s
    from threads
    where threads.id = %(thread_id)s and threads.user_id = %(user_id)s
        and not exists (select from runs where runs.id = %(run_id)s and runs.status <> 'running')
    on conflict (thread_id, id) do update
    set type = excluded.type,
        schema_version = excluded.schema_version,
        payload = excluded.payload,
        draft = excluded.draft,
        created_at = excluded.created_at
    where thread_items.draft or not excluded.draft
    returning thread_id, seq
)
update threads
set last_seq = greatest(threads.last_seq, item.seq),
    updated_at = now()
from item
where threads.id = item.thread_id;

-- list_open_items --
-- Needs lock_thread. The drafts of a lost run: nobody will finish them.
select thread_id, id, seq, type, payload, created_at
from thread_items
where draft
    and thread_id = (select id from threads where id = %(thread_id)s and user_id = %(user_id)s)
order by seq;

-- close_open_item --
-- Needs lock_thread.
update thread_items item
set draft = false,
    payload = %(payload)s
from threads
where threads.id = item.thread_id
    and threads.user_id = %(user_id)s
    and item.thread_id = %(thread_id)s
    and item.id = %(id)s;

-- append_note --
-- Needs lock_thread. Adds a note, which only the model sees, at the end of the thread.
with thread as (
    update threads
    set last_seq = last_seq + 1
    where id = %(thread_id)s and user_id = %(user_id)s
    returning id, last_seq
)
insert into thread_items (thread_id, id, seq, type, payload)
select id, %(id)s, last_seq, 'sdk_hidden_context', jsonb_build_object('content', %(note)s::text)
from thread;

-- trim_hidden_items --
-- Keep the newest hidden items.
delete from thread_items item
using threads
where threads.id = item.thread_id
    and threads.user_id = %(user_id)s
    and item.thread_id = %(thread_id)s
    and item.type in ('hidden_context_item', 'sdk_hidden_context')
    and item.seq <= (
        select seq
        from thread_items
        where thread_id = %(thread_id)s and type in ('hidden_context_item', 'sdk_hidden_context')
        order by seq desc
        limit 1 offset %(most)s
    );

-- get_item --
select item.thread_id, item.id, item.type, item.payload, item.created_at
from thread_items item
join threads on threads.id = item.thread_id
where item.thread_id = %(thread_id)s
    and item.id = %(id)s
    and threads.user_id = %(user_id)s;

-- lock_item --
-- An item, locked so that only one click at a time proceeds.
select item.thread_id, item.id, item.type, item.payload, item.created_at
from thread_items item
join threads on threads.id = item.thread_id
where item.thread_id = %(thread_id)s
    and item.id = %(id)s
    and threads.user_id = %(user_id)s
for update of item;

-- get_item_place --
select item.seq
from thread_items item
join threads on threads.id = item.thread_id
where item.thread_id = %(thread_id)s
    and item.id = %(id)s
    and threads.user_id = %(user_id)s;

-- list_items_ascending --
-- `visible_only` leaves out hidden items.
select thread_id, id, type, payload, created_at
from thread_items
where thread_id = (select id from threads where id = %(thread_id)s and user_id = %(user_id)s)
    and (%(after_seq)s::bigint is null or seq > %(after_seq)s)
    and not (%(visible_only)s and type in ('hidden_context_item', 'sdk_hidden_context'))
order by seq
limit %(limit)s;

-- list_items_descending --
select thread_id, id, type, payload, created_at
from thread_items
where thread_id = (select id from threads where id = %(thread_id)s and user_id = %(user_id)s)
    and (%(after_seq)s::bigint is null or seq < %(after_seq)s)
    and not (%(visible_only)s and type in ('hidden_context_item', 'sdk_hidden_context'))
order by seq desc
limit %(limit)s;

-- list_newest_items --
-- What the model sees. It needs no workflows and widgets: they only show what is in the tools'
-- outputs. The run of a retry does not see what the retry has set aside.
select thread_id, id, type, payload, created_at
from thread_items
where thread_id = (select id from threads where id = %(thread_id)s and user_id = %(user_id)s)
    and superseded_by is distinct from %(run_id)s
    and type not in ('widget', 'workflow')
order by seq desc
limit %(limit)s;

-- delete_item --
delete from thread_items item
using threads
where threads.id = item.thread_id
    and threads.user_id = %(user_id)s
    and item.thread_id = %(thread_id)s
    and item.id = %(id)s;

-- find_answered_message --
-- The message to retry, and whether the person has written another one since.
select item.type, exists (
    select from thread_items later
    where later.thread_id = item.thread_id and later.seq > item.seq and later.type = 'user_message'
) as has_later
from thread_items item
join threads on threads.id = item.thread_id
where item.thread_id = %(thread_id)s
    and item.id = %(id)s
    and threads.user_id = %(user_id)s;

-- set_aside_answer --
-- Set aside everything after a message until the run that retries it ends. Tool calls and notes
-- about clicks stay: what was done remains known, even if the answer is replaced.
update thread_items item
set superseded_by = %(run_id)s
from thread_items message
join threads on threads.id = message.thread_id
where message.thread_id = %(thread_id)s
    and message.id = %(id)s
    and threads.user_id = %(user_id)s
    and item.thread_id = message.thread_id
    and item.seq > message.seq
    and item.type <> 'hidden_context_item';

-- delete_superseded --
delete from thread_items
where superseded_by = %(run_id)s;

-- restore_superseded --
update thread_items
set superseded_by = null
where superseded_by = %(run_id)s;

-- upsert_feedback --
insert into feedback (thread_id, item_id, user_id, kind)
select item.thread_id, item.id, threads.user_id, %(kind)s
from thread_items item
join threads on threads.id = item.thread_id
where item.thread_id = %(thread_id)s
    and item.id = any(%(item_ids)s)
    and threads.user_id = %(user_id)s
on conflict (thread_id, item_id) do update
set kind = excluded.kind,
    created_at = now();
