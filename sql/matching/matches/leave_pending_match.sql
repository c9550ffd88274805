create or replace function wingman.leave_pending_match(user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _buddy_id uuid;
    _seeker wingman.matchmaking_pool;
begin
    loop
        select s.pending_buddy_id into _buddy_id
        from wingman.matchmaking_pool as s
        where s.user_id = leave_pending_match.user_id;
        begin
            perform wingman.lock_seekers(leave_pending_match.user_id, _buddy_id);
            select s.* into _seeker from wingman.matchmaking_pool as s where s.user_id = leave_pending_match.user_id;
            exit when _seeker.pending_buddy_id is null or _seeker.pending_buddy_id = _buddy_id;
            raise sqlstate 'WM001';
        exception
            when sqlstate 'WM001' then
                -- While this waited, the person was matched with somebody else, who may come first in the lock order. The
                -- rollback has let go of both rows.
                null;
        end;
    end loop;

    if _seeker.pending_until <= statement_timestamp() then
        perform wingman.expire_match(_seeker.pending_match_id);
    elsif _seeker.pending_match_id is not null then
        perform wingman.decline_match(_seeker.pending_match_id, leave_pending_match.user_id);
    end if;
end
$$;

comment on function wingman.leave_pending_match(uuid) is
'Settles the pending match of a person who leaves: it expires if it has lapsed; otherwise this person declines it, so that the
partner keeps their waiting time. The row of the leaving person in the pool stays locked.';
revoke all on function wingman.leave_pending_match(uuid) from public, anon, authenticated, service_role;
