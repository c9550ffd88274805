create or replace function wingman.automatic_match_of(offer wingman.offer, message text)
returns public.automatic_match
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return row(
        true,
        automatic_match_of.message,
        automatic_match_of.offer.match_id,
        automatic_match_of.offer.buddy_user_id,
        automatic_match_of.offer.buddy_profile,
        automatic_match_of.offer.distance_miles
    )::public.automatic_match;
end
$$;

comment on function wingman.automatic_match_of(wingman.offer, text) is
'An offer as the successful answer of create_automatic_match';
revoke all on function wingman.automatic_match_of(wingman.offer, text) from public, anon, authenticated, service_role;
