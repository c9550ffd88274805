create or replace function wingman.tg_wingman_matches__guard_insert()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _broken text;
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
    return new;
end
$$;

comment on function wingman.tg_wingman_matches__guard_insert() is
'Trigger: a new match is pending, and its two people are in order';
revoke all on function wingman.tg_wingman_matches__guard_insert() from public, anon, authenticated, service_role;

create or replace trigger guard_insert before insert on public.wingman_matches
for each row execute function wingman.tg_wingman_matches__guard_insert();
