create trigger guard_session
before update of
status, user1_completed_confirmed_by_user2, user2_completed_confirmed_by_user1, completed_at, started_by
on public.wingman_sessions
for each row execute function wingman.guard_session();

create trigger guard_rest
before insert or update of
id, match_id, user1_id, user2_id, venue_name, scheduled_time, notes, created_by, cancelled_by, cancellation_reason, reverted_at
on public.wingman_sessions
for each row execute function wingman.tg_wingman_sessions__guard_rest();
