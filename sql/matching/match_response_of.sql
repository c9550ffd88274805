create or replace function wingman.match_response_of(
    user_id uuid,
    match_status text,
    next_match public.wingman_matches
)
returns public.match_response
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _next public.next_match := wingman.next_match_of(match_response_of.next_match, match_response_of.user_id);
begin
    return row(
        true,
        case
            when match_response_of.match_status = 'accepted'
                then 'Match accepted! You can now schedule a session with your wingman buddy.'
            when _next is null then 'Match declined.'
            else 'Match declined. Here''s your next potential wingman buddy!'
        end,
        match_response_of.match_status,
        _next
    )::public.match_response;
end
$$;

comment on function wingman.match_response_of(uuid, text, public.wingman_matches) is
'The answer of respond_to_match to a user whose match now has this status, first or repeated. next_match: the pending match of
that user after a decline.';
revoke all on function wingman.match_response_of(uuid, text, public.wingman_matches)
from public, anon, authenticated, service_role;
