-- Resets the bare rows of this turn's people to those of the world.
create temporary table taking_part as
select md5('person ' || n)::uuid as user_id
from generate_series(2 * :pairs, 2 * :pairs + 2 * :calls - 1) as n;

delete from bare.matchmaking_pool as b
using taking_part as t
where b.user_id = t.user_id;

insert into bare.matchmaking_pool
select s.*
from wingman.matchmaking_pool as s
join taking_part as t using (user_id)
order by s.user_id;
