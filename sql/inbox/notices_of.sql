create or replace function wingman.notices_of(events wingman.events[])
returns setof wingman.notice
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- so that a plan made while the tables were small does not scan them whole until the next analyze
set enable_seqscan = off
set jit = off
as $$
begin
    return query
    select
        p.id,
        r.other_id,
        e.kind,
        e.id,
        e.match_id,
        e.session_id,
        null::timestamptz,
        null::timestamptz,
        case e.kind
            when 'match_offered' then (e.details ->> 'expires_at')::timestamptz
            when 'match_first_accepted' then r.expires_at
            when 'session_scheduled' then (e.details ->> 'scheduled_time')::timestamptz
            when 'session_moved' then (e.details ->> 'scheduled_time')::timestamptz
            -- one that was earned long ago and is awarded now is no news, and nothing is sent outside
            when 'achievement_earned' then (e.details ->> 'earned_at')::timestamptz + interval '168 hours'
        end,
        coalesce(e.user_id = r.other_id, false)
    from unnest(notices_of.events) as e
    inner join wingman.event_kinds() as k on k.kind = e.kind and k.told_to is not null
    cross join lateral (
        select o.id, o.other_id, m.expires_at
        from public.wingman_matches as m
        cross join lateral (values (m.user1_id, m.user2_id), (m.user2_id, m.user1_id)) as o (id, other_id)
        where k.told_to = 'participants' and m.id = e.match_id and o.id is distinct from e.user_id
        union all
        select e.user_id, null, null
        where k.told_to = 'user' and (e.details ->> 'automatically') is distinct from 'false'
    ) as r
    -- somebody who has returned with the same id is not told what happened before
    inner join public.user_profiles as p on p.id = r.id and p.created_at <= e.occurred_at
    -- not if the same act is told by another event
    where not (k.unless_told is not null and exists (
            select
            from wingman.events as o
            where o.match_id = e.match_id
                and o.occurred_at = e.occurred_at
                and o.xid = e.xid
                and o.kind = any(k.unless_told)
                and (o.kind <> e.kind or o.id < e.id)
        ))
        and (e.user_id is distinct from r.other_id or not wingman.is_muted(r.id, r.other_id, e.occurred_at))
    order by e.id, p.id;
end
$$;

comment on function wingman.notices_of(wingman.events[]) is
'Who is told of these events: never the person who did it; not the other person either if one of the two has blocked the other,
unless the block itself did it; and one act once, even if it caused several events';
revoke all on function wingman.notices_of(wingman.events[]) from public, anon, authenticated, service_role;
