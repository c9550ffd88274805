create trigger refuse_change before update or delete on wingman.events
for each row execute function wingman.refuse_change();

create trigger refuse_truncate before truncate on wingman.events
for each statement execute function wingman.refuse_change();

create trigger refuse_truncate before truncate on wingman.events_default
for each statement execute function wingman.refuse_change();
