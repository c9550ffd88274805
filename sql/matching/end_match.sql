create or replace function wingman.end_match(match_id uuid, user_id uuid)
returns public.match_details
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _me uuid;
    _match public.wingman_matches;
begin
    _me := wingman.known_user_id(wingman.caller_id(end_match.user_id, writes => true));
    perform wingman.require_argument('match_id', end_match.match_id is not null);

    perform wingman.match_buddy(end_match.match_id, _me);
    _match := wingman.lock_match(end_match.match_id);
    if _match.status <> 'accepted' then
        perform wingman.raise_error('match_not_accepted', jsonb_build_object(
            'status', wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp())
        ));
    elsif _match.ended_at is null then
        perform wingman.end_accepted_match(_match.id, _me);
    end if;
    return wingman.match_details_of(_match.id, _me);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.end_match(uuid, uuid) is 'Engine of public.end_match';
revoke all on function wingman.end_match(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.end_match(uuid, uuid) to authenticated, service_role, wingman_admin;
