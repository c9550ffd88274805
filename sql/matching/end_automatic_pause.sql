create or replace function wingman.end_automatic_pause(user_id uuid)
returns wingman.match_seekers
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.match_seekers;
begin
    update wingman.match_seekers as s
    set paused = false, paused_automatically = false, unanswered_offers = 0
    where s.user_id = end_automatic_pause.user_id and s.paused_automatically;

    select s.* into strict _seeker from wingman.match_seekers as s where s.user_id = end_automatic_pause.user_id;
    return _seeker;
end
$$;

comment on function wingman.end_automatic_pause(uuid) is
'Ends an automatic pause, if there is one, of a user whose seeker the caller has locked. Returns the seeker as it is then.';
revoke all on function wingman.end_automatic_pause(uuid) from public, anon, authenticated, service_role;
