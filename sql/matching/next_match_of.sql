create or replace function wingman.next_match_of(match public.wingman_matches, user_id uuid)
returns public.next_match
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches := next_match_of.match;
    _buddy_id uuid;
begin
    if _match.id is null
        or wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp()) = 'expired'
    then
        return null;
    end if;

    _buddy_id := case when _match.user1_id = next_match_of.user_id then _match.user2_id else _match.user1_id end;
    return row(_match.id, _buddy_id, wingman.buddy_profile_of(_buddy_id))::public.next_match;
end
$$;

comment on function wingman.next_match_of(public.wingman_matches, uuid) is
'The pending match of a user, as wingman.pending_match_of gives it, as this user sees it; null without one and for a lapsed one';
revoke all on function wingman.next_match_of(public.wingman_matches, uuid) from public, anon, authenticated, service_role;
