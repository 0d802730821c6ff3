-- upsert_attachment --
-- Changes nothing when the attachment, or the thread that it goes to, is someone else's.
insert into attachments (id, user_id, thread_id, payload)
select %(id)s, %(user_id)s, %(thread_id)s::text, %(payload)s
where %(thread_id)s::text is null
    or exists (
        select from threads where id = %(thread_id)s and user_id = %(user_id)s
    )
on conflict (id) do update
set thread_id = excluded.thread_id,
    payload = excluded.payload
where attachments.user_id = excluded.user_id;

-- get_attachment --
select id, thread_id, payload
from attachments
where id = %(id)s and user_id = %(user_id)s;

-- delete_attachment --
delete from attachments
where id = %(id)s and user_id = %(user_id)s;
