-- After reset.sql, with the turn's calls: resets the bare tables to those of the world.
delete from bare.match_searches as b
using bare.wingman_matches as m, bench.world as w
where b.match_id = m.id and m.created_at > w.made_at;

delete from bare.wingman_matches where created_at > (select w.made_at from bench.world as w);

\ir bare_people.sql
vacuum (skip_database_stats) bare.wingman_matches, bare.match_searches, bare.matchmaking_pool;
