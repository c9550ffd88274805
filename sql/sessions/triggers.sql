create trigger guard_session before insert or update on public.wingman_sessions
for each row execute function wingman.guard_session();
