create or replace function wingman.settle_match(match_id uuid, user1_id uuid, user2_id uuid)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _status text;
    _seekers integer;
begin
    perform
    from wingman.match_seekers as s
    where s.user_id in (settle_match.user1_id, settle_match.user2_id)
    order by s.user_id
    for no key update skip locked;
    get diagnostics _seekers = row_count;
    if _seekers < 2 then
        return false;
    end if;

    select m.status into _status
    from public.wingman_matches as m
    where m.id = settle_match.match_id
    for no key update skip locked;
    if _status = 'pending' then
        perform wingman.expire_match(settle_match.match_id);
        return true;
    end if;
    return false;
end
$$;

comment on function wingman.settle_match(uuid, uuid, uuid) is
'Expires a lapsed match, given with its two people, without ever waiting; false when somebody holds it or it is settled. From
then on the caller may hold locks and must wait for nothing.';
revoke all on function wingman.settle_match(uuid, uuid, uuid) from public, anon, authenticated, service_role;
