-- upsert_user --
-- Record a person on their first write, and keep the newest e-mail address.
insert into users (id, email)
values (%(id)s, %(email)s)
on conflict (id) do update
set email = coalesce(excluded.email, users.email)
where users.email is distinct from coalesce(excluded.email, users.email);
