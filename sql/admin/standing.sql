create or replace view wingman_admin.standing as
with pool as (
    select
        case
            when wingman.is_suspended(s.suspended, s.suspended_until) then 'suspended'
            when s.paused and s.paused_automatically then 'paused_automatically'
            when s.paused then 'paused'
            when s.pending_match_id is not null then 'offered'
            when s.cooldown_until > statement_timestamp() then 'cooldown'
            else 'free'
        end as state
    from wingman.matchmaking_pool as s
),

counted as (
    select
        p.state,
        count(*) as people
    from pool as p
    group by p.state
)

select
    w.state,
    coalesce(c.people, 0) as people
from
    unnest(array['free', 'cooldown', 'offered', 'paused', 'paused_automatically', 'suspended'])
    with ordinality as w (state, place)
left join counted as c on w.state = c.state
order by w.place asc;

comment on view wingman_admin.standing is
'How many people can be matched now, and what keeps the others from it: everybody with a location, in the first state that
applies. Reads everybody in the pool once, so its cost grows with the number of people';
comment on column wingman_admin.standing.state is
'suspended; paused_automatically: after offers left to expire; paused; offered: with a pending match; cooldown: after a no-show,
can be found and cannot search; free';
comment on column wingman_admin.standing.people is 'How many';

revoke all on table wingman_admin.standing from public, anon, authenticated, service_role;
grant select on table wingman_admin.standing to wingman_admin, service_role;
