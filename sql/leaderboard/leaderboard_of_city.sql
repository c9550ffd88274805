create or replace function wingman.leaderboard_of_city(
    period text,
    starting date,
    standings wingman.leaderboard_standing[],
    city text
)
returns setof wingman.leaderboard_place
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_mergejoin = off
set jit = off
as $$
begin
    return query
    select c.user_id, c.count, c.seniority
    from (
        select
            l.user_id,
            case when s.user_id is null then k.count else s.count end as count,
            case when s.user_id is null then k.seniority else s.seniority end as seniority
        from public.user_locations as l
        left join wingman.leaderboard_counts as k
            on k.period = leaderboard_of_city.period collate "C"
            and k.starting = leaderboard_of_city.starting
            and k.user_id = l.user_id
        left join unnest(leaderboard_of_city.standings) as s on s.user_id = l.user_id
        where wingman.normalized_city(l.city) = leaderboard_of_city.city
    ) as c
    where c.count > 0 and c.seniority is not null;
end
$$;

comment on function wingman.leaderboard_of_city(text, date, wingman.leaderboard_standing[], text) is
'Everybody who is on a board and in a city, as wingman.normalized_city writes it. standings: whoever is elsewhere than stored';
revoke all on function wingman.leaderboard_of_city(text, date, wingman.leaderboard_standing[], text)
from public, anon, authenticated, service_role;
