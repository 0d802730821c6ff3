-- name_role --
-- For grant_service, which cannot take parameters. Gone with the transaction.
select set_config('taskchat.service_role', %(role)s, true);

-- grant_service --
-- Grant what serving requests needs: the rows of every table, but no change to the schema or to the
-- record of migrations. The role signs in by IAM where the server supports that. Can be repeated;
-- it runs after each migration, for the new tables.
do $$
declare
    service text := current_setting('taskchat.service_role');
begin
    if not exists (select from pg_roles where rolname = service) then
        execute format('create role %I login', service);
    end if;
    if exists (select from pg_roles where rolname = 'rds_iam') then
        execute format('grant rds_iam to %I', service);
    end if;
    revoke create on schema public from public;
    execute format('grant usage on schema public to %I', service);
    execute format('grant select, insert, update, delete on all tables in schema public to %I', service);
    execute format('grant usage, select on all sequences in schema public to %I', service);
    execute format('revoke insert, update, delete on schema_migrations from %I', service);
end
$$;
