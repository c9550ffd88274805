create or replace function wingman.settle_due_matches(max_matches integer)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _due record;
    _tried integer := 0;
begin
    for _due in
        select m.id, m.user1_id, m.user2_id
        from public.wingman_matches as m
        where m.status = 'pending' and m.expires_at <= statement_timestamp()
        order by m.expires_at
        limit settle_due_matches.max_matches
    loop
        _tried := _tried + 1;
        perform wingman.settle_match(_due.id, _due.user1_id, _due.user2_id);
    end loop;
    return _tried;
end
$$;

comment on function wingman.settle_due_matches(integer) is
'Expires a few lapsed matches of anybody on the way, max_matches at most, without ever waiting. Returns how many it
tried: from then on the caller may hold their locks and must wait for nothing.';
revoke all on function wingman.settle_due_matches(integer) from public, anon, authenticated, service_role;
