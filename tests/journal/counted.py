"""The numbers of operators' views, and the same counted from the rows, both in one statement."""

from typing import Any

from harness import Connection

_VIEWS = {
    "completion_rate_by_day": (
        "select * from wingman_admin.completion_rate_by_day order by held_on",
        """
        select
            (s.scheduled_time at time zone 'UTC')::date as held_on,
            count(*) as sessions,
            count(*) filter (where s.status = 'completed' and s.reverted_at is null) as completed,
            count(*) filter (where s.status = 'cancelled') as cancelled,
            count(*) filter (where s.status = 'no_show' and s.reverted_at is null) as no_shows,
            count(*) filter (where s.reverted_at is not null) as reverted,
            count(*) filter (where s.status in ('scheduled', 'in_progress')) as not_settled,
            round(
                count(*) filter (where s.status = 'completed' and s.reverted_at is null)::numeric
                / count(*),
                3
            ) as completion_rate
        from public.wingman_sessions as s
        where s.scheduled_time <= statement_timestamp()
        group by 1
        order by 1
        """,
    ),
    "match_funnel": (
        "select * from wingman_admin.match_funnel order by offered_on",
        """
        select
            (m.created_at at time zone 'UTC')::date as offered_on,
            count(*) as offered,
            count(*) filter (where m.status = 'accepted') as accepted,
            count(*) filter (where s.sessions > 0) as scheduled,
            count(*) filter (where s.completed > 0) as completed
        from public.wingman_matches as m
        cross join lateral (
            select
                count(*) as sessions,
                count(*) filter (where t.status = 'completed' and t.reverted_at is null) as completed
            from public.wingman_sessions as t
            where t.match_id = m.id
        ) as s
        group by 1
        order by 1
        """,
    ),
    "reputation_distribution": (
        "select * from wingman_admin.reputation_distribution order by score",
        """
        select p.reputation_score as score, count(*) as people
        from public.user_profiles as p
        group by 1
        order by 1
        """,
    ),
    "open": (
        "select state, amount from wingman_admin.metrics where metric = 'open' order by state",
        """
        select v.state, v.amount
        from (
            values
            (
                'accepted',
                (
                    select count(*)
                    from public.wingman_matches as m
                    where m.status = 'accepted' and m.ended_at is null
                        and m.created_at >= wingman.history_start()
                        and not exists (
                            select from public.wingman_sessions as s
                            where s.match_id = m.id and s.status in ('scheduled', 'in_progress')
                        )
                )
            ),
            (
                'in_progress',
                (select count(*) from public.wingman_sessions as s where s.status = 'in_progress')
            ),
            (
                'offered',
                (
                    select count(*) from public.wingman_matches as m
                    where m.status = 'pending' and m.expires_at > statement_timestamp()
                )
            ),
            ('scheduled', (select count(*) from public.wingman_sessions as s where s.status = 'scheduled'))
        ) as v (state, amount)
        order by 1
        """,
    ),
    "sessions": (
        "select state, amount from wingman_admin.metrics where metric = 'sessions' order by state",
        """
        select k.state, count(s.id) as amount
        from unnest(array['cancelled', 'completed', 'no_show', 'not_settled', 'reverted']) as k (state)
        left join public.wingman_sessions as s
            on s.scheduled_time between wingman.history_start() and statement_timestamp()
            and case
                when s.reverted_at is not null then 'reverted'
                when s.status in ('scheduled', 'in_progress') then 'not_settled'
                else s.status
            end = k.state
        group by 1
        order by 1
        """,
    ),
    "last_day": (
        "select state, amount from wingman_admin.metrics where metric = 'last_day' order by state",
        """
        select v.state, v.amount
        from (
            values
            (
                'completed',
                (
                    select count(*) from public.wingman_sessions as s
                    where s.completed_at > statement_timestamp() - interval '24 hours'
                )
            ),
            -- nothing here is older than that
            ('no_show', (select count(*) from public.wingman_sessions as s where s.status = 'no_show'))
        ) as v (state, amount)
        order by 1
        """,
    ),
    "funnel": (
        "select state, amount from wingman_admin.metrics where metric = 'funnel' order by state",
        """
        select v.state, coalesce(sum(v.amount), 0) as amount
        from public.wingman_matches as m
        cross join lateral (
            values
            ('accepted', (m.status = 'accepted')::integer),
            (
                'completed',
                (exists (
                    select from public.wingman_sessions as s
                    where s.match_id = m.id and s.status = 'completed' and s.reverted_at is null
                ))::integer
            ),
            ('offered', 1),
            (
                'scheduled',
                (exists (select from public.wingman_sessions as s where s.match_id = m.id))::integer
            )
        ) as v (state, amount)
        where (m.created_at at time zone 'UTC')::date > (statement_timestamp() at time zone 'UTC')::date - 7
        group by 1
        order by 1
        """,
    ),
}


def both(db: Connection, name: str) -> tuple[Any, Any]:
    """The rows of a view, and what they should be."""
    view, rows = _VIEWS[name]
    found = db.execute(
        f"""select (select jsonb_agg(v) from ({view}) as v) as counted,
                   (select jsonb_agg(t) from ({rows}) as t) as truth"""
    ).fetchone()
    assert found is not None
    return found["counted"], found["truth"] or (
        [{"state": state, "amount": 0} for state in ("accepted", "completed", "offered", "scheduled")]
        if name == "funnel"
        else None
    )


def assert_views_are_true(db: Connection) -> None:
    for name in _VIEWS:
        counted, truth = both(db, name)
        assert counted == truth, name
