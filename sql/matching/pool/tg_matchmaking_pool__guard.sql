create or replace function wingman.tg_matchmaking_pool__guard()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches;
begin
    -- wingman_matches is the source of truth. Search by id only: a plan made while the table was small, with "pending" as a
    -- condition too, would read all pending matches
    if tg_op = 'DELETE' then
        select m.* into _match from public.wingman_matches as m where m.id = old.pending_match_id;
        if _match.status = 'pending' then
            raise exception using
                errcode = 'check_violation',
                constraint = 'matchmaking_pool_pending_match',
                message = 'This person still has a pending match';
        end if;
        return old;
    end if;

    select m.* into _match from public.wingman_matches as m where m.id = new.pending_match_id;
    if _match.status is distinct from 'pending'
        or new.user_id not in (_match.user1_id, _match.user2_id)
        or new.pending_buddy_id is distinct from (
            case when new.user_id = _match.user1_id then _match.user2_id else _match.user1_id end
        )
        or new.pending_until is distinct from _match.expires_at
    then
        raise exception using
            errcode = 'check_violation',
            constraint = 'matchmaking_pool_pending_match',
            message = 'This person has no such pending match';
    end if;
    return new;
end
$$;

comment on function wingman.tg_matchmaking_pool__guard() is
'Trigger: a row enters the pool only with a pending match that wingman_matches confirms, and never leaves with one';
revoke all on function wingman.tg_matchmaking_pool__guard() from public, anon, authenticated, service_role;

create or replace trigger guard_new_seeker before insert on wingman.matchmaking_pool
for each row when (num_nonnulls(new.pending_match_id, new.pending_buddy_id, new.pending_until) > 0)
execute function wingman.tg_matchmaking_pool__guard();

create or replace trigger guard_old_seeker before delete on wingman.matchmaking_pool
for each row when (old.pending_match_id is not null) execute function wingman.tg_matchmaking_pool__guard();
