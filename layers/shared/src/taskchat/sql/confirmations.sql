-- insert_confirmation --
-- Save which tasks a bulk tool's card shows.
insert into confirmations (id, user_id, thread_id, kind, task_ids)
values (%(id)s, %(user_id)s, %(thread_id)s, %(kind)s, %(task_ids)s);

-- add_to_confirmation --
-- Add a task to a card. Returns nothing if it is already decided, or someone else's.
insert into confirmations (id, user_id, thread_id, kind, task_ids)
values (%(id)s, %(user_id)s, %(thread_id)s, 'delete', array[%(task_id)s::text])
on conflict (id) do update
set task_ids = array_remove(confirmations.task_ids, %(task_id)s) || %(task_id)s::text
where confirmations.user_id = excluded.user_id and confirmations.status = 'pending'
returning task_ids;

-- trim_confirmations --
-- Keep only the newest confirmations without a thread, which nothing else limits.
delete from confirmations
where user_id = %(user_id)s and thread_id is null
  and id not in (
      select id from confirmations
      where user_id = %(user_id)s and thread_id is null
      order by created_at desc, id
      limit %(most)s
  );

-- get_confirmation --
-- What a card shows.
select id, thread_id, kind, status, task_ids from confirmations
where user_id = %(user_id)s and id = %(id)s;

-- lock_confirmation --
-- A confirmation to decide on, locked so that only one click at a time proceeds.
select kind, status, task_ids, change_id,
    created_at < now() - make_interval(hours => %(valid_hours)s) as expired
from confirmations
where user_id = %(user_id)s and id = %(id)s
for update;

-- decide_confirmation --
-- Record the person's decision.
update confirmations
set status = %(status)s,
    change_id = %(change_id)s,
    decided_at = now()
where user_id = %(user_id)s and id = %(id)s;
