create or replace function wingman.is_notification_kind(kind text)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (select from wingman.notification_kinds() as k where k.kind = is_notification_kind.kind);
end
$$;

comment on function wingman.is_notification_kind(text) is 'Whether wingman.notification_kinds() has this kind';
revoke all on function wingman.is_notification_kind(text) from public, anon, authenticated, service_role;
