create or replace function wingman.session_details_of(session_id uuid, user_id uuid)
returns public.session_details
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _details public.session_details;
begin
    select
        s.id,
        s.match_id,
        case when me.is_user1 then m.user2_id else m.user1_id end,
        s.venue_name,
        s.scheduled_time,
        s.notes,
        s.status,
        case when me.is_user1 then s.user2_completed_confirmed_by_user1 else s.user1_completed_confirmed_by_user2 end,
        case when me.is_user1 then s.user1_completed_confirmed_by_user2 else s.user2_completed_confirmed_by_user1 end,
        s.user1_completed_confirmed_by_user2 and s.user2_completed_confirmed_by_user1,
        s.completed_at,
        s.created_at
    into _details
    from public.wingman_sessions as s
    inner join public.wingman_matches as m on m.id = s.match_id
    cross join lateral (select m.user1_id = session_details_of.user_id) as me (is_user1)
    where s.id = session_details_of.session_id;

    return _details;
end
$$;

comment on function wingman.session_details_of(uuid, uuid) is 'A session as this one of its two people sees it';
revoke all on function wingman.session_details_of(uuid, uuid) from public, anon, authenticated, service_role;
