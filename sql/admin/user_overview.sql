create or replace function wingman_admin.user_overview(user_id uuid)
returns table (
    id uuid,
    first_name text,
    experience_level text,
    city text,
    privacy_mode text,
    max_travel_miles integer,
    created_at timestamptz,
    matching text,
    waiting_since timestamptz,
    pending_match_id uuid,
    reputation_score integer,
    completed_sessions integer,
    no_shows integer,
    matches bigint,
    accepted_matches bigint,
    open_matches bigint,
    active_sessions bigint,
    reports_received bigint,
    undecided_reports bigint,
    reports_made bigint,
    blocks_made bigint,
    blocks_received bigint,
    decisions bigint,
    is_suspended boolean,
    suspended_until timestamptz,
    cooldown_until timestamptz,
    no_show_reports_received bigint,
    no_show_reports_made bigint
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
    perform wingman.require_argument('user_id', user_overview.user_id is not null);
    perform wingman.log_look('user_overview', user_overview.user_id);

    return query
    select
        g.user_id,
        p.first_name,
        p.experience_level,
        l.city,
        l.privacy_mode,
        l.max_travel_miles,
        p.created_at,
        case
            when p.id is null then 'departed'
            when b.user_id is not null then 'suspended'
            when s.user_id is null then 'no location'
            when s.pending_until > statement_timestamp() then 'has a pending match'
            when s.paused and s.paused_automatically then 'paused automatically'
            when s.paused then 'paused'
            else 'free'
        end,
        s.waiting_since,
        case when s.pending_until > statement_timestamp() then s.pending_match_id end,
        p.reputation_score,
        g.completed_sessions,
        g.no_shows,
        m.matches,
        m.accepted,
        m.open,
        m.active,
        r.received,
        r.undecided,
        (select count(*) from wingman.user_reports as o where o.reporter_id = user_overview.user_id),
        (select count(*) from public.user_blocks as b where b.blocker_id = user_overview.user_id),
        (select count(*) from public.user_blocks as b where b.blocked_id = user_overview.user_id),
        (select count(*) from wingman.operator_decisions as d where d.subject_id = user_overview.user_id),
        b.user_id is not null,
        b.ends_at,
        case
            when s.user_id is null then wingman.cooldown_until(g.user_id)
            when s.cooldown_until > statement_timestamp() then s.cooldown_until
        end,
        (select count(*) from wingman.no_show_reports as n where n.accused_id = user_overview.user_id),
        (select count(*) from wingman.no_show_reports as n where n.reporter_id = user_overview.user_id)
    from (
        select
            user_overview.user_id,
            coalesce(sum(e.completed_sessions), 0)::integer as completed_sessions,
            coalesce(sum(e.no_shows), 0)::integer as no_shows,
            count(*) as entries
        from wingman.reputation_events as e
        where e.user_id = user_overview.user_id
    ) as g
    cross join (
        select
            count(*) as matches,
            count(*) filter (where o.status = 'accepted') as accepted,
            count(*) filter (where o.status = 'accepted' and o.ended_at is null) as open,
            count(a.match_id) as active
        from (
            select m.id, m.status, m.ended_at
            from public.wingman_matches as m
            where m.user1_id = user_overview.user_id
            union all
            select m.id, m.status, m.ended_at
            from public.wingman_matches as m
            where m.user2_id = user_overview.user_id
        ) as o
        left join public.wingman_sessions as a on o.id = a.match_id and a.is_active
    ) as m
    cross join (
        select count(*) as received, count(*) filter (where o.decided_at is null) as undecided
        from wingman.user_reports as o
        where o.subject_id = user_overview.user_id
    ) as r
    left join public.user_profiles as p on g.user_id = p.id
    left join public.user_locations as l on g.user_id = l.user_id
    left join wingman.matchmaking_pool as s on g.user_id = s.user_id
    left join wingman.suspensions as b on g.user_id = b.user_id and (b.ends_at is null or b.ends_at > statement_timestamp())
    -- the ledger has an entry of everybody who ever had a profile and left
    where p.id is not null or g.entries > 0 or r.received > 0;
    if not found then
        perform wingman.raise_error('user_not_found');
    end if;
end
$$;

comment on function wingman_admin.user_overview(uuid) is
'A user on one row: profile, place as a city, matching, reputation, matches, sessions, reports, blocks and decisions.
matching: free, suspended, has a pending match, paused, paused automatically, no location, or departed for somebody whose data is gone.
open_matches: accepted and not ended. Never an exact place. The server''s log records who looks at whom.
Errors: missing_argument, user_not_found.';
revoke all on function wingman_admin.user_overview(uuid) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.user_overview(uuid) to wingman_admin, service_role;
