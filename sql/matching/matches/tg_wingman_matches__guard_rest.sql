create or replace function wingman.tg_wingman_matches__guard_rest()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _broken text;
begin
    _broken := case
        when new.id <> old.id or new.user1_id <> old.user1_id or new.user2_id <> old.user2_id
            or new.searched_by is distinct from old.searched_by
            then 'participants'
        when (new.ended_at, new.ended_by) is distinct from (old.ended_at, old.ended_by)
            and (old.ended_at is not null or old.status <> 'accepted')
            then 'ended'
        when new.needs_both <> old.needs_both then 'acceptance'
        when (new.first_accepted_by, new.first_accepted_at) is distinct from (old.first_accepted_by, old.first_accepted_at)
            and (
                old.first_accepted_by is not null
                or old.status <> 'pending'
                or not old.needs_both
                or new.first_accepted_at is null
                or (new.first_accepted_by in (new.user1_id, new.user2_id)) is not true
            )
            then 'first_accept'
        when new.ended_by is not null and (new.ended_at is null or new.ended_by not in (new.user1_id, new.user2_id))
            then 'ended_check'
        when new.distance_miles < 1 then 'distance_check'
        when new.expires_at <= new.created_at then 'expiry_check'
    end;
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_matches_' || _broken,
            message = case _broken
                when 'participants' then 'The participants of a match never change'
                when 'acceptance' then 'Whether a match takes both accepts never changes'
                when 'first_accept' then 'One of the two people accepts first, once, while a match that takes both is pending'
                when 'ended' then 'Only an accepted match ends, and only once'
                when 'ended_check' then 'Only an accepted match ends, and by one of the two, if by anybody'
                when 'distance_check' then 'Distances are shown as 1 mile or more'
                when 'expiry_check' then 'A match expires after it was made'
            end;
    end if;

    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.tg_wingman_matches__guard_rest() is
'Trigger: the two people of a match never change, nor does whether it takes both accepts; one of them can accept
such a match first, and an accepted match can end once. Fires for these columns only, so that it
costs an answer nothing.';
revoke all on function wingman.tg_wingman_matches__guard_rest() from public, anon, authenticated, service_role;

create or replace trigger guard_rest
before update of
id, user1_id, user2_id, searched_by, ended_at, ended_by, distance_miles, created_at, expires_at, needs_both, first_accepted_by,
first_accepted_at
on public.wingman_matches
for each row execute function wingman.tg_wingman_matches__guard_rest();
