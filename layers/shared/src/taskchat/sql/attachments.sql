-- upsert_attachment --
-- Changes nothing if the attachment, or the thread that it is added to, is someone else's.
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

-- insert_attachment --
insert into attachments (id, user_id, payload, size, file_key)
values (%(id)s, %(user_id)s, %(payload)s, %(size)s, %(file_key)s);

-- find_attachments --
select id, thread_id, item_id, size, file_key, payload
from attachments
where user_id = %(user_id)s and id = any(%(ids)s);

-- claim_attachments --
-- Attach them to a message, unless another message has them. Repeating it for that message is safe.
update attachments
set item_id = %(item_id)s, thread_id = %(thread_id)s
where user_id = %(user_id)s and id = any(%(ids)s) and (item_id is null or item_id = %(item_id)s)
returning id;

-- delete_unsent_attachment --
delete from attachments
where id = %(id)s and user_id = %(user_id)s and item_id is null;

-- list_deleted_files --
select key
from deleted_files
where starts_with(key, %(folder)s)
order by deleted_at
limit %(limit)s
for update skip locked;

-- forget_deleted_files --
delete from deleted_files where key = any(%(keys)s);
