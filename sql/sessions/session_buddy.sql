create or replace function wingman.session_buddy(session_id uuid, user_id uuid)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _user1_id uuid;
    _user2_id uuid;
begin
    select s.user1_id, s.user2_id
    into _user1_id, _user2_id
    from public.wingman_sessions as s
    where s.id = session_buddy.session_id;

    if not found then
        perform wingman.raise_error('session_not_found');
    end if;

    case session_buddy.user_id
        when _user1_id then
            return _user2_id;
        when _user2_id then
            return _user1_id;
        else
            perform wingman.raise_error('not_session_participant');
            return null;
    end case;
end
$$;

comment on function wingman.session_buddy(uuid, uuid) is
'The buddy of a user in a session. Reads without a lock, since participants never change.
Errors: session_not_found, not_session_participant.';
revoke all on function wingman.session_buddy(uuid, uuid) from public, anon, authenticated, service_role;
