create or replace function wingman.offer_next_match(user_id uuid, settings wingman.search_terms)
returns wingman.offer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _own record;
begin
    select
        s as seeker,
        exists (select from wingman.due_matches) as has_due_matches
    into _own
    from wingman.matchmaking_pool as s
    where s.user_id = offer_next_match.user_id
        and not s.paused
        and (s.cooldown_until is null or s.cooldown_until <= statement_timestamp());
    if not found then
        return null;
    end if;

    if _own.has_due_matches then
        perform wingman.settle_due_matches(offer_next_match.settings.settle_limit);
    end if;
    -- both rows of the declined match are held: never wait, and treat "none" and "busy" alike
    return (wingman.match_nearest(_own.seeker, (_own.seeker).max_travel_miles, false, offer_next_match.settings)).offer;
end
$$;

comment on function wingman.offer_next_match(uuid, wingman.search_terms) is
'Tries to find the next match, within their own travel distance, for a user who has just declined; nulls if there is none. Never
fails.';
revoke all on function wingman.offer_next_match(uuid, wingman.search_terms) from public, anon, authenticated, service_role;
