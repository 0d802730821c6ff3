-- How many messages a person sent, in the current minute and the current day (UTC).

-- lock_message_counts --
-- One sender at a time per person, to the end of the transaction. Rows that refer to the person
-- can still be added meanwhile, by others too.
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
