-- psql -v people=N: makes N people around the cities of bench.cities, numbered from 0. Person n has the id
-- md5('person ' || n), which pgbench can compute. 2k and 2k + 1 are neighbours in one grid cell, as far as it has
-- pairs; everything else about the numbers is random, so that any range of them is a fair sample of all people.
begin;
select setseed(0.5);

create temporary table drawn as
with dice as materialized (
    select
        random() as city,
        4 * sqrt(-2 * ln(1 - random())) as miles,
        random() * 2 * pi() as bearing,
        (array['beginner', 'intermediate', 'advanced'])[1 + floor(random() * 3)::integer] as experience_level,
        (array['precise', 'precise', 'precise', 'city_only'])[1 + floor(random() * 4)::integer] as privacy_mode,
        (array[5, 10, 25, 25, 25, 50, 100])[1 + floor(random() * 7)::integer] as max_travel_miles
    from generate_series(1, :people)
)
select
    d.experience_level,
    d.privacy_mode,
    d.max_travel_miles,
    c.name as city,
    c.lat + d.miles * cos(d.bearing) / 69.1 as lat,
    -- 540 instead of 180 keeps the remainder positive
    mod((c.lng + d.miles * sin(d.bearing) / (69.1 * cos(radians(c.lat))) + 540)::numeric, 360)::double precision
    - 180 as lng
from dice as d
cross join lateral (
    select * from bench.cities as c where c.share_up_to >= d.city order by c.share_up_to limit 1
) as c;

create temporary table seated as
with seats as (
    select
        d.*,
        g.cell,
        row_number() over (partition by g.cell order by d.experience_level, random()) - 1 as seat
    from drawn as d
    cross join lateral (
        select case d.privacy_mode when 'city_only' then 0.1 else 0.01 end as step
    ) as s
    cross join lateral (
        select point(round(d.lat / s.step) * s.step * 100, round(d.lng / s.step) * s.step * 100)::text as cell
    ) as g
)
select *, seat / 2 as pair, count(*) over (partition by cell, seat / 2) = 2 as is_paired
from seats;

create temporary table numbered as
with pairs as (
    select cell, pair, row_number() over (order by random()) - 1 as k
    from seated
    where is_paired
    group by cell, pair
),
numbers as (
    select s.*, 2 * p.k + s.seat % 2 as n
    from seated as s
    join pairs as p using (cell, pair)
    where s.is_paired
    union all
    select s.*, 2 * (select count(*) from pairs) + row_number() over (order by random()) - 1
    from seated as s
    where not s.is_paired
)
select md5('person ' || n)::uuid as id, *
from numbers;

-- in the order of the ids, which is not that of the numbers
insert into auth.users (id) select id from numbered order by id;

insert into public.user_profiles (id, first_name, experience_level)
select id, 'Person ' || n, experience_level from numbered order by id;

insert into public.user_locations (user_id, lat, lng, city, privacy_mode, max_travel_miles)
select id, lat, lng, city, privacy_mode, max_travel_miles from numbered order by id;
commit;
