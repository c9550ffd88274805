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
    ('report_not_found', 404, 'Report not found', 'Check the id against wingman_admin.report_queue.'),
    ('report_already_decided', 409, 'Report is already {status}', 'The first decision stands.'),
    ('report_not_taken', 409, 'Report is not taken by you', 'Take it with take_report first.'),
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

-- drop: sql/guards/name_call.sql
drop function wingman.name_call(text, uuid);

-- file: sql/guards/name_call.sql
create or replace function wingman.name_call(function text, user_id uuid default null, decision_id uuid default null)
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
            -- a tab would begin the next part
            coalesce(replace(left(wingman.request_header('x-request-id'), 255), e'\t', ' '), ''),
            name_call.decision_id
        ),
        true
    );
end
$$;

comment on function wingman.name_call(text, uuid, uuid) is
'Names the call that is running, for the journal and the log of refusals; wingman.begin_call does the same at less cost. An
exception handler names its call again: the rollback before it took the name away. function: its name; user_id: the user on whose
behalf the call is made, null for the user of the access token and for operators; decision_id: the operator''s decision that the
call carries out.';
revoke all on function wingman.name_call(text, uuid, uuid) from public, anon, authenticated, service_role;

-- file: sql/journal/event_source.sql
create or replace function wingman.event_source()
returns text
language sql
stable
return coalesce(nullif(current_setting('wingman.call', true), ''), wingman.direct_source());

comment on function wingman.event_source() is
'Where a change comes from, as wingman.events keeps it: call, user it acts for, role, login, request id and the id of the
operator''s decision that it carries out, separated by tabs; what is missing at the end is left out. wingman.begin_call leaves it in
the GUC wingman.call; for direct SQL, call and user are empty. The role none stands for the role of the login';
revoke all on function wingman.event_source() from public, anon, authenticated, service_role;

-- file: sql/journal/decision_of.sql
create or replace function wingman.decision_of(source text)
returns uuid
language sql
immutable
-- a call for a user carries out no decision, and its request id can be anything, even one with tabs
return case when split_part(source, e'\t', 2) = '' then nullif(split_part(source, e'\t', 6), '')::uuid end;

comment on function wingman.decision_of(text) is
'The operator''s decision that a change carries out, from wingman.events.source; null without one';
revoke all on function wingman.decision_of(text) from public, anon, authenticated, service_role;
grant execute on function wingman.decision_of(text) to service_role, wingman_admin;

-- file: sql/journal/events.sql sha256:27cb19c35fe7f811469cf747ebec1128f0ceafc5a3b98e53ef4e0fb45a680eeb
comment on column wingman.events.source is
'Where the change came from: call, user it acted for, role, login, request id and decision, separated by tabs;
wingman.event_source()';
comment on column wingman.events_default.source is
'Where the change came from: call, user it acted for, role, login, request id and decision, separated by tabs;
wingman.event_source()';

-- file: sql/profiles/user_profiles.sql sha256:44b515d38e53cb872fa525b26299f43f28d3b5172fd79616bee24b0815bd5663
-- for the operators' search
-- a revision is one transaction, and this takes seconds for a million rows
-- squawk-ignore require-concurrent-index-creation
create index user_profiles_first_name_idx on public.user_profiles (lower(normalize(first_name)) text_pattern_ops);

-- file: sql/profiles/user_locations.sql sha256:4d0032b417e5aa9d12da6b5347ddf74594d8eb2fbb22c35f1b7f02766650298f
-- for the operators' search
-- a revision is one transaction, and this takes seconds for a million rows
-- squawk-ignore require-concurrent-index-creation
create index user_locations_city_idx on public.user_locations (lower(normalize(city)) text_pattern_ops);

-- file: sql/safety/user_reports.sql sha256:c23b15396529d76b9ae7670b48c9fe5de1435f30c8b9d60358efb964157ee417
-- squawk-ignore constraint-missing-not-valid
alter table wingman.user_reports
add column status text not null default 'open'
constraint user_reports_status_check check (status in ('open', 'taken', 'resolved', 'dismissed')),
add column taken_by text,
add column taken_at timestamptz,
add column decided_at timestamptz,
add constraint user_reports_taken_check check ((status = 'open') = (taken_by is null) and (taken_by is null) = (taken_at is null)),
add constraint user_reports_decided_check check ((status in ('resolved', 'dismissed')) = (decided_at is not null));

-- a revision is one transaction, and this takes seconds for a million rows
-- squawk-ignore require-concurrent-index-creation
create index user_reports_reporter_idx on wingman.user_reports (reporter_id, id);
-- a revision is one transaction, and this takes seconds for a million rows
-- squawk-ignore require-concurrent-index-creation
create index user_reports_undecided_idx on wingman.user_reports (id) where decided_at is null;

comment on column wingman.user_reports.status is
'open: nobody looks into it; taken: taken_by does; resolved: an operator acted on it; dismissed: there was nothing to act on';
comment on column wingman.user_reports.taken_by is 'The login of the operator who took it last, null while it is open';
comment on column wingman.user_reports.taken_at is 'When that was';
comment on column wingman.user_reports.decided_at is 'When it was resolved or dismissed';

-- file: sql/safety/lock_report.sql
create or replace function wingman.lock_report(report_id uuid)
returns wingman.user_reports
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _report wingman.user_reports;
begin
    select r.* into _report
    from wingman.user_reports as r
    where r.id = lock_report.report_id
    for no key update;
    if not found then
        perform wingman.raise_error('report_not_found');
    elsif _report.decided_at is not null then
        perform wingman.raise_error('report_already_decided', jsonb_build_object('status', _report.status));
    end if;

    return _report;
end
$$;

comment on function wingman.lock_report(uuid) is
'Locks a report that is not decided yet, and returns it as it is once the lock is held.
Errors: report_not_found, report_already_decided.';
revoke all on function wingman.lock_report(uuid) from public, anon, authenticated, service_role;

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
'The rule that the reason of an operator''s decision breaks, or null. The constraint of operator_decisions and every operators''
function with a reason use this.';
revoke all on function wingman.decision_violation(text) from public, anon, authenticated, service_role;

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
    if _dropped > 0 then
        delete from wingman.user_events as u
        where u.occurred_at < (select min(e.occurred_at) from wingman.events as e);
    end if;
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

-- file: sql/journal/user_events.sql
-- derived: the reader statistics writes it from the journal
create table wingman.user_events (
    user_id uuid not null,
    id bigint not null,
    xid xid8 not null,
    occurred_at timestamptz not null,
    constraint user_events_pkey primary key (user_id, id, xid)
);

comment on table wingman.user_events is
'Where the journal tells of a user outside any match: profile, pauses and blocks. An index that no call pays for: the reader
statistics fills it';
comment on column wingman.user_events.user_id is 'wingman.events.user_id';
comment on column wingman.user_events.id is 'wingman.events.id';
comment on column wingman.user_events.xid is 'wingman.events.xid';
comment on column wingman.user_events.occurred_at is 'wingman.events.occurred_at';

revoke all on table wingman.user_events from public, anon, authenticated, service_role;

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

    insert into wingman.user_events (user_id, id, xid, occurred_at)
    select e.user_id, e.id, e.xid, e.occurred_at
    from unnest(_events) as e
    where e.match_id is null and e.user_id is not null;

    return cardinality(_events);
end
$$;

comment on function wingman.count_events(integer) is
'Counts what the reader statistics has not read yet, at most max_events, into the tables behind the operators'' views
and timelines. Returns how
many: fewer than max_events if there are no more for now or another transaction is counting';
revoke all on function wingman.count_events(integer) from public, anon, authenticated, service_role;

-- file: sql/admin/decision_kinds.sql
create or replace function wingman.decision_kinds()
returns table (kind text, meaning text, subject text, details text)
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    values
    ('session_cancelled', 'An operator cancelled a session', 'the session', null),
    ('session_no_show', 'An operator found that one of the two people did not come', 'the session', 'absent_user_id'),
    ('session_reverted', 'An operator took back what a session gave to reputations', 'the session', null),
    ('match_ended', 'An operator ended a match', 'the match', null),
    ('report_taken', 'An operator took a report to look into it', 'the report', 'taken_from: the login that had it before, or null'),
    ('report_resolved', 'An operator acted on a report', 'the report', null),
    ('report_dismissed', 'An operator found nothing to act on in a report', 'the report', null),
    ('settings_changed', 'An operator changed the settings', null, 'before, after: the settings that changed'),
    ('user_exported', 'An operator exported somebody''s data', 'the user', null),
    ('user_erased', 'An operator erased somebody''s data', 'the user', null);
end
$$;

comment on function wingman.decision_kinds() is
'The vocabulary of operators'' decisions. kind: a value of wingman.operator_decisions.kind; meaning: what was decided; subject:
whom or what subject_id names, null for nothing; details: what wingman.operator_decisions.details holds, null for nothing.';
revoke all on function wingman.decision_kinds() from public, anon, authenticated, service_role;

-- file: sql/admin/is_decision_kind.sql
create or replace function wingman.is_decision_kind(kind text)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (select from wingman.decision_kinds() as k where k.kind = is_decision_kind.kind);
end
$$;

comment on function wingman.is_decision_kind(text) is 'Whether a word is in wingman.decision_kinds()';
revoke all on function wingman.is_decision_kind(text) from public, anon, authenticated, service_role;

-- file: sql/admin/operator_decisions.sql
create table wingman.operator_decisions (
    id uuid constraint operator_decisions_pkey primary key default wingman.new_id(),
    decided_at timestamptz not null default statement_timestamp(),
    login text not null default session_user,
    kind text not null constraint operator_decisions_kind_check check (wingman.is_decision_kind(kind)),
    subject_id uuid,
    reason text not null constraint operator_decisions_reason_check check (wingman.decision_violation(reason) is null),
    details jsonb not null default '{}'
);

create index operator_decisions_subject_idx on wingman.operator_decisions (subject_id, id) where subject_id is not null;

comment on table wingman.operator_decisions is
'What operators decided, and why; append-only, kept for ever. wingman.record_decision writes it. Subjects have no foreign keys:
decisions outlive accounts';
comment on column wingman.operator_decisions.id is 'UUID version 7: newer decisions sort later';
comment on column wingman.operator_decisions.decided_at is 'When it was decided';
comment on column wingman.operator_decisions.login is 'The login of the operator';
comment on column wingman.operator_decisions.kind is 'What was decided: a word of wingman.decision_kinds()';
comment on column wingman.operator_decisions.subject_id is
'Whom or what it concerns, as wingman.decision_kinds() says; null if it concerns nobody in particular';
comment on column wingman.operator_decisions.reason is 'Why, in the operator''s words, 1 to 500 characters';
comment on column wingman.operator_decisions.details is 'What kind and subject do not say, see wingman.decision_kinds()';

revoke all on table wingman.operator_decisions from public, anon, authenticated, service_role;

create or replace trigger refuse_change before update or delete on wingman.operator_decisions
for each row execute function wingman.tg_any__refuse_change();

create or replace trigger refuse_truncate before truncate on wingman.operator_decisions
for each statement execute function wingman.tg_any__refuse_change();

-- file: sql/admin/record_decision.sql
create or replace function wingman.record_decision(kind text, subject_id uuid, details jsonb, reason text)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _id uuid;
begin
    perform wingman.require_argument('reason', record_decision.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(record_decision.reason));

    insert into wingman.operator_decisions as d (kind, subject_id, reason, details)
    values (
        record_decision.kind, record_decision.subject_id, record_decision.reason, coalesce(record_decision.details, '{}')
    )
    returning d.id into _id;
    -- the events of what is decided name it
    perform wingman.name_call(wingman.call_part(1), null, _id);
    return _id;
end
$$;

comment on function wingman.record_decision(text, uuid, jsonb, text) is
'Writes what an operator decides, and why, to wingman.operator_decisions, and returns the id of the decision, which
the journal then records with every change until wingman.end_operation. kind: a word of
wingman.decision_kinds(); subject_id: whom or what it concerns, or null; details: what these do not say, or null; reason: why, 1 to
500 characters.
Errors: missing_argument, invalid_argument.';
revoke all on function wingman.record_decision(text, uuid, jsonb, text) from public, anon, authenticated, service_role;

-- file: sql/admin/decisions.sql
create or replace view wingman_admin.decisions as
select
    d.id,
    d.decided_at,
    d.login,
    d.kind,
    d.subject_id,
    d.reason,
    d.details
from wingman.operator_decisions as d;

comment on view wingman_admin.decisions is
'What operators decided, and why, kept for ever; newer ids sort later. Filter by subject_id or by a range of ids: both find rows
without reading all of them';
comment on column wingman_admin.decisions.id is 'The decision, UUID version 7';
comment on column wingman_admin.decisions.decided_at is 'When it was decided';
comment on column wingman_admin.decisions.login is 'The login of the operator';
comment on column wingman_admin.decisions.kind is 'What was decided: a word of wingman.decision_kinds()';
comment on column wingman_admin.decisions.subject_id is 'The user, match, session or report that it concerns; null for settings';
comment on column wingman_admin.decisions.reason is 'Why, in the operator''s words';
comment on column wingman_admin.decisions.details is 'What kind and subject do not say, see wingman.decision_kinds()';

revoke all on table wingman_admin.decisions from public, anon, authenticated, service_role;
grant select on table wingman_admin.decisions to wingman_admin, service_role;

-- file: sql/admin/log_look.sql
create or replace function wingman.log_look(call text, subject_id uuid default null)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise log '%', jsonb_build_object(
        'event', 'look', 'call', log_look.call, 'login', session_user, 'subject_id', log_look.subject_id
    );
end
$$;

comment on function wingman.log_look(text, uuid) is
'Writes to the server''s log that an operator looks at people. call: the operators'' function; subject_id: the person looked at,
null for a search, whose text is not logged.';
revoke all on function wingman.log_look(text, uuid) from public, anon, authenticated, service_role;

-- file: sql/admin/find_users.sql
create or replace function wingman_admin.find_users(search text)
returns table (user_id uuid, first_name text, city text, experience_level text, created_at timestamptz)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
-- the planner finds the range of a prefix only in a constant
set plan_cache_mode = 'force_custom_plan'
as $$
declare
    _prefix text := lower(normalize(find_users.search));
    _id uuid;
begin
    perform wingman.require_argument('search', find_users.search is not null);
    if _prefix ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then
        _id := _prefix;
    elsif char_length(_prefix) < 3 or char_length(_prefix) > 100 then
        perform wingman.refuse_violation(row('search', 'must be a user id, or 3 to 100 characters')::wingman.violation);
    end if;
    perform wingman.log_look('find_users', _id);
    -- a backslash, percent sign or underscore stands for itself
    _prefix := regexp_replace(_prefix, e'([\\\\%_])', e'\\\\\\1', 'g') || '%';

    return query
    select f.id, p.first_name, l.city, p.experience_level, p.created_at
    from (
        select _id as id
        where _id is not null
        union
        (
            select n.id
            from public.user_profiles as n
            where _id is null and lower(normalize(n.first_name)) like _prefix
            limit 50
        )
        union
        (
            select c.user_id
            from public.user_locations as c
            where _id is null and lower(normalize(c.city)) like _prefix
            limit 50
        )
    ) as f
    inner join public.user_profiles as p on f.id = p.id
    left join public.user_locations as l on f.id = l.user_id
    order by lower(p.first_name), f.id
    limit 50;
end
$$;

comment on function wingman_admin.find_users(text) is
'Finds people by their id, or by the beginning of their first name or city, whatever the case; at most 50.
search: a user id, or at least 3 characters. The server''s log records who searches, but not for what; for an id, whose.
Errors: missing_argument, invalid_argument.';
revoke all on function wingman_admin.find_users(text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.find_users(text) to wingman_admin, service_role;

-- file: sql/admin/user_overview.sql
create or replace function wingman_admin.user_overview(user_id uuid)
returns table (
    id uuid,
    first_name text,
    experience_level text,
    city text,
    privacy_mode text,
    max_travel_miles integer,
    created_at timestamptz,
    matching text,
    waiting_since timestamptz,
    pending_match_id uuid,
    reputation_score integer,
    completed_sessions integer,
    no_shows integer,
    matches bigint,
    accepted_matches bigint,
    open_matches bigint,
    active_sessions bigint,
    reports_received bigint,
    undecided_reports bigint,
    reports_made bigint,
    blocks_made bigint,
    blocks_received bigint,
    decisions bigint
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform wingman.require_argument('user_id', user_overview.user_id is not null);
    perform wingman.log_look('user_overview', user_overview.user_id);

    return query
    select
        g.user_id,
        p.first_name,
        p.experience_level,
        l.city,
        l.privacy_mode,
        l.max_travel_miles,
        p.created_at,
        case
            when p.id is null then 'departed'
            when s.user_id is null then 'no location'
            when s.pending_until > statement_timestamp() then 'has a pending match'
            when s.paused and s.paused_automatically then 'paused automatically'
            when s.paused then 'paused'
            else 'free'
        end,
        s.waiting_since,
        case when s.pending_until > statement_timestamp() then s.pending_match_id end,
        p.reputation_score,
        g.completed_sessions,
        g.no_shows,
        m.matches,
        m.accepted,
        m.open,
        m.active,
        r.received,
        r.undecided,
        (select count(*) from wingman.user_reports as o where o.reporter_id = user_overview.user_id),
        (select count(*) from public.user_blocks as b where b.blocker_id = user_overview.user_id),
        (select count(*) from public.user_blocks as b where b.blocked_id = user_overview.user_id),
        (select count(*) from wingman.operator_decisions as d where d.subject_id = user_overview.user_id)
    from (
        select
            user_overview.user_id,
            coalesce(sum(e.completed_sessions), 0)::integer as completed_sessions,
            coalesce(sum(e.no_shows), 0)::integer as no_shows
        from wingman.reputation_events as e
        where e.user_id = user_overview.user_id
    ) as g
    cross join (
        select
            count(*) as matches,
            count(*) filter (where o.status = 'accepted') as accepted,
            count(*) filter (where o.status = 'accepted' and o.ended_at is null) as open,
            count(a.match_id) as active
        from (
            select m.id, m.status, m.ended_at
            from public.wingman_matches as m
            where m.user1_id = user_overview.user_id
            union all
            select m.id, m.status, m.ended_at
            from public.wingman_matches as m
            where m.user2_id = user_overview.user_id
        ) as o
        left join public.wingman_sessions as a on o.id = a.match_id and a.is_active
    ) as m
    cross join (
        select count(*) as received, count(*) filter (where o.decided_at is null) as undecided
        from wingman.user_reports as o
        where o.subject_id = user_overview.user_id
    ) as r
    left join public.user_profiles as p on g.user_id = p.id
    left join public.user_locations as l on g.user_id = l.user_id
    left join wingman.matchmaking_pool as s on g.user_id = s.user_id
    where p.id is not null or m.matches > 0 or r.received > 0;
    if not found then
        perform wingman.raise_error('user_not_found');
    end if;
end
$$;

comment on function wingman_admin.user_overview(uuid) is
'A user on one row: profile, place as a city, matching, reputation, matches, sessions, reports, blocks and decisions.
matching: free, has a pending match, paused, paused automatically, no location, or departed for somebody whose account is gone but
who was matched or reported. open_matches: accepted and not ended. Never an exact place. The server''s log records who looks at
whom.
Errors: missing_argument, user_not_found.';
revoke all on function wingman_admin.user_overview(uuid) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.user_overview(uuid) to wingman_admin, service_role;

-- file: sql/admin/user_timeline.sql
create or replace function wingman_admin.user_timeline(
    user_id uuid,
    before timestamptz default 'infinity',
    page_size integer default 50
)
returns table (
    occurred_at timestamptz,
    kind text,
    by_user_id uuid,
    other_user_id uuid,
    match_id uuid,
    session_id uuid,
    call text,
    login text,
    decision_id uuid,
    details jsonb
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform wingman.require_argument('user_id', user_timeline.user_id is not null);
    perform wingman.require_argument('before', user_timeline.before is not null);
    perform wingman.check_page(user_timeline.page_size);
    perform wingman.log_look('user_timeline', user_timeline.user_id);

    return query
    with matches as (
        select m.id, m.user2_id as other_id
        from public.wingman_matches as m
        where m.user1_id = user_timeline.user_id
        union all
        select m.id, m.user1_id
        from public.wingman_matches as m
        where m.user2_id = user_timeline.user_id
    ),

    events as (
        select m.other_id, e as event
        from matches as m
        inner join wingman.events as e on m.id = e.match_id
        union all
        select null, e
        from wingman.user_events as u
        inner join wingman.events as e on u.xid = e.xid and u.id = e.id and u.occurred_at = e.occurred_at
        where u.user_id = user_timeline.user_id
        union all
        select null, e
        from wingman.unread_events('statistics') as e
        where e.user_id = user_timeline.user_id and e.match_id is null
    )

    select t.*
    from (
        select
            (e.event).occurred_at,
            (e.event).kind,
            (e.event).user_id,
            coalesce(e.other_id, ((e.event).details ->> 'blocked_id')::uuid),
            (e.event).match_id,
            (e.event).session_id,
            nullif(split_part((e.event).source, e'\t', 1), ''),
            split_part((e.event).source, e'\t', 4),
            wingman.decision_of((e.event).source),
            (e.event).details
        from events as e
        union all
        select
            g.created_at,
            'reputation_' || g.kind,
            null,
            g.buddy_id,
            null,
            g.session_id,
            null,
            null,
            null,
            jsonb_build_object('completed_sessions', g.completed_sessions, 'no_shows', g.no_shows)
        from wingman.reputation_events as g
        where g.user_id = user_timeline.user_id
        union all
        select b.created_at, 'blocked_by_other', b.blocker_id, b.blocker_id, null, null, null, null, null, null
        from public.user_blocks as b
        where b.blocked_id = user_timeline.user_id
        union all
        select
            r.created_at,
            'report_received',
            r.reporter_id,
            r.reporter_id,
            null,
            null,
            null,
            null,
            null,
            jsonb_build_object('report_id', r.id, 'status', r.status, 'reason', r.reason)
        from wingman.user_reports as r
        where r.subject_id = user_timeline.user_id
        union all
        select
            r.created_at,
            'report_made',
            r.reporter_id,
            r.subject_id,
            null,
            null,
            null,
            null,
            null,
            jsonb_build_object('report_id', r.id, 'status', r.status, 'reason', r.reason)
        from wingman.user_reports as r
        where r.reporter_id = user_timeline.user_id
        union all
        select
            d.decided_at,
            'decision_' || d.kind,
            null,
            null,
            null,
            null,
            null,
            d.login,
            d.id,
            jsonb_build_object('reason', d.reason) || d.details
        from wingman.operator_decisions as d
        where d.subject_id = user_timeline.user_id
    ) as t (occurred_at, kind, by_user_id, other_user_id, match_id, session_id, call, login, decision_id, details)
    where t.occurred_at < user_timeline.before
    order by t.occurred_at desc
    fetch first user_timeline.page_size rows with ties;
end
$$;

comment on function wingman_admin.user_timeline(uuid, timestamptz, integer) is
'Everything that happened to a user, newest first: matches, sessions, profile, pauses, blocks, reputation, reports, decisions.
before: only what is older: the occurred_at of the last row seen; page_size: 1 to 100 rows, and more where several happened at that
same time. Reaches as far back as the journal; the ledger, reports and decisions reach further. The server''s log records who looks
at whom.
Errors: missing_argument, invalid_argument.';
revoke all on function wingman_admin.user_timeline(uuid, timestamptz, integer) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.user_timeline(uuid, timestamptz, integer) to wingman_admin, service_role;

-- file: sql/admin/user_reports.sql
create or replace view wingman_admin.user_reports as
select
    r.id,
    r.created_at,
    r.reporter_id,
    r.subject_id,
    r.reason,
    n.reports_about_subject,
    r.status,
    r.taken_by,
    r.taken_at,
    r.decided_at
from wingman.user_reports as r
left join lateral (
    select count(*) as reports_about_subject
    from wingman.user_reports as o
    where o.subject_id = r.subject_id
) as n on true;

comment on view wingman_admin.user_reports is 'What people report about others; newer ids sort later';
comment on column wingman_admin.user_reports.id is 'The report, UUID version 7';
comment on column wingman_admin.user_reports.created_at is 'When it was reported';
comment on column wingman_admin.user_reports.reporter_id is 'The person who reports';
comment on column wingman_admin.user_reports.subject_id is 'The person reported';
comment on column wingman_admin.user_reports.reason is 'What happened, in the reporter''s words';
comment on column wingman_admin.user_reports.reports_about_subject is 'How many reports there are about this person';
comment on column wingman_admin.user_reports.status is 'open, taken, resolved or dismissed';
comment on column wingman_admin.user_reports.taken_by is 'The login of the operator who took it last';
comment on column wingman_admin.user_reports.taken_at is 'When that was';
comment on column wingman_admin.user_reports.decided_at is 'When it was resolved or dismissed; wingman_admin.decisions says why';

revoke all on table wingman_admin.user_reports from public, anon, authenticated, service_role;
grant select on table wingman_admin.user_reports to wingman_admin, service_role;

-- file: sql/admin/report_queue.sql
create or replace view wingman_admin.report_queue as
select
    q.id as report_id,
    q.created_at,
    q.status,
    q.taken_by,
    q.subject_id,
    q.reporter_id,
    q.reason,
    n.matched_reporters,
    statement_timestamp() - q.created_at as waiting
from wingman.user_reports as q
left join lateral (
    select count(distinct o.reporter_id) as matched_reporters
    from wingman.user_reports as o
    inner join public.wingman_matches as m
        on m.user1_id = least(o.reporter_id, o.subject_id) and m.user2_id = greatest(o.reporter_id, o.subject_id)
    where o.subject_id = q.subject_id
) as n on true
where q.decided_at is null
order by n.matched_reporters desc, q.id asc;

comment on view wingman_admin.report_queue is
'The reports that are not decided: first those about people whom most of their buddies report, then the oldest. Reads the reports
about these people and no others';
comment on column wingman_admin.report_queue.report_id is 'The report: take_report and resolve_report take it';
comment on column wingman_admin.report_queue.created_at is 'When it was reported';
comment on column wingman_admin.report_queue.waiting is 'How long ago that was';
comment on column wingman_admin.report_queue.status is 'open or taken';
comment on column wingman_admin.report_queue.taken_by is 'The login of the operator who looks into it';
comment on column wingman_admin.report_queue.subject_id is 'The person reported';
comment on column wingman_admin.report_queue.matched_reporters is
'How many different people who were ever matched with this person have reported it, decided reports included';
comment on column wingman_admin.report_queue.reporter_id is 'The person who reports';
comment on column wingman_admin.report_queue.reason is 'What happened, in the reporter''s words';

revoke all on table wingman_admin.report_queue from public, anon, authenticated, service_role;
grant select on table wingman_admin.report_queue to wingman_admin, service_role;

-- file: sql/admin/take_report.sql
create or replace function wingman_admin.take_report(report_id uuid, reason text default 'To look into it')
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    -- not of the table's type: to compile that would wait for whoever locks the table, outside the exception handler
    _report record;
begin
    perform wingman.begin_operation('take_report');
    perform wingman.require_argument('report_id', take_report.report_id is not null);
    perform wingman.require_argument('reason', take_report.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(take_report.reason));
    select r.* into _report from wingman.lock_report(take_report.report_id) as r;

    if _report.taken_by is distinct from session_user then
        perform wingman.record_decision(
            'report_taken', _report.id, jsonb_build_object('taken_from', _report.taken_by), take_report.reason
        );
        update wingman.user_reports as r
        set status = 'taken', taken_by = session_user, taken_at = statement_timestamp()
        where r.id = _report.id;
    end if;

    perform wingman.end_operation();
    return row(
        true, coalesce('Report taken over from ' || nullif(_report.taken_by, session_user) || '.', 'Report taken.')
    )::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('take_report');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.take_report(uuid, text) is
'Takes a report, so that others see who looks into it; a report that another operator has taken passes to you.
Again by the same login: nothing changes. reason: why, 1 to 500 characters, kept in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, report_not_found, report_already_decided, busy, unsupported_isolation,
read_only_transaction.';
revoke all on function wingman_admin.take_report(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.take_report(uuid, text) to wingman_admin, service_role;

-- file: sql/admin/resolve_report.sql
create or replace function wingman_admin.resolve_report(report_id uuid, outcome text, note text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    -- not of the table's type: to compile that would wait for whoever locks the table, outside the exception handler
    _report record;
    _violation wingman.violation := wingman.decision_violation(resolve_report.note);
begin
    perform wingman.begin_operation('resolve_report');
    perform wingman.require_argument('report_id', resolve_report.report_id is not null);
    perform wingman.require_argument('outcome', resolve_report.outcome is not null);
    perform wingman.require_argument('note', resolve_report.note is not null);
    if resolve_report.outcome not in ('resolved', 'dismissed') then
        perform wingman.refuse_violation(row('outcome', 'must be resolved or dismissed')::wingman.violation);
    elsif _violation.argument is not null then
        perform wingman.refuse_violation(row('note', _violation.rule)::wingman.violation);
    end if;
    select r.* into _report from wingman.lock_report(resolve_report.report_id) as r;
    if _report.taken_by is distinct from session_user then
        perform wingman.raise_error('report_not_taken');
    end if;

    perform wingman.record_decision('report_' || resolve_report.outcome, _report.id, null, resolve_report.note);
    update wingman.user_reports as r
    set status = resolve_report.outcome, decided_at = statement_timestamp()
    where r.id = _report.id;

    perform wingman.end_operation();
    return row(true, 'Report ' || resolve_report.outcome || '.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('resolve_report');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.resolve_report(uuid, text, text) is
'Decides a report that you have taken; the decision is final.
outcome: resolved: you acted on it; dismissed: there was nothing to act on. note: what you found and did, 1 to 500 characters, kept
in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, report_not_found, report_already_decided, report_not_taken, busy,
unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.resolve_report(uuid, text, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.resolve_report(uuid, text, text) to wingman_admin, service_role;

-- file: sql/admin/settings.sql
create or replace view wingman_admin.settings as
select
    a.attname::text as name,
    v.value,
    col_description(a.attrelid, a.attnum) as meaning
from wingman.settings as t
cross join pg_attribute as a
inner join lateral jsonb_each_text(to_jsonb(t)) as v (name, value) on a.attname = v.name
where a.attrelid = 'wingman.settings'::regclass and a.attnum > 0 and a.attgenerated = '' and a.attname <> 'id'
order by a.attnum;

comment on view wingman_admin.settings is 'The settings: wingman_admin.change_settings changes them';
comment on column wingman_admin.settings.name is 'Its name';
comment on column wingman_admin.settings.value is 'Its value: a number, a duration, or null';
comment on column wingman_admin.settings.meaning is 'What it does';

revoke all on table wingman_admin.settings from public, anon, authenticated, service_role;
grant select on table wingman_admin.settings to wingman_admin, service_role;

-- file: sql/admin/settings_history.sql
create or replace view wingman_admin.settings_history as
select
    d.id as decision_id,
    d.decided_at,
    d.login,
    c.name,
    d.reason,
    d.details -> 'before' ->> c.name as value_before,
    d.details -> 'after' ->> c.name as value_after
from wingman.operator_decisions as d
cross join lateral jsonb_object_keys(d.details -> 'after') as c (name)
where d.kind = 'settings_changed'
order by d.id desc, c.name asc;

comment on view wingman_admin.settings_history is 'Which setting was changed when, by whom and why, newest first';
comment on column wingman_admin.settings_history.decision_id is 'The decision, in wingman_admin.decisions';
comment on column wingman_admin.settings_history.decided_at is 'When it was changed';
comment on column wingman_admin.settings_history.login is 'The login of the operator';
comment on column wingman_admin.settings_history.name is 'The setting';
comment on column wingman_admin.settings_history.value_before is 'Its value before';
comment on column wingman_admin.settings_history.value_after is 'Its value after';
comment on column wingman_admin.settings_history.reason is 'Why, in the operator''s words';

revoke all on table wingman_admin.settings_history from public, anon, authenticated, service_role;
grant select on table wingman_admin.settings_history to wingman_admin, service_role;

-- file: sql/admin/require_settings.sql
create or replace function wingman.require_settings(changes jsonb)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _name text;
begin
    if jsonb_typeof(require_settings.changes) <> 'object' or require_settings.changes = '{}' then
        perform wingman.refuse_violation(
            row('changes', 'must be an object with the settings to change')::wingman.violation
        );
    end if;
    for _name in
        select k.name
        from jsonb_object_keys(require_settings.changes) as k (name)
        order by k.name
    loop
        if not exists (select from wingman_admin.settings as s where s.name = _name) then
            perform wingman.refuse_violation(row('changes', 'has no setting ' || _name)::wingman.violation);
        end if;
        begin
            perform jsonb_populate_record(
                null::wingman.settings, jsonb_build_object(_name, require_settings.changes -> _name)
            );
        exception
            when data_exception then
                perform wingman.refuse_violation(row(_name, 'must be a whole number or a duration')::wingman.violation);
        end;
    end loop;
end
$$;

comment on function wingman.require_settings(jsonb) is
'Refuses settings that do not exist, and values that are of another type. Errors: invalid_argument.';
revoke all on function wingman.require_settings(jsonb) from public, anon, authenticated, service_role;

-- file: sql/admin/change_settings.sql
create or replace function wingman_admin.change_settings(changes jsonb, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    -- not of the table's type: to compile that would wait for whoever locks the table, outside the exception handler
    _before record;
    _after record;
    _changed jsonb;
    _constraint text;
    _column text;
begin
    perform wingman.begin_operation('change_settings');
    perform wingman.require_argument('changes', change_settings.changes is not null);
    perform wingman.require_argument('reason', change_settings.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(change_settings.reason));
    perform wingman.require_settings(change_settings.changes);

    select t.* into strict _before from wingman.settings as t for no key update;
    select n.* into strict _after
    from wingman.settings as t
    cross join lateral jsonb_populate_record(t, change_settings.changes) as n;
    select jsonb_build_object('before', jsonb_object_agg(b.name, b.value), 'after', jsonb_object_agg(a.name, a.value))
    into _changed
    from jsonb_each(to_jsonb(_before)) as b (name, value)
    inner join jsonb_each(to_jsonb(_after)) as a (name, value) on b.name = a.name
    where b.value <> a.value;

    if _changed ->> 'after' is not null then
        perform wingman.record_decision('settings_changed', null, _changed, change_settings.reason);
        update wingman.settings as t
        set
            match_lifetime = _after.match_lifetime,
            rematch_after = _after.rematch_after,
            session_start_lead = _after.session_start_lead,
            session_horizon = _after.session_horizon,
            settle_limit = _after.settle_limit,
            level_relaxation = _after.level_relaxation,
            exposure_limit = _after.exposure_limit,
            exposure_window = _after.exposure_window,
            ghosting_limit = _after.ghosting_limit,
            automatic_match_limit = _after.automatic_match_limit,
            automatic_match_period = _after.automatic_match_period,
            respond_limit = _after.respond_limit,
            respond_period = _after.respond_period,
            confirm_limit = _after.confirm_limit,
            confirm_period = _after.confirm_period,
            create_session_limit = _after.create_session_limit,
            create_session_period = _after.create_session_period,
            profile_limit = _after.profile_limit,
            profile_period = _after.profile_period,
            idempotency_retention = _after.idempotency_retention,
            journal_retention_months = _after.journal_retention_months,
            journal_drop_limit = _after.journal_drop_limit
        where t.id;
    end if;

    perform wingman.end_operation();
    return row(
        true, case when _changed ->> 'after' is null then 'These are the settings already.' else 'Settings changed.' end
    )::public.acknowledgement;
exception
    when check_violation or not_null_violation or division_by_zero or datetime_field_overflow then
        perform wingman.name_call('change_settings');
        get stacked diagnostics _constraint = constraint_name, _column = column_name;
        _column := coalesce(
            substring(_constraint from '^settings_(.*)$'),
            nullif(_column, ''),
            -- a limit of 0 is divided by before any rule is looked at
            (select min(c.name) from jsonb_each_text(change_settings.changes) as c (name, value) where c.value = '0'),
            'changes'
        );
        perform wingman.refuse_violation(
            row(
                _column,
                case jsonb_typeof(change_settings.changes -> _column)
                    when 'string' then 'must be within its range, in hours, minutes and seconds'
                    else 'must be within its range'
                end
            )::wingman.violation
        );
        return null;
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('change_settings');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.change_settings(jsonb, text) is
'Changes settings, all or none; calls that begin later go by them.
changes: an object with the settings to change, as wingman_admin.settings names them: {"match_lifetime": "24 hours"}. Durations are
texts, and null switches off what may be null. reason: why, 1 to 500 characters; wingman_admin.settings_history shows it.
Errors: missing_argument, invalid_argument, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.change_settings(jsonb, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.change_settings(jsonb, text) to wingman_admin, service_role;

-- file: sql/admin/audit_log.sql
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
    nullif(split_part(e.source, e'\t', 5), '') as request_id,
    wingman.decision_of(e.source) as decision_id
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
comment on column wingman_admin.audit_log.decision_id is
'The decision in wingman_admin.decisions that the change carries out; null for everything but operators'' functions';

revoke all on table wingman_admin.audit_log from public, anon, authenticated, service_role;
grant select on table wingman_admin.audit_log to wingman_admin, service_role;

-- file: sql/admin/session_decisions.sql
create or replace view wingman_admin.session_decisions as
select
    d.subject_id as session_id,
    k.decision,
    d.reason,
    d.login as decided_by,
    d.decided_at as created_at,
    array(
        select e.user_id
        from wingman.reputation_events as e
        where e.user_id in (s.user1_id, s.user2_id) and e.session_id = d.subject_id and e.created_at = d.decided_at
        order by e.user_id
    ) as user_ids
from wingman.operator_decisions as d
inner join public.wingman_sessions as s on d.subject_id = s.id
cross join lateral replace(d.kind, 'session_', '') as k (decision)
where d.kind in ('session_no_show', 'session_reverted', 'session_cancelled');

comment on view wingman_admin.session_decisions is
'What operators decided about sessions: who did not come, what was taken back, what was cancelled';
comment on column wingman_admin.session_decisions.session_id is 'The session';
comment on column wingman_admin.session_decisions.decision is
'no_show: mark_no_show; reverted: revert_completion; cancelled: cancel_session';
comment on column wingman_admin.session_decisions.reason is 'Why, in the operator''s words';
comment on column wingman_admin.session_decisions.decided_by is 'The login of the operator';
comment on column wingman_admin.session_decisions.created_at is 'When it was decided';
comment on column wingman_admin.session_decisions.user_ids is 'The people whose reputation it changed';

revoke all on table wingman_admin.session_decisions from public, anon, authenticated, service_role;
grant select on table wingman_admin.session_decisions to wingman_admin, service_role;

-- file: sql/admin/cancel_session.sql
create or replace function wingman_admin.cancel_session(session_id uuid, reason text)
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
    perform wingman.begin_operation('cancel_session');
    perform wingman.require_argument('session_id', cancel_session.session_id is not null);
    perform wingman.require_argument('reason', cancel_session.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(cancel_session.reason));
    select s.* into _session from wingman.lock_session(cancel_session.session_id) as s;

    if _session.id is null then
        perform wingman.raise_error('session_not_found');
    elsif not _session.is_active then
        perform wingman.raise_error(
            'invalid_session_state', jsonb_build_object('verb', 'cancelled', 'status', _session.status)
        );
    end if;

    perform wingman.record_decision('session_cancelled', _session.id, null, cancel_session.reason);
    update public.wingman_sessions as s set status = 'cancelled' where s.id = _session.id;

    perform wingman.end_operation();
    return row(true, 'Session cancelled: the two people can arrange another one.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('cancel_session');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.cancel_session(uuid, text) is
'Cancels an active session on behalf of nobody; what either person confirmed stays, and no reputation changes.
reason: why, 1 to 500 characters, kept with the operator''s login in wingman_admin.decisions. The two people do not see it.
Errors: missing_argument, invalid_argument, session_not_found, invalid_session_state, busy, unsupported_isolation,
read_only_transaction.';
revoke all on function wingman_admin.cancel_session(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.cancel_session(uuid, text) to wingman_admin, service_role;

-- file: sql/admin/end_match.sql
create or replace function wingman_admin.end_match(match_id uuid, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    -- not of the table's type: to compile that would wait for whoever locks the table, outside the exception handler
    _match record;
begin
    perform wingman.begin_operation('end_match');
    perform wingman.require_argument('match_id', end_match.match_id is not null);
    perform wingman.require_argument('reason', end_match.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(end_match.reason));
    select m.* into _match from wingman.lock_match(end_match.match_id) as m;

    if _match.id is null then
        perform wingman.raise_error('match_not_found');
    elsif _match.status <> 'accepted' or _match.ended_at is not null then
        perform wingman.raise_error('match_not_accepted', jsonb_build_object(
            'status',
            case
                when _match.ended_at is not null then 'ended'
                else wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp())
            end
        ));
    end if;

    perform wingman.record_decision('match_ended', _match.id, null, end_match.reason);
    perform wingman.end_accepted_match(_match.id, null);

    perform wingman.end_operation();
    return row(true, 'Match ended: its active session, if it had one, is cancelled.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('end_match');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.end_match(uuid, text) is
'Ends an accepted match on behalf of nobody, and cancels its active session.
The two people may be matched again once settings.rematch_after has passed since the match was made. reason: why, 1 to 500
characters, kept with the operator''s login in wingman_admin.decisions. The two people do not see it.
Errors: missing_argument, invalid_argument, match_not_found, match_not_accepted, busy, unsupported_isolation,
read_only_transaction.';
revoke all on function wingman_admin.end_match(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.end_match(uuid, text) to wingman_admin, service_role;

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

    perform wingman.record_decision(
        'session_no_show',
        _session.id,
        jsonb_build_object('absent_user_id', mark_no_show.absent_user_id),
        mark_no_show.reason
    );
    update public.wingman_sessions as s set status = 'no_show' where s.id = _session.id;
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
wingman_admin.decisions.
Errors: missing_argument, invalid_argument, session_not_found, not_session_participant, invalid_session_state,
session_not_started, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.mark_no_show(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.mark_no_show(uuid, uuid, text) to wingman_admin, service_role;

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

    perform wingman.record_decision('session_reverted', _session.id, null, revert_completion.reason);
    update public.wingman_sessions as s set reverted_at = statement_timestamp() where s.id = _session.id;
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
characters, kept with the operator''s login in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, session_not_found, invalid_session_state (also for a second revert), busy,
unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.revert_completion(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.revert_completion(uuid, text) to wingman_admin, service_role;

-- removed: sql/sessions/session_decisions.sql
insert into wingman.operator_decisions (decided_at, login, kind, subject_id, reason, details)
select
    d.created_at,
    d.decided_by,
    'session_' || d.decision,
    d.session_id,
    d.reason,
    coalesce(
        (
            select jsonb_build_object('absent_user_id', e.user_id)
            from wingman.reputation_events as e
            where e.session_id = d.session_id and e.kind = 'no_show' and d.decision = 'no_show'
        ),
        '{}'
    )
from wingman.session_decisions as d
order by d.created_at;

-- its rows have moved
-- squawk-ignore ban-drop-table
drop table wingman.session_decisions;

-- what the reader has read already; the rest it finds itself
insert into wingman.user_events (user_id, id, xid, occurred_at)
select e.user_id, e.id, e.xid, e.occurred_at
from wingman.events as e
where e.match_id is null
    and e.user_id is not null
    and not exists (select from wingman.unread_events('statistics') as u where u.xid = e.xid and u.id = e.id);
