create trigger refuse_change before update or delete on wingman.audit_log
for each row execute function wingman.refuse_change();

create trigger refuse_truncate before truncate on wingman.audit_log
for each statement execute function wingman.refuse_change();

create trigger refuse_truncate before truncate on wingman.audit_log_default
for each statement execute function wingman.refuse_change();

-- columns instead of a WHEN, whose text every statement would read anew; the functions see whether anything changed
create trigger audit_match after insert or delete on public.wingman_matches
for each row execute function wingman.audit_match();

create trigger audit_match_state after update of status, ended_at, expires_at on public.wingman_matches
for each row execute function wingman.audit_match();

create trigger audit_session after insert or delete on public.wingman_sessions
for each row execute function wingman.audit_session();

create trigger audit_session_state
after update of
status, user1_completed_confirmed_by_user2, user2_completed_confirmed_by_user1, scheduled_time, cancelled_by, reverted_at
on public.wingman_sessions
for each row execute function wingman.audit_session();

create trigger audit_reputation after insert on wingman.reputation_events
referencing new table as new_events
for each statement execute function wingman.audit_reputation();

create trigger audit_block after insert or update or delete on public.user_blocks
for each row execute function wingman.audit_block();

create trigger audit_profile after insert or delete on public.user_profiles
for each row execute function wingman.audit_profile();

-- the counters are the ledger's
create trigger audit_profile_texts
after update of first_name, bio, photo_url, experience_level, confidence_archetype on public.user_profiles
for each row when (
    (new.first_name, new.bio, new.photo_url, new.experience_level, new.confidence_archetype)
    is distinct from
    (old.first_name, old.bio, old.photo_url, old.experience_level, old.confidence_archetype)
)
execute function wingman.audit_profile();

create trigger audit_pause after update of paused, paused_automatically on wingman.match_seekers
for each row when ((new.paused, new.paused_automatically) is distinct from (old.paused, old.paused_automatically))
execute function wingman.audit_seeker();

create trigger audit_new_settings after insert or delete on wingman.settings
for each row execute function wingman.audit_settings();

create trigger audit_settings after update on wingman.settings
for each row when (new.* is distinct from old.*)
execute function wingman.audit_settings();
