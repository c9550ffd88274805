-- The world is again as it was made: all matches that came later go, and with them what they left with people.
delete from public.wingman_matches where created_at > (select w.made_at from bench.world as w);

update wingman.match_seekers
set waiting_since = bench.waiting_since(user_id), exposures = default
where waiting_since > (select w.made_at from bench.world as w) or exposures <> '{}';

vacuum (skip_database_stats);
