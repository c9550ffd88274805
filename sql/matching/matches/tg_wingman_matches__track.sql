create or replace function wingman.tg_wingman_matches__track()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- no operator, which would cost each answer a look-up: by tg_wingman_matches__guard, this is accepted or declined
    if old.responded_at is null and new.responded_at is not null then
        -- a person who was declined keeps their waiting time; for everybody else it starts again
        update wingman.matchmaking_pool as s
        set
            pending_match_id = null,
            pending_buddy_id = null,
            pending_until = null,
            waiting_since = case
                when new.status = 'declined' and s.user_id <> new.responded_by then s.waiting_since
                else statement_timestamp()
            end,
            unanswered_offers = case when s.user_id = new.responded_by then 0 else s.unanswered_offers end
        where s.user_id in (old.user1_id, old.user2_id) and s.pending_match_id = old.id;
    elsif tg_op = 'DELETE' then
        update wingman.matchmaking_pool as s
        set pending_match_id = null, pending_buddy_id = null, pending_until = null
        where s.user_id in (old.user1_id, old.user2_id) and s.pending_match_id = old.id;
    elsif new.status = 'pending' then
        -- expires_at was changed by hand
        update wingman.matchmaking_pool as s
        set pending_until = new.expires_at
        where s.user_id in (new.user1_id, new.user2_id) and s.pending_match_id = new.id;
    elsif new.status = 'expired' and old.status = 'pending' then
        update wingman.matchmaking_pool as s
        set
            pending_match_id = null,
            pending_buddy_id = null,
            pending_until = null,
            waiting_since = case when a.has_accepted then s.waiting_since else statement_timestamp() end,
            unanswered_offers = a.unanswered_offers,
            paused = s.paused or a.unanswered_offers >= t.ghosting_limit,
            paused_automatically = s.paused_automatically or (not s.paused and a.unanswered_offers >= t.ghosting_limit)
        from wingman.settings as t
        cross join wingman.matchmaking_pool as p
        cross join lateral (
            -- who has accepted first has answered
            select
                coalesce(p.user_id = new.first_accepted_by, false) as has_accepted,
                case when p.user_id = new.first_accepted_by then 0 else p.unanswered_offers + 1 end as unanswered_offers
        ) as a
        where p.user_id = s.user_id
            and s.user_id in (old.user1_id, old.user2_id) and s.pending_match_id = old.id;
    end if;
    return new;
end
$$;

comment on function wingman.tg_wingman_matches__track() is
'Trigger: keeps the pending match in matchmaking_pool, so that nobody ever has two pending matches, direct SQL included; counts
who was found by whom; restarts waiting times: for the decliner, and for both after an acceptance or an expiry, but not for somebody who
had accepted a match that took both; pauses anybody who has let settings.ghosting_limit offers in a row expire.';
revoke all on function wingman.tg_wingman_matches__track() from public, anon, authenticated, service_role;

-- its name sorts after that of the trigger journal: the outcome of a match comes before a pause that follows from it
create or replace trigger track_match after delete or update of status, expires_at on public.wingman_matches
for each row execute function wingman.tg_wingman_matches__track();
