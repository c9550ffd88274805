create or replace function wingman.track_pending_match()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _taken integer;
begin
    if tg_op = 'INSERT' then
        update wingman.match_seekers as s
        set pending_match_id = new.id
        where s.user_id in (new.user1_id, new.user2_id) and s.pending_match_id is null;
        get diagnostics _taken = row_count;
        if _taken <> 2 then
            raise exception using
                errcode = 'check_violation',
                constraint = 'wingman_matches_one_pending',
                message = 'Both people must be matchable and have no other pending match';
        end if;
        return null;
    end if;

    -- the side that was declined keeps its waiting time; everybody else has been served and waits anew
    update wingman.match_seekers as s
    set
        pending_match_id = null,
        waiting_since = case
            when tg_op = 'DELETE' or (new.status = 'declined' and new.responded_by <> s.user_id) then s.waiting_since
            else statement_timestamp()
        end
    where s.user_id in (old.user1_id, old.user2_id) and s.pending_match_id = old.id;
    return null;
end
$$;

comment on function wingman.track_pending_match() is
'Trigger: keeps match_seekers.pending_match_id, so that nobody ever has two pending matches, direct SQL included, and starts
waiting times anew: for the decliner, for both after an acceptance or an expiry.';
revoke all on function wingman.track_pending_match() from public, anon, authenticated, service_role;
