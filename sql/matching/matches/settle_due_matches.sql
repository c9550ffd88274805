create or replace function wingman.settle_due_matches(max_matches integer, out tried integer, out expired integer)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _due record;
    _status text;
    _seekers integer;
begin
    tried := 0;
    expired := 0;
    for _due in
        select d.*
        from wingman.due_matches as d
        order by d.due_at
        limit settle_due_matches.max_matches
    loop
        tried := tried + 1;

        perform
        from wingman.matchmaking_pool as s
        where s.user_id in (_due.user1_id, _due.user2_id)
        order by s.user_id
        for no key update skip locked;
        get diagnostics _seekers = row_count;
        continue when _seekers < 2;

        select m.status into _status
        from public.wingman_matches as m
        where m.id = _due.match_id
        for no key update skip locked;
        if _status = 'pending' then
            perform wingman.expire_match(_due.match_id);
            expired := expired + 1;
        end if;
    end loop;
end
$$;

comment on function wingman.settle_due_matches(integer) is
'Expires lapsed matches of any users, at most max_matches and the longest lapsed first, and never waits. tried: how many it
looked at; unless 0, the caller may now hold their locks and must not wait for anything. expired: how many it expired.';
revoke all on function wingman.settle_due_matches(integer) from public, anon, authenticated, service_role;
