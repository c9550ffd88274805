-- Resets the world to its initial state: deletes all later matches and their effects on people.
delete from public.wingman_matches where created_at > (select w.made_at from bench.world as w);

update wingman.matchmaking_pool
set waiting_since = bench.waiting_since(user_id), exposures = default
where waiting_since > (select w.made_at from bench.world as w) or exposures <> '{}';

vacuum (skip_database_stats);
