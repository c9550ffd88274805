-- refuse to lose the rows of wingman.operator_decisions
lock table wingman.operator_decisions in access exclusive mode;
do $$ begin
    if exists (select from wingman.operator_decisions) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of wingman.operator_decisions',
            hint = 'Save and delete them first, if they are to go.';
    end if;
end $$;

-- file: sql/sessions/session_decisions.sql
create table wingman.session_decisions (
    session_id uuid not null
    constraint session_decisions_session_id_fkey references public.wingman_sessions (id),
    decision text not null constraint session_decisions_decision_check check (decision in ('no_show', 'reverted')),
    reason text not null constraint session_decisions_reason_check check (wingman.decision_violation(reason) is null),
    decided_by text not null default session_user,
    created_at timestamptz not null default statement_timestamp(),
    constraint session_decisions_pkey primary key (session_id, decision)
);

comment on table wingman.session_decisions is
'What operators decided about sessions, and why; append-only. The effect on reputations is in reputation_events';
comment on column wingman.session_decisions.session_id is 'The session';
comment on column wingman.session_decisions.decision is 'no_show: mark_no_show; reverted: revert_completion';
comment on column wingman.session_decisions.reason is 'Why, in the operator''s words, 1 to 500 characters';
comment on column wingman.session_decisions.decided_by is 'The login of the operator';
comment on column wingman.session_decisions.created_at is 'When it was decided';

revoke all on table wingman.session_decisions from public, anon, authenticated, service_role;

create or replace trigger refuse_change before update or delete on wingman.session_decisions
for each row execute function wingman.tg_any__refuse_change();

create or replace trigger refuse_truncate before truncate on wingman.session_decisions
for each statement execute function wingman.tg_any__refuse_change();

-- file: sql/api/erase_my_account.sql
drop function public.erase_my_account(text, uuid, text);

-- file: sql/api/export_my_data.sql
drop function public.export_my_data(uuid);

-- file: sql/api/unblock_user.sql
create or replace function public.unblock_user(subject_id uuid, user_id uuid default null, idempotency_key text default null)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.unblock_user(unblock_user.subject_id, unblock_user.user_id, unblock_user.idempotency_key);
end
$$;

comment on function public.unblock_user(uuid, uuid, text) is
'Removes the caller''s block of another user; what the block ended stays ended. Without a block nothing changes.
subject_id: the user to unblock.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.unblock_user(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.unblock_user(uuid, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/api/block_user.sql
create or replace function public.block_user(subject_id uuid, user_id uuid default null, idempotency_key text default null)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.block_user(block_user.subject_id, block_user.user_id, block_user.idempotency_key);
end
$$;

comment on function public.block_user(uuid, uuid, text) is
'Blocks another user: from now on neither is matched with the other or sees the other''s profile or reputation.
A pending match between them is declined, an accepted one ends and its active session is cancelled. Blocking again changes
nothing. The other person is not notified.
subject_id: the user to block.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.block_user(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.block_user(uuid, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/admin/erasures.sql
drop view wingman_admin.erasures;

-- file: sql/admin/erase_user.sql
drop function wingman_admin.erase_user(uuid, text);

-- file: sql/admin/export_user.sql
drop function wingman_admin.export_user(uuid, text);

-- file: sql/admin/revert_completion.sql
create or replace function wingman_admin.revert_completion(session_id uuid, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    -- not of the table's type: to compile that would wait for whoever locks the table, outside the exception handler
    _session record;
begin
    perform wingman.begin_operation('revert_completion');
    perform wingman.require_argument('session_id', revert_completion.session_id is not null);
    perform wingman.require_argument('reason', revert_completion.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(revert_completion.reason));
    select s.* into _session from wingman.lock_session(revert_completion.session_id) as s;

    if _session.id is null then
        perform wingman.raise_error('session_not_found');
    elsif _session.reverted_at is not null then
        perform wingman.raise_error(
            'invalid_session_state', jsonb_build_object('verb', 'reverted', 'status', 'reverted')
        );
    elsif _session.status not in ('completed', 'no_show') then
        perform wingman.raise_error(
            'invalid_session_state', jsonb_build_object('verb', 'reverted', 'status', _session.status)
        );
    end if;

    update public.wingman_sessions as s set reverted_at = statement_timestamp() where s.id = _session.id;
    insert into wingman.session_decisions as d (session_id, decision, reason)
    values (_session.id, 'reverted', revert_completion.reason);
    if _session.status = 'completed' then
        perform wingman.record_reputation(
            _session.id, 'completion_reverted', _session.user1_id, _session.user2_id, both_people => true
        );
    else
        perform wingman.record_reputation(g.session_id, 'no_show_reverted', g.user_id, g.buddy_id, both_people => false)
        from wingman.reputation_events as g
        where g.user_id in (_session.user1_id, _session.user2_id) and g.session_id = _session.id and g.kind = 'no_show';
    end if;

    perform wingman.end_operation();
    return row(
        true,
        case _session.status
            when 'completed' then 'Completion reverted: neither reputation counts this session any more.'
            else 'No-show reverted: it does not count any more.'
        end
    )::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('revert_completion');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.revert_completion(uuid, text) is
'Takes back what a completed session or a no-show did to reputations.
Writes reversing entries to the ledger, corrects the counters and sets reverted_at; the status stays. reason: why, 1 to 500
characters, kept with the operator''s login in wingman_admin.session_decisions.
Errors: missing_argument, invalid_argument, session_not_found, invalid_session_state (also for a second revert), busy,
unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.revert_completion(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.revert_completion(uuid, text) to wingman_admin, service_role;

-- file: sql/admin/mark_no_show.sql
create or replace function wingman_admin.mark_no_show(session_id uuid, absent_user_id uuid, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    -- not of the table's type: to compile that would wait for whoever locks the table, outside the exception handler
    _session record;
begin
    perform wingman.begin_operation('mark_no_show');
    perform wingman.require_argument('session_id', mark_no_show.session_id is not null);
    perform wingman.require_argument('absent_user_id', mark_no_show.absent_user_id is not null);
    perform wingman.require_argument('reason', mark_no_show.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(mark_no_show.reason));
    perform wingman.session_buddy(mark_no_show.session_id, mark_no_show.absent_user_id);
    select s.* into _session from wingman.lock_session(mark_no_show.session_id) as s;

    if not _session.is_active then
        perform wingman.raise_error(
            'invalid_session_state', jsonb_build_object('verb', 'marked as a no-show', 'status', _session.status)
        );
    elsif _session.scheduled_time > statement_timestamp() then
        perform wingman.raise_error(
            'session_not_started', jsonb_build_object('time', wingman.utc_text(_session.scheduled_time))
        );
    end if;

    update public.wingman_sessions as s set status = 'no_show' where s.id = _session.id;
    insert into wingman.session_decisions as d (session_id, decision, reason)
    values (_session.id, 'no_show', mark_no_show.reason);
    perform wingman.record_reputation(
        _session.id,
        'no_show',
        mark_no_show.absent_user_id,
        case mark_no_show.absent_user_id when _session.user1_id then _session.user2_id else _session.user1_id end,
        both_people => false
    );

    perform wingman.end_operation();
    return row(true, 'No-show recorded: the reputation of the absent user was updated.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('mark_no_show');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.mark_no_show(uuid, uuid, text) is
'Ends an active session, from its scheduled time on, because one of its two people did not come.
Sets status no_show, writes one entry to the ledger and adds 1 to no_shows of the absent person; an earlier confirmation stays.
wingman_admin.revert_completion takes it back. reason: why, 1 to 500 characters, kept with the operator''s login in
wingman_admin.session_decisions.
Errors: missing_argument, invalid_argument, session_not_found, not_session_participant, invalid_session_state,
session_not_started, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.mark_no_show(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.mark_no_show(uuid, uuid, text) to wingman_admin, service_role;

-- file: sql/admin/end_match.sql
drop function wingman_admin.end_match(uuid, text);

-- file: sql/admin/cancel_session.sql
drop function wingman_admin.cancel_session(uuid, text);

-- file: sql/admin/session_decisions.sql
create or replace view wingman_admin.session_decisions as
select
    d.session_id,
    d.decision,
    d.reason,
    d.decided_by,
    d.created_at,
    array(
        select e.user_id
        from wingman.reputation_events as e
        where e.user_id in (s.user1_id, s.user2_id) and e.session_id = d.session_id and e.created_at = d.created_at
        order by e.user_id
    ) as user_ids
from wingman.session_decisions as d
inner join public.wingman_sessions as s on d.session_id = s.id;

comment on view wingman_admin.session_decisions is
'What operators decided about sessions: who did not come, and what was taken back';
comment on column wingman_admin.session_decisions.session_id is 'The session';
comment on column wingman_admin.session_decisions.decision is 'no_show: mark_no_show; reverted: revert_completion';
comment on column wingman_admin.session_decisions.reason is 'Why, in the operator''s words';
comment on column wingman_admin.session_decisions.decided_by is 'The login of the operator';
comment on column wingman_admin.session_decisions.created_at is 'When it was decided';
comment on column wingman_admin.session_decisions.user_ids is 'The people whose reputation it changed';

revoke all on table wingman_admin.session_decisions from public, anon, authenticated, service_role;
grant select on table wingman_admin.session_decisions to wingman_admin, service_role;

-- file: sql/admin/audit_log.sql
drop view wingman_admin.audit_log;
create or replace view wingman_admin.audit_log as
select
    e.id,
    e.occurred_at,
    e.kind,
    e.match_id,
    e.session_id,
    e.user_id,
    e.details,
    nullif(split_part(e.source, e'\t', 1), '') as call,
    nullif(split_part(e.source, e'\t', 2), '') as acted_for,
    coalesce(nullif(split_part(e.source, e'\t', 3), 'none'), split_part(e.source, e'\t', 4)) as role,
    split_part(e.source, e'\t', 4) as login,
    nullif(split_part(e.source, e'\t', 5), '') as request_id
from wingman.events as e;

comment on view wingman_admin.audit_log is
'The journal: every change of state, kept for settings.journal_retention_months. Filter by match_id or by a range of occurred_at:
both find rows without reading the whole journal';
comment on column wingman_admin.audit_log.id is
'The order of writing. For one match or session, this is the order in which things happened';
comment on column wingman_admin.audit_log.occurred_at is 'Start of the statement that made the change';
comment on column wingman_admin.audit_log.kind is 'What happened, a word of wingman.event_kinds()';
comment on column wingman_admin.audit_log.match_id is 'The match that it happened to, directly or through a session; else null';
comment on column wingman_admin.audit_log.session_id is 'The session that it happened to; else null';
comment on column wingman_admin.audit_log.user_id is
'For matches and sessions: which of the two people did it; null if neither did. For a profile, a pause or a block: the user';
comment on column wingman_admin.audit_log.details is 'Whatever kind and ids do not say; see wingman.event_kinds()';
comment on column wingman_admin.audit_log.call is 'The function that was called; null for direct SQL';
comment on column wingman_admin.audit_log.acted_for is
'The user on whose behalf the call was made; null for direct SQL and for operators'' functions';
comment on column wingman_admin.audit_log.role is 'The role that made the change, wingman.caller_role';
comment on column wingman_admin.audit_log.login is 'The login that made the change, session_user';
comment on column wingman_admin.audit_log.request_id is 'The header x-request-id of the call; null without one';

revoke all on table wingman_admin.audit_log from public, anon, authenticated, service_role;
grant select on table wingman_admin.audit_log to wingman_admin, service_role;

-- file: sql/admin/change_settings.sql
drop function wingman_admin.change_settings(jsonb, text);

-- file: sql/admin/require_settings.sql
drop function wingman.require_settings(jsonb);

-- file: sql/admin/settings_history.sql
drop view wingman_admin.settings_history;

-- file: sql/admin/settings.sql
drop view wingman_admin.settings;

-- file: sql/admin/resolve_report.sql
drop function wingman_admin.resolve_report(uuid, text, text);

-- file: sql/admin/take_report.sql
drop function wingman_admin.take_report(uuid, text);

-- file: sql/admin/report_queue.sql
drop view wingman_admin.report_queue;

-- file: sql/admin/user_reports.sql
drop view wingman_admin.user_reports;
create or replace view wingman_admin.user_reports as
select
    r.id,
    r.created_at,
    r.reporter_id,
    r.subject_id,
    r.reason,
    count(*) over (partition by r.subject_id) as reports_about_subject
from wingman.user_reports as r;

comment on view wingman_admin.user_reports is 'What people report about others; newer ids sort later';
comment on column wingman_admin.user_reports.id is 'The report, UUID version 7';
comment on column wingman_admin.user_reports.created_at is 'When it was reported';
comment on column wingman_admin.user_reports.reporter_id is 'The person who reports';
comment on column wingman_admin.user_reports.subject_id is 'The person reported';
comment on column wingman_admin.user_reports.reason is 'What happened, in the reporter''s words';
comment on column wingman_admin.user_reports.reports_about_subject is 'How many reports there are about this person';

revoke all on table wingman_admin.user_reports from public, anon, authenticated, service_role;
grant select on table wingman_admin.user_reports to wingman_admin, service_role;

-- file: sql/admin/user_timeline.sql
drop function wingman_admin.user_timeline(uuid, timestamptz, integer);

-- file: sql/admin/user_overview.sql
drop function wingman_admin.user_overview(uuid);

-- file: sql/admin/find_users.sql
drop function wingman_admin.find_users(text);

-- file: sql/admin/log_look.sql
drop function wingman.log_look(text, uuid);

-- file: sql/admin/decisions.sql
drop view wingman_admin.decisions;

-- file: sql/admin/record_decision.sql
drop function wingman.record_decision(text, uuid, jsonb, text);

-- file: sql/admin/operator_decisions.sql
drop trigger refuse_truncate on wingman.operator_decisions;
drop trigger refuse_change on wingman.operator_decisions;
drop index wingman.operator_decisions_subject_idx;
drop table wingman.operator_decisions;

-- file: sql/admin/is_decision_kind.sql
drop function wingman.is_decision_kind(text);

-- file: sql/admin/decision_kinds.sql
drop function wingman.decision_kinds();

-- file: sql/privacy/erase_my_account.sql
drop function wingman.erase_my_account(text, uuid, text);

-- file: sql/privacy/export_my_data.sql
drop function wingman.export_my_data(uuid);

-- file: sql/safety/report_user.sql
create or replace function wingman.report_user(subject_id uuid, reason text, user_id uuid, idempotency_key text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
    _me uuid;
    _subject_id uuid;
begin
    _call := wingman.begin_call(
        'report_user',
        report_user.user_id,
        report_user.idempotency_key,
        row(report_user.subject_id, report_user.reason)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.acknowledgement, _call.response);
    end if;
    _me := wingman.require_profile(_call.user_id);
    perform wingman.require_argument('subject_id', report_user.subject_id is not null);
    perform wingman.require_argument('reason', report_user.reason is not null);
    perform wingman.refuse_violation(wingman.report_violation(report_user.reason));
    _subject_id := wingman.require_subject(report_user.subject_id, _me);

    insert into wingman.user_reports as r (reporter_id, subject_id, reason)
    values (_me, _subject_id, report_user.reason);
    return wingman.end_call(
        _call, row(true, 'Report received. To keep this user away from you as well, block them.')::public.acknowledgement
    );
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('report_user', coalesce(_call.user_id, report_user.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.report_user(uuid, text, uuid, text) is 'Engine of public.report_user';
revoke all on function wingman.report_user(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.report_user(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/safety/unblock_user.sql
create or replace function wingman.unblock_user(subject_id uuid, user_id uuid, idempotency_key text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
    _me uuid;
    _subject_id uuid;
begin
    _call := wingman.begin_call(
        'unblock_user',
        unblock_user.user_id,
        unblock_user.idempotency_key,
        row(unblock_user.subject_id)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.acknowledgement, _call.response);
    end if;
    _me := wingman.require_profile(_call.user_id);
    _subject_id := wingman.require_subject(unblock_user.subject_id, _me);

    perform wingman.lock_seekers(_me, _subject_id);
    delete from public.user_blocks as b where b.blocker_id = _me and b.blocked_id = _subject_id;
    return wingman.end_call(_call, row(true, 'User unblocked.')::public.acknowledgement);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('unblock_user', coalesce(_call.user_id, unblock_user.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.unblock_user(uuid, uuid, text) is 'Engine of public.unblock_user';
revoke all on function wingman.unblock_user(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.unblock_user(uuid, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/safety/block_user.sql
create or replace function wingman.block_user(subject_id uuid, user_id uuid, idempotency_key text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
    _me uuid;
    _subject_id uuid;
begin
    _call := wingman.begin_call('block_user', block_user.user_id, block_user.idempotency_key, row(block_user.subject_id));
    if _call.response is not null then
        return jsonb_populate_record(null::public.acknowledgement, _call.response);
    end if;
    _me := wingman.require_profile(_call.user_id);
    _subject_id := wingman.require_subject(block_user.subject_id, _me);

    -- the new row will lock both profiles, and deleting an account locks the profile before the seeker
    perform
    from public.user_profiles as p
    where p.id in (_me, _subject_id)
    order by p.id
    for key share;
    perform wingman.lock_seekers(_me, _subject_id);
    perform wingman.separate_pair(_me, _subject_id);
    insert into public.user_blocks as b (blocker_id, blocked_id)
    values (_me, _subject_id)
    on conflict on constraint user_blocks_pkey do nothing;
    return wingman.end_call(_call, row(true, 'User blocked. You will not be matched with each other.')::public.acknowledgement);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('block_user', coalesce(_call.user_id, block_user.user_id));
        perform wingman.raise_error('busy');
        return null;
    when foreign_key_violation then
        perform wingman.name_call('block_user', coalesce(_call.user_id, block_user.user_id));
        -- one of the two has just deleted the account
        perform wingman.raise_error('user_not_found');
        return null;
end
$$;

comment on function wingman.block_user(uuid, uuid, text) is 'Engine of public.block_user';
revoke all on function wingman.block_user(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.block_user(uuid, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/profiles/complete_profile.sql
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
    user_id uuid,
    idempotency_key text
)
returns public.profile_details
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
    _me uuid;
    _changed boolean;
    -- not of the table's type: to compile that would wait for whoever locks the table, outside the exception handler
    _settings record;
    _violated_key text;
begin
    _call := wingman.begin_call(
        'complete_profile',
        complete_profile.user_id,
        complete_profile.idempotency_key,
        row(
            complete_profile.first_name,
            complete_profile.experience_level,
            complete_profile.lat::numeric,
            complete_profile.lng::numeric,
            complete_profile.city,
            complete_profile.bio,
            complete_profile.photo_url,
            complete_profile.confidence_archetype,
            complete_profile.max_travel_miles,
            complete_profile.privacy_mode
        )
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.profile_details, _call.response);
    end if;
    _me := _call.user_id;

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

    -- the triggers below write the seeker row, which comes before the profile in the lock order; for a user without one, the
    -- advisory lock is all there is to lock
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
        confidence_archetype = excluded.confidence_archetype
    where (p.first_name, p.experience_level, p.bio, p.photo_url, p.confidence_archetype)
        is distinct from
        (excluded.first_name, excluded.experience_level, excluded.bio, excluded.photo_url, excluded.confidence_archetype);
    _changed := found;

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
        max_travel_miles = excluded.max_travel_miles
    where (l.lat, l.lng, l.city, l.privacy_mode, l.max_travel_miles)
        is distinct from
        (excluded.lat, excluded.lng, excluded.city, excluded.privacy_mode, excluded.max_travel_miles);
    if _changed or found then
        select
            t.profile_cost,
            t.profile_burst
        into strict _settings
        from wingman.settings as t;
        _me := wingman.consume_rate_limit(_me, 'profile', _settings.profile_cost, _settings.profile_burst);
    end if;

    return wingman.end_call(_call, wingman.profile_details_of(_me));
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('complete_profile', coalesce(_call.user_id, complete_profile.user_id));
        perform wingman.raise_error('busy');
        return null;
    when foreign_key_violation then
        get stacked diagnostics _violated_key = constraint_name;
        if _violated_key <> 'user_profiles_id_fkey' then
            raise;
        end if;
        perform wingman.name_call('complete_profile', coalesce(_call.user_id, complete_profile.user_id));
        -- wingman_owner cannot read auth.users on Supabase: the foreign key tells us who exists
        perform wingman.raise_error('user_not_found');
        return null;
end
$$;

comment on function wingman.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid, text
) is 'Engine of public.complete_profile';
revoke all on function wingman.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid, text
) from public, anon, authenticated, service_role;
grant execute on function wingman.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid, text
) to authenticated, service_role, wingman_admin;

-- file: sql/journal/count_events.sql
create or replace function wingman.count_events(max_events integer)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    -- sessions before this day are counted by the day: far enough back that none of them still lies ahead for any transaction,
    -- even one whose clock and snapshot are of different moments
    _whole_days timestamptz := date_trunc('day', statement_timestamp(), 'UTC') - interval '24 hours';
    _events wingman.events[];
    _empty timestamptz[];
    _matches wingman.match_progress[];
begin
    _events := array(select e from wingman.read_events('statistics', count_events.max_events) as e);
    if cardinality(_events) = 0 then
        return 0;
    end if;

    with counted as (
        insert into wingman.session_statistics as k (held_at, outcome, sessions)
        select
            case when c.held_at < _whole_days then date_trunc('day', c.held_at, 'UTC') else c.held_at end,
            wingman.session_outcome(c.status, c.is_reverted),
            sum(c.change)
        from wingman.session_changes(_events) as c
        group by 1, 2
        having sum(c.change) <> 0
        on conflict on constraint session_statistics_pkey do update set sessions = k.sessions + excluded.sessions
        returning k.held_at, k.sessions
    )

    select array_agg(c.held_at) into _empty from counted as c where c.sessions = 0;

    delete from wingman.session_statistics as k where k.held_at = any(_empty) and k.sessions = 0;

    with over as (
        delete from wingman.session_statistics as k
        where k.held_at < _whole_days and k.held_at <> date_trunc('day', k.held_at, 'UTC')
        returning k.held_at, k.outcome, k.sessions
    )

    insert into wingman.session_statistics as k (held_at, outcome, sessions)
    select date_trunc('day', o.held_at, 'UTC'), o.outcome, sum(o.sessions)
    from over as o
    group by 1, 2
    on conflict on constraint session_statistics_pkey do update set sessions = k.sessions + excluded.sessions;

    insert into wingman.outcome_statistics as k (happened_at, outcome, sessions)
    select c.settled_at, c.status, sum(c.change)
    from wingman.session_changes(_events) as c
    where c.settled_at is not null
    group by c.settled_at, c.status
    on conflict on constraint outcome_statistics_pkey do update set sessions = k.sessions + excluded.sessions;

    delete from wingman.outcome_statistics as k
    where k.happened_at < statement_timestamp() - interval '48 hours' or k.sessions = 0;

    _matches := array(select p from wingman.match_progress_after(_events) as p);

    insert into wingman.match_statistics as k (offered_on, offered, accepted, ended, scheduled, completed)
    select c.offered_on, c.offered, c.accepted, c.ended, c.scheduled, c.completed
    from wingman.match_changes(_matches) as c
    on conflict on constraint match_statistics_pkey do update set
        offered = k.offered + excluded.offered,
        accepted = k.accepted + excluded.accepted,
        ended = k.ended + excluded.ended,
        scheduled = k.scheduled + excluded.scheduled,
        completed = k.completed + excluded.completed;

    insert into wingman.match_progress (match_id, offered_on, offered, accepted, ended, sessions, completed)
    select p.match_id, p.offered_on, p.offered, p.accepted, p.ended, p.sessions, p.completed
    from unnest(_matches) as p
    on conflict on constraint match_progress_pkey do update set
        offered_on = excluded.offered_on,
        offered = excluded.offered,
        accepted = excluded.accepted,
        ended = excluded.ended,
        sessions = excluded.sessions,
        completed = excluded.completed;

    delete from wingman.match_progress as p
    using unnest(_matches) as m
    where p.match_id = m.match_id and p.offered = 0 and p.sessions = 0;

    insert into wingman.reputation_statistics as k (score, people)
    select wingman.reputation_score(0, 0), count(*)
    from unnest(_events) as e
    where e.kind = 'profile_created'
    having count(*) > 0
    on conflict on constraint reputation_statistics_pkey do update set people = k.people + excluded.people;

    return cardinality(_events);
end
$$;

comment on function wingman.count_events(integer) is
'Counts what the reader statistics has not read yet, at most max_events, into the tables behind the operators'' views. Returns how
many: fewer than max_events if there are no more for now or another transaction is counting';
revoke all on function wingman.count_events(integer) from public, anon, authenticated, service_role;

-- file: sql/journal/user_events.sql
drop table wingman.user_events;

-- file: sql/journal/drop_event_partitions.sql
create or replace function wingman.drop_event_partitions(max_months integer default null)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
-- a transaction that waits for this table blocks those that queue behind it
set lock_timeout = '500ms'
as $$
declare
    _refused integer;
    _names text[];
    _name text;
    _month timestamptz;
    _dropped integer := 0;
begin
    _refused := wingman.refused_event_partitions(drop_event_partitions.max_months);
    if _refused > 0 then
        raise warning '% months of the journal are due to be dropped at once: none was', _refused
            using hint = format(
                'If the clock of the server is right: select wingman.drop_event_partitions(max_months => %s);', _refused
            );
        return 0;
    end if;
    _names := wingman.due_event_partitions();
    foreach _name in array _names loop
        perform pg_advisory_xact_lock(hashtextextended('wingman.events', 0));
        -- dropped by the last holder of that lock
        continue when to_regclass('wingman.' || _name) is null;
        _month := to_timestamp(right(_name, 7), 'YYYY_MM');
        continue when not wingman.is_read_by_all(_month, _month + interval '1 month' - interval '1 microsecond');
        -- waits for those who have written to it and not committed yet
        lock table only wingman.events in access exclusive mode;
        continue when not wingman.is_read_by_all(_month, _month + interval '1 month' - interval '1 microsecond');
        execute format('drop table wingman.%I', _name);
        _dropped := _dropped + 1;
    end loop;
    return _dropped;
exception
    when lock_not_available or deadlock_detected then
        return 0;
end
$$;

comment on function wingman.drop_event_partitions(integer) is
'Drops wingman.due_event_partitions() as far as every one of wingman.readers has read them. Returns how many; 0 also if another
transaction holds the table: call it again later. While more than max_months are due (by default settings.journal_drop_limit), it
drops none and raises a warning: a wrong clock shall not cost the history. From the first drop to the end of the transaction,
nobody can write state changes.';
revoke all on function wingman.drop_event_partitions(integer) from public, anon, authenticated, service_role;

-- file: sql/reputation/tg_user_profiles__return.sql
drop trigger begin_from_ledger on public.user_profiles;
drop function wingman.tg_user_profiles__return();

-- file: sql/reputation/reputation_events.sql
comment on table wingman.reputation_events is
'Append-only ledger of reputation, kept for ever: the counters of user_profiles are its sums. wingman.record_reputation writes it;
wingman.tg_user_profiles__depart writes departures. User and session ids have no foreign keys: it outlives accounts';
comment on column wingman.reputation_events.session_id is 'The session that it comes from; null for a departure';
comment on column wingman.reputation_events.buddy_id is 'The other person of the session; null for a departure';
comment on column wingman.reputation_events.kind is
'completed: both people confirmed the session; no_show: an operator found that this one did not come; completion_reverted,
no_show_reverted: an operator took it back; departed: the profile was deleted';

-- file: sql/reputation/reputation_delta.sql
create or replace function wingman.reputation_delta(kind text)
returns integer
language sql
immutable
-- one operator: each costs a look-up in every call
return (array[1, -1, -1, 1, 0])[array_position(
    array['completed', 'no_show', 'completion_reverted', 'no_show_reverted', 'departed'], kind
)];

comment on function wingman.reputation_delta(text) is
'What an entry of the ledger adds to a reputation, by its kind; null for a kind that does not exist';
revoke all on function wingman.reputation_delta(text) from public, anon, authenticated, service_role;

-- file: sql/matching/matches/tg_user_profiles__depart.sql
drop trigger settle_departure on public.user_profiles;
create or replace function wingman.tg_user_profiles__depart()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _match_id uuid;
begin
    perform wingman.leave_pending_match(old.id);

    for _match_id in
        select m.id
        from public.wingman_matches as m
        where (m.user1_id = old.id or m.user2_id = old.id) and m.status = 'accepted' and m.ended_at is null
        order by m.id
        for no key update
    loop
        perform wingman.end_accepted_match(_match_id, old.id);
    end loop;
    -- not by wingman.record_reputation, which would change the row that is being deleted
    insert into wingman.reputation_events (user_id, kind, delta, completed_sessions, no_shows)
    values (old.id, 'departed', wingman.reputation_delta('departed'), old.completed_sessions, old.no_shows);
    return old;
end
$$;

comment on function wingman.tg_user_profiles__depart() is
'Trigger: before a profile is deleted, its pending match is settled, its accepted matches end and their sessions are cancelled.
History and partners'' reputation stay, and the ledger says that this person has gone.';
revoke all on function wingman.tg_user_profiles__depart() from public, anon, authenticated, service_role;

create or replace trigger settle_departure before delete on public.user_profiles
for each row execute function wingman.tg_user_profiles__depart();

-- file: sql/privacy/personal_data.sql
drop function wingman.personal_data(uuid, boolean);

-- file: sql/privacy/erase_person.sql
drop function wingman.erase_person(uuid);

-- file: sql/privacy/erase_replies.sql
drop function wingman.erase_replies(uuid);

-- file: sql/privacy/settle_departure.sql
drop function wingman.settle_departure(uuid);

-- file: sql/privacy/redacted_reply.sql
drop function wingman.redacted_reply(jsonb, uuid);

-- file: sql/privacy/data_export.sql
drop type public.data_export;

-- file: sql/privacy/data_inventory.sql
drop view wingman.data_inventory;

-- file: sql/sessions/decision_violation.sql
create or replace function wingman.decision_violation(reason text)
returns wingman.violation
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if not wingman.has_visible_character(decision_violation.reason) or char_length(decision_violation.reason) > 500 then
        return row('reason', 'must be 1 to 500 characters')::wingman.violation;
    elsif wingman.has_control_character(decision_violation.reason) then
        return row('reason', 'must not contain control characters')::wingman.violation;
    end if;
    return null;
end
$$;

comment on function wingman.decision_violation(text) is
'The rule that the reason of a decision about a session breaks, or null. The table''s constraint, revert_completion and
mark_no_show use this.';
revoke all on function wingman.decision_violation(text) from public, anon, authenticated, service_role;

-- file: sql/safety/lock_report.sql
drop function wingman.lock_report(uuid);

-- file: sql/safety/user_reports.sql
drop index wingman.user_reports_undecided_idx;
drop index wingman.user_reports_reporter_idx;
update wingman.user_reports as r set reason = '(erased)' where r.reason is null;
alter table wingman.user_reports
alter column reason set not null,
drop column status,
drop column taken_by,
drop column taken_at,
drop column decided_at;
comment on column wingman.user_reports.reason is 'What happened, in the reporter''s words, 1 to 2000 characters';

-- file: sql/safety/user_blocks.sql
-- as deleting the profiles would have done before
delete from public.user_blocks as b
where not exists (select from public.user_profiles as p where p.id = b.blocked_id);
alter table public.user_blocks
-- squawk-ignore adding-foreign-key-constraint,constraint-missing-not-valid
add constraint user_blocks_blocked_id_fkey foreign key (blocked_id) references public.user_profiles (id) on delete cascade;
comment on table public.user_blocks is
'Who has blocked whom; a block applies to both people. Only the blocker can see it';

-- file: sql/profiles/profile_lock.sql
drop function wingman.profile_lock(uuid);

-- file: sql/profiles/user_locations.sql
drop index public.user_locations_city_idx;

-- file: sql/profiles/user_profiles.sql
drop index public.user_profiles_first_name_idx;

-- file: sql/journal/events.sql
comment on column wingman.events.source is
'Where the change came from: call, user it acted for, role, login and request id, separated by tabs; wingman.event_source()';
comment on column wingman.events_default.source is
'Where the change came from: call, user it acted for, role, login and request id, separated by tabs; wingman.event_source()';

-- file: sql/journal/decision_of.sql
drop function wingman.decision_of(text);

-- file: sql/journal/event_source.sql
create or replace function wingman.event_source()
returns text
language sql
stable
return coalesce(nullif(current_setting('wingman.call', true), ''), wingman.direct_source());

comment on function wingman.event_source() is
'Where a change comes from, as wingman.events keeps it: call, user it acts for, role, login and request id, separated by tabs.
wingman.begin_call leaves it in the GUC wingman.call; for direct SQL, call and user are empty. The role none stands for the role
of the login';
revoke all on function wingman.event_source() from public, anon, authenticated, service_role;

-- file: sql/guards/name_call.sql
drop function wingman.name_call(text, uuid, uuid);
create or replace function wingman.name_call(function text, user_id uuid default null)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config(
        'wingman.call',
        concat_ws(
            e'\t',
            name_call.function,
            coalesce(name_call.user_id::text, ''),
            current_setting('role'),
            session_user,
            left(wingman.request_header('x-request-id'), 255)
        ),
        true
    );
end
$$;

comment on function wingman.name_call(text, uuid) is
'Names the call that is running, for the journal and the log of refusals; wingman.begin_call does the same at less cost. An
exception handler names its call again: the rollback before it took the name away. function: its name; user_id: the user on whose
behalf the call is made, null for the user of the access token and for operators.';
revoke all on function wingman.name_call(text, uuid) from public, anon, authenticated, service_role;

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
    ('idempotency_key_reused', 422, 'Idempotency-Key was already used with different parameters',
        'Make a new key for another request.'),
    ('idempotency_key_invalid', 400, 'Idempotency-Key must be one value of 1 to 255 characters',
        'Send one key, as the argument or in the header.'),
    ('rate_limited', 429, 'Too many requests - retry in {retry_after} seconds', 'Wait that long, then call again.'),
    ('busy', 423, 'Another request holds this record - retry', 'Nothing was changed; call again in a moment.'),
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
