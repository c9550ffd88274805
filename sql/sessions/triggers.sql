create trigger guard_session before insert or update on public.wingman_sessions
for each row execute function wingman.guard_session();

create trigger check_session
before insert or update of venue_name, notes, cancellation_reason, scheduled_time on public.wingman_sessions
for each row execute function wingman.check_session();
