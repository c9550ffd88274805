create or replace function wingman.automatic_match_of(match public.wingman_matches, user_id uuid, message text)
returns public.automatic_match
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _next public.next_match := wingman.next_match_of(automatic_match_of.match, automatic_match_of.user_id);
begin
    return row(
        true,
        automatic_match_of.message,
        _next.match_id,
        _next.buddy_user_id,
        _next.buddy_profile,
        automatic_match_of.match.distance_miles
    )::public.automatic_match;
end
$$;

comment on function wingman.automatic_match_of(public.wingman_matches, uuid, text) is
'The pending match of a user as the successful answer of create_automatic_match';
revoke all on function wingman.automatic_match_of(public.wingman_matches, uuid, text)
from public, anon, authenticated, service_role;
