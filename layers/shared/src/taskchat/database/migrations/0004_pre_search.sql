-- How search tells letters of one case from another: in every script, whatever the database's own
-- locale is. PostgreSQL brings a collation for that since version 17; before, it is ICU's. A sigma at
-- the end of a word is the same letter as elsewhere.
do $$
declare
    rules text := case
        when current_setting('server_version_num')::integer >= 170000 then 'pg_c_utf8'
        else 'und-x-icu'
    end;
begin
    execute format(
        'create function fold_case(value text) returns text
         language sql immutable strict parallel safe
         return translate(lower(value collate %I), ''ς'', ''σ'')',
        rules
    );
end
$$;
