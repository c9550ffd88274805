create or replace function wingman.personal_data(user_id uuid, with_exact_place boolean)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := personal_data.user_id;
    _matches uuid[] := array(select m.id from public.wingman_matches as m where m.user1_id = _me or m.user2_id = _me);
    _data jsonb;
begin
    _data := jsonb_build_object(
        'user_profiles', (
            select jsonb_agg(p)
            from public.user_profiles as p
            where p.id = _me
        ),
        'user_locations', (
            select jsonb_agg(
                case when personal_data.with_exact_place then to_jsonb(l) else to_jsonb(l) - 'lat' - 'lng' end
            )
            from public.user_locations as l
            where l.user_id = _me
        ),
        'matchmaking_pool', (
            select jsonb_agg(
                case when personal_data.with_exact_place then to_jsonb(s) else to_jsonb(s) - 'grid_lat' - 'grid_lng' end
            )
            from wingman.matchmaking_pool as s
            where s.user_id = _me
        ),
        'rate_limits', (
            select jsonb_agg(r order by r.bucket)
            from wingman.rate_limits as r
            where r.user_id = _me
        ),
        'idempotency_keys', (
            select jsonb_agg(
                jsonb_build_object('user_id', k.user_id, 'idempotency_key', k.idempotency_key, 'created_at', k.created_at)
                order by k.created_at, k.idempotency_key
            )
            from wingman.idempotency_keys as k
            where k.user_id = _me
        )
    );

    _data := _data || jsonb_build_object(
        'wingman_matches', (
            select jsonb_agg(
                to_jsonb(m) || case m.user1_id
                    when _me then '{"user2_reputation": null, "user2_level": null}'::jsonb
                    else '{"user1_reputation": null, "user1_level": null}'::jsonb
                end
                order by m.id
            )
            from public.wingman_matches as m
            where m.id = any(_matches)
        ),
        'match_searches', (
            select jsonb_agg(
                jsonb_build_object('match_id', h.match_id, 'level_difference', h.level_difference)
                || case m.searched_by
                    when _me then jsonb_build_object('radius_miles', h.radius_miles)
                    else jsonb_build_object(
                        'candidate_travel_miles', h.candidate_travel_miles,
                        'candidate_waiting_since', h.candidate_waiting_since,
                        'candidate_exposures', h.candidate_exposures
                    )
                end
                order by h.match_id
            )
            from wingman.match_searches as h
            inner join public.wingman_matches as m on m.id = h.match_id
            where h.match_id = any(_matches)
        ),
        'wingman_sessions', (
            select jsonb_agg(
                to_jsonb(s) - 'is_active' || jsonb_build_object(
                    'notes', case s.created_by when _me then s.notes end,
                    'cancellation_reason', case s.cancelled_by when _me then s.cancellation_reason end
                )
                order by s.id
            )
            from public.wingman_sessions as s
            where s.match_id = any(_matches)
        ),
        'session_decisions', (
            select jsonb_agg(
                jsonb_build_object('session_id', d.session_id, 'decision', d.decision, 'created_at', d.created_at)
                order by d.created_at, d.session_id
            )
            from public.wingman_sessions as s
            inner join wingman.session_decisions as d on d.session_id = s.id
            where s.match_id = any(_matches)
        ),
        'events', (
            select jsonb_agg(
                jsonb_build_object(
                    'occurred_at', e.occurred_at,
                    'kind', e.kind,
                    'match_id', e.match_id,
                    'session_id', e.session_id,
                    'user_id', e.user_id,
                    'details', e.details
                )
                order by e.id
            )
            from wingman.events as e
            where e.match_id = any(_matches) and e.user_id = _me
        ),
        'reputation_events', (
            select jsonb_agg(to_jsonb(g) - 'xid' - 'id' order by g.id)
            from wingman.reputation_events as g
            where g.user_id = _me
        )
    );

    _data := _data || jsonb_build_object(
        'user_blocks', (
            select jsonb_agg(b order by b.created_at, b.blocked_id)
            from public.user_blocks as b
            where b.blocker_id = _me
        ),
        'user_reports', (
            select jsonb_agg(
                jsonb_build_object(
                    'id', r.id,
                    'reporter_id', r.reporter_id,
                    'subject_id', r.subject_id,
                    'reason', r.reason,
                    'created_at', r.created_at
                )
                order by r.id
            )
            from wingman.user_reports as r
            where r.reporter_id = _me
        ),
        'operator_decisions', (
            select jsonb_agg(
                jsonb_build_object('id', d.id, 'decided_at', d.decided_at, 'kind', d.kind, 'subject_id', d.subject_id)
                order by d.id
            )
            from wingman.operator_decisions as d
            where d.subject_id = _me
        )
    );
    return (
        select jsonb_object_agg(t.name, coalesce(nullif(t.rows, 'null'), '[]'))
        from jsonb_each(_data) as t (name, rows)
    );
end
$$;

comment on function wingman.personal_data(uuid, boolean) is
'What is a person''s own by wingman.data_inventory, as data_export.data gives it: all rows of one snapshot. What such a row says
about somebody else is null in it. with_exact_place: for the person alone. Events are found by their matches: those of profile,
blocks and pauses, which tell of rows that are here themselves, would need an index that every call would pay for.';
revoke all on function wingman.personal_data(uuid, boolean) from public, anon, authenticated, service_role;
