create or replace function wingman.guard_match()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    -- one expression, since every write pays for each
    _broken text := case
        when tg_op = 'INSERT' and new.status <> 'pending' then 'transition'
        when new.id <> old.id or new.user1_id <> old.user1_id or new.user2_id <> old.user2_id
            or new.searched_by is distinct from old.searched_by and tg_op = 'UPDATE'
            then 'participants'
        when new.status <> old.status and old.status <> 'pending' then 'transition'
        when old.status <> 'pending'
            and (new.responded_by is distinct from old.responded_by or new.responded_at is distinct from old.responded_at)
            then 'response'
        when new.ended_at is distinct from old.ended_at and (old.ended_at is not null or old.status <> 'accepted')
            then 'ended'
        when new.status not in ('pending', 'accepted', 'declined', 'expired') then 'status_check'
        when (new.status in ('accepted', 'declined')) <> (new.responded_by is not null)
            or (new.responded_by is null) <> (new.responded_at is null)
            or new.responded_by not in (new.user1_id, new.user2_id)
            then 'response_check'
        when new.ended_at is not null and new.status <> 'accepted' then 'ended_check'
        when new.user1_id >= new.user2_id then 'user_order_check'
        when new.searched_by not in (new.user1_id, new.user2_id) then 'searched_by_check'
        when new.distance_miles < 1 then 'distance_check'
        when new.expires_at <= new.created_at then 'expiry_check'
    end;
begin
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_matches_' || _broken,
            message = case _broken
                when 'transition' then format('A match cannot go from %s to %s', coalesce(old.status, 'nothing'), new.status)
                when 'participants' then 'The participants of a match never change'
                when 'response' then 'A match is answered once'
                when 'ended' then 'Only an accepted match ends, and only once'
                when 'status_check' then 'A match is pending, accepted, declined or expired'
                when 'response_check' then 'An accepted or declined match says which of the two answered, and when'
                when 'ended_check' then 'Only an accepted match ends'
                when 'user_order_check' then 'The smaller id is user1'
                when 'searched_by_check' then 'One of the two has searched'
                when 'distance_check' then 'Distances are shown as 1 mile or more'
                when 'expiry_check' then 'A match expires after it was made'
            end;
    end if;

    if tg_op = 'UPDATE' then
        new.updated_at := statement_timestamp();
    end if;
    return new;
end
$$;

comment on function wingman.guard_match() is
'Trigger: every rule of a match. pending to accepted, declined or expired, all three terminal; an accepted match may end once.
Holds for direct SQL. No CHECK constraints: a write would read their text anew each time.';
revoke all on function wingman.guard_match() from public, anon, authenticated, service_role;
