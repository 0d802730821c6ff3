-- Creates `items` items in bulk: fifty items per thread and twenty threads per person.
-- Ids are random, as in the product, so that a person's rows are scattered in every index.

-- before --
set session_replication_role = replica;
alter table thread_items drop constraint thread_items_pkey cascade;
alter table thread_items drop constraint thread_items_thread_id_seq_key;

-- users --
insert into users (id)
select 'person-' || number from generate_series(0, greatest(%(items)s / 1000, 1) - 1) number;

-- threads --
insert into threads (id, user_id, title, last_seq, created_at)
select 'thr_' || md5(number::text), 'person-' || number %% greatest(%(items)s / 1000, 1),
    'Thread ' || number, 50, now() - number * interval '1 second'
from generate_series(0, %(items)s / 50 - 1) number;

-- items --
insert into thread_items (thread_id, id, seq, type, payload, created_at)
select 'thr_' || md5(thread::text), 'msg_' || md5(thread || '-' || seq), seq, 'assistant_message',
    jsonb_build_object('content', jsonb_build_array(jsonb_build_object(
        'type', 'output_text', 'annotations', '[]'::jsonb,
        'text', 'You have three things to do today, and the first of them is ' || seq
    ))), now()
from generate_series(1, 50) seq, generate_series(0, %(items)s / 50 - 1) thread;

-- after --
alter table thread_items add primary key (thread_id, id);
alter table thread_items add unique (thread_id, seq);
analyze;
checkpoint;
