create or replace view wingman_admin.waiting_places as
select
    p.lat,
    p.lng,
    p.people
from (
    select
        c.lat,
        c.lng,
        -- rounded down, so that the arrival of one person shows only now and then
        (count(*) / 5 * 5)::integer as people
    from (
        select
            -- the point at the pole belongs to the last cell before it
            least((s.grid_lat + 9000) / 100, 179) - 90 as lat,
            -- 18000 stands for -18000
            (s.grid_lng + 18000) / 100 % 360 - 180 as lng
        from wingman.matchmaking_pool as s
        where
            s.pending_match_id is null
            and not s.paused
            and not wingman.is_suspended(s.suspended, s.suspended_until)
    ) as c
    group by c.lat, c.lng
) as p
where p.people > 0
order by p.people desc, p.lat asc, p.lng asc;

comment on view wingman_admin.waiting_places is
'Where people wait: how many could be matched now, on one fixed grid of one degree. It is made so that nobody can be found by it:
it starts from the grid of the search and not from exact places, rounds down to fives, leaves out cells with fewer than five people,
and cannot be narrowed to a kind of people. Reads every seeker once, so its cost grows with the number of people';
comment on column wingman_admin.waiting_places.lat is 'Latitude of the cell''s southern edge, in whole degrees: -90 to 89';
comment on column wingman_admin.waiting_places.lng is 'Longitude of the cell''s western edge, in whole degrees: -180 to 179';
comment on column wingman_admin.waiting_places.people is 'How many wait there, rounded down to a multiple of five';

revoke all on table wingman_admin.waiting_places from public, anon, authenticated, service_role;
grant select on table wingman_admin.waiting_places to wingman_admin, service_role;
