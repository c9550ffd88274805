create or replace function wingman.match_response_of(user_id uuid, match_status text)
returns public.match_response
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _next public.next_match;
    _message text := 'Match accepted! You can now schedule a session with your wingman buddy.';
begin
    if match_response_of.match_status = 'declined' then
        _next := wingman.next_match_of(match_response_of.user_id);
        _message := case
            when _next is null then 'Match declined.'
            else 'Match declined. Here''s your next potential wingman buddy!'
        end;
    end if;
    return row(true, _message, match_response_of.match_status, _next)::public.match_response;
end
$$;

comment on function wingman.match_response_of(uuid, text) is
'The answer of respond_to_match to a user whose match now has this status, first or repeated';
revoke all on function wingman.match_response_of(uuid, text) from public, anon, authenticated, service_role;
