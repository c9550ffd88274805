create or replace function wingman.has_confirmed(session public.wingman_sessions, user_id uuid)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return case has_confirmed.user_id
        when has_confirmed.session.user1_id then has_confirmed.session.user2_completed_confirmed_by_user1
        when has_confirmed.session.user2_id then has_confirmed.session.user1_completed_confirmed_by_user2
        else false
    end;
end
$$;

comment on function wingman.has_confirmed(public.wingman_sessions, uuid) is
'Whether a user has confirmed that the other one completed a session';
revoke all on function wingman.has_confirmed(public.wingman_sessions, uuid) from public, anon, authenticated, service_role;
