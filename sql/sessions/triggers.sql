create trigger guard_session
before insert or update of status, user1_completed_confirmed_by_user2, user2_completed_confirmed_by_user1, completed_at
on public.wingman_sessions
for each row execute function wingman.guard_session();

create trigger guard_people
before insert or update of id, match_id, user1_id, user2_id, created_by, started_by, cancelled_by, cancellation_reason
on public.wingman_sessions
for each row execute function wingman.tg_wingman_sessions__guard_people();

create trigger guard_revert before insert or update of reverted_at on public.wingman_sessions
for each row execute function wingman.tg_wingman_sessions__guard_revert();

create trigger check_session
before insert or update of venue_name, notes, cancellation_reason, scheduled_time on public.wingman_sessions
for each row execute function wingman.check_session();
