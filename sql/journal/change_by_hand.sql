create or replace function wingman.change_by_hand(before jsonb, after jsonb)
returns jsonb
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if change_by_hand.after is null then
        return jsonb_build_object('before', change_by_hand.before);
    end if;
    return jsonb_build_object(
        'changed', (
            select jsonb_agg(b.name order by b.name)
            from jsonb_each(change_by_hand.before) as b (name, value)
            where b.value is distinct from change_by_hand.after -> b.name
        ),
        'before', change_by_hand.before,
        'after', change_by_hand.after
    );
end
$$;

comment on function wingman.change_by_hand(jsonb, jsonb) is
'What the journal keeps about a change made outside a call: the names of the changed columns, and the state before and after; for
a deletion, where after is null, the state before';
revoke all on function wingman.change_by_hand(jsonb, jsonb) from public, anon, authenticated, service_role;
