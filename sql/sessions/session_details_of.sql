create or replace function wingman.session_details_of(session public.wingman_sessions, user_id uuid)
returns public.session_details
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    _is_user1 boolean := session_details_of.session.user1_id = session_details_of.user_id;
begin
    return row(
        session_details_of.session.id,
        session_details_of.session.match_id,
        case when _is_user1 then session_details_of.session.user2_id else session_details_of.session.user1_id end,
        session_details_of.session.venue_name,
        session_details_of.session.scheduled_time,
        session_details_of.session.notes,
        session_details_of.session.status,
        case
            when _is_user1 then session_details_of.session.user2_completed_confirmed_by_user1
            else session_details_of.session.user1_completed_confirmed_by_user2
        end,
        case
            when _is_user1 then session_details_of.session.user1_completed_confirmed_by_user2
            else session_details_of.session.user2_completed_confirmed_by_user1
        end,
        session_details_of.session.user1_completed_confirmed_by_user2
        and session_details_of.session.user2_completed_confirmed_by_user1,
        session_details_of.session.completed_at,
        session_details_of.session.created_at
    )::public.session_details;
end
$$;

comment on function wingman.session_details_of(public.wingman_sessions, uuid) is
'A session as this one of its two people sees it';
revoke all on function wingman.session_details_of(public.wingman_sessions, uuid)
from public, anon, authenticated, service_role;
