create or replace function wingman_admin.user_timeline(
    user_id uuid,
    before timestamptz default 'infinity',
    page_size integer default 50
)
returns table (
    occurred_at timestamptz,
    kind text,
    by_user_id uuid,
    other_user_id uuid,
    match_id uuid,
    session_id uuid,
    call text,
    login text,
    decision_id uuid,
    details jsonb
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
-- a plan made while the tables were small must not scan them whole until the next analyze
set enable_seqscan = off
-- with a table that is scanned whole after all, the plan would seem dear enough to be compiled at each call
set jit = off
-- what belongs to one person is found by index
set enable_hashjoin = off
set enable_mergejoin = off
as $$
begin
    perform wingman.require_argument('user_id', user_timeline.user_id is not null);
    perform wingman.require_argument('before', user_timeline.before is not null);
    perform wingman.check_page(user_timeline.page_size);
    perform wingman.log_look('user_timeline', user_timeline.user_id);

    return query
    with matches as (
        select m.id, m.user2_id as other_id
        from public.wingman_matches as m
        where m.user1_id = user_timeline.user_id
        union all
        select m.id, m.user1_id
        from public.wingman_matches as m
        where m.user2_id = user_timeline.user_id
    ),

    events as (
        select m.other_id, e as event
        from matches as m
        inner join wingman.events as e on m.id = e.match_id
        union all
        select null, e
        from wingman.user_events as u
        inner join wingman.events as e on u.xid = e.xid and u.id = e.id and u.occurred_at = e.occurred_at
        where u.user_id = user_timeline.user_id
        union all
        select null, e
        from wingman.unread_events('statistics') as e
        where e.user_id = user_timeline.user_id and e.match_id is null
    )

    select t.*
    from (
        select
            (e.event).occurred_at,
            (e.event).kind,
            (e.event).user_id,
            coalesce(e.other_id, ((e.event).details ->> 'blocked_id')::uuid),
            (e.event).match_id,
            (e.event).session_id,
            nullif(split_part((e.event).source, e'\t', 1), ''),
            split_part((e.event).source, e'\t', 4),
            wingman.decision_of((e.event).source),
            (e.event).details
        from events as e
        union all
        select
            g.created_at,
            'reputation_' || g.kind,
            null,
            g.buddy_id,
            null,
            g.session_id,
            null,
            null,
            null,
            jsonb_build_object('completed_sessions', g.completed_sessions, 'no_shows', g.no_shows)
        from wingman.reputation_events as g
        where g.user_id = user_timeline.user_id
        union all
        select b.created_at, 'blocked_by_other', b.blocker_id, b.blocker_id, null, null, null, null, null, null
        from public.user_blocks as b
        where b.blocked_id = user_timeline.user_id
        union all
        select
            r.created_at,
            'report_received',
            r.reporter_id,
            r.reporter_id,
            null,
            null,
            null,
            null,
            null,
            jsonb_build_object('report_id', r.id, 'status', r.status, 'reason', r.reason)
        from wingman.user_reports as r
        where r.subject_id = user_timeline.user_id
        union all
        select
            r.created_at,
            'report_made',
            r.reporter_id,
            r.subject_id,
            null,
            null,
            null,
            null,
            null,
            jsonb_build_object('report_id', r.id, 'status', r.status, 'reason', r.reason)
        from wingman.user_reports as r
        where r.reporter_id = user_timeline.user_id
        union all
        select
            d.decided_at,
            'decision_' || d.kind,
            null,
            null,
            null,
            null,
            null,
            d.login,
            d.id,
            jsonb_build_object('reason', d.reason) || d.details
        from wingman.operator_decisions as d
        where d.subject_id = user_timeline.user_id
    ) as t (occurred_at, kind, by_user_id, other_user_id, match_id, session_id, call, login, decision_id, details)
    where t.occurred_at < user_timeline.before
    order by t.occurred_at desc
    fetch first user_timeline.page_size rows with ties;
end
$$;

comment on function wingman_admin.user_timeline(uuid, timestamptz, integer) is
'Everything that happened to a user, newest first: matches, sessions, profile, pauses, blocks, reputation, reports, decisions.
before: only what is older: the occurred_at of the last row seen; page_size: 1 to 100 rows, and more where several happened at that
same time. Reaches as far back as the journal; the ledger, reports and decisions reach further. The server''s log records who looks
at whom.
Errors: missing_argument, invalid_argument.';
revoke all on function wingman_admin.user_timeline(uuid, timestamptz, integer) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.user_timeline(uuid, timestamptz, integer) to wingman_admin, service_role;
