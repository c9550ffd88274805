-- Everybody has waited for up to thirty days; how long follows from the id, so that it can be restored after a turn.
insert into bench.world default values;

create function bench.waiting_since(user_id uuid) returns timestamptz
language sql stable as $$
    select w.made_at - interval '30 days' * (('x' || right(user_id::text, 8))::bit(32)::bigint / 4294967296.0)
    from bench.world as w
$$;

update wingman.matchmaking_pool set waiting_since = bench.waiting_since(user_id) where true;

-- a turn has more calls per person than the limit of an hour
update wingman.settings set
    automatic_match_limit = 1000000,
    respond_limit = 1000000,
    confirm_limit = 1000000,
    create_session_limit = 1000000,
    profile_limit = 1000000
where true;

vacuum (full, analyze) wingman.matchmaking_pool;
vacuum (freeze, analyze);
