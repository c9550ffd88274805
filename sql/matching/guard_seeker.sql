create or replace function wingman.guard_seeker()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches;
begin
    -- truth is in wingman_matches; its own trigger is not asked. Only the id is searched for: where the table was small once,
    -- a plan for "pending" as well would read all pending matches
    if tg_op <> 'INSERT' and old.pending_match_id is not null then
        select m.* into _match from public.wingman_matches as m where m.id = old.pending_match_id;
        if _match.status = 'pending' then
            raise exception using
                errcode = 'check_violation',
                constraint = 'match_seekers_pending_match',
                message = 'This person still has a pending match';
        end if;
    end if;
    if tg_op = 'DELETE' then
        return old;
    end if;

    if new.pending_match_id is not null then
        select m.* into _match from public.wingman_matches as m where m.id = new.pending_match_id;
        if _match.status is distinct from 'pending' or new.user_id not in (_match.user1_id, _match.user2_id) then
            raise exception using
                errcode = 'check_violation',
                constraint = 'match_seekers_pending_match',
                message = 'This person has no such pending match';
        end if;
    end if;
    return new;
end
$$;

comment on function wingman.guard_seeker() is
'Trigger: pending_match_id can only say what wingman_matches says, and a seeker with a pending match cannot be removed';
revoke all on function wingman.guard_seeker() from public, anon, authenticated, service_role;
