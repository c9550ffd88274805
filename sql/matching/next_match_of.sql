create or replace function wingman.next_match_of(user_id uuid)
returns public.next_match
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _match_id uuid;
    _buddy_id uuid;
begin
    select m.id, case when m.user1_id = s.user_id then m.user2_id else m.user1_id end
    into _match_id, _buddy_id
    from wingman.match_seekers as s
    inner join public.wingman_matches as m on m.id = s.pending_match_id
    where s.user_id = next_match_of.user_id
        and wingman.is_current_match(m.status, m.expires_at, m.ended_at, statement_timestamp());

    if not found then
        return null;
    end if;
    return row(_match_id, _buddy_id, wingman.buddy_profile_of(_buddy_id))::public.next_match;
end
$$;

comment on function wingman.next_match_of(uuid) is 'The pending, unexpired match of a user, or null';
revoke all on function wingman.next_match_of(uuid) from public, anon, authenticated, service_role;
