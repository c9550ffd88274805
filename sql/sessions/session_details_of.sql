-- Statements inline it. Its body is a text, since an SQL-standard body that takes the row of a table would keep
-- that table from getting new columns. It names everything with its schema, so that no search_path changes what it means.
create or replace function wingman.session_details_of(session public.wingman_sessions, user_id uuid)
returns public.session_details
language sql
immutable
as $$
select row(
    session.id,
    session.match_id,
    case when session.user1_id operator(pg_catalog.=) user_id then session.user2_id else session.user1_id end,
    session.venue_name,
    session.scheduled_time,
    session.notes,
    session.status,
    case
        when session.user1_id operator(pg_catalog.=) user_id then session.user2_completed_confirmed_by_user1
        else session.user1_completed_confirmed_by_user2
    end,
    case
        when session.user1_id operator(pg_catalog.=) user_id then session.user1_completed_confirmed_by_user2
        else session.user2_completed_confirmed_by_user1
    end,
    session.user1_completed_confirmed_by_user2 and session.user2_completed_confirmed_by_user1,
    session.completed_at,
    session.created_at,
    session.proposed_by operator(pg_catalog.=) user_id and session.proposed_by is not null,
    session.proposed_at,
    session.agreed_at,
    session.cancelled_at,
    session.no_show_reported
)::public.session_details
$$;

comment on function wingman.session_details_of(public.wingman_sessions, uuid) is
'A session as this one of its two people sees it';
revoke all on function wingman.session_details_of(public.wingman_sessions, uuid)
from public, anon, authenticated, service_role;
