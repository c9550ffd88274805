create or replace function wingman.get_match_history(match_id uuid, user_id uuid)
returns setof public.match_event
language plpgsql
stable
security definer
rows 10
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.require_profile(wingman.acting_user_id(get_match_history.user_id));
    _match public.wingman_matches;
begin
    perform wingman.require_argument('match_id', get_match_history.match_id is not null);
    perform wingman.match_buddy(get_match_history.match_id, _me);
    select m.* into strict _match from public.wingman_matches as m where m.id = get_match_history.match_id;

    return query
    select e.occurred_at, e.kind, e.session_id, e.user_id = _me
    from wingman.events as e
    inner join wingman.event_kinds() as k on k.kind = e.kind
    where e.match_id = _match.id and k.visible_to = 'participants'
    order by e.id;

    -- when it lapsed, not when somebody settled it
    if wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp()) = 'expired' then
        return next row(_match.expires_at, 'match_expired', null, null)::public.match_event;
    end if;
end
$$;

comment on function wingman.get_match_history(uuid, uuid) is 'Engine of public.get_match_history';
revoke all on function wingman.get_match_history(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.get_match_history(uuid, uuid) to authenticated, service_role, wingman_admin;
