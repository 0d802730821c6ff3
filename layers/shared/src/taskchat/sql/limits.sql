-- What one person may do per minute, per day (UTC), at once, and in total.

-- lock_person --
-- One transaction at a time per person. Others can still add rows that refer to the person.
select from users where id = %(user_id)s for no key update;

-- get_message_counts --
select w.period,
       coalesce(c.count, 0) as count,
       w.window_start + w.length as resets_at,
       extract(epoch from w.window_start + w.length - now())::float8 as seconds_left
from (values ('minute', date_trunc('minute', now(), 'UTC'), interval '1 minute'),
             ('day',    date_trunc('day',    now(), 'UTC'), interval '24 hours'))
     as w (period, window_start, length)
left join message_counts c
       on c.user_id = %(user_id)s and c.period = w.period and c.window_start = w.window_start;

-- count_message --
insert into message_counts (user_id, period, window_start, count)
values (%(user_id)s, 'minute', date_trunc('minute', now(), 'UTC'), 1),
       (%(user_id)s, 'day',    date_trunc('day',    now(), 'UTC'), 1)
on conflict (user_id, period, window_start) do update set count = message_counts.count + 1;

-- count_change --
-- Count one change in the current minute. Returns no row if the person is not recorded.
insert into change_counts as counted (user_id, window_start, count)
select id, date_trunc('minute', now(), 'UTC'), 1
from users
where id = %(user_id)s
on conflict (user_id) do update
set window_start = excluded.window_start,
    count = case
        when counted.window_start = excluded.window_start then counted.count + 1
        else 1
    end
returning count, window_start + interval '1 minute' as resets_at,
    extract(epoch from window_start + interval '1 minute' - now())::float8 as seconds_left;

-- trim_changes --
-- Keep a person's newest changes, up to a number and a total size.
delete from changes
using (
    select id,
        row_number() over newest_first as place,
        sum(pg_column_size(before) + pg_column_size(after)) over newest_first as bytes
    from changes
    where user_id = %(user_id)s
    window newest_first as (order by created_at desc, id desc)
) as kept
where changes.user_id = %(user_id)s and changes.id = kept.id
    and (kept.place > %(most)s or (kept.bytes > %(bytes)s and kept.place > 1));

-- trim_clicks --
-- The same for a person's clicks.
delete from clicks
using (
    select idempotency_key,
        row_number() over newest_first as place,
        sum(coalesce(pg_column_size(response), 0)) over newest_first as bytes
    from clicks
    where user_id = %(user_id)s
    window newest_first as (order by created_at desc, idempotency_key)
) as kept
where clicks.user_id = %(user_id)s and clicks.idempotency_key = kept.idempotency_key
    and (kept.place > %(most)s or (kept.bytes > %(bytes)s and kept.place > 1));

-- count_tasks --
-- How many tasks the person has. Stops counting at one more than the limit.
select count(*) as count
from (select from tasks where user_id = %(user_id)s limit %(most)s + 1) as counted;

-- count_running --
-- How many runs of the person are running.
select count(*) as count
from runs
where user_id = %(user_id)s and status = 'running' and lease_expires_at >= now();

-- get_tokens --
-- The tokens used today, by the person and by everyone, and when the day ends.
select
    coalesce(
        (select tokens from token_counts where user_id = %(user_id)s and day = today.day), 0
    ) as by_person,
    coalesce((select tokens from token_totals where day = today.day), 0) as by_all,
    today.ends as resets_at,
    extract(epoch from today.ends - now())::float8 as seconds_left
from (
    select (now() at time zone 'UTC')::date as day,
        date_trunc('day', now(), 'UTC') + interval '24 hours' as ends
) as today;

-- count_tokens --
-- Add to the person's tokens of today. Does nothing if the person was erased meanwhile.
insert into token_counts as counted (user_id, day, tokens)
select id, (now() at time zone 'UTC')::date, %(tokens)s
from users
where id = %(user_id)s
on conflict (user_id) do update
set day = excluded.day,
    tokens = excluded.tokens + case when counted.day = excluded.day then counted.tokens else 0 end;

-- count_tokens_for_all --
-- All people share this row, so this must be the last statement of its transaction.
insert into token_totals as counted (day, tokens)
values ((now() at time zone 'UTC')::date, %(tokens)s)
on conflict (day) do update set tokens = counted.tokens + excluded.tokens;

-- delete_expired_followers --
delete from followers
where user_id = %(user_id)s and lease_expires_at < now();

-- count_followers --
select count(*) as count from followers where user_id = %(user_id)s;

-- insert_follower --
insert into followers (id, user_id, lease_expires_at)
values (%(id)s, %(user_id)s, now() + make_interval(secs => %(lease_seconds)s));

-- renew_follower --
update followers
set lease_expires_at = now() + make_interval(secs => %(lease_seconds)s)
where id = %(id)s and user_id = %(user_id)s;

-- delete_follower --
delete from followers
where id = %(id)s and user_id = %(user_id)s;

-- count_uploads --
-- How many unsent files the person has, and how many bytes all their files take.
select count(*) filter (where item_id is null) as unsent, coalesce(sum(size), 0)::bigint as bytes
from attachments
where user_id = %(user_id)s and file_key is not null;
