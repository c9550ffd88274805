"""What is true of the whole database after any sequence of calls, whoever made them and whenever."""

from typing import Any

from harness import Connection


def violations(db: Connection) -> dict[str, list[dict[str, Any]]]:
    """The rows that break an invariant, by the invariant's name; empty when all hold. Wants a superuser."""
    found = {name: db.execute(query).fetchall() for name, query in INVARIANTS.items()}
    return {name: rows for name, rows in found.items() if rows}


_PARTICIPANTS = """
    select m.id, m.status, m.ended_at, p.user_id
    from public.wingman_matches as m
    cross join lateral (values (m.user1_id), (m.user2_id)) as p (user_id)
"""

# Each query finds what must not be there.
INVARIANTS = {
    "nobody has two pending matches": f"""
        select p.user_id, array_agg(p.id) as matches
        from ({_PARTICIPANTS}) as p
        where p.status = 'pending'
        group by p.user_id
        having count(*) > 1
    """,
    "pending_match_id says what the matches say": f"""
        select coalesce(s.user_id, p.user_id) as user_id, s.pending_match_id, p.id as match_id
        from (select * from wingman.matchmaking_pool where pending_match_id is not null) as s
        full join (select * from ({_PARTICIPANTS}) as x where x.status = 'pending') as p
            on p.user_id = s.user_id and p.id = s.pending_match_id
        where s.user_id is null or p.user_id is null
    """,
    "the participants of a match are in id order": """
        select m.id from public.wingman_matches as m where m.user1_id >= m.user2_id
    """,
    "no pair is matched twice within the window": """
        select m.id, m.user1_id, m.user2_id, m.created_at, m.before
        from (
            select
                x.*,
                lag(x.created_at) over (partition by x.user1_id, x.user2_id order by x.created_at) as before
            from public.wingman_matches as x
        ) as m
        cross join wingman.settings as t
        where m.created_at < m.before + t.rematch_after
    """,
    "no pair has two open matches": """
        select m.user1_id, m.user2_id, array_agg(m.id) as matches
        from public.wingman_matches as m
        where m.status = 'pending' or (m.status = 'accepted' and m.ended_at is null)
        group by m.user1_id, m.user2_id
        having count(*) > 1
    """,
    "an open match is of two people who are still there": f"""
        select p.id, p.user_id
        from ({_PARTICIPANTS}) as p
        where (p.status = 'pending' or (p.status = 'accepted' and p.ended_at is null))
            and not exists (select from public.user_profiles as u where u.id = p.user_id)
    """,
    "sessions are of accepted matches": """
        select s.id, m.status
        from public.wingman_sessions as s
        inner join public.wingman_matches as m on m.id = s.match_id
        where m.status <> 'accepted'
    """,
    "a match has one active session, and none once it has ended, but for what a suspension leaves": """
        select s.match_id, array_agg(s.id) as sessions
        from public.wingman_sessions as s
        inner join public.wingman_matches as m on m.id = s.match_id
        where s.status in ('scheduled', 'in_progress')
        group by s.match_id
        having count(*) > 1 or bool_or(
            m.ended_at is not null
            and (
                s.scheduled_time > m.ended_at
                or not exists (
                    select from wingman.operator_decisions as d
                    where d.kind = 'user_suspended' and d.subject_id = m.ended_by
                )
            )
        )
    """,
    "a session is active by its status": """
        select s.id, s.status
        from public.wingman_sessions as s
        where s.is_active <> (s.status in ('scheduled', 'in_progress'))
    """,
    "completed, both confirmed and two ledger rows are one and the same": """
        select s.id, s.status, s.completed_at, e.users
        from public.wingman_sessions as s
        inner join public.wingman_matches as m on m.id = s.match_id
        cross join lateral (
            select coalesce(array_agg(r.user_id order by r.user_id), '{}') as users
            from wingman.reputation_events as r
            where r.session_id = s.id and r.kind = 'completed'
        ) as e
        where (s.status = 'completed', s.completed_at is not null, e.users)
            is distinct from (
                s.user1_completed_confirmed_by_user2 and s.user2_completed_confirmed_by_user1,
                s.status = 'completed',
                case when s.status = 'completed' then array[m.user1_id, m.user2_id] else '{}' end
            )
    """,
    "what operators decided is what sessions and the ledger say": """
        select s.id, s.status, s.reverted_at, d.decisions, n.statuses, e.given, e.taken_back
        from public.wingman_sessions as s
        cross join lateral (
            select coalesce(array_agg(r.decision order by r.decision), '{}') as decisions
            from wingman_admin.session_decisions as r
            where r.session_id = s.id and r.decision in ('no_show', 'no_show_upheld', 'reverted')
        ) as d
        cross join lateral (
            select coalesce(array_agg(r.status), '{}') as statuses
            from wingman.no_show_reports as r
            where r.session_id = s.id
        ) as n
        cross join lateral (
            select
                array_agg(r.user_id order by r.user_id)
                filter (where r.kind in ('completed', 'no_show')) as given,
                array_agg(r.user_id order by r.user_id)
                filter (where r.kind = case s.status
                    when 'completed' then 'completion_reverted' else 'no_show_reverted'
                end) as taken_back,
                count(*) filter (where r.kind in ('no_show', 'no_show_reverted')) as missed
            from wingman.reputation_events as r
            where r.session_id = s.id
        ) as e
        where (s.status = 'no_show')
            <> (d.decisions && '{no_show, no_show_upheld}' or 'admitted' = any(n.statuses))
            or ('upheld' = any(n.statuses)) > (d.decisions && '{no_show, no_show_upheld}')
            or (s.reverted_at is not null) <> ('reverted' = any(d.decisions))
            -- nothing is counted for somebody who has left
            or (s.status = 'no_show') < (e.missed > 0)
            or (s.status = 'no_show') > (e.missed > 0) and not exists (
                select from wingman.reputation_events as g
                where g.user_id in (s.user1_id, s.user2_id) and g.kind = 'departed'
            )
            or case when s.reverted_at is not null then e.given end is distinct from e.taken_back
    """,
    "a session is cancelled by one of its two people or by a decision about it or its match": """
        select s.id, s.status, s.cancelled_by
        from public.wingman_sessions as s
        inner join public.wingman_matches as m on m.id = s.match_id
        cross join lateral (
            select
                count(*) filter (where d.kind = 'session_cancelled' and d.subject_id = s.id) as of_session,
                count(*) filter (where d.kind = 'match_ended' and d.subject_id = m.id) as of_match
            from wingman.operator_decisions as d
        ) as d
        where not case
            -- a no-show may have been cancelled first
            when s.status <> 'cancelled' and s.cancelled_at is null
                then s.cancelled_by is null and d.of_session = 0
            when s.cancelled_by is null then d.of_session = 1 or (d.of_session = 0 and d.of_match = 1)
            else s.cancelled_by in (m.user1_id, m.user2_id) and d.of_session = 0
        end
    """,
    "counters are the sums of the ledger": """
        select p.id, p.completed_sessions, p.no_shows, e.completed, e.missed
        from public.user_profiles as p
        cross join lateral (
            select
                count(*) filter (where r.kind = 'completed')
                - count(*) filter (where r.kind = 'completion_reverted') as completed,
                count(*) filter (where r.kind = 'no_show')
                - count(*) filter (where r.kind = 'no_show_reverted') as missed
            from wingman.reputation_events as r
            where r.user_id = p.id
        ) as e
        where (p.completed_sessions, p.no_shows) <> (e.completed, e.missed)
    """,
    "whoever has a location, and nobody else, has a seeker in its place": """
        select coalesce(l.user_id, s.user_id) as user_id, l.place as wanted, s.place as found
        from (
            select
                x.user_id,
                row(
                    wingman.snap_to_grid(x.lat, x.privacy_mode),
                    -- at a pole, and where east meets west, one place is one cell
                    case
                        when abs(wingman.snap_to_grid(x.lat, x.privacy_mode)) = 9000 then 0
                        else coalesce(nullif(wingman.snap_to_grid(x.lng, x.privacy_mode), -18000), 18000)
                    end,
                    wingman.experience_rank(p.experience_level),
                    x.max_travel_miles
                )::text as place
            from public.user_locations as x
            inner join public.user_profiles as p on p.id = x.user_id
        ) as l
        full join (
            select x.user_id, row(x.grid_lat, x.grid_lng, x.level, x.max_travel_miles)::text as place
            from wingman.matchmaking_pool as x
        ) as s on s.user_id = l.user_id
        where l.place is distinct from s.place
    """,
    "a seeker's cell is occupied": """
        select s.user_id, s.grid_lat, s.grid_lng
        from wingman.matchmaking_pool as s
        left join wingman.occupied_cells as c on c.grid_lat = s.grid_lat and c.grid_lng = s.grid_lng
        where c.grid_lat is null
    """,
    "a search from the same place finds whoever is free, and nobody else": """
        select s.user_id, s.pending_match_id, s.paused
        from wingman.matchmaking_pool as s
        cross join wingman.search_settings as t
        -- a newcomer on the same spot, whom nobody has been found by too often for
        cross join lateral wingman.find_candidate(
            jsonb_populate_record(s, '{"user_id": "00000000-0000-0000-0000-000000000000"}'),
            1,
            jsonb_populate_record(t, '{"exposure_limit": 1000000}'),
            array(select o.user_id from wingman.matchmaking_pool as o where o.user_id <> s.user_id)
        ) as f
        where (f.candidate is not distinct from s) <> (
            s.pending_match_id is null
            and not s.paused
            and not s.suspended
            and (s.suspended_until > statement_timestamp()) is not true
        )
    """,
    "no open match is between people of whom one has blocked the other": """
        select m.id, m.status, b.blocker_id
        from public.wingman_matches as m
        inner join public.user_blocks as b
            on (b.blocker_id, b.blocked_id) in ((m.user1_id, m.user2_id), (m.user2_id, m.user1_id))
        where m.status = 'pending' or (m.status = 'accepted' and m.ended_at is null)
    """,
    "a match that somebody searched, and no other, has its search, unless one of the two has left": """
        select coalesce(m.id, h.match_id) as match_id, m.searched_by
        from (select * from public.wingman_matches where searched_by is not null) as m
        full join wingman.match_searches as h on h.match_id = m.id
        where (m.id is null or h.match_id is null) and not exists (
            select from wingman.reputation_events as g
            where g.user_id in (m.user1_id, m.user2_id) and g.kind = 'departed'
        )
    """,
    # An id tells when its match was made, whatever a test does to the match's times.
    "exposures are the matches for which the searches of others found somebody": """
        select s.user_id, s.exposures, f.times
        from wingman.matchmaking_pool as s
        cross join wingman.settings as t
        cross join lateral (
            select count(*) as times
            from public.wingman_matches as m
            where s.user_id in (m.user1_id, m.user2_id)
                and s.user_id <> m.searched_by
                and to_timestamp(('x' || left(replace(m.id::text, '-', ''), 12))::bit(48)::bigint / 1000.0)
                > statement_timestamp() - t.exposure_window
        ) as f
        where cardinality(wingman.recent_exposures(s.exposures, t.exposure_window)) <> f.times
    """,
    "nobody is found more often than the limit allows": """
        select s.user_id, cardinality(s.exposures) as times
        from wingman.matchmaking_pool as s
        cross join wingman.settings as t
        where cardinality(wingman.recent_exposures(s.exposures, t.exposure_window)) > t.exposure_limit
    """,
    "who is suspended is so in the pool, and has no open match": """
        select s.user_id, s.suspended, s.suspended_until, b.ends_at, m.id as match_id
        from wingman.matchmaking_pool as s
        left join wingman.suspensions as b on b.user_id = s.user_id
        left join public.wingman_matches as m
            on s.user_id in (m.user1_id, m.user2_id)
            and (m.status = 'pending' or (m.status = 'accepted' and m.ended_at is null))
            and (b.ends_at is null or b.ends_at > statement_timestamp())
            and b.user_id is not null
        where (s.suspended, s.suspended_until)
            is distinct from (b.user_id is not null and b.ends_at is null, b.ends_at)
            or m.id is not null
    """,
    "a cooldown is what the ledger gives": """
        select s.user_id, s.cooldown_until, c.due
        from wingman.matchmaking_pool as s
        cross join lateral wingman.cooldown_until(s.user_id) as c (due)
        where case when s.cooldown_until > statement_timestamp() then s.cooldown_until end
            is distinct from c.due
    """,
    "what is reported about a session is said in its row, and two undecided reports contest each other": """
        select s.id, s.no_show_reported, r.statuses
        from public.wingman_sessions as s
        cross join lateral (
            select
                count(*) as made,
                array_agg(n.status)
                filter (where n.closed_at is null and n.decide_by > statement_timestamp()) as statuses
            from wingman.no_show_reports as n
            where n.session_id = s.id
        ) as r
        where s.no_show_reported <> (r.made > 0) or (cardinality(r.statuses) = 2 and 'open' = any(r.statuses))
    """,
    "a report of who has confirmed is not undecided": """
        select s.id, n.id as report_id
        from public.wingman_sessions as s
        inner join wingman.no_show_reports as n on n.session_id = s.id
        where n.closed_at is null
            and n.decide_by > statement_timestamp()
            and case n.reporter_id
                when s.user1_id then s.user2_completed_confirmed_by_user1
                else s.user1_completed_confirmed_by_user2
            end
    """,
    "who has let too many offers expire is paused, and nobody else is so automatically": """
        select s.user_id, s.unanswered_offers, s.paused, s.paused_automatically
        from wingman.matchmaking_pool as s
        cross join wingman.settings as t
        where (s.unanswered_offers >= t.ghosting_limit and not s.paused)
            or (s.paused_automatically and (s.unanswered_offers < t.ghosting_limit or not s.paused))
    """,
}
