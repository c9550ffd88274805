create or replace function wingman.match_buddy(match_id uuid, user_id uuid)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _user1_id uuid;
    _user2_id uuid;
begin
    select m.user1_id, m.user2_id
    into _user1_id, _user2_id
    from public.wingman_matches as m
    where m.id = match_buddy.match_id;

    if not found then
        perform wingman.raise_error('match_not_found');
    end if;

    case match_buddy.user_id
        when _user1_id then
            return _user2_id;
        when _user2_id then
            return _user1_id;
        else
            perform wingman.raise_error('not_match_participant');
            return null;
    end case;
end
$$;

comment on function wingman.match_buddy(uuid, uuid) is
'The buddy of a user in a match. Reads without a lock, since participants never change.
Errors: match_not_found, not_match_participant.';
revoke all on function wingman.match_buddy(uuid, uuid) from public, anon, authenticated, service_role;
