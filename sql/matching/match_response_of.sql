create or replace function wingman.match_response_of(match_status text, next_offer wingman.offer)
returns public.match_response
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return row(
        true,
        case
            when match_response_of.match_status = 'accepted'
                then 'Match accepted! You can now schedule a session with your wingman buddy.'
            when match_response_of.next_offer.match_id is null then 'Match declined.'
            else 'Match declined. Here''s your next potential wingman buddy!'
        end,
        match_response_of.match_status,
        case
            when match_response_of.next_offer.match_id is not null then row(
                match_response_of.next_offer.match_id,
                match_response_of.next_offer.buddy_user_id,
                match_response_of.next_offer.buddy_profile
            )::public.next_match
        end
    )::public.match_response;
end
$$;

comment on function wingman.match_response_of(text, wingman.offer) is
'The answer of respond_to_match where the match now has this status, first or repeated. next_offer: after a decline, the pending
match of the caller.';
revoke all on function wingman.match_response_of(text, wingman.offer) from public, anon, authenticated, service_role;
