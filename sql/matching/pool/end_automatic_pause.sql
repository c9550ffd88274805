create or replace function wingman.end_automatic_pause(user_id uuid)
returns wingman.matchmaking_pool
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.matchmaking_pool;
begin
    update wingman.matchmaking_pool as s
    set paused = false, paused_automatically = false, unanswered_offers = 0
    where s.user_id = end_automatic_pause.user_id and s.paused_automatically;

    select s.* into strict _seeker from wingman.matchmaking_pool as s where s.user_id = end_automatic_pause.user_id;
    return _seeker;
end
$$;

comment on function wingman.end_automatic_pause(uuid) is
'Ends an automatic pause, if there is one, of a user whose seeker the caller has locked. Returns the seeker as it is then.';
revoke all on function wingman.end_automatic_pause(uuid) from public, anon, authenticated, service_role;
