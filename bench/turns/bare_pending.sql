-- After pending.sql: the same matches, and people who wait for an answer, among the bare tables.
insert into bare.wingman_matches
select m.*
from public.wingman_matches as m
where m.created_at > (select w.made_at from bench.world as w)
order by m.id;

\ir bare_people.sql
