-- insert_task --
insert into tasks (id, user_id, title, description, priority, tags, due_at)
values (%(id)s, %(user_id)s, %(title)s, %(description)s, %(priority)s, %(tags)s, %(due_at)s)
returning *;

-- get_task --
select * from tasks
where user_id = %(user_id)s and id = %(id)s;

-- get_tasks --
-- The given tasks that exist, in the order of the ids.
select tasks.*
from unnest(%(ids)s::text[]) with ordinality as shown (id, place)
join tasks using (id)
where tasks.user_id = %(user_id)s
order by shown.place;

-- lock_tasks --
-- The given tasks that exist, locked until the transaction ends. Everyone locks tasks in the order
-- of their ids, to avoid deadlocks.
select * from tasks
where user_id = %(user_id)s and id = any(%(ids)s)
order by id
for update;

-- list_tasks --
-- Tasks in list order, after a position. The position and `last_done` are always set: an optional
-- condition in their place would keep the planner from using the index `tasks_in_order`.
select * from tasks
where user_id = %(user_id)s
  and ((completed_at is not null), coalesce(due_at, 'infinity'::timestamptz), -seq)
      > (%(after_done)s, %(after_due_at)s::timestamptz, -%(after_seq)s::bigint)
  and (completed_at is not null) <= %(last_done)s
  and priority = any(%(priorities)s)
  and tags @> %(tags)s::text[]
  and (%(due_before)s::timestamptz is null or due_at < %(due_before)s::timestamptz)
  and (%(due_after)s::timestamptz is null or due_at >= %(due_after)s::timestamptz)
  and (
    %(q)s::text is null
    or strpos(fold_case(title), fold_case(%(q)s::text)) > 0
    or strpos(fold_case(description), fold_case(%(q)s::text)) > 0
  )
order by (completed_at is not null), coalesce(due_at, 'infinity'::timestamptz), -seq
limit %(limit)s;

-- update_task --
-- Set every field of a task that a person can change.
update tasks
set title = %(title)s,
    description = %(description)s,
    priority = %(priority)s,
    tags = %(tags)s,
    due_at = %(due_at)s,
    completed_at = %(completed_at)s,
    updated_at = clock_timestamp()
where user_id = %(user_id)s and id = %(id)s
returning *;

-- complete_tasks --
update tasks
set completed_at = %(completed_at)s,
    updated_at = clock_timestamp()
where user_id = %(user_id)s and id = any(%(ids)s)
returning *;

-- delete_tasks --
delete from tasks
where user_id = %(user_id)s and id = any(%(ids)s);

-- restore_tasks --
-- Restore tasks to one side of a change, including their place in the order of creation. Existing
-- tasks are updated, not replaced, so that transactions that wait for their locks still find them.
insert into tasks (
    id, user_id, seq, title, description, priority, tags,
    due_at, completed_at, created_at, updated_at
)
overriding system value
select
    id, %(user_id)s, seq, title, description, priority, tags,
    due_at, completed_at, created_at, updated_at
from jsonb_to_recordset(%(tasks)s) as task (
    id text, seq bigint, title text, description text, priority text, tags text[],
    due_at timestamptz, completed_at timestamptz, created_at timestamptz, updated_at timestamptz
)
on conflict (id) do update
set title = excluded.title,
    description = excluded.description,
    priority = excluded.priority,
    tags = excluded.tags,
    due_at = excluded.due_at,
    completed_at = excluded.completed_at,
    updated_at = excluded.updated_at
where tasks.user_id = excluded.user_id;
