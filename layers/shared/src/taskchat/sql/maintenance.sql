-- Deletes what is no longer needed. Each statement takes a bounded batch, and skips rows that
-- another run of the maintenance has locked.

-- trim_logs --
-- Delete the events of runs that ended a while ago: the thread has their outcome. `log_trimmed_at`
-- tells a late replay to read it from there.
with ended as (
    select runs.id
    from runs
    where runs.log_trimmed_at is null
        and runs.ended_at < now() - make_interval(secs => %(age)s)
    order by runs.ended_at
    limit %(limit)s
    for update skip locked
), trimmed as (
    update runs
    set log_trimmed_at = now()
    from ended
    where runs.id = ended.id
), removed as (
    delete from run_events
    using ended
    where run_events.run_id = ended.id
)
select count(*) as count from ended;

-- delete_counts --
with old as (
    select user_id, period, window_start
    from message_counts
    where window_start < now() - make_interval(secs => %(age)s)
    order by window_start
    limit %(limit)s
    for update skip locked
), removed as (
    delete from message_counts
    using old
    where message_counts.user_id = old.user_id
        and message_counts.period = old.period
        and message_counts.window_start = old.window_start
)
select count(*) as count from old;

-- delete_clicks --
with old as (
    select user_id, idempotency_key
    from clicks
    where created_at < now() - make_interval(secs => %(age)s)
    order by created_at
    limit %(limit)s
    for update skip locked
), removed as (
    delete from clicks
    using old
    where clicks.user_id = old.user_id and clicks.idempotency_key = old.idempotency_key
)
select count(*) as count from old;

-- delete_confirmations --
with old as (
    select id
    from confirmations
    where created_at < now() - make_interval(secs => %(age)s)
    order by created_at
    limit %(limit)s
    for update skip locked
), removed as (
    delete from confirmations
    using old
    where confirmations.id = old.id
)
select count(*) as count from old;

-- delete_changes --
-- After this they can no longer be undone.
with old as (
    select id
    from changes
    where created_at < now() - make_interval(secs => %(age)s)
    order by created_at
    limit %(limit)s
    for update skip locked
), removed as (
    delete from changes
    using old
    where changes.id = old.id
)
select count(*) as count from old;

-- delete_erasures --
with old as (
    select ctid from erasures
    where erased_at < now() - make_interval(secs => %(age)s)
    order by erased_at
    limit %(limit)s
    for update skip locked
), removed as (
    delete from erasures
    using old
    where erasures.ctid = old.ctid
)
select count(*) as count from old;

-- delete_token_totals --
with old as (
    select day from token_totals
    where day < (now() - make_interval(secs => %(age)s))::date
    order by day
    limit %(limit)s
    for update skip locked
), removed as (
    delete from token_totals
    using old
    where token_totals.day = old.day
)
select count(*) as count from old;

-- delete_threads --
-- Threads without activity for that long, with all their items, unless a run is running in them.
-- The condition on the creation time is there for the index.
with old as (
    select threads.id
    from threads
    where threads.created_at < now() - make_interval(secs => %(age)s)
        and threads.updated_at < now() - make_interval(secs => %(age)s)
        and not exists (
            select from runs where runs.thread_id = threads.id and runs.status = 'running'
        )
    limit %(limit)s
    for update skip locked
), removed as (
    delete from threads
    using old
    where threads.id = old.id
)
select count(*) as count from old;

-- delete_unsent_attachments --
-- Uploads that were not sent with a message.
with old as (
    select id from attachments
    where item_id is null and file_key is not null
        and created_at < now() - make_interval(secs => %(age)s)
    order by created_at
    limit %(limit)s
    for update skip locked
), removed as (
    delete from attachments
    using old
    where attachments.id = old.id
)
select count(*) as count from old;
