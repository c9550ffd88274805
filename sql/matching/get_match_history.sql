create or replace function wingman.get_match_history(match_id uuid, user_id uuid)
returns setof public.match_event
language plpgsql
stable
security definer
rows 10
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.known_caller_id(get_match_history.user_id);
    _match public.wingman_matches;
begin
    perform wingman.require_argument('match_id', get_match_history.match_id is not null);
    perform wingman.match_buddy(get_match_history.match_id, _me);
    select m.* into strict _match from public.wingman_matches as m where m.id = get_match_history.match_id;

    return query
    select
        a.occurred_at,
        e.event,
        case a.entity when 'session' then a.entity_id end,
        e.by_me
    from wingman.audit_log as a
    cross join lateral (
        select
            a.before ->> 'status' as old_status,
            a.after ->> 'status' as new_status,
            a.entity = 'match' as is_match
    ) as c
    cross join lateral (
        values
        (1, 'offered', c.is_match and a.before is null, (a.after ->> 'searched_by')::uuid = _me),
        (
            2,
            c.new_status,
            c.old_status = 'pending' and c.new_status in ('accepted', 'declined'),
            (a.after ->> 'responded_by')::uuid = _me
        ),
        (3, 'ended', c.is_match and a.before ->> 'ended_at' is null and a.after ->> 'ended_at' is not null, a.user_id = _me),
        (4, 'session_scheduled', not c.is_match and a.before is null, a.user_id = _me),
        (5, 'session_started', c.old_status <> c.new_status and c.new_status = 'in_progress', a.user_id = _me),
        (
            6,
            'confirmed',
            (a.before ->> 'user1_completed_confirmed_by_user2')::boolean < (a.after ->> 'user1_completed_confirmed_by_user2')::boolean,
            _match.user2_id = _me
        ),
        (
            7,
            'confirmed',
            (a.before ->> 'user2_completed_confirmed_by_user1')::boolean < (a.after ->> 'user2_completed_confirmed_by_user1')::boolean,
            _match.user1_id = _me
        ),
        (
            8,
            'session_' || c.new_status,
            c.old_status <> c.new_status and c.new_status in ('completed', 'cancelled', 'no_show'),
            (a.after ->> 'cancelled_by')::uuid = _me
        ),
        (9, 'session_reverted', a.before ->> 'reverted_at' is null and a.after ->> 'reverted_at' is not null, null)
    ) as e (place, event, happened, by_me)
    where a.match_id = _match.id and e.happened
    order by a.id, e.place;

    -- not when somebody settled it
    if wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp()) = 'expired' then
        return next row(_match.expires_at, 'expired', null, null)::public.match_event;
    end if;
end
$$;

comment on function wingman.get_match_history(uuid, uuid) is 'Engine of public.get_match_history';
revoke all on function wingman.get_match_history(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.get_match_history(uuid, uuid) to authenticated, service_role, wingman_admin;
