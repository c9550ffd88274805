-- refuse to lose the rows of wingman.session_decisions
lock table wingman.session_decisions in access exclusive mode;
do $$ begin
    if exists (select from wingman.session_decisions) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of wingman.session_decisions',
            hint = 'Save and delete them first, if they are to go.';
    end if;
end $$;

-- refuse to lose the rows of wingman.audit_log
lock table wingman.audit_log in access exclusive mode;
do $$ begin
    -- what the upgrade wrote can be written again
    if exists (select from wingman.audit_log as a where a.call is distinct from 'upgrade') then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of wingman.audit_log',
            hint = 'Save and delete them first, if they are to go.';
    end if;
end $$;

-- file: sql/api/report_user.sql
drop function public.report_user(uuid, text, uuid, text);
create or replace function public.report_user(subject_id uuid, reason text, user_id uuid default null)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.report_user(
        report_user.subject_id,
        report_user.reason,
        report_user.user_id
    );
end
$$;

comment on function public.report_user(uuid, text, uuid) is
'Reports another user to the operators. It does not block: block_user does.
subject_id: whom. reason: what happened, 1 to 2000 characters. user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument, unsupported_isolation,
read_only_transaction, busy.';
revoke all on function public.report_user(uuid, text, uuid) from public, anon, authenticated, service_role;
grant execute on function public.report_user(uuid, text, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/unblock_user.sql
drop function public.unblock_user(uuid, uuid, text);
create or replace function public.unblock_user(subject_id uuid, user_id uuid default null)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.unblock_user(unblock_user.subject_id, unblock_user.user_id);
end
$$;

comment on function public.unblock_user(uuid, uuid) is
'Takes the caller''s block of another user back; what it ended stays ended. Without a block nothing changes.
subject_id: whom to unblock. user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument, unsupported_isolation,
read_only_transaction, busy.';
revoke all on function public.unblock_user(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.unblock_user(uuid, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/block_user.sql
drop function public.block_user(uuid, uuid, text);
create or replace function public.block_user(subject_id uuid, user_id uuid default null)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.block_user(block_user.subject_id, block_user.user_id);
end
$$;

comment on function public.block_user(uuid, uuid) is
'Blocks another user, for both directions: no match, no profile, no reputation between the two from now on. A pending match
between them is declined, an accepted one ends and its active session is cancelled. Blocking again changes nothing. The other one is not told.
subject_id: whom to block. user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument, unsupported_isolation,
read_only_transaction, busy.';
revoke all on function public.block_user(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.block_user(uuid, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/confirm_session_completion.sql
drop function public.confirm_session_completion(uuid, uuid, uuid, text);
create or replace function public.confirm_session_completion(
    session_id uuid,
    buddy_user_id uuid default null,
    user_id uuid default null
)
returns public.session_confirmation
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.confirm_session_completion(
        confirm_session_completion.session_id,
        confirm_session_completion.buddy_user_id,
        confirm_session_completion.user_id
    );
end
$$;

comment on function public.confirm_session_completion(uuid, uuid, uuid) is
'Confirms that the caller''s buddy completed the session, from its scheduled time on. The second of the two confirmations
completes the session and raises both reputations, once.
session_id: a session of the caller. buddy_user_id: the buddy, for callers who want it checked.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: the status after the call and what the caller gained. The detail of already_confirmed carries the session under state.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete,
session_not_found, not_session_participant, self_confirmation, buddy_not_in_session, already_confirmed,
session_not_confirmable, session_not_started, unsupported_isolation, read_only_transaction, busy.';
revoke all on function public.confirm_session_completion(uuid, uuid, uuid)
from public, anon, authenticated, service_role;
grant execute on function public.confirm_session_completion(uuid, uuid, uuid)
to authenticated, service_role, wingman_admin;

-- file: sql/api/cancel_session.sql
drop function public.cancel_session(uuid, text, uuid, text);
create or replace function public.cancel_session(session_id uuid, reason text default null, user_id uuid default null)
returns public.session_details
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.cancel_session(cancel_session.session_id, cancel_session.reason, cancel_session.user_id);
end
$$;

comment on function public.cancel_session(uuid, text, uuid) is
'Cancels a scheduled or running session. Cancelling it again changes nothing.
session_id: a session of the caller. reason: at most 500 characters.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: the session.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
session_not_found, not_session_participant, invalid_session_state, unsupported_isolation, read_only_transaction, busy.';
revoke all on function public.cancel_session(uuid, text, uuid) from public, anon, authenticated, service_role;
grant execute on function public.cancel_session(uuid, text, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/start_session.sql
drop function public.start_session(uuid, uuid, text);
create or replace function public.start_session(session_id uuid, user_id uuid default null)
returns public.session_details
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.start_session(start_session.session_id, start_session.user_id);
end
$$;

comment on function public.start_session(uuid, uuid) is
'Marks a scheduled session as in progress, from 30 minutes before its time. Starting it again changes nothing.
session_id: a session of the caller.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: the session.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete,
session_not_found, not_session_participant, invalid_session_state, too_early, unsupported_isolation,
read_only_transaction, busy.';
revoke all on function public.start_session(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.start_session(uuid, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/create_session.sql
drop function public.create_session(uuid, timestamptz, text, text, uuid, text);
create or replace function public.create_session(
    match_id uuid,
    scheduled_time timestamptz,
    venue_name text,
    notes text default null,
    user_id uuid default null
)
returns public.session_details
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.create_session(
        create_session.match_id,
        create_session.scheduled_time,
        create_session.venue_name,
        create_session.notes,
        create_session.user_id
    );
end
$$;

comment on function public.create_session(uuid, timestamptz, text, text, uuid) is
'Schedules a session of an accepted match. A match has one active session at a time.
match_id: an accepted match of the caller that has not ended. scheduled_time: in the future, at most 90 days ahead. venue_name: 1 to
200 characters. notes: at most 2000 characters.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: the session.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
invalid_schedule, match_not_found, not_match_participant, match_not_accepted, active_session_exists,
unsupported_isolation, read_only_transaction, busy.';
revoke all on function public.create_session(uuid, timestamptz, text, text, uuid)
from public, anon, authenticated, service_role;
grant execute on function public.create_session(uuid, timestamptz, text, text, uuid)
to authenticated, service_role, wingman_admin;

-- file: sql/api/resume_matching.sql
drop function public.resume_matching(uuid, text);
create or replace function public.resume_matching(user_id uuid default null)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.resume_matching(resume_matching.user_id);
end
$$;

comment on function public.resume_matching(uuid) is
'Ends a pause of the caller''s, chosen or automatic.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, unsupported_isolation,
read_only_transaction, busy.';
revoke all on function public.resume_matching(uuid) from public, anon, authenticated, service_role;
grant execute on function public.resume_matching(uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/pause_matching.sql
drop function public.pause_matching(uuid, text);
create or replace function public.pause_matching(user_id uuid default null)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.pause_matching(pause_matching.user_id);
end
$$;

comment on function public.pause_matching(uuid) is
'Leaves the caller out of matching until resume_matching. A pending match stays and can be answered; the waiting time goes on.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, unsupported_isolation,
read_only_transaction, busy.';
revoke all on function public.pause_matching(uuid) from public, anon, authenticated, service_role;
grant execute on function public.pause_matching(uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/get_match_history.sql
drop function public.get_match_history(uuid, uuid);

-- file: sql/api/end_match.sql
drop function public.end_match(uuid, uuid, text);
create or replace function public.end_match(match_id uuid, user_id uuid default null)
returns public.match_details
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.end_match(end_match.match_id, end_match.user_id);
end
$$;

comment on function public.end_match(uuid, uuid) is
'Ends an accepted match and cancels its active session. Ending it again changes nothing. The pair may be matched again once the
recency window of 7 days has passed.
match_id: a match of the caller.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: the match.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, match_not_found,
not_match_participant, match_not_accepted, unsupported_isolation, read_only_transaction, busy.';
revoke all on function public.end_match(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.end_match(uuid, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/respond_to_match.sql
drop function public.respond_to_match(uuid, text, uuid, text);
create or replace function public.respond_to_match(match_id uuid, action text, user_id uuid default null)
returns public.match_response
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.respond_to_match(
        respond_to_match.match_id,
        respond_to_match.action,
        respond_to_match.user_id
    );
end
$$;

comment on function public.respond_to_match(uuid, text, uuid) is
'Accepts or declines a pending match; one answer by either person decides. A decline makes the decliner''s next match in the same
transaction. Repeating the answer that stands changes nothing and returns the current state.
match_id: a match of the caller. action: accept or decline.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: the status of the match and, after a decline, the caller''s next match or null.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_action,
match_not_found, not_match_participant, match_expired, match_already_resolved, unsupported_isolation,
read_only_transaction, busy.';
revoke all on function public.respond_to_match(uuid, text, uuid) from public, anon, authenticated, service_role;
grant execute on function public.respond_to_match(uuid, text, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/create_automatic_match.sql
drop function public.create_automatic_match(integer, uuid, text);
create or replace function public.create_automatic_match(max_radius_miles integer default null, user_id uuid default null)
returns public.automatic_match
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.create_automatic_match(
        create_automatic_match.max_radius_miles,
        create_automatic_match.user_id
    );
end
$$;

comment on function public.create_automatic_match(integer, uuid) is
'Finds the nearest compatible buddy and makes a pending match of the two, or returns the pending match that the caller has.
Compatible: experience levels at most one apart, within both people''s distances, not matched with each other in the last 7 days, no
accepted match between them that has not ended, no block between them; who has been found by others often lately is left out, see
wingman.settings. Closest first; ties: longer waiting, then smaller id. The search ends an automatic pause; a chosen one refuses it.
max_radius_miles: 1 to 100 whole miles; null: the caller''s max_travel_miles.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: success false and no match when nobody was found, which is not an error.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_radius,
matching_paused, unsupported_isolation, read_only_transaction, busy.';
revoke all on function public.create_automatic_match(integer, uuid) from public, anon, authenticated, service_role;
grant execute on function public.create_automatic_match(integer, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/complete_profile.sql
drop function public.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid, text
);
create or replace function public.complete_profile(
    first_name text,
    experience_level text,
    lat double precision,
    lng double precision,
    city text default null,
    bio text default null,
    photo_url text default null,
    confidence_archetype text default null,
    max_travel_miles integer default 25,
    privacy_mode text default 'precise',
    user_id uuid default null
)
returns public.profile_details
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.complete_profile(
        complete_profile.first_name,
        complete_profile.experience_level,
        complete_profile.lat,
        complete_profile.lng,
        complete_profile.city,
        complete_profile.bio,
        complete_profile.photo_url,
        complete_profile.confidence_archetype,
        complete_profile.max_travel_miles,
        complete_profile.privacy_mode,
        complete_profile.user_id
    );
end
$$;

comment on function public.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid
) is
'Writes the caller''s profile and location, replacing all of both, and makes the caller matchable. What is left out takes its
default; waiting time and pause stay.
first_name: 1 to 80 characters. experience_level: beginner, intermediate or advanced. lat, lng: degrees, WGS 84. city: at most 100
characters, required for city_only. bio: at most 400 characters. photo_url: https, at most 500 characters. confidence_archetype:
at most 100 characters. max_travel_miles: 1 to 100, the furthest buddy to meet. privacy_mode: precise or city_only, how coarse the
grid is that distances are computed from.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: the profile as it now is.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, invalid_argument,
unsupported_isolation, read_only_transaction, busy.';
revoke all on function public.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid
) from public, anon, authenticated, service_role;
grant execute on function public.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid
) to authenticated, service_role, wingman_admin;

-- file: sql/admin/run_maintenance.sql
drop function wingman.run_maintenance(integer);

-- file: sql/admin/maintenance.sql
drop type wingman.maintenance;

-- file: sql/admin/metrics.sql
drop view wingman_admin.metrics;

-- file: sql/admin/overdue_sessions.sql
drop view wingman_admin.overdue_sessions;

-- file: sql/admin/open_matches_and_sessions.sql
drop view wingman_admin.open_matches_and_sessions;

-- file: sql/admin/waiting_seekers.sql
drop view wingman_admin.waiting_seekers;

-- file: sql/admin/match_funnel.sql
drop view wingman_admin.match_funnel;

-- file: sql/admin/reputation_distribution.sql
drop view wingman_admin.reputation_distribution;

-- file: sql/admin/completion_rate_by_day.sql
drop view wingman_admin.completion_rate_by_day;

-- file: sql/admin/reconcile_reputation.sql
drop function wingman_admin.reconcile_reputation(boolean);

-- file: sql/admin/revert_completion.sql
drop function wingman_admin.revert_completion(uuid, text);

-- file: sql/admin/mark_no_show.sql
drop function wingman_admin.mark_no_show(uuid, uuid, text);

-- file: sql/admin/session_decisions.sql
drop view wingman_admin.session_decisions;

-- file: sql/admin/history_start.sql
drop function wingman.history_start();

-- file: sql/admin/audit_log.sql
drop view wingman_admin.audit_log;

-- file: sql/safety/report_user.sql
drop function wingman.report_user(uuid, text, uuid, text);
create or replace function wingman.report_user(subject_id uuid, reason text, user_id uuid)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _me uuid;
    _subject_id uuid;
begin
    _me := wingman.known_user_id(wingman.caller_id(report_user.user_id, writes => true));
    perform wingman.require_argument('subject_id', report_user.subject_id is not null);
    perform wingman.require_argument('reason', report_user.reason is not null);
    perform wingman.refuse_violation(wingman.report_violation(report_user.reason));
    _subject_id := wingman.known_subject_id(report_user.subject_id, _me);

    insert into wingman.user_reports as r (reporter_id, subject_id, reason)
    values (_me, _subject_id, report_user.reason);
    return row(true, 'Report received. To keep this user away from you as well, block them.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.report_user(uuid, text, uuid) is 'Engine of public.report_user';
revoke all on function wingman.report_user(uuid, text, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.report_user(uuid, text, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/safety/unblock_user.sql
drop function wingman.unblock_user(uuid, uuid, text);
create or replace function wingman.unblock_user(subject_id uuid, user_id uuid)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _me uuid;
    _subject_id uuid;
begin
    _me := wingman.known_user_id(wingman.caller_id(unblock_user.user_id, writes => true));
    _subject_id := wingman.known_subject_id(unblock_user.subject_id, _me);

    perform wingman.lock_seekers(_me, _subject_id);
    delete from public.user_blocks as b where b.blocker_id = _me and b.blocked_id = _subject_id;
    return row(true, 'User unblocked.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.unblock_user(uuid, uuid) is 'Engine of public.unblock_user';
revoke all on function wingman.unblock_user(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.unblock_user(uuid, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/safety/block_user.sql
drop function wingman.block_user(uuid, uuid, text);
create or replace function wingman.block_user(subject_id uuid, user_id uuid)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _me uuid;
    _subject_id uuid;
begin
    _me := wingman.known_user_id(wingman.caller_id(block_user.user_id, writes => true));
    _subject_id := wingman.known_subject_id(block_user.subject_id, _me);

    -- the new row will want both profiles, and whoever deletes an account holds its profile before its seeker
    perform
    from public.user_profiles as p
    where p.id in (_me, _subject_id)
    order by p.id
    for key share;
    perform wingman.lock_seekers(_me, _subject_id);
    perform wingman.part_pair(_me, _subject_id);
    insert into public.user_blocks as b (blocker_id, blocked_id)
    values (_me, _subject_id)
    on conflict on constraint user_blocks_pkey do nothing;
    return row(true, 'User blocked. You will not be matched with each other.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
    when foreign_key_violation then
        -- one of the two has just deleted the account
        perform wingman.raise_error('user_not_found');
        return null;
end
$$;

comment on function wingman.block_user(uuid, uuid) is 'Engine of public.block_user';
revoke all on function wingman.block_user(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.block_user(uuid, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/sessions/confirm_session_completion.sql
drop function wingman.confirm_session_completion(uuid, uuid, uuid, text);
create or replace function wingman.confirm_session_completion(session_id uuid, buddy_user_id uuid, user_id uuid)
returns public.session_confirmation
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
set plan_cache_mode = 'force_generic_plan'
as $$
declare
    _me uuid := wingman.caller_id(confirm_session_completion.user_id, writes => true);
    _session record;
begin
    -- locks the session, checks and writes in one; what keeps it from that is asked for only when something did
    update public.wingman_sessions as s
    set
        user1_completed_confirmed_by_user2 = s.user1_completed_confirmed_by_user2 or m.user2_id = _me,
        user2_completed_confirmed_by_user1 = s.user2_completed_confirmed_by_user1 or m.user1_id = _me,
        status = case
            when s.user1_completed_confirmed_by_user2 or s.user2_completed_confirmed_by_user1 then 'completed'
            else s.status
        end,
        completed_at = case
            when s.user1_completed_confirmed_by_user2 or s.user2_completed_confirmed_by_user1
                then statement_timestamp()
        end
    from public.wingman_matches as m, public.user_profiles as p
    where s.id = confirm_session_completion.session_id
        and m.id = s.match_id
        and p.id = _me
        and wingman.confirmation_obstacle(s, m, _me, confirm_session_completion.buddy_user_id) is null
    returning s.status, m.user1_id, m.user2_id into _session;
    if not found then
        perform wingman.refuse_confirmation(
            confirm_session_completion.session_id, confirm_session_completion.buddy_user_id, _me
        );
    end if;

    if _session.status <> 'completed' then
        return row(
            true,
            'Completion confirmation recorded. Waiting for your buddy to confirm.',
            _session.status,
            false,
            false,
            0
        )::public.session_confirmation;
    end if;

    perform wingman.record_completion(confirm_session_completion.session_id, _session.user1_id, _session.user2_id);
    return row(
        true,
        'Session completed! Both participants have confirmed completion and reputation was updated.',
        'completed',
        true,
        true,
        1
    )::public.session_confirmation;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.confirm_session_completion(uuid, uuid, uuid) is 'Engine of public.confirm_session_completion';
revoke all on function wingman.confirm_session_completion(uuid, uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.confirm_session_completion(uuid, uuid, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/sessions/cancel_session.sql
drop function wingman.cancel_session(uuid, text, uuid, text);
create or replace function wingman.cancel_session(session_id uuid, reason text, user_id uuid)
returns public.session_details
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _me uuid;
    _session public.wingman_sessions;
begin
    _me := wingman.known_user_id(wingman.caller_id(cancel_session.user_id, writes => true));
    perform wingman.require_argument('session_id', cancel_session.session_id is not null);
    perform wingman.refuse_violation(wingman.session_violation(null, null, cancel_session.reason));
    perform wingman.session_buddy(cancel_session.session_id, _me);
    _session := wingman.lock_session(cancel_session.session_id);

    if wingman.is_active_session(_session.status) then
        perform wingman.cancel_active_session(_session.match_id, _me, cancel_session.reason);
    elsif _session.status <> 'cancelled' then
        perform wingman.raise_error(
            'invalid_session_state', jsonb_build_object('verb', 'cancelled', 'status', _session.status)
        );
    end if;
    return wingman.session_details_of(_session.id, _me);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.cancel_session(uuid, text, uuid) is 'Engine of public.cancel_session';
revoke all on function wingman.cancel_session(uuid, text, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.cancel_session(uuid, text, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/sessions/start_session.sql
drop function wingman.start_session(uuid, uuid, text);
create or replace function wingman.start_session(session_id uuid, user_id uuid)
returns public.session_details
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _me uuid;
    _session public.wingman_sessions;
    _from timestamptz;
begin
    _me := wingman.known_user_id(wingman.caller_id(start_session.user_id, writes => true));
    perform wingman.require_argument('session_id', start_session.session_id is not null);
    perform wingman.session_buddy(start_session.session_id, _me);
    _session := wingman.lock_session(start_session.session_id);

    if _session.status = 'in_progress' then
        return wingman.session_details_of(_session.id, _me);
    elsif _session.status <> 'scheduled' then
        perform wingman.raise_error(
            'invalid_session_state', jsonb_build_object('verb', 'started', 'status', _session.status)
        );
    end if;

    select _session.scheduled_time - t.session_start_lead into strict _from from wingman.settings as t;
    if statement_timestamp() < _from then
        perform wingman.raise_error('too_early', jsonb_build_object('time', wingman.utc_text(_from)));
    end if;

    update public.wingman_sessions as s set status = 'in_progress' where s.id = _session.id;
    return wingman.session_details_of(_session.id, _me);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.start_session(uuid, uuid) is 'Engine of public.start_session';
revoke all on function wingman.start_session(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.start_session(uuid, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/sessions/create_session.sql
drop function wingman.create_session(uuid, timestamptz, text, text, uuid, text);
create or replace function wingman.create_session(
    match_id uuid,
    scheduled_time timestamptz,
    venue_name text,
    notes text,
    user_id uuid
)
returns public.session_details
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _me uuid;
    _horizon interval;
    _match public.wingman_matches;
    _status text;
    _session_id uuid;
begin
    _me := wingman.known_user_id(wingman.caller_id(create_session.user_id, writes => true));

    perform wingman.require_argument('match_id', create_session.match_id is not null);
    perform wingman.require_argument('scheduled_time', create_session.scheduled_time is not null);
    perform wingman.require_argument('venue_name', create_session.venue_name is not null);
    perform wingman.refuse_violation(wingman.session_violation(create_session.venue_name, create_session.notes, null));
    if create_session.scheduled_time <= statement_timestamp() then
        perform wingman.raise_error('invalid_schedule');
    end if;
    select t.session_horizon into strict _horizon from wingman.settings as t;
    if create_session.scheduled_time > statement_timestamp() + _horizon then
        perform wingman.refuse_violation(row(
            'scheduled_time', 'must be at most ' || extract(epoch from _horizon)::integer / 86400 || ' days ahead'
        )::wingman.violation);
    end if;

    perform wingman.match_buddy(create_session.match_id, _me);
    _match := wingman.lock_match(create_session.match_id);

    _status := wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp());
    if _match.ended_at is not null then
        _status := 'ended';
    end if;
    if _status <> 'accepted' then
        perform wingman.raise_error('match_not_accepted', jsonb_build_object('status', _status));
    end if;

    -- the partial unique index decides: a direct write may hold another active session that is not visible yet
    insert into public.wingman_sessions as s (match_id, scheduled_time, venue_name, notes)
    values (
        create_session.match_id,
        create_session.scheduled_time,
        create_session.venue_name,
        create_session.notes
    )
    on conflict do nothing
    returning s.id into _session_id;
    if _session_id is null then
        perform wingman.raise_error('active_session_exists');
    end if;

    return wingman.session_details_of(_session_id, _me);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.create_session(uuid, timestamptz, text, text, uuid) is 'Engine of public.create_session';
revoke all on function wingman.create_session(uuid, timestamptz, text, text, uuid)
from public, anon, authenticated, service_role;
grant execute on function wingman.create_session(uuid, timestamptz, text, text, uuid)
to authenticated, service_role, wingman_admin;

-- file: sql/matching/resume_matching.sql
drop function wingman.resume_matching(uuid, text);
create or replace function wingman.resume_matching(user_id uuid)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _me uuid;
begin
    _me := wingman.known_user_id(wingman.caller_id(resume_matching.user_id, writes => true));

    perform wingman.lock_seekers(_me);
    update wingman.match_seekers as s
    set paused = false, paused_automatically = false, unanswered_offers = 0
    where s.user_id = _me;
    if not found then
        perform wingman.raise_error('profile_incomplete');
    end if;
    return row(true, 'Matching resumed.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.resume_matching(uuid) is 'Engine of public.resume_matching';
revoke all on function wingman.resume_matching(uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.resume_matching(uuid) to authenticated, service_role, wingman_admin;

-- file: sql/matching/pause_matching.sql
drop function wingman.pause_matching(uuid, text);
create or replace function wingman.pause_matching(user_id uuid)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _me uuid;
begin
    _me := wingman.known_user_id(wingman.caller_id(pause_matching.user_id, writes => true));

    perform wingman.lock_seekers(_me);
    update wingman.match_seekers as s
    set paused = true, paused_automatically = false
    where s.user_id = _me;
    if not found then
        perform wingman.raise_error('profile_incomplete');
    end if;
    return row(true, 'Matching paused. Nobody will be matched with you until you resume it.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.pause_matching(uuid) is 'Engine of public.pause_matching';
revoke all on function wingman.pause_matching(uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.pause_matching(uuid) to authenticated, service_role, wingman_admin;

-- file: sql/matching/get_match_history.sql
drop function wingman.get_match_history(uuid, uuid);

-- file: sql/matching/end_match.sql
drop function wingman.end_match(uuid, uuid, text);
create or replace function wingman.end_match(match_id uuid, user_id uuid)
returns public.match_details
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _me uuid;
    _match public.wingman_matches;
begin
    _me := wingman.known_user_id(wingman.caller_id(end_match.user_id, writes => true));
    perform wingman.require_argument('match_id', end_match.match_id is not null);

    perform wingman.match_buddy(end_match.match_id, _me);
    _match := wingman.lock_match(end_match.match_id);
    if _match.status <> 'accepted' then
        perform wingman.raise_error('match_not_accepted', jsonb_build_object(
            'status', wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp())
        ));
    elsif _match.ended_at is null then
        perform wingman.end_accepted_match(_match.id, _me);
    end if;
    return wingman.match_details_of(_match.id, _me);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.end_match(uuid, uuid) is 'Engine of public.end_match';
revoke all on function wingman.end_match(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.end_match(uuid, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/matching/respond_to_match.sql
drop function wingman.respond_to_match(uuid, text, uuid, text);
create or replace function wingman.respond_to_match(match_id uuid, action text, user_id uuid)
returns public.match_response
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
set plan_cache_mode = 'force_generic_plan'
-- a plan that was made while the tables were small must not read them whole until the next analyze
set enable_seqscan = off
as $$
declare
    _me uuid := wingman.caller_id(respond_to_match.user_id, writes => true);
    _answer text := case respond_to_match.action when 'accept' then 'accepted' when 'decline' then 'declined' end;
    _next public.wingman_matches;
begin
    perform
    from public.wingman_matches as m
    inner join wingman.match_seekers as s on s.user_id in (m.user1_id, m.user2_id)
    where m.id = respond_to_match.match_id and _me in (m.user1_id, m.user2_id)
    order by s.user_id
    for no key update of s;

    -- locks the match, checks and writes in one; what keeps it from that is asked for only when something did
    update public.wingman_matches as m
    set status = _answer, responded_by = _me, responded_at = statement_timestamp()
    where m.id = respond_to_match.match_id
        and _answer is not null
        and _me in (m.user1_id, m.user2_id)
        and wingman.match_status_at(m.status, m.expires_at, statement_timestamp()) = 'pending';

    if not found then
        _next := wingman.repeat_response(respond_to_match.match_id, respond_to_match.action, _answer, _me);
    elsif _answer = 'declined' then
        _next := wingman.match_again(_me);
    end if;
    return wingman.match_response_of(_me, _answer, _next);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.respond_to_match(uuid, text, uuid) is 'Engine of public.respond_to_match';
revoke all on function wingman.respond_to_match(uuid, text, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.respond_to_match(uuid, text, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/matching/create_automatic_match.sql
drop function wingman.create_automatic_match(integer, uuid, text);
create or replace function wingman.create_automatic_match(max_radius_miles integer, user_id uuid)
returns public.automatic_match
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
set plan_cache_mode = 'force_generic_plan'
-- a plan that was made while the tables were small must not read them whole until the next analyze
set enable_seqscan = off
as $$
declare
    _me uuid := wingman.caller_id(create_automatic_match.user_id, writes => true);
    _seen wingman.match_seekers;
    _seeker wingman.match_seekers;
    _settings wingman.settings;
    _pending public.wingman_matches;
    _radius integer;
    _tried integer;
    _search wingman.search_outcome;
begin
    if not wingman.is_valid_radius(create_automatic_match.max_radius_miles) then
        perform wingman.known_user_id(_me);
        perform wingman.raise_error('invalid_radius');
    end if;

    select s.* into _seen from wingman.match_seekers as s where s.user_id = _me;
    _seeker := wingman.lock_pending_match(_seen);
    if _seeker.user_id is null then
        perform wingman.known_user_id(_me);
        perform wingman.raise_error('profile_incomplete');
    end if;

    if _seeker.pending_match_id is not null then
        select m.* into strict _pending from public.wingman_matches as m where m.id = _seeker.pending_match_id;
        if wingman.match_status_at(_pending.status, _pending.expires_at, statement_timestamp()) = 'pending' then
            return wingman.automatic_match_of(_pending, _me, 'You already have a pending wingman match');
        end if;
    end if;
    if _seeker.paused and not _seeker.paused_automatically then
        perform wingman.raise_error('matching_paused');
    elsif _pending.id is not null and _pending.id is distinct from _seen.pending_match_id then
        -- came and lapsed while this call waited: its partner is not locked
        perform wingman.raise_error('busy');
    elsif _pending.id is not null then
        perform wingman.expire_match(_pending.id);
    end if;
    if _pending.id is not null or _seeker.paused then
        -- the expiry may have been one too many: a search ends that pause as well
        _seeker := wingman.end_automatic_pause(_me);
    end if;
    select t.* into strict _settings from wingman.settings as t;
    _tried := wingman.settle_due_matches(_settings.settle_limit);

    _radius := coalesce(create_automatic_match.max_radius_miles, _seeker.max_travel_miles);
    _search := wingman.match_nearest(_seeker, _radius, _seen.pending_match_id is null and _tried = 0, _settings);

    if (_search.match).id is not null then
        return wingman.automatic_match_of(_search.match, _me, 'Wingman buddy match created successfully!');
    elsif _search.contended then
        perform wingman.raise_error('busy');
    end if;
    return row(
        false,
        'No compatible wingman buddies found within ' || _radius || ' miles. Try expanding your search radius.',
        null,
        null,
        null,
        null
    )::public.automatic_match;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.create_automatic_match(integer, uuid) is 'Engine of public.create_automatic_match';
revoke all on function wingman.create_automatic_match(integer, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.create_automatic_match(integer, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/profiles/complete_profile.sql
drop function wingman.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid, text
);
create or replace function wingman.complete_profile(
    first_name text,
    experience_level text,
    lat double precision,
    lng double precision,
    city text,
    bio text,
    photo_url text,
    confidence_archetype text,
    max_travel_miles integer,
    privacy_mode text,
    user_id uuid
)
returns public.profile_details
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _me uuid;
    _violated_key text;
begin
    _me := wingman.caller_id(complete_profile.user_id, writes => true);

    perform wingman.require_argument('first_name', complete_profile.first_name is not null);
    perform wingman.require_argument('experience_level', complete_profile.experience_level is not null);
    perform wingman.require_argument('lat', complete_profile.lat is not null);
    perform wingman.require_argument('lng', complete_profile.lng is not null);
    perform wingman.require_argument('max_travel_miles', complete_profile.max_travel_miles is not null);
    perform wingman.require_argument('privacy_mode', complete_profile.privacy_mode is not null);
    perform wingman.refuse_violation(wingman.profile_violation(
        complete_profile.first_name,
        complete_profile.experience_level,
        complete_profile.bio,
        complete_profile.photo_url,
        complete_profile.confidence_archetype
    ));
    perform wingman.refuse_violation(wingman.location_violation(
        complete_profile.lat,
        complete_profile.lng,
        complete_profile.city,
        complete_profile.privacy_mode,
        complete_profile.max_travel_miles
    ));

    -- the triggers below write the seeker row, which comes before the profile in the lock order; who has none yet has nothing
    -- else to lock but this
    perform pg_advisory_xact_lock(hashtextextended('complete_profile ' || _me, 0));
    perform wingman.lock_seekers(_me);

    insert into public.user_profiles as p (id, first_name, experience_level, bio, photo_url, confidence_archetype)
    values (
        _me,
        complete_profile.first_name,
        complete_profile.experience_level,
        complete_profile.bio,
        complete_profile.photo_url,
        complete_profile.confidence_archetype
    )
    on conflict on constraint user_profiles_pkey do update
    set
        first_name = excluded.first_name,
        experience_level = excluded.experience_level,
        bio = excluded.bio,
        photo_url = excluded.photo_url,
        confidence_archetype = excluded.confidence_archetype;

    insert into public.user_locations as l (user_id, lat, lng, city, privacy_mode, max_travel_miles)
    values (
        _me,
        complete_profile.lat,
        complete_profile.lng,
        complete_profile.city,
        complete_profile.privacy_mode,
        complete_profile.max_travel_miles
    )
    on conflict on constraint user_locations_pkey do update
    set
        lat = excluded.lat,
        lng = excluded.lng,
        city = excluded.city,
        privacy_mode = excluded.privacy_mode,
        max_travel_miles = excluded.max_travel_miles;

    return wingman.profile_details_of(_me);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
    when foreign_key_violation then
        get stacked diagnostics _violated_key = constraint_name;
        if _violated_key <> 'user_profiles_id_fkey' then
            raise;
        end if;
        -- wingman_owner may not read auth.users on Supabase: its foreign key is how we know who exists
        perform wingman.raise_error('user_not_found');
        return null;
end
$$;

comment on function wingman.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid
) is 'Engine of public.complete_profile';
revoke all on function wingman.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid
) from public, anon, authenticated, service_role;
grant execute on function wingman.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid
) to authenticated, service_role, wingman_admin;

-- file: sql/guards/drop_audit_partitions.sql
drop function wingman.drop_audit_partitions();

-- file: sql/guards/make_audit_partitions.sql
drop function wingman.make_audit_partitions();

-- file: sql/guards/triggers.sql
drop trigger audit_settings on wingman.settings;
drop trigger audit_new_settings on wingman.settings;
drop trigger audit_pause on wingman.match_seekers;
drop trigger audit_profile_texts on public.user_profiles;
drop trigger audit_profile on public.user_profiles;
drop trigger audit_block on public.user_blocks;
drop trigger audit_reputation on wingman.reputation_events;
drop trigger audit_session_state on public.wingman_sessions;
drop trigger audit_session on public.wingman_sessions;
drop trigger audit_match_state on public.wingman_matches;
drop trigger audit_match on public.wingman_matches;
drop trigger refuse_truncate on wingman.audit_log_default;
drop trigger refuse_truncate on wingman.audit_log;
drop trigger refuse_change on wingman.audit_log;

-- file: sql/guards/audit_settings.sql
drop function wingman.audit_settings();

-- file: sql/guards/audit_seeker.sql
drop function wingman.audit_seeker();

-- file: sql/guards/audit_profile.sql
drop function wingman.audit_profile();

-- file: sql/guards/audit_block.sql
drop function wingman.audit_block();

-- file: sql/guards/audit_reputation.sql
drop function wingman.audit_reputation();

-- file: sql/guards/audit_session.sql
drop function wingman.audit_session();

-- file: sql/guards/audit_match.sql
drop function wingman.audit_match();

-- file: sql/guards/session_state.sql
drop function wingman.session_state(public.wingman_sessions);

-- file: sql/guards/match_state.sql
drop function wingman.match_state(public.wingman_matches);

-- file: sql/guards/audit_log_default.sql
drop table wingman.audit_log_default;

-- file: sql/guards/audit_log.sql
drop index wingman.audit_log_match_idx;
drop table wingman.audit_log;

-- file: sql/reputation/triggers.sql
drop trigger count_events on wingman.reputation_events;
drop trigger refuse_change on wingman.reputation_events;
drop trigger refuse_truncate on wingman.reputation_events;
drop trigger refuse_change on wingman.session_decisions;
drop trigger refuse_truncate on wingman.session_decisions;
create trigger count_events after insert on wingman.reputation_events
referencing new table as new_events
for each statement execute function wingman.count_events();

create trigger refuse_change before update or delete on wingman.reputation_events
for each row execute function wingman.refuse_change();

create trigger refuse_truncate before truncate on wingman.reputation_events
for each statement execute function wingman.refuse_change();

-- file: sql/reputation/count_events.sql
create or replace function wingman.count_events()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
-- profiles are locked by id, the last rows of the lock order: events in that order, for each an index scan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
as $$
begin
    update public.user_profiles as p
    set completed_sessions = p.completed_sessions + e.delta, updated_at = statement_timestamp()
    from (
        select n.user_id, sum(n.delta)::integer as delta
        from new_events as n
        group by n.user_id
        order by n.user_id
    ) as e
    where p.id = e.user_id;
    return null;
end
$$;

comment on function wingman.count_events() is
'Trigger: keeps the counters of user_profiles equal to the sums of the ledger. Locks the profiles by id.';
revoke all on function wingman.count_events() from public, anon, authenticated, service_role;

-- file: sql/reputation/reputation_differences.sql
drop view wingman.reputation_differences;

-- file: sql/reputation/completions_in.sql
drop function wingman.completions_in(text, integer);

-- file: sql/reputation/reputation_events.sql
alter table wingman.reputation_events
drop constraint reputation_events_kind_check,
add constraint reputation_events_kind_check check (kind = 'completed' and delta = 1);

comment on column wingman.reputation_events.kind is 'completed: both people confirmed the session';

-- file: sql/sessions/guard_session.sql
create or replace function wingman.guard_session()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    -- one expression, since every update pays for each
    _broken text := case
        when tg_op = 'INSERT' and new.status <> 'scheduled' then 'transition'
        when tg_op = 'INSERT' and (new.user1_completed_confirmed_by_user2 or new.user2_completed_confirmed_by_user1)
            then 'confirmation'
        when new.id <> old.id or new.match_id <> old.match_id then 'match'
        when new.status <> old.status and (new.status = 'scheduled' or not wingman.is_active_session(old.status))
            then 'transition'
        when old.user1_completed_confirmed_by_user2 > new.user1_completed_confirmed_by_user2
            or old.user2_completed_confirmed_by_user1 > new.user2_completed_confirmed_by_user1
            then 'confirmation'
        when not wingman.is_active_session(old.status)
            and (
                old.user1_completed_confirmed_by_user2 <> new.user1_completed_confirmed_by_user2
                or old.user2_completed_confirmed_by_user1 <> new.user2_completed_confirmed_by_user1
                or old.completed_at is distinct from new.completed_at
            )
            then 'confirmation'
        when (new.status = 'completed') <> (new.user1_completed_confirmed_by_user2 and new.user2_completed_confirmed_by_user1)
            or (new.status = 'completed') <> (new.completed_at is not null)
            then 'completion_check'
        when new.status <> 'cancelled' and (new.cancelled_by is not null or new.cancellation_reason is not null)
            then 'cancellation_check'
        when new.status not in ('scheduled', 'in_progress', 'completed', 'cancelled', 'no_show') then 'status_check'
    end;
begin
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_' || _broken,
            message = case _broken
                when 'match' then 'The match of a session never changes'
                when 'transition' then format('A session cannot go from %s to %s', coalesce(old.status, 'nothing'), new.status)
                when 'confirmation' then 'Confirmations are given while a session is active, and never taken back'
                when 'completion_check' then 'A session is completed by both confirmations, and then says when'
                when 'cancellation_check' then 'Only a cancelled session says who cancelled it and why'
                when 'status_check' then 'A session is scheduled, in_progress, completed, cancelled or no_show'
            end;
    end if;

    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.guard_session() is
'Trigger: every rule of a session but those of its texts. scheduled to in_progress, both to completed, cancelled or no_show, these
three terminal; confirmations are only given, only while the session is active. Holds for direct SQL. No CHECK constraints: an
update would read their text anew each time, at a quarter of the cost of a confirmation.';
revoke all on function wingman.guard_session() from public, anon, authenticated, service_role;

-- file: sql/sessions/session_decisions.sql
drop table wingman.session_decisions;

-- file: sql/sessions/decision_violation.sql
drop function wingman.decision_violation(text);

-- file: sql/sessions/wingman_sessions.sql
alter table public.wingman_sessions drop column reverted_at;

-- file: sql/sessions/is_active_session.sql
create or replace function wingman.is_active_session(status text)
returns boolean
language sql
immutable
return status in ('scheduled', 'in_progress');

comment on function wingman.is_active_session(text) is
'Whether a session in this status is still going to happen or happening: it can be confirmed and cancelled, and its match cannot
have another one';
revoke all on function wingman.is_active_session(text) from public, anon, authenticated, service_role;

-- file: sql/sessions/session_violation.sql
create or replace function wingman.session_violation(venue_name text, notes text, cancellation_reason text)
returns wingman.violation
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if session_violation.venue_name !~ '[^[:space:]]' or char_length(session_violation.venue_name) > 200 then
        return row('venue_name', 'must be 1 to 200 characters')::wingman.violation;
    elsif char_length(session_violation.notes) > 2000 then
        return row('notes', 'must be at most 2000 characters')::wingman.violation;
    elsif char_length(session_violation.cancellation_reason) > 500 then
        return row('reason', 'must be at most 500 characters')::wingman.violation;
    end if;
    return null;
end
$$;

comment on function wingman.session_violation(text, text, text) is
'The first rule that a session''s texts break, or null. The table''s constraint, create_session and cancel_session ask here.';
revoke all on function wingman.session_violation(text, text, text) from public, anon, authenticated, service_role;

-- file: sql/matching/cells_near.sql
create or replace function wingman.cells_near(
    from_lat integer,
    from_lng integer,
    further_than integer,
    up_to integer
)
returns table (grid_lat integer, grid_lng integer, miles double precision)
language plpgsql
stable
rows 50
set search_path = pg_catalog, pg_temp
as $$
declare
    -- a little wider than the circle, so that rounding leaves nobody out
    _angle double precision := (cells_near.up_to + 0.001::double precision) / 3958.7613::double precision;
    _latitude double precision := radians(cells_near.from_lat / 100.0::double precision);
    _rows integer := ceil(degrees(_angle) * 100)::integer;
    _width integer := 36000;
    _turns integer[] := array[0];
begin
    -- with a pole inside, all meridians are near
    if abs(_latitude) + _angle < pi() / 2 then
        _width := ceil(degrees(asin(sin(_angle) / cos(_latitude))) * 100)::integer;
    end if;
    -- the same once more across the antimeridian
    if _width < 18000 and abs(cells_near.from_lng) + _width >= 18000 then
        _turns := array[0, -36000 * sign(cells_near.from_lng)::integer];
    end if;

    -- one short index scan for each row of cells; offset 0 leaves the planner no other choice
    return query
    select k.grid_lat, k.grid_lng, d.miles
    from unnest(_turns) as t (turn)
    cross join generate_series(
        greatest(cells_near.from_lat - _rows, -9000), least(cells_near.from_lat + _rows, 9000)
    ) as r (grid_lat)
    cross join lateral (
        select c.grid_lat, c.grid_lng
        from wingman.occupied_cells as c
        where c.grid_lat = r.grid_lat
            and c.grid_lng between cells_near.from_lng + t.turn - _width and cells_near.from_lng + t.turn + _width
        offset 0
    ) as k
    cross join lateral (
        select wingman.distance_miles(cells_near.from_lat, cells_near.from_lng, k.grid_lat, k.grid_lng)
    ) as d (miles)
    where d.miles > cells_near.further_than and d.miles <= cells_near.up_to
    order by d.miles;
end
$$;

comment on function wingman.cells_near(integer, integer, integer, integer) is
'The occupied cells further than so many miles from a grid point, and up to so many, nearest first';
revoke all on function wingman.cells_near(integer, integer, integer, integer) from public, anon, authenticated, service_role;

-- file: sql/matching/settle_due_matches.sql
drop function wingman.settle_due_matches(integer);
create or replace function wingman.settle_due_matches(max_matches integer)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _due record;
    _status text;
    _seekers integer;
    _tried integer := 0;
begin
    for _due in
        select m.id, m.user1_id, m.user2_id
        from public.wingman_matches as m
        where m.status = 'pending' and m.expires_at <= statement_timestamp()
        order by m.expires_at
        limit settle_due_matches.max_matches
    loop
        _tried := _tried + 1;

        perform
        from wingman.match_seekers as s
        where s.user_id in (_due.user1_id, _due.user2_id)
        order by s.user_id
        for no key update skip locked;
        get diagnostics _seekers = row_count;
        continue when _seekers < 2;

        select m.status into _status
        from public.wingman_matches as m
        where m.id = _due.id
        for no key update skip locked;
        if _status = 'pending' then
            perform wingman.expire_match(_due.id);
        end if;
    end loop;
    return _tried;
end
$$;

comment on function wingman.settle_due_matches(integer) is
'Expires a few lapsed matches of anybody on the way, max_matches at most, without ever waiting. Returns how many it
tried: from then on the caller may hold their locks and must wait for nothing.';
revoke all on function wingman.settle_due_matches(integer) from public, anon, authenticated, service_role;

-- file: sql/matching/match_event.sql
drop type public.match_event;

-- file: sql/profiles/guard_profile.sql
create or replace function wingman.guard_profile()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if wingman.profile_violation(
        new.first_name, new.experience_level, new.bio, new.photo_url, new.confidence_archetype
    ) is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'user_profiles_rules',
            message = 'A text of this profile breaks a rule';
    end if;
    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.guard_profile() is 'Trigger: the rules of a profile''s texts, when they are written';
revoke all on function wingman.guard_profile() from public, anon, authenticated, service_role;

-- file: sql/profiles/profile_violation.sql
create or replace function wingman.profile_violation(
    first_name text,
    experience_level text,
    bio text,
    photo_url text,
    confidence_archetype text
)
returns wingman.violation
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if profile_violation.first_name !~ '[^[:space:]]' or char_length(profile_violation.first_name) > 80 then
        return row('first_name', 'must be 1 to 80 characters')::wingman.violation;
    elsif wingman.experience_rank(profile_violation.experience_level) is null then
        return row('experience_level', 'must be beginner, intermediate or advanced')::wingman.violation;
    elsif char_length(profile_violation.bio) > 400 then
        return row('bio', 'must be at most 400 characters')::wingman.violation;
    elsif profile_violation.photo_url !~ '^https://[^[:space:]]+$' or char_length(profile_violation.photo_url) > 500 then
        return row('photo_url', 'must be an https URL of at most 500 characters')::wingman.violation;
    elsif char_length(profile_violation.confidence_archetype) > 100 then
        return row('confidence_archetype', 'must be at most 100 characters')::wingman.violation;
    end if;
    return null;
end
$$;

comment on function wingman.profile_violation(text, text, text, text, text) is
'The first rule that a profile''s texts break, or null. The table''s constraint and complete_profile both ask here.';
revoke all on function wingman.profile_violation(text, text, text, text, text) from public, anon, authenticated, service_role;

-- file: sql/guards/spend.sql
drop function wingman.spend(uuid, text, integer, interval);

-- file: sql/guards/end_call.sql
drop function wingman.end_call(wingman.guarded_call, anyelement);

-- file: sql/guards/begin_call.sql
drop function wingman.begin_call(text, uuid, text, text[]);

-- file: sql/guards/end_operation.sql
drop function wingman.end_operation();

-- file: sql/guards/begin_operation.sql
drop function wingman.begin_operation(text);

-- file: sql/guards/mark_replay.sql
drop function wingman.mark_replay(boolean);

-- file: sql/guards/call_key.sql
drop function wingman.call_key(text);

-- file: sql/guards/request_header.sql
drop function wingman.request_header(text);

-- file: sql/guards/call_request_id.sql
drop function wingman.call_request_id();

-- file: sql/guards/call_user_id.sql
drop function wingman.call_user_id();

-- file: sql/guards/call_function.sql
drop function wingman.call_function();

-- file: sql/guards/guarded_call.sql
drop type wingman.guarded_call;

-- file: sql/guards/rate_limits.sql
drop table wingman.rate_limits;

-- file: sql/guards/idempotency_keys.sql
drop index wingman.idempotency_keys_created_idx;
drop table wingman.idempotency_keys;

-- file: sql/kernel/caller_id.sql
create or replace function wingman.caller_id(user_id uuid, writes boolean default false)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _role text := wingman.caller_role();
    _token_user_id uuid;
    _refusal text := case
        when not caller_id.writes then null
        -- lock, then check, needs a new snapshot for every statement
        when current_setting('transaction_isolation') <> 'read committed' then 'unsupported_isolation'
        when current_setting('transaction_read_only') = 'on' then 'read_only_transaction'
    end;
begin
    if _refusal is not null then
        perform wingman.raise_error(_refusal);
    elsif _role = 'authenticated' then
        _token_user_id := wingman.current_user_id();
        if caller_id.user_id <> _token_user_id then
            perform wingman.raise_error('acting_for_another');
        elsif _token_user_id is not null then
            return _token_user_id;
        end if;
    elsif _role = 'service_role' or pg_has_role(_role, 'wingman_admin', 'member') then
        perform wingman.require_argument('user_id', caller_id.user_id is not null);
        return caller_id.user_id;
    end if;

    perform wingman.raise_error('not_authenticated');
    return null;
end
$$;

comment on function wingman.caller_id(uuid, boolean) is
'Whom this call acts for: first of all in every entry point. authenticated acts as its token''s sub and may name nobody else;
service_role and members of wingman_admin must name user_id. Of the claims only sub is believed, never their role. writes: the
call writes, and needs a transaction that can.
Errors: not_authenticated, acting_for_another, missing_argument; for writes unsupported_isolation, read_only_transaction.';
revoke all on function wingman.caller_id(uuid, boolean) from public, anon, authenticated, service_role;

-- file: sql/kernel/write_obstacle.sql
drop function wingman.write_obstacle();

-- file: sql/kernel/first_id_at.sql
drop function wingman.first_id_at(timestamptz);

-- file: sql/kernel/settings.sql
alter table wingman.settings
drop column automatic_match_limit,
drop column automatic_match_period,
drop column respond_limit,
drop column respond_period,
drop column confirm_limit,
drop column confirm_period,
drop column create_session_limit,
drop column create_session_period,
drop column profile_limit,
drop column profile_period,
drop column idempotency_retention,
drop column audit_retention_months;

-- file: sql/kernel/raise_error.sql
create or replace function wingman.raise_error(name text, context jsonb default '{}')
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _error record;
    _message text;
    _word record;
begin
    select c.status, c.message, c.hint
    into strict _error
    from wingman.error_catalogue() as c
    where c.name = raise_error.name;

    _message := _error.message;
    for _word in select w.key, w.value from jsonb_each_text(raise_error.context) as w loop
        _message := replace(_message, '{' || _word.key || '}', _word.value);
    end loop;

    raise exception using
        errcode = 'PT' || _error.status,
        message = _message,
        detail = jsonb_build_object('error', raise_error.name) || raise_error.context,
        hint = _error.hint;
end
$$;

comment on function wingman.raise_error(text, jsonb) is
'The only way to refuse a call. name: an entry of wingman.error_catalogue(); context: facts for the message''s {words} and for
DETAIL. Raises SQLSTATE PT<status> with DETAIL {"error": name, ...context}.';
revoke all on function wingman.raise_error(text, jsonb) from public, anon, authenticated, service_role;

-- file: sql/kernel/error_catalogue.sql
create or replace function wingman.error_catalogue()
returns table (name text, status integer, message text, hint text)
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    values
    ('not_authenticated', 401, 'Authentication required', 'Sign in and send the access token.'),
    ('acting_for_another', 403, 'Not authorized to act for another user', 'Leave user_id out or name yourself.'),
    ('user_not_found', 404, 'User not found', 'Check the id; a user is known once it has a profile.'),
    ('missing_argument', 400, '{argument} is required', 'Send the argument with a value that is not null.'),
    ('invalid_argument', 400, '{argument} {rule}', 'Correct the argument and call again.'),
    ('invalid_action', 400, 'Invalid action: must be ''accept'' or ''decline''', 'Send action as accept or decline.'),
    ('invalid_radius', 400, 'Radius must be between 1 and 100 miles', 'Send whole miles, or leave the radius out.'),
    ('invalid_schedule', 400, 'scheduled_time must be in the future', 'Choose a later time.'),
    ('matching_paused', 409, 'Matching is paused - resume it first', 'Resume matching, then search again.'),
    ('profile_incomplete', 400, 'Profile and location are required before matching', 'Call complete_profile first.'),
    ('match_not_found', 404, 'Match not found', 'Check the id against list_matches.'),
    ('match_expired', 404, 'Match has expired', 'Call create_automatic_match for a new one.'),
    ('not_match_participant', 403, 'Not authorized - user is not a participant in this match',
        'Only the two people of a match may use it.'),
    ('match_already_resolved', 400, 'Match is already {status} - cannot respond', 'The first answer stands.'),
    ('match_not_accepted', 400, 'Match status must be ''accepted'' (current: {status})',
        'Sessions need an accepted match that has not ended.'),
    ('session_not_found', 404, 'Session not found', 'Check the id against list_sessions.'),
    ('not_session_participant', 403, 'Access denied - user is not a participant in this session',
        'Only the two people of a session may use it.'),
    ('self_confirmation', 400, 'Cannot confirm your own completion - only your buddy can confirm you',
        'Leave buddy_user_id out or name your buddy.'),
    ('buddy_not_in_session', 400, 'The user to confirm is not your buddy in this session',
        'Leave buddy_user_id out or name your buddy.'),
    ('already_confirmed', 409, 'You have already confirmed completion for this session',
        'Nothing more to do; the detail holds the current state.'),
    ('session_not_confirmable', 400, 'Session cannot be completed - current status: {status}',
        'Only a scheduled or running session can be confirmed.'),
    ('session_not_started', 400, 'Cannot confirm completion before scheduled time ({time})',
        'Confirm once the session has begun.'),
    ('too_early', 400, 'Session cannot be started before {time}', 'Start it closer to the scheduled time.'),
    ('active_session_exists', 409, 'Match already has an active session', 'Finish or cancel that session first.'),
    ('invalid_session_state', 409, 'Session cannot be {verb} - current status: {status}',
        'Read the session again; its state has moved on.'),
    ('reputation_not_visible', 403, 'Reputation is visible to the user and to current partners only',
        'Ask for yourself or for a current partner.'),
    ('busy', 503, 'Another request holds this record - retry', 'Nothing was changed; call again in a moment.'),
    ('unsupported_isolation', 400, 'Call this function at READ COMMITTED',
        'Begin the transaction with isolation level read committed.'),
    ('read_only_transaction', 400, 'Call this function in a read-write transaction',
        'Under PostgREST use POST; in SQL begin a read write transaction on the primary.');
end
$$;

comment on function wingman.error_catalogue() is
'Every refusal that a caller can meet. name: stable identifier; status: HTTP status, also the SQLSTATE as PT<status>;
message: template, {word} is filled from the context; hint: what the caller can do. Source: docs/contract.md.';
revoke all on function wingman.error_catalogue() from public, anon, authenticated, service_role;
