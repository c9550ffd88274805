create or replace function wingman.offer_next_match(user_id uuid)
returns wingman.offer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _limited record;
    _own record;
begin
    select
        wingman.consume_rate_limit(offer_next_match.user_id, 'respond', t.respond_cost, t.respond_burst) as user_id,
        t as settings
    into _limited
    from wingman.search_settings as t;
    select
        s as seeker,
        s.paused or s.cooldown_until is not null as needs_a_look,
        exists (select from wingman.due_matches) as has_due_matches
    into _own
    from wingman.matchmaking_pool as s
    where s.user_id = offer_next_match.user_id;
    -- not found: without a location there is no next match
    if not found or (_own.needs_a_look and not wingman.may_be_offered_next(offer_next_match.user_id)) then
        return null;
    elsif _own.has_due_matches then
        perform wingman.settle_due_matches((_limited.settings).settle_limit);
    end if;
    -- both rows of the declined match are held: never wait, and treat "none" and "busy" alike
    return (wingman.match_nearest(_own.seeker, (_own.seeker).max_travel_miles, false, _limited.settings)).offer;
end
$$;

comment on function wingman.offer_next_match(uuid) is
'Takes one call from the limit of answers of a user who has just declined, and tries to find the next match within their own
travel distance; nulls if there is none. Errors: rate_limited.';
revoke all on function wingman.offer_next_match(uuid) from public, anon, authenticated, service_role;
