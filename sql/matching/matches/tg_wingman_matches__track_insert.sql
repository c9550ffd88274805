create or replace function wingman.tg_wingman_matches__track_insert()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _taken integer;
begin
    update wingman.matchmaking_pool as s
    set
        pending_match_id = new.id,
        pending_buddy_id = case when s.user_id = new.user1_id then new.user2_id else new.user1_id end,
        pending_until = new.expires_at,
        exposures = case when s.user_id <> new.searched_by then s.exposures || statement_timestamp() else s.exposures end
    where s.user_id in (new.user1_id, new.user2_id) and s.pending_match_id is null;
    get diagnostics _taken = row_count;
    if _taken <> 2 then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_matches_one_pending',
            message = 'Both people must be matchable and have no other pending match';
    end if;
    return null;
end
$$;

comment on function wingman.tg_wingman_matches__track_insert() is
'Trigger: puts a new match into matchmaking_pool, where nobody may have two, and notes who was found by whom';
revoke all on function wingman.tg_wingman_matches__track_insert() from public, anon, authenticated, service_role;

create or replace trigger track_insert after insert on public.wingman_matches
for each row execute function wingman.tg_wingman_matches__track_insert();
