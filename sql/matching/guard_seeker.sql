create or replace function wingman.guard_seeker()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- truth is in wingman_matches: a write that agrees with it comes from its trigger
    if tg_op <> 'INSERT' and old.pending_match_id is not null then
        if exists (
            select
            from public.wingman_matches as m
            where m.id = old.pending_match_id and m.status = 'pending'
        ) then
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
        if not exists (
            select
            from public.wingman_matches as m
            where m.id = new.pending_match_id
                and m.status = 'pending'
                and new.user_id in (m.user1_id, m.user2_id)
        ) then
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
