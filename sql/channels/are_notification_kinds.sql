create or replace function wingman.are_notification_kinds(kinds text[])
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- an empty list has no dimensions
    return coalesce(array_ndims(are_notification_kinds.kinds) = 1, are_notification_kinds.kinds = '{}')
        and cardinality(are_notification_kinds.kinds) <= 100
        and not exists (
            select
            from unnest(are_notification_kinds.kinds) as k (kind)
            where wingman.is_notification_kind(k.kind) is not true
        );
end
$$;

comment on function wingman.are_notification_kinds(text[]) is
'Whether this is a list of kinds from wingman.notification_kinds(), possibly empty; null for null';
revoke all on function wingman.are_notification_kinds(text[]) from public, anon, authenticated, service_role;
