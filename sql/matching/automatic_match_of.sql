create or replace function wingman.automatic_match_of(user_id uuid, message text)
returns public.automatic_match
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _next public.next_match := wingman.next_match_of(automatic_match_of.user_id);
    _distance integer;
begin
    select m.distance_miles into strict _distance from public.wingman_matches as m where m.id = _next.match_id;

    return row(
        true,
        automatic_match_of.message,
        _next.match_id,
        _next.buddy_user_id,
        _next.buddy_profile,
        _distance
    )::public.automatic_match;
end
$$;

comment on function wingman.automatic_match_of(uuid, text) is
'The pending match of a user as the successful answer of create_automatic_match';
revoke all on function wingman.automatic_match_of(uuid, text) from public, anon, authenticated, service_role;
