create trigger refuse_change before update or delete on wingman.reputation_events
for each row execute function wingman.refuse_change();

create trigger refuse_truncate before truncate on wingman.reputation_events
for each statement execute function wingman.refuse_change();

create trigger refuse_change before update or delete on wingman.session_decisions
for each row execute function wingman.refuse_change();

create trigger refuse_truncate before truncate on wingman.session_decisions
for each statement execute function wingman.refuse_change();
