create or replace function wingman.guard_match()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'INSERT' then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_matches_transition',
            message = 'A match begins as pending, not as ' || new.status;
    end if;

    if (new.id, new.user1_id, new.user2_id, new.searched_by)
        is distinct from (old.id, old.user1_id, old.user2_id, old.searched_by)
    then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_matches_participants',
            message = 'The participants of a match never change';
    end if;
    if new.status <> old.status and old.status <> 'pending' then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_matches_transition',
            message = 'A match cannot go from ' || old.status || ' to ' || new.status;
    end if;
    if old.status <> 'pending'
        and (new.responded_by, new.responded_at) is distinct from (old.responded_by, old.responded_at)
    then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_matches_response',
            message = 'A match is answered once';
    end if;
    if new.ended_at is distinct from old.ended_at and (old.ended_at is not null or old.status <> 'accepted') then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_matches_ended',
            message = 'Only an accepted match ends, and only once';
    end if;

    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.guard_match() is
'Trigger: pending to accepted, declined or expired, all three terminal; an accepted match may end once. Holds for direct SQL.';
revoke all on function wingman.guard_match() from public, anon, authenticated, service_role;
