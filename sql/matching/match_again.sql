create or replace function wingman.match_again(user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.match_seekers;
begin
    select s.* into _seeker from wingman.match_seekers as s where s.user_id = match_again.user_id;
    if not found or _seeker.paused then
        return;
    end if;

    perform wingman.settle_due_matches();
    -- both seekers of the declined match are held: wait for nobody, and take "none" and "busy" alike
    perform wingman.match_nearest(match_again.user_id, _seeker.max_travel_miles, may_wait => false);
end
$$;

comment on function wingman.match_again(uuid) is
'Tries to give a user, who has just declined, the next match within their own travel distance. Never fails.';
revoke all on function wingman.match_again(uuid) from public, anon, authenticated, service_role;
