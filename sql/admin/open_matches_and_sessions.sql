create or replace view wingman_admin.open_matches_and_sessions as
select
    'offered' as state,
    m.id as match_id,
    m.user1_id,
    m.user2_id,
    m.created_at as since,
    m.expires_at,
    null::uuid as session_id,
    null::timestamptz as scheduled_time
from wingman.matchmaking_pool as p
inner join public.wingman_matches as m on p.pending_match_id = m.id
where p.pending_until > statement_timestamp() and p.user_id < p.pending_buddy_id
union all
select
    'accepted' as state,
    m.id as match_id,
    m.user1_id,
    m.user2_id,
    m.responded_at as since,
    null as expires_at,
    null as session_id,
    null as scheduled_time
from public.wingman_matches as m
where
    m.id >= wingman.first_id_at(wingman.history_start())
    and m.status = 'accepted'
    and m.ended_at is null
    and not exists (
        select from public.wingman_sessions as s
        where m.id = s.match_id and s.is_active and wingman.is_active_session(s.status)
    )
union all
select
    s.status as state,
    m.id as match_id,
    m.user1_id,
    m.user2_id,
    s.created_at as since,
    null as expires_at,
    s.id as session_id,
    s.scheduled_time
from public.wingman_sessions as s
inner join public.wingman_matches as m on s.match_id = m.id
where s.is_active and wingman.is_active_session(s.status);

comment on view wingman_admin.open_matches_and_sessions is
'What is open now: matches that wait for an answer, found by the index of due ones; accepted matches without an active session,
made within thirty days, by the primary key; active sessions, by the index of active ones';
comment on column wingman_admin.open_matches_and_sessions.state is 'offered, accepted, scheduled or in_progress';
comment on column wingman_admin.open_matches_and_sessions.match_id is 'The match';
comment on column wingman_admin.open_matches_and_sessions.user1_id is 'The participant with the smaller id';
comment on column wingman_admin.open_matches_and_sessions.user2_id is 'The participant with the larger id';
comment on column wingman_admin.open_matches_and_sessions.since is
'When this state began: when the match was offered or accepted, or the session was created';
comment on column wingman_admin.open_matches_and_sessions.expires_at is 'When the offer lapses';
comment on column wingman_admin.open_matches_and_sessions.session_id is 'The active session';
comment on column wingman_admin.open_matches_and_sessions.scheduled_time is 'When they meet';

revoke all on table wingman_admin.open_matches_and_sessions from public, anon, authenticated, service_role;
grant select on table wingman_admin.open_matches_and_sessions to wingman_admin, service_role;
