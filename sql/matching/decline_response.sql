create or replace function wingman.decline_response(next_offer wingman.offer)
returns public.match_response
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if decline_response.next_offer.match_id is null then
        return row(true, 'Match declined.', 'declined', null)::public.match_response;
    end if;
    return row(
        true,
        'Match declined. Here''s your next potential wingman buddy!',
        'declined',
        row(
            decline_response.next_offer.match_id,
            decline_response.next_offer.buddy_user_id,
            decline_response.next_offer.buddy_profile
        )::public.next_match
    )::public.match_response;
end
$$;

comment on function wingman.decline_response(wingman.offer) is
'The answer of respond_to_match to a decline, first or repeated. next_offer: the caller''s pending match after it; nulls: none.';
revoke all on function wingman.decline_response(wingman.offer) from public, anon, authenticated, service_role;
