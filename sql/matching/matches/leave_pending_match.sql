create or replace function wingman.leave_pending_match(user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.matchmaking_pool;
begin
    -- both rows of a pending match, by user_id
    perform
    from wingman.matchmaking_pool as s
    where s.user_id = any(array[
        leave_pending_match.user_id,
        (select p.pending_buddy_id from wingman.matchmaking_pool as p where p.user_id = leave_pending_match.user_id)
    ])
    order by s.user_id
    for no key update;

    select s.* into _seeker from wingman.matchmaking_pool as s where s.user_id = leave_pending_match.user_id;
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
