create or replace function wingman.match_again(user_id uuid)
returns public.wingman_matches
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.match_seekers;
    _settings wingman.settings;
begin
    select s.* into _seeker from wingman.match_seekers as s where s.user_id = match_again.user_id;
    if not found or _seeker.paused then
        return null;
    end if;

    select t.* into strict _settings from wingman.settings as t;
    perform wingman.settle_due_matches(_settings.settle_limit);
    -- both seekers of the declined match are held: wait for nobody, and take "none" and "busy" alike
    return (wingman.match_nearest(_seeker, _seeker.max_travel_miles, false, _settings)).match;
end
$$;

comment on function wingman.match_again(uuid) is
'Tries to give a user, who has just declined, the next match within their own travel distance; nulls where there is none. Never
fails.';
revoke all on function wingman.match_again(uuid) from public, anon, authenticated, service_role;
