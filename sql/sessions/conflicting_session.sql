create or replace function wingman.conflicting_session(
    user_id uuid,
    moment timestamptz,
    spacing interval,
    session_id uuid
)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- a plan made while the tables were small must not scan them whole until the next analyze
set enable_seqscan = off
-- with a table that is scanned whole after all, the plan would seem dear enough to be compiled at each call
set jit = off
as $$
begin
    return (
        select d.id
        from (
            select s.id
            from public.wingman_sessions as s
            where s.user1_id = conflicting_session.user_id
                and s.is_active
                and s.scheduled_time > conflicting_session.moment - conflicting_session.spacing
                and s.scheduled_time < conflicting_session.moment + conflicting_session.spacing
                and s.id is distinct from conflicting_session.session_id
                and (
                    conflicting_session.user_id in (s.proposed_by, s.agreed_by, s.started_by) or s.user2_completed_confirmed_by_user1
                )
            union all
            select s.id
            from public.wingman_sessions as s
            where s.user2_id = conflicting_session.user_id
                and s.is_active
                and s.scheduled_time > conflicting_session.moment - conflicting_session.spacing
                and s.scheduled_time < conflicting_session.moment + conflicting_session.spacing
                and s.id is distinct from conflicting_session.session_id
                and (
                    conflicting_session.user_id in (s.proposed_by, s.agreed_by, s.started_by) or s.user1_completed_confirmed_by_user2
                )
        ) as d
        limit 1
    );
end
$$;

comment on function wingman.conflicting_session(uuid, timestamptz, interval, uuid) is
'An active session in a person''s diary that begins less than spacing from a moment; null if there is none. The diary holds what
the person has committed to, see wingman.has_committed; a proposal of somebody else keeps nobody from anything. session_id: the session
to be at that moment, which does not count, or null. Exact while the person''s seeker is locked.';
revoke all on function wingman.conflicting_session(uuid, timestamptz, interval, uuid)
from public, anon, authenticated, service_role;
