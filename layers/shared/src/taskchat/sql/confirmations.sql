-- insert_confirmation --
-- Keep which tasks a bulk tool's card shows.
insert into confirmations (id, user_id, thread_id, kind, task_ids)
values (%(id)s, %(user_id)s, %(thread_id)s, %(kind)s, %(task_ids)s);

-- get_confirmation --
-- What a card shows.
select id, thread_id, kind, status, task_ids from confirmations
where user_id = %(user_id)s and id = %(id)s;

-- lock_confirmation --
-- A card that is being decided on, by one click at a time.
select kind, status, task_ids, change_id from confirmations
where user_id = %(user_id)s and id = %(id)s
for update;

-- decide_confirmation --
-- Record the person's decision.
update confirmations
set status = %(status)s,
    change_id = %(change_id)s,
    decided_at = now()
where user_id = %(user_id)s and id = %(id)s;
