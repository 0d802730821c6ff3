-- find_tool_call --
-- The outcome of this very call, if it was made before. Otherwise, an earlier run that answered the
-- same message may have made an identical call: then its row moves to this run. So two identical
-- calls take over two rows, and no call is made again. A change that was undone counts as not made.
with own as (
    select result, widget, status
    from tool_calls
    where run_id = %(run_id)s and call_id = %(call_id)s and user_id = %(user_id)s
), earlier as (
    select tool_calls.run_id, tool_calls.call_id
    from runs this_run
    join runs earlier_run
        on earlier_run.thread_id = this_run.thread_id
        and earlier_run.answers_item_id = this_run.answers_item_id
        and earlier_run.id <> this_run.id
    join tool_calls on tool_calls.run_id = earlier_run.id
    join changes on changes.run_id = tool_calls.run_id and changes.call_id = tool_calls.call_id
    where this_run.id = %(run_id)s and this_run.user_id = %(user_id)s
        and tool_calls.user_id = %(user_id)s
        and tool_calls.name = %(name)s and tool_calls.arguments = %(arguments)s
        and tool_calls.status = 'completed' and changes.undone_at is null
        and not exists (select from own)
    order by tool_calls.started_at, tool_calls.call_id
    limit 1
    for update of tool_calls
), moved_change as (
    update changes
    set run_id = %(run_id)s, call_id = %(call_id)s
    from earlier
    where changes.run_id = earlier.run_id and changes.call_id = earlier.call_id
), moved as (
    update tool_calls
    set run_id = %(run_id)s, call_id = %(call_id)s
    from earlier
    where tool_calls.run_id = earlier.run_id and tool_calls.call_id = earlier.call_id
    returning result, widget, status
)
select result, widget, status = 'failed' as failed from own
union all
select result, widget, status = 'failed' as failed from moved;

-- insert_tool_call --
insert into tool_calls (
    run_id, call_id, user_id, name, arguments, status, result, widget, started_at, ended_at
)
values (
    %(run_id)s, %(call_id)s, %(user_id)s, %(name)s, %(arguments)s, %(status)s, %(result)s,
    %(widget)s, %(started_at)s, clock_timestamp()
);
