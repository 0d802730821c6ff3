-- What only the model sees, to count and trim it: one thread can have much of it, all of it small.
create index thread_items_hidden on thread_items (thread_id, seq)
where type in ('hidden_context_item', 'sdk_hidden_context');
