create or replace function wingman.separate_pair(user_id uuid, other_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches;
begin
    for _match in
        select m.*
        from public.wingman_matches as m
        where m.user1_id = least(separate_pair.user_id, separate_pair.other_id)
            and m.user2_id = greatest(separate_pair.user_id, separate_pair.other_id)
            and m.ended_at is null
            and m.status in ('pending', 'accepted')
        order by m.id
        for no key update
    loop
        if _match.status = 'accepted' then
            perform wingman.end_accepted_match(_match.id, separate_pair.user_id);
        elsif wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp()) = 'expired' then
            perform wingman.expire_match(_match.id);
        else
            perform wingman.decline_match(_match.id, separate_pair.user_id);
        end if;
    end loop;
end
$$;

comment on function wingman.separate_pair(uuid, uuid) is
'Separates two people, whose seekers the caller has locked, on behalf of user_id: their pending match is declined (or expires, if
it has lapsed), their accepted one ends and its active session is cancelled.';
revoke all on function wingman.separate_pair(uuid, uuid) from public, anon, authenticated, service_role;
