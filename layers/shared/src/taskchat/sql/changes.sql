-- insert_change --
-- Record a change, for Undo.
insert into changes (id, user_id, run_id, call_id, kind, before, after)
values (
    %(id)s, %(user_id)s, %(run_id)s, %(call_id)s, %(kind)s, %(before)s, %(after)s
);

-- get_change --
-- What a change did.
select before, after from changes
where user_id = %(user_id)s and id = %(id)s;

-- lock_change --
-- A change to undo, locked so that only one undo at a time proceeds.
select before, after, undone_at from changes
where user_id = %(user_id)s and id = %(id)s
for update;

-- mark_change_undone --
update changes
set undone_at = now()
where user_id = %(user_id)s and id = %(id)s;
