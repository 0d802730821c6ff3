-- insert_task --
-- Add a task.
insert into tasks (id, user_id, title, description, priority, tags, due_at)
values (%(id)s, %(user_id)s, %(title)s, %(description)s, %(priority)s, %(tags)s, %(due_at)s)
returning *;

-- get_task --
-- One task of the person.
select * from tasks
where user_id = %(user_id)s and id = %(id)s;

-- get_tasks --
-- Those of the given tasks that exist, in the order of the ids.
select tasks.*
from unnest(%(ids)s::text[]) with ordinality as shown (id, place)
join tasks using (id)
where tasks.user_id = %(user_id)s
order by shown.place;

-- lock_tasks --
-- Those of the given tasks that exist, kept from others' changes until the transaction ends. All
-- who lock several do so in the order of the ids, so that none wait for each other in a circle.
select * from tasks
where user_id = %(user_id)s and id = any(%(ids)s)
order by id
for update;

-- list_tasks --
-- Tasks in the one order of lists, behind a place in it. No condition is optional in a way that
-- would keep the planner from the index `tasks_in_order`: the place and `last_done` always bound
-- the scan.
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
-- Set everything that a person may say about a task.
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
-- Complete the given tasks.
update tasks
set completed_at = %(completed_at)s,
    updated_at = clock_timestamp()
where user_id = %(user_id)s and id = any(%(ids)s)
returning *;

-- delete_tasks --
-- Delete the given tasks.
delete from tasks
where user_id = %(user_id)s and id = any(%(ids)s);

-- restore_tasks --
-- Make tasks what one side of a change says, their place in the order of creation included. Those
-- that exist are updated rather than made anew, so that whoever waits for their lock finds them.
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
