create or replace function wingman.has_committed(session public.wingman_sessions, user_id uuid)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce(
        has_committed.user_id in (has_committed.session.proposed_by, has_committed.session.agreed_by, has_committed.session.started_by),
        false
    )
    or wingman.has_confirmed(has_committed.session, has_committed.user_id);
end
$$;

comment on function wingman.has_committed(public.wingman_sessions, uuid) is
'Whether this one of a session''s two people has said yes to it as it stands: proposed its time and venue, agreed to them, started
it, or confirmed that the other one completed it. Only such a person can be reported as a no-show';
revoke all on function wingman.has_committed(public.wingman_sessions, uuid) from public, anon, authenticated, service_role;
