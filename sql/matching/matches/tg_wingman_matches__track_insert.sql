create or replace function wingman.tg_wingman_matches__track_insert()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _broken text;
    _taken integer;
begin
    _broken := case
        when new.status <> 'pending' then 'transition'
        when new.responded_by is not null or new.responded_at is not null
            or new.first_accepted_by is not null or new.first_accepted_at is not null
            then 'response_check'
        when new.ended_at is not null or new.ended_by is not null then 'ended_check'
        when new.user1_id >= new.user2_id then 'user_order_check'
        when new.searched_by not in (new.user1_id, new.user2_id) then 'searched_by_check'
        when new.distance_miles < 1 then 'distance_check'
        when new.expires_at <= new.created_at then 'expiry_check'
    end;
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_matches_' || _broken,
            message = case _broken
                when 'transition' then format('A match cannot go from nothing to %s', new.status)
                when 'response_check' then 'A new match is not answered'
                when 'ended_check' then 'A new match has not ended'
                when 'user_order_check' then 'The smaller id is user1'
                when 'searched_by_check' then 'One of the two has searched'
                when 'distance_check' then 'Distances are shown as 1 mile or more'
                when 'expiry_check' then 'A match expires after it was made'
            end;
    end if;

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
