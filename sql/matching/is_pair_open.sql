create or replace function wingman.is_pair_open(user_id uuid, other_id uuid)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return not exists (
        select
        from public.wingman_matches as m
        cross join wingman.settings as t
        where m.user1_id = least(is_pair_open.user_id, is_pair_open.other_id)
            and m.user2_id = greatest(is_pair_open.user_id, is_pair_open.other_id)
            and (
                m.created_at > statement_timestamp() - t.rematch_after
                or (m.status = 'accepted' and m.ended_at is null)
            )
    );
end
$$;

comment on function wingman.is_pair_open(uuid, uuid) is
'Whether two people may be matched as a pair: not matched within settings.rematch_after, whatever became of it, and no accepted
match between them that has not ended';
revoke all on function wingman.is_pair_open(uuid, uuid) from public, anon, authenticated, service_role;
