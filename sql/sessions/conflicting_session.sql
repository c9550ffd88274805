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
    -- By way of the person's matches, one look-up each; offset 0 leaves the planner no other choice. An index of the diary itself would
    -- cost every change of a session more than this costs.
    return (
        select d.id
        from (
            select m.id
            from public.wingman_matches as m
            where m.user1_id = conflicting_session.user_id and m.status = 'accepted'
            union all
            select m.id
            from public.wingman_matches as m
            where m.user2_id = conflicting_session.user_id and m.status = 'accepted'
        ) as o
        cross join lateral (
            select s.id, s.scheduled_time, s as session
            from public.wingman_sessions as s
            where s.match_id = o.id and s.is_active
            offset 0
        ) as d
        where d.scheduled_time > conflicting_session.moment - conflicting_session.spacing
            and d.scheduled_time < conflicting_session.moment + conflicting_session.spacing
            and d.id is distinct from conflicting_session.session_id
            and wingman.has_committed(d.session, conflicting_session.user_id)
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
