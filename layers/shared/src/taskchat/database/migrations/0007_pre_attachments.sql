-- Attached files: where each lies, how large it is, and which message it was sent with.

alter table attachments
    add column size bigint not null default 0,      -- in bytes
    add column file_key text,                       -- of its objects in the store; null where there is none
    add column item_id text;                        -- the message; null until it is sent
create index attachments_unsent on attachments (created_at) where item_id is null;

-- Files whose attachment is gone, until they are gone from the store as well. The rows come by a
-- trigger: an attachment is also deleted by what it belongs to.
create table deleted_files (
    key         text primary key,
    deleted_at  timestamptz not null default now()
);
create index deleted_files_by_age on deleted_files (deleted_at);

create function remember_deleted_file() returns trigger language plpgsql as $$
begin
    insert into deleted_files (key) values (old.file_key) on conflict do nothing;
    return null;
end
$$;

create trigger attachments_deleted
after delete on attachments
for each row when (old.file_key is not null)
execute function remember_deleted_file();
