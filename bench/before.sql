-- sql/ as it was at commit 889203e, before the journal, in one file: what `make bench` compares with as before_*.
-- Frozen: it is never changed, and goes when those figures do. Installs on the embedded PostgreSQL 18.
begin;

-- What must stand before Alembic can write its version table: the owner of every object, the operators' role and the
-- engine's schema. Idempotent; migrations/env.py runs it before every upgrade, sql/install.sql as its first step.
-- Roles belong to the whole server: another database may be installed at the same moment.
do $$
begin
    if not exists (select from pg_roles as r where r.rolname = 'wingman_owner') then
        create role wingman_owner nologin noinherit;
        comment on role wingman_owner is 'Owns every object of WingmanMatch; nobody logs in as it';
    end if;
exception
    when duplicate_object or unique_violation then
        null;
end
$$;

do $$
begin
    if not exists (select from pg_roles as r where r.rolname = 'wingman_admin') then
        create role wingman_admin nologin;
        comment on role wingman_admin is 'Operators of WingmanMatch: may act for any user, by name';
    end if;
exception
    when duplicate_object or unique_violation then
        null;
end
$$;

do $$
begin
    -- a superuser needs no grant; since 16 the creator of a role may grant it, but not yet use it
    if not pg_has_role(current_user, 'wingman_owner', 'usage') then
        grant wingman_owner to current_user;
    end if;
end
$$;

create schema if not exists wingman authorization wingman_owner;
set local role wingman_owner;

-- The roles that Supabase brings by itself, made only where they are absent. They belong to the platform:
-- never altered here, never dropped.
set local role none;

do $$
begin
    if not exists (select from pg_roles as r where r.rolname = 'anon') then
        create role anon nologin noinherit;
    end if;
    if not exists (select from pg_roles as r where r.rolname = 'authenticated') then
        create role authenticated nologin noinherit;
    end if;
    if not exists (select from pg_roles as r where r.rolname = 'service_role') then
        create role service_role nologin noinherit bypassrls;
    end if;
    if not exists (select from pg_roles as r where r.rolname = 'authenticator') then
        create role authenticator login noinherit;
        grant anon, authenticated, service_role to authenticator;
    end if;
exception
    -- roles belong to the whole server: another database may be installed at the same moment
    when duplicate_object or unique_violation then
        null;
end
$$;

set local role wingman_owner;
-- Supabase's schema auth as far as WingmanMatch needs it, made only where it is absent.
-- Where it stands already, nothing in it is touched.
set local role none;

do $$
begin
    if to_regnamespace('auth') is not null then
        return;
    end if;

    create schema auth;

    create table auth.users (
        id uuid constraint users_pkey primary key default gen_random_uuid(),
        email text,
        created_at timestamptz not null default statement_timestamp()
    );

    create function auth.uid() returns uuid
    language sql stable
    set search_path = pg_catalog, pg_temp
    as 'select (nullif(current_setting(''request.jwt.claims'', true), '''')::jsonb ->> ''sub'')::uuid';

    grant usage on schema auth to anon, authenticated, service_role;
end
$$;

set local role wingman_owner;

-- Who may look into which schema. wingman is never exposed over HTTP; callers need USAGE to reach the few functions
-- in it that the front door calls.
set local role none;

grant usage, create on schema public to wingman_owner;
grant usage on schema public to authenticated, service_role, wingman_admin;

set local role wingman_owner;

comment on schema wingman is 'Engine of WingmanMatch: private tables and functions, never exposed';
revoke all on schema wingman from public, anon, authenticated, service_role;
grant usage on schema wingman to authenticated, service_role, wingman_admin;
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
    _detail jsonb := jsonb_build_object('error', raise_error.name) || raise_error.context;
begin
    select c.status, c.message, c.hint
    into strict _error
    from wingman.error_catalogue() as c
    where c.name = raise_error.name;

    _message := _error.message;
    for _word in select w.key, w.value from jsonb_each_text(raise_error.context) as w loop
        _message := replace(_message, '{' || _word.key || '}', _word.value);
    end loop;

    -- the exception rolls back all but the server's log
    raise log '%', jsonb_build_object(
        'event', 'refusal',
        'error', raise_error.name,
        'status', _error.status,
        'user_id', coalesce(wingman.call_user_id(), wingman.current_user_id()::text),
        'call', wingman.call_function(),
        'request_id', wingman.call_request_id()
    );

    if _detail ? 'retry_after' and current_setting('request.method', true) <> '' then
        -- the form that lets PostgREST send a header
        raise exception using
            errcode = 'PGRST',
            message = jsonb_build_object(
                'code', 'PT' || _error.status, 'message', _message, 'details', _detail::text, 'hint', _error.hint
            ),
            detail = jsonb_build_object(
                'status', _error.status, 'headers', jsonb_build_object('Retry-After', _detail ->> 'retry_after')
            );
    end if;

    raise exception using
        errcode = 'PT' || _error.status,
        message = _message,
        detail = _detail,
        hint = _error.hint;
end
$$;

comment on function wingman.raise_error(text, jsonb) is
'The only way to refuse a call. name: an entry of wingman.error_catalogue(); context: facts for the message''s {words} and for
DETAIL. Raises SQLSTATE PT<status> with DETAIL {"error": name, ...context}; under PostgREST, where context has retry_after in seconds,
SQLSTATE PGRST, which adds the header Retry-After.';
revoke all on function wingman.raise_error(text, jsonb) from public, anon, authenticated, service_role;
create or replace function wingman.require_argument(argument text, given boolean)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if not require_argument.given then
        perform wingman.raise_error('missing_argument', jsonb_build_object('argument', require_argument.argument));
    end if;
end
$$;

comment on function wingman.require_argument(text, boolean) is
'Refuses a call that lacks an argument. argument: its name; given: whether it has a value. Errors: missing_argument.';
revoke all on function wingman.require_argument(text, boolean) from public, anon, authenticated, service_role;
create type wingman.violation as (
    argument text,
    rule text
);

comment on type wingman.violation is 'A value that breaks a rule: which argument, and the rule as the end of a sentence';
comment on column wingman.violation.argument is 'Name of the argument and of the column';
comment on column wingman.violation.rule is 'What must hold, e.g. "must be at most 400 characters"';
create or replace function wingman.refuse_violation(violation wingman.violation)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if (refuse_violation.violation).argument is not null then
        perform wingman.raise_error('invalid_argument', to_jsonb(refuse_violation.violation));
    end if;
end
$$;

comment on function wingman.refuse_violation(wingman.violation) is
'Refuses a call whose argument breaks a rule; null passes. Errors: invalid_argument.';
revoke all on function wingman.refuse_violation(wingman.violation) from public, anon, authenticated, service_role;
create type public.acknowledgement as (
    success boolean,
    message text
);

comment on type public.acknowledgement is 'The answer of a call that has nothing else to tell';
comment on column public.acknowledgement.success is 'Always true: a refusal is an error';
comment on column public.acknowledgement.message is 'What was done, for people';
create or replace function wingman.check_page(page_size integer)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform wingman.require_argument('page_size', check_page.page_size is not null);
    if check_page.page_size not between 1 and 100 then
        perform wingman.refuse_violation(row('page_size', 'must be between 1 and 100')::wingman.violation);
    end if;
end
$$;

comment on function wingman.check_page(integer) is
'Refuses a page size, in rows, that a list does not serve. Errors: missing_argument, invalid_argument.';
revoke all on function wingman.check_page(integer) from public, anon, authenticated, service_role;
create or replace function wingman.is_clock_interval(length interval, shortest interval, longest interval)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return is_clock_interval.length between is_clock_interval.shortest and is_clock_interval.longest
        and extract(day from is_clock_interval.length) = 0
        and extract(month from is_clock_interval.length) = 0
        and extract(year from is_clock_interval.length) = 0;
end
$$;

comment on function wingman.is_clock_interval(interval, interval, interval) is
'Whether an interval lies in [shortest, longest] and is written in hours: a day of an interval is 23 or 25 hours long where the
session''s time zone changes its clocks.';
revoke all on function wingman.is_clock_interval(interval, interval, interval) from public, anon, authenticated, service_role;
create table wingman.settings (
    id boolean constraint settings_pkey primary key default true constraint settings_one_row check (id),
    match_lifetime interval not null default interval '48 hours'
    constraint settings_match_lifetime check (wingman.is_clock_interval(match_lifetime, '1 minute', '8760 hours')),
    rematch_after interval not null default interval '168 hours'
    constraint settings_rematch_after check (wingman.is_clock_interval(rematch_after, '0', '8760 hours')),
    session_start_lead interval not null default interval '30 minutes'
    constraint settings_session_start_lead check (wingman.is_clock_interval(session_start_lead, '0', '24 hours')),
    session_horizon interval not null default interval '2160 hours'
    constraint settings_session_horizon check (wingman.is_clock_interval(session_horizon, '1 hour', '8760 hours')),
    settle_limit integer not null default 2
    constraint settings_settle_limit check (settle_limit between 0 and 100),
    level_relaxation interval
    constraint settings_level_relaxation check (wingman.is_clock_interval(level_relaxation, '1 minute', '8760 hours')),
    exposure_limit integer not null default 10
    constraint settings_exposure_limit check (exposure_limit between 1 and 1000),
    exposure_window interval not null default interval '24 hours'
    constraint settings_exposure_window check (wingman.is_clock_interval(exposure_window, '1 minute', '8760 hours')),
    ghosting_limit integer not null default 3
    constraint settings_ghosting_limit check (ghosting_limit between 1 and 100),
    automatic_match_limit integer not null default 20
    constraint settings_automatic_match_limit check (automatic_match_limit between 1 and 1000000),
    automatic_match_period interval not null default interval '1 hour'
    constraint settings_automatic_match_period check (
        wingman.is_clock_interval(automatic_match_period, '1 second', '8760 hours')
    ),
    respond_limit integer not null default 60
    constraint settings_respond_limit check (respond_limit between 1 and 1000000),
    respond_period interval not null default interval '1 hour'
    constraint settings_respond_period check (wingman.is_clock_interval(respond_period, '1 second', '8760 hours')),
    confirm_limit integer not null default 30
    constraint settings_confirm_limit check (confirm_limit between 1 and 1000000),
    confirm_period interval not null default interval '1 hour'
    constraint settings_confirm_period check (wingman.is_clock_interval(confirm_period, '1 second', '8760 hours')),
    create_session_limit integer not null default 20
    constraint settings_create_session_limit check (create_session_limit between 1 and 1000000),
    create_session_period interval not null default interval '24 hours'
    constraint settings_create_session_period check (wingman.is_clock_interval(create_session_period, '1 second', '8760 hours')),
    profile_limit integer not null default 10
    constraint settings_profile_limit check (profile_limit between 1 and 1000000),
    profile_period interval not null default interval '24 hours'
    constraint settings_profile_period check (wingman.is_clock_interval(profile_period, '1 second', '8760 hours')),
    idempotency_retention interval not null default interval '72 hours'
    constraint settings_idempotency_retention check (wingman.is_clock_interval(idempotency_retention, '1 minute', '8760 hours')),
    audit_retention_months integer not null default 24
    constraint settings_audit_retention_months check (audit_retention_months between 1 and 1200)
);

insert into wingman.settings default values;

comment on table wingman.settings is 'The one row of settings; operators change it by UPDATE';
comment on column wingman.settings.id is 'Always true: there is one row';
comment on column wingman.settings.match_lifetime is 'How long a pending match waits for an answer';
comment on column wingman.settings.rematch_after is 'How long a pair is kept apart after it was matched';
comment on column wingman.settings.session_start_lead is 'How long before its time a session may be started';
comment on column wingman.settings.session_horizon is 'How far ahead a session may be scheduled';
comment on column wingman.settings.settle_limit is 'How many lapsed matches of others a search or a decline settles on its way';
comment on column wingman.settings.level_relaxation is
'After each such wait one more experience level apart is allowed, so that nobody starves; null: never';
comment on column wingman.settings.exposure_limit is
'How often a person may be found by the searches of others within exposure_window';
comment on column wingman.settings.exposure_window is 'The time over which exposure_limit counts';
comment on column wingman.settings.ghosting_limit is
'After how many offers in a row left to expire a person is paused until their next search';
comment on column wingman.settings.automatic_match_limit is
'How many searches a user may make at once, and in automatic_match_period in the long run';
comment on column wingman.settings.automatic_match_period is 'The time over which automatic_match_limit counts';
comment on column wingman.settings.respond_limit is
'How many matches a user may answer at once, and in respond_period in the long run';
comment on column wingman.settings.respond_period is 'The time over which respond_limit counts';
comment on column wingman.settings.confirm_limit is
'How many completions a user may confirm at once, and in confirm_period in the long run';
comment on column wingman.settings.confirm_period is 'The time over which confirm_limit counts';
comment on column wingman.settings.create_session_limit is
'How many sessions a user may arrange at once, and in create_session_period in the long run';
comment on column wingman.settings.create_session_period is 'The time over which create_session_limit counts';
comment on column wingman.settings.profile_limit is
'How often a user may change profile or location at once, and in profile_period in the long run';
comment on column wingman.settings.profile_period is 'The time over which profile_limit counts';
comment on column wingman.settings.idempotency_retention is 'How long the answer to a call with an idempotency key is kept';
comment on column wingman.settings.audit_retention_months is 'How many whole months of wingman.audit_log are kept';
revoke all on table wingman.settings from public, anon, authenticated, service_role;
create or replace function wingman.new_id()
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _microseconds bigint := floor(extract(epoch from clock_timestamp()) * 1000000)::bigint;
begin
    return (
        lpad(to_hex(_microseconds / 1000), 12, '0')
        || '7' || lpad(to_hex(_microseconds % 1000 * 4096 / 1000), 3, '0')
        || right(replace(gen_random_uuid()::text, '-', ''), 16)
    )::uuid;
end
$$;

comment on function wingman.new_id() is
'A UUID version 7 (RFC 9562): 48 bits of milliseconds, 12 bits of the millisecond''s fraction, 62 random bits, so that ids sort
by the time they were made. One body for 15 to 18.';
revoke all on function wingman.new_id() from public, anon, authenticated, service_role;
create or replace function wingman.first_id_at(moment timestamptz)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        lpad(to_hex(floor(extract(epoch from first_id_at.moment) * 1000)::bigint), 12, '0') || '70008000000000000000'
    )::uuid;
end
$$;

comment on function wingman.first_id_at(timestamptz) is
'The smallest id that wingman.new_id() could have made at a moment, to the millisecond: ids from there on were made since then.
So a primary key finds the rows of a time.';
revoke all on function wingman.first_id_at(timestamptz) from public, anon, authenticated, service_role;
grant execute on function wingman.first_id_at(timestamptz) to service_role, wingman_admin;
create or replace function wingman.utc_text(moment timestamptz)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return to_char(utc_text.moment at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC';
end
$$;

comment on function wingman.utc_text(timestamptz) is 'A moment as messages show it: 2025-08-17 15:00 UTC';
revoke all on function wingman.utc_text(timestamptz) from public, anon, authenticated, service_role;
create or replace function wingman.set_updated_at()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.set_updated_at() is 'Trigger: stamps updated_at on every update';
revoke all on function wingman.set_updated_at() from public, anon, authenticated, service_role;
create or replace function wingman.caller_role()
returns text
language sql
stable
-- inside a definer current_user is the owner; only the GUC still tells who called
return coalesce(nullif(current_setting('role'), 'none'), session_user);

comment on function wingman.caller_role() is 'The role that made the call, also inside SECURITY DEFINER functions';
revoke all on function wingman.caller_role() from public, anon, authenticated, service_role;
create or replace function wingman.current_user_id()
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- PostgREST leaves '' behind on a connection that was used before
    return (nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub')::uuid;
exception
    when data_exception or program_limit_exceeded then
        return null;
end
$$;

comment on function wingman.current_user_id() is
'The user of the access token: claim sub of the GUC request.jwt.claims; null where it is absent or malformed. Policies use
it as (select wingman.current_user_id()).';
revoke all on function wingman.current_user_id() from public, anon, authenticated, service_role;
grant execute on function wingman.current_user_id() to authenticated;
create or replace function wingman.write_obstacle()
returns text
language sql
stable
return case
    -- lock, then check, needs a new snapshot for every statement
    when current_setting('transaction_isolation') <> 'read committed' then 'unsupported_isolation'
    when current_setting('transaction_read_only') = 'on' then 'read_only_transaction'
end;

comment on function wingman.write_obstacle() is
'What keeps this transaction from calling a function that writes, as the name of the error; null when nothing does';
revoke all on function wingman.write_obstacle() from public, anon, authenticated, service_role;
create or replace function wingman.caller_id(user_id uuid, writes boolean default false)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _role text := wingman.caller_role();
    _token_user_id uuid;
    _refusal text := case when caller_id.writes then wingman.write_obstacle() end;
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

create table wingman.idempotency_keys (
    user_id uuid not null,
    idempotency_key text not null,
    fingerprint text not null,
    response jsonb not null,
    created_at timestamptz not null default statement_timestamp(),
    constraint idempotency_keys_pkey primary key (user_id, idempotency_key)
);

create index idempotency_keys_created_idx on wingman.idempotency_keys (created_at);

comment on table wingman.idempotency_keys is
'The answers to calls that came with an idempotency key, kept for settings.idempotency_retention. Bare user ids';
comment on column wingman.idempotency_keys.user_id is 'Whom the call acted for: a key counts for its user alone';
comment on column wingman.idempotency_keys.idempotency_key is 'The key, 1 to 255 characters';
comment on column wingman.idempotency_keys.fingerprint is 'SHA-256 of the function''s name and arguments, in hexadecimal';
comment on column wingman.idempotency_keys.response is 'The answer, which a replay gives again';
comment on column wingman.idempotency_keys.created_at is 'When the call was made';

revoke all on table wingman.idempotency_keys from public, anon, authenticated, service_role;
create table wingman.rate_limits (
    user_id uuid not null,
    bucket text not null,
    spent_until timestamptz not null,
    constraint rate_limits_pkey primary key (user_id, bucket)
) with (fillfactor = 70);

comment on table wingman.rate_limits is
'How much of each rate limit a user has spent, by the generic cell rate algorithm; no row, or one of the past: nothing';
comment on column wingman.rate_limits.user_id is 'Whom the calls act for';
comment on column wingman.rate_limits.bucket is 'automatic_match, respond, confirm, create_session or profile';
comment on column wingman.rate_limits.spent_until is 'When all that was spent has come back: the theoretical arrival time';

revoke all on table wingman.rate_limits from public, anon, authenticated, service_role;
create type wingman.guarded_call as (
    user_id uuid,
    key text,
    fingerprint text,
    response jsonb
);

comment on type wingman.guarded_call is 'A call between wingman.begin_call and wingman.end_call';
comment on column wingman.guarded_call.user_id is 'Whom it acts for';
comment on column wingman.guarded_call.key is 'Its idempotency key (nullable)';
comment on column wingman.guarded_call.fingerprint is 'SHA-256 of the function''s name and arguments, with a key (nullable)';
comment on column wingman.guarded_call.response is 'The first answer, when this is a replay (nullable)';
create or replace function wingman.call_function()
returns text
language sql
stable
return nullif(split_part(current_setting('wingman.call', true), ' ', 1), '');

comment on function wingman.call_function() is
'The function that is writing, of those of wingman.begin_call and wingman.begin_operation; null for direct SQL';
revoke all on function wingman.call_function() from public, anon, authenticated, service_role;
create or replace function wingman.call_user_id()
returns text
language sql
stable
return nullif(split_part(current_setting('wingman.call', true), ' ', 2), '');

comment on function wingman.call_user_id() is
'Whom the function of wingman.call_function() acts for, by id; null for direct SQL and for operators, who act for nobody. Text,
since a login with SQL may have set it to anything, which a refusal must outlive';
revoke all on function wingman.call_user_id() from public, anon, authenticated, service_role;
create or replace function wingman.call_request_id()
returns text
language sql
stable
-- the rest after a word, a space, the 36 characters of an id and a space; a pattern would take ten times as long
return nullif(substr(current_setting('wingman.call', true), length(wingman.call_function()) + 39), '');

comment on function wingman.call_request_id() is
'The request id that came with the call of wingman.call_function(): the header x-request-id, else its idempotency key; or null';
revoke all on function wingman.call_request_id() from public, anon, authenticated, service_role;
create or replace function wingman.request_header(name text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return nullif(current_setting('request.headers', true), '')::json ->> request_header.name;
exception
    when data_exception or program_limit_exceeded then
        return null;
end
$$;

comment on function wingman.request_header(text) is
'A header of the HTTP request, by its name in lower case, as PostgREST hands it on; null without one';
revoke all on function wingman.request_header(text) from public, anon, authenticated, service_role;
create or replace function wingman.call_key(idempotency_key text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _header text := wingman.request_header('idempotency-key');
    _key text;
begin
    _key := case
        -- quoted, as the standard wants it: a backslash stands before quotes and backslashes
        when _header ~ '^"([^"\\]|\\["\\])*"$' then regexp_replace(substr(_header, 2, length(_header) - 2), '\\(["\\])', '\1', 'g')
        -- several headers arrive joined by commas
        when _header ~ '[",]' then ''
        else _header
    end;
    if _key <> call_key.idempotency_key then
        _key := '';
    end if;
    _key := coalesce(_key, call_key.idempotency_key);
    if char_length(_key) not between 1 and 255 then
        perform wingman.raise_error('idempotency_key_invalid');
    end if;
    return _key;
end
$$;

comment on function wingman.call_key(text) is
'The idempotency key of a call, from its argument or the header Idempotency-Key, quoted or bare; null without one.
Errors: idempotency_key_invalid, also where both are given and differ.';
revoke all on function wingman.call_key(text) from public, anon, authenticated, service_role;
create or replace function wingman.mark_replay(is_replay boolean)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _mark jsonb := '{"Idempotency-Replayed": "true"}'::jsonb;
    _headers jsonb;
begin
    select jsonb_agg(h.header)
    into _headers
    from jsonb_array_elements(coalesce(nullif(current_setting('response.headers', true), ''), '[]')::jsonb) as h (header)
    where h.header <> _mark;

    if mark_replay.is_replay then
        _headers := coalesce(_headers, '[]'::jsonb) || _mark;
    end if;
    perform set_config('response.headers', coalesce(_headers::text, ''), true);
exception
    -- whoever set the headers to something else has no use for the mark
    when data_exception then
        null;
end
$$;

comment on function wingman.mark_replay(boolean) is
'Adds the header Idempotency-Replayed to those that PostgREST sends with the answer, or takes it away';
revoke all on function wingman.mark_replay(boolean) from public, anon, authenticated, service_role;
create or replace function wingman.begin_operation(function text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if wingman.write_obstacle() is not null then
        perform wingman.raise_error(wingman.write_obstacle());
    end if;
    perform set_config('wingman.call', begin_operation.function, true);
end
$$;

comment on function wingman.begin_operation(text) is
'The guard before every function of operators that writes, who act for nobody. function: its name, for the audit trail until
wingman.end_operation.
Errors: unsupported_isolation, read_only_transaction.';
revoke all on function wingman.begin_operation(text) from public, anon, authenticated, service_role;
create or replace function wingman.end_operation()
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config('wingman.call', '', true);
end
$$;

comment on function wingman.end_operation() is
'What follows in this transaction is not of wingman.begin_operation''s function any more';
revoke all on function wingman.end_operation() from public, anon, authenticated, service_role;
create or replace function wingman.begin_call(
    function text,
    user_id uuid,
    idempotency_key text,
    variadic arguments text[] default '{}'
)
returns wingman.guarded_call
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _call wingman.guarded_call;
    _request_id text;
    _kept record;
begin
    _call.user_id := wingman.caller_id(begin_call.user_id, writes => true);
    if begin_call.idempotency_key is not null or current_setting('request.headers', true) <> '' then
        _call.key := wingman.call_key(begin_call.idempotency_key);
        _request_id := coalesce(left(wingman.request_header('x-request-id'), 255), _call.key);
    end if;
    if current_setting('response.headers', true) like '%Idempotency-Replayed%' then
        -- of an earlier call in this transaction
        perform wingman.mark_replay(false);
    end if;
    -- what wingman.call_function() and its like read, until end_call; an assignment, since perform costs a query
    _request_id := set_config('wingman.call', concat_ws(' ', begin_call.function, _call.user_id, _request_id), true);
    if _call.key is null then
        return _call;
    end if;

    _call.fingerprint := encode(sha256(convert_to(
        begin_call.function || ' ' || to_json(begin_call.arguments), 'UTF8'
    )), 'hex');
    -- a twin waits here for the first, and then reads its answer
    perform pg_advisory_xact_lock(hashtextextended(_call.user_id || ' ' || _call.key, 0));
    select k.fingerprint, k.response
    into _kept
    from wingman.idempotency_keys as k
    cross join wingman.settings as t
    where k.user_id = _call.user_id
        and k.idempotency_key = _call.key
        and k.created_at >= statement_timestamp() - t.idempotency_retention;
    if found and _kept.fingerprint <> _call.fingerprint then
        perform wingman.raise_error('idempotency_key_reused');
    elsif found then
        perform set_config('wingman.call', '', true);
        _call.response := _kept.response;
        perform wingman.mark_replay(true);
    end if;
    return _call;
end
$$;

comment on function wingman.begin_call(text, uuid, text, text[]) is
'The guard before every writing entry point: who calls, and whether the same call was answered before. function: its name;
arguments: all but user_id and the key, each as a text that does not depend on the session''s settings. A call with response has been
made before: its answer is to be given again, and nothing done. First of the lock order: holds the key until the end of the transaction.
Errors: those of wingman.caller_id and wingman.call_key, idempotency_key_reused.';
revoke all on function wingman.begin_call(text, uuid, text, text[]) from public, anon, authenticated, service_role;
create or replace function wingman.end_call(call wingman.guarded_call, answer anyelement)
returns anyelement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if (end_call.call).key is not null then
        insert into wingman.idempotency_keys as k (user_id, idempotency_key, fingerprint, response)
        values (
            (end_call.call).user_id, (end_call.call).key, (end_call.call).fingerprint, to_jsonb(end_call.answer)
        )
        -- one that has had its time
        on conflict on constraint idempotency_keys_pkey do update
        set fingerprint = excluded.fingerprint, response = excluded.response, created_at = excluded.created_at;
    end if;
    -- an assignment would need a variable, and perform costs a query
    return case when set_config('wingman.call', '', true) = '' then end_call.answer end;
end
$$;

comment on function wingman.end_call(wingman.guarded_call, anyelement) is
'The guard after every writing entry point: keeps the answer of a call that came with a key, in the transaction of its work, and
returns it. Since begin_call the GUC wingman.call names the call: function, user and request id.';
revoke all on function wingman.end_call(wingman.guarded_call, anyelement) from public, anon, authenticated, service_role;
create or replace function wingman.spend(user_id uuid, bucket text, calls integer, period interval)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _cost interval := spend.period / spend.calls;
    -- not the period, which the division may not give back to the microsecond
    _burst interval := _cost * spend.calls;
    _spent_until timestamptz;
begin
    insert into wingman.rate_limits as r (user_id, bucket, spent_until)
    values (spend.user_id, spend.bucket, statement_timestamp() + _cost)
    on conflict on constraint rate_limits_pkey do update
    set spent_until = greatest(r.spent_until, statement_timestamp()) + _cost
    where greatest(r.spent_until, statement_timestamp()) + _cost <= statement_timestamp() + _burst;

    if not found then
        select r.spent_until into strict _spent_until
        from wingman.rate_limits as r
        where r.user_id = spend.user_id and r.bucket = spend.bucket;
        perform wingman.raise_error('rate_limited', jsonb_build_object(
            'retry_after', ceil(extract(epoch from _spent_until + _cost - _burst - statement_timestamp()))
        ));
    end if;
end
$$;

comment on function wingman.spend(uuid, text, integer, interval) is
'Takes one call from a user''s rate limit: so many calls at once, which come back one after the other over the period (generic
cell rate algorithm). A call that is refused afterwards takes nothing. bucket: see wingman.rate_limits; calls and period: the bucket''s
columns of wingman.settings. Errors: rate_limited, whose context retry_after is in seconds.';
revoke all on function wingman.spend(uuid, text, integer, interval) from public, anon, authenticated, service_role;

create or replace function wingman.experience_rank(experience_level text)
returns smallint
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return array_position(array['beginner', 'intermediate', 'advanced'], experience_rank.experience_level)::smallint;
end
$$;

comment on function wingman.experience_rank(text) is
'Experience levels in order: beginner 1, intermediate 2, advanced 3; null for any other text. People at most one rank apart
may be matched.';
revoke all on function wingman.experience_rank(text) from public, anon, authenticated, service_role;
create or replace function wingman.is_valid_radius(miles integer)
returns boolean
language sql
immutable
return miles between 1 and 100;

comment on function wingman.is_valid_radius(integer) is
'Whether a search radius or a travel distance, in whole miles, is one that we allow; null for null';
revoke all on function wingman.is_valid_radius(integer) from public, anon, authenticated, service_role;
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
'The first rule that a profile''s texts break, or null. The table''s trigger and complete_profile both ask here.';
revoke all on function wingman.profile_violation(text, text, text, text, text) from public, anon, authenticated, service_role;
create or replace function wingman.location_violation(
    lat double precision,
    lng double precision,
    city text,
    privacy_mode text,
    max_travel_miles integer
)
returns wingman.violation
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- NaN sorts above every number, so BETWEEN refuses it too
    if location_violation.lat not between -90 and 90 then
        return row('lat', 'must be between -90 and 90 degrees')::wingman.violation;
    elsif location_violation.lng not between -180 and 180 then
        return row('lng', 'must be between -180 and 180 degrees')::wingman.violation;
    elsif char_length(location_violation.city) > 100 then
        return row('city', 'must be at most 100 characters')::wingman.violation;
    elsif location_violation.privacy_mode not in ('precise', 'city_only') then
        return row('privacy_mode', 'must be precise or city_only')::wingman.violation;
    elsif location_violation.privacy_mode = 'city_only' and coalesce(location_violation.city, '') !~ '[^[:space:]]' then
        return row('city', 'is required for privacy_mode city_only')::wingman.violation;
    elsif not wingman.is_valid_radius(location_violation.max_travel_miles) then
        return row('max_travel_miles', 'must be between 1 and 100')::wingman.violation;
    end if;
    return null;
end
$$;

comment on function wingman.location_violation(double precision, double precision, text, text, integer) is
'The first rule that a location breaks, or null. The table''s constraint and complete_profile both ask here.';
revoke all on function wingman.location_violation(double precision, double precision, text, text, integer)
from public, anon, authenticated, service_role;
create table public.user_profiles (
    id uuid constraint user_profiles_pkey primary key,
    first_name text not null,
    bio text,
    photo_url text,
    experience_level text not null,
    confidence_archetype text,
    completed_sessions integer not null default 0
    constraint user_profiles_completed_sessions_check check (completed_sessions >= 0),
    no_shows integer not null default 0
    constraint user_profiles_no_shows_check check (no_shows >= 0),
    reputation_score integer not null
    generated always as (least(greatest(completed_sessions - no_shows, -5), 20)) stored,
    created_at timestamptz not null default statement_timestamp(),
    updated_at timestamptz not null default statement_timestamp()
);

create index user_profiles_completed_sessions_idx on public.user_profiles (completed_sessions);

alter table public.user_profiles enable row level security;

comment on table public.user_profiles is 'What partners see of a person; a user is known once a row stands here';
comment on column public.user_profiles.id is 'The user, auth.users.id';
comment on column public.user_profiles.first_name is '1 to 80 characters';
comment on column public.user_profiles.bio is 'At most 400 characters';
comment on column public.user_profiles.photo_url is 'An https URL of at most 500 characters';
comment on column public.user_profiles.experience_level is 'beginner, intermediate or advanced';
comment on column public.user_profiles.confidence_archetype is 'The person''s style of courage, at most 100 characters';
comment on column public.user_profiles.completed_sessions is 'Sessions that both confirmed: the sum of the ledger';
comment on column public.user_profiles.no_shows is 'Sessions missed: the sum of the ledger';
comment on column public.user_profiles.reputation_score is 'completed_sessions - no_shows, held between -5 and 20';
comment on column public.user_profiles.created_at is 'When the profile was first completed';
comment on column public.user_profiles.updated_at is 'When any column last changed';

revoke all on table public.user_profiles from public, anon, authenticated, service_role;
grant select on table public.user_profiles to authenticated, service_role, wingman_admin;
-- On Supabase wingman_owner has no right to schema auth: the migrating role makes this key.
set local role none;

alter table public.user_profiles
add constraint user_profiles_id_fkey foreign key (id) references auth.users (id) on delete cascade;

set local role wingman_owner;
create table public.user_locations (
    user_id uuid constraint user_locations_pkey primary key
    constraint user_locations_user_id_fkey references public.user_profiles (id) on delete cascade,
    lat double precision not null,
    lng double precision not null,
    city text,
    privacy_mode text not null,
    max_travel_miles integer not null,
    created_at timestamptz not null default statement_timestamp(),
    updated_at timestamptz not null default statement_timestamp(),
    constraint user_locations_rules check (
        wingman.location_violation(lat, lng, city, privacy_mode, max_travel_miles) is null
    )
);

alter table public.user_locations enable row level security;

comment on table public.user_locations is 'Where a person is, as told by them; nobody else ever reads it';
comment on column public.user_locations.user_id is 'The user';
comment on column public.user_locations.lat is 'Latitude in degrees, WGS 84';
comment on column public.user_locations.lng is 'Longitude in degrees, WGS 84';
comment on column public.user_locations.city is 'Name of the city, at most 100 characters; required for city_only';
comment on column public.user_locations.privacy_mode is
'precise: matched by a grid of 0.01 degrees; city_only: by a grid of 0.1 degrees';
comment on column public.user_locations.max_travel_miles is 'The furthest buddy this person will meet, 1 to 100 miles';
comment on column public.user_locations.created_at is 'When the location was first given';
comment on column public.user_locations.updated_at is 'When any column last changed';

revoke all on table public.user_locations from public, anon, authenticated, service_role;
grant select on table public.user_locations to authenticated;
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

comment on function wingman.guard_profile() is
'Trigger: the rules of a profile''s texts, and updated_at, when they are written; wingman.count_events stamps the counters';
revoke all on function wingman.guard_profile() from public, anon, authenticated, service_role;
create trigger guard_profile
before insert or update of first_name, experience_level, bio, photo_url, confidence_archetype on public.user_profiles
for each row execute function wingman.guard_profile();

create trigger set_updated_at before update on public.user_locations
for each row execute function wingman.set_updated_at();
create type public.buddy_profile as (
    id uuid,
    first_name text,
    experience_level text,
    confidence_archetype text,
    reputation_score integer
);

comment on type public.buddy_profile is 'What a call tells about a buddy';
comment on column public.buddy_profile.id is 'The buddy''s user id';
comment on column public.buddy_profile.first_name is 'First name';
comment on column public.buddy_profile.experience_level is 'beginner, intermediate or advanced';
comment on column public.buddy_profile.confidence_archetype is 'Style of courage (nullable)';
comment on column public.buddy_profile.reputation_score is 'Reputation now, -5 to 20';
create type public.profile_details as (
    user_id uuid,
    first_name text,
    bio text,
    photo_url text,
    experience_level text,
    confidence_archetype text,
    completed_sessions integer,
    no_shows integer,
    reputation_score integer,
    lat double precision,
    lng double precision,
    city text,
    privacy_mode text,
    max_travel_miles integer,
    matching_paused boolean,
    created_at timestamptz,
    updated_at timestamptz
);

comment on type public.profile_details is 'A user''s own profile with location and settings';
comment on column public.profile_details.user_id is 'The user';
comment on column public.profile_details.first_name is 'First name';
comment on column public.profile_details.bio is 'A few words about the person (nullable)';
comment on column public.profile_details.photo_url is 'An https URL (nullable)';
comment on column public.profile_details.experience_level is 'beginner, intermediate or advanced';
comment on column public.profile_details.confidence_archetype is 'Style of courage (nullable)';
comment on column public.profile_details.completed_sessions is 'Sessions that both confirmed';
comment on column public.profile_details.no_shows is 'Sessions missed';
comment on column public.profile_details.reputation_score is 'completed_sessions - no_shows, held between -5 and 20';
comment on column public.profile_details.lat is 'Latitude in degrees; null where an operator removed the location (nullable)';
comment on column public.profile_details.lng is 'Longitude in degrees (nullable)';
comment on column public.profile_details.city is 'Name of the city (nullable)';
comment on column public.profile_details.privacy_mode is 'precise or city_only (nullable)';
comment on column public.profile_details.max_travel_miles is 'The furthest buddy this person will meet, in miles (nullable)';
comment on column public.profile_details.matching_paused is 'Whether this person is left out of matching for now';
comment on column public.profile_details.created_at is 'When the profile was first completed';
comment on column public.profile_details.updated_at is 'When the profile or the location last changed';
create or replace function wingman.known_user_id(user_id uuid, or_null boolean default false)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (select from public.user_profiles as p where p.id = known_user_id.user_id) then
        return known_user_id.user_id;
    end if;

    if wingman.caller_role() <> 'authenticated' then
        perform wingman.raise_error('user_not_found');
    elsif not known_user_id.or_null then
        perform wingman.raise_error('profile_incomplete');
    end if;
    return null;
end
$$;

comment on function wingman.known_user_id(uuid, boolean) is
'The user whom a call acts for, who must have a profile. or_null: answer null where a user who calls has none.
Errors: profile_incomplete (the user calls), user_not_found (named by another).';
revoke all on function wingman.known_user_id(uuid, boolean) from public, anon, authenticated, service_role;
create or replace function wingman.known_caller_id(user_id uuid, or_null boolean default false)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.known_user_id(wingman.caller_id(known_caller_id.user_id), known_caller_id.or_null);
end
$$;

comment on function wingman.known_caller_id(uuid, boolean) is
'Whom a reading call acts for, who must have a profile. or_null: answer null, for empty lists, where a user has none.
Errors: those of wingman.caller_id and wingman.known_user_id.';
revoke all on function wingman.known_caller_id(uuid, boolean) from public, anon, authenticated, service_role;
create or replace function wingman.buddy_profile_of(user_id uuid)
returns public.buddy_profile
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _profile public.buddy_profile;
begin
    select p.id, p.first_name, p.experience_level, p.confidence_archetype, p.reputation_score
    into _profile
    from public.user_profiles as p
    where p.id = buddy_profile_of.user_id;

    if not found then
        return null;
    end if;
    return _profile;
end
$$;

comment on function wingman.buddy_profile_of(uuid) is 'What a call tells about this user to a partner; null without a profile';
revoke all on function wingman.buddy_profile_of(uuid) from public, anon, authenticated, service_role;

create table public.user_blocks (
    blocker_id uuid not null
    constraint user_blocks_blocker_id_fkey references public.user_profiles (id) on delete cascade,
    blocked_id uuid not null
    constraint user_blocks_blocked_id_fkey references public.user_profiles (id) on delete cascade,
    created_at timestamptz not null default statement_timestamp(),
    constraint user_blocks_pkey primary key (blocker_id, blocked_id),
    constraint user_blocks_two_people_check check (blocker_id <> blocked_id)
);

create index user_blocks_blocked_idx on public.user_blocks (blocked_id);

-- as for wingman_matches: a pair is found by the key, not among all who blocked the same person
alter table public.user_blocks alter column blocked_id set (n_distinct = -0.05);

alter table public.user_blocks enable row level security;

comment on table public.user_blocks is 'Who wants nothing to do with whom; binds both. The blocker alone can see it';
comment on column public.user_blocks.blocker_id is 'Who blocked';
comment on column public.user_blocks.blocked_id is 'Who is blocked';
comment on column public.user_blocks.created_at is 'Since when';

revoke all on table public.user_blocks from public, anon, authenticated, service_role;
grant select on table public.user_blocks to authenticated, service_role, wingman_admin;
create or replace function wingman.report_violation(reason text)
returns wingman.violation
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if report_violation.reason !~ '[^[:space:]]' or char_length(report_violation.reason) > 2000 then
        return row('reason', 'must be 1 to 2000 characters')::wingman.violation;
    end if;
    return null;
end
$$;

comment on function wingman.report_violation(text) is
'The rule that the reason of a report breaks, or null. The table''s constraint and report_user both ask here.';
revoke all on function wingman.report_violation(text) from public, anon, authenticated, service_role;
create table wingman.user_reports (
    id uuid constraint user_reports_pkey primary key default wingman.new_id(),
    reporter_id uuid not null,
    subject_id uuid not null,
    reason text not null constraint user_reports_reason_check check (wingman.report_violation(reason) is null),
    created_at timestamptz not null default statement_timestamp(),
    constraint user_reports_two_people_check check (reporter_id <> subject_id)
);

create index user_reports_subject_idx on wingman.user_reports (subject_id, id);

comment on table wingman.user_reports is 'What people report about others, for operators. Bare user ids: it outlives accounts';
comment on column wingman.user_reports.id is 'UUID version 7: newer reports sort later';
comment on column wingman.user_reports.reporter_id is 'Who reports';
comment on column wingman.user_reports.subject_id is 'About whom';
comment on column wingman.user_reports.reason is 'What happened, in the reporter''s words, 1 to 2000 characters';
comment on column wingman.user_reports.created_at is 'When it was reported';

revoke all on table wingman.user_reports from public, anon, authenticated, service_role;
create or replace function wingman.known_subject_id(subject_id uuid, user_id uuid)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    perform wingman.require_argument('subject_id', known_subject_id.subject_id is not null);
    if known_subject_id.subject_id = known_subject_id.user_id then
        perform wingman.raise_error(
            'invalid_argument', jsonb_build_object('argument', 'subject_id', 'rule', 'must be somebody else')
        );
    elsif not exists (select from public.user_profiles as p where p.id = known_subject_id.subject_id) then
        perform wingman.raise_error('user_not_found');
    end if;
    return known_subject_id.subject_id;
end
$$;

comment on function wingman.known_subject_id(uuid, uuid) is
'The other person whom a call is about, who must have a profile. Errors: missing_argument, invalid_argument (oneself),
user_not_found.';
revoke all on function wingman.known_subject_id(uuid, uuid) from public, anon, authenticated, service_role;

create or replace function wingman.distance_miles(lat1 integer, lng1 integer, lat2 integer, lng2 integer)
returns double precision
language sql
immutable
-- haversine; least() because rounding may lift antipodes a hair above 1. Rounded to a millionth of a mile, or people equally
-- near across the antimeridian or at a pole would be told apart by the noise of the last digits
return round(1000000 * 2 * 3958.7613 * asin(least(1, sqrt(
    power(sin(radians((lat2 - lat1) / 100.0::double precision) / 2), 2)
    + cos(radians(lat1 / 100.0::double precision)) * cos(radians(lat2 / 100.0::double precision))
    * power(sin(radians((lng2 - lng1) / 100.0::double precision) / 2), 2)
)))) / 1000000;

comment on function wingman.distance_miles(integer, integer, integer, integer) is
'Great-circle distance in statute miles between two grid points in hundredths of a degree; earth radius 3958.7613 miles. Never
leaves the database as it is: see wingman.shown_miles.';
revoke all on function wingman.distance_miles(integer, integer, integer, integer)
from public, anon, authenticated, service_role;
create or replace function wingman.shown_miles(miles double precision)
returns integer
language sql
immutable
return greatest(1, ceil(miles))::integer;

comment on function wingman.shown_miles(double precision) is
'A distance as people may know it: whole miles, rounded up, at least 1';
revoke all on function wingman.shown_miles(double precision) from public, anon, authenticated, service_role;
create or replace function wingman.snap_to_grid(degrees double precision, privacy_mode text)
returns integer
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if snap_to_grid.privacy_mode = 'city_only' then
        return round(snap_to_grid.degrees / 0.1)::integer * 10;
    end if;
    return round(snap_to_grid.degrees / 0.01)::integer;
end
$$;

comment on function wingman.snap_to_grid(double precision, text) is
'A coordinate, in degrees, moved to the grid that matching works on, in hundredths of a degree: every 0.01 degrees for precise,
every 0.1 degrees for city_only. No distance is computed from anything finer.';
revoke all on function wingman.snap_to_grid(double precision, text) from public, anon, authenticated, service_role;
create table wingman.occupied_cells (
    grid_lat integer not null,
    grid_lng integer not null,
    constraint occupied_cells_pkey primary key (grid_lat, grid_lng)
);

comment on table wingman.occupied_cells is
'The grid points where anybody is: the search walks them nearest first. Kept by the triggers of match_seekers; an empty one does
no harm.';
comment on column wingman.occupied_cells.grid_lat is 'Latitude, in hundredths of a degree';
comment on column wingman.occupied_cells.grid_lng is 'Longitude, in hundredths of a degree';

revoke all on table wingman.occupied_cells from public, anon, authenticated, service_role;
create table wingman.match_seekers (
    user_id uuid constraint match_seekers_pkey primary key
    constraint match_seekers_user_id_fkey references public.user_profiles (id) on delete cascade,
    grid_lat integer not null,
    grid_lng integer not null,
    level smallint not null,
    max_travel_miles integer not null,
    waiting_since timestamptz not null default statement_timestamp(),
    paused boolean not null default false,
    pending_match_id uuid,
    paused_automatically boolean not null default false,
    unanswered_offers integer not null default 0
    constraint match_seekers_unanswered_offers_check check (unanswered_offers >= 0),
    exposures timestamptz[] not null default '{}',
    is_free boolean not null generated always as (pending_match_id is null and not paused) stored,
    constraint match_seekers_pause_check check (paused or not paused_automatically),
    constraint match_seekers_cell_fkey foreign key (grid_lat, grid_lng)
    references wingman.occupied_cells (grid_lat, grid_lng)
) with (
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_cost_delay = 0,
    autovacuum_analyze_scale_factor = 0.05
);

-- not a partial index: the planner would take it for small, and read it for queries that name one person
create index match_seekers_cell_idx on wingman.match_seekers (grid_lat, grid_lng, is_free, waiting_since, user_id);

comment on table wingman.match_seekers is
'One row for everybody who can be matched; its lock is the first one of every call that changes a match';
comment on column wingman.match_seekers.user_id is 'The user';
comment on column wingman.match_seekers.grid_lat is 'Latitude of the grid point, in hundredths of a degree';
comment on column wingman.match_seekers.grid_lng is
'Longitude of the grid point, in hundredths of a degree; 0 at the poles, 18000 for -18000';
comment on column wingman.match_seekers.level is 'wingman.experience_rank of the profile';
comment on column wingman.match_seekers.max_travel_miles is 'The furthest buddy this person will meet, in miles';
comment on column wingman.match_seekers.waiting_since is
'Start of the wait for a buddy: of two equally near people the longer waiting one is matched first';
comment on column wingman.match_seekers.paused is 'Left out of matching for now';
comment on column wingman.match_seekers.paused_automatically is
'Paused because settings.ghosting_limit offers in a row were left to expire: the next own search ends it';
comment on column wingman.match_seekers.unanswered_offers is
'Offers left to expire since the last one that this person answered';
comment on column wingman.match_seekers.exposures is
'When the searches of others found this person, oldest first, as far back as settings.exposure_window reaches';
comment on column wingman.match_seekers.pending_match_id is
'The one pending match of this person; written by the trigger on wingman_matches alone';
comment on column wingman.match_seekers.is_free is 'Neither paused nor in a pending match: can be found';

revoke all on table wingman.match_seekers from public, anon, authenticated, service_role;
create table public.wingman_matches (
    id uuid constraint wingman_matches_pkey primary key default wingman.new_id(),
    user1_id uuid not null,
    user2_id uuid not null,
    status text not null default 'pending',
    user1_reputation integer not null,
    user2_reputation integer not null,
    distance_miles integer not null,
    responded_by uuid,
    responded_at timestamptz,
    expires_at timestamptz not null,
    ended_at timestamptz,
    created_at timestamptz not null default statement_timestamp(),
    updated_at timestamptz not null default statement_timestamp(),
    searched_by uuid
);

create index wingman_matches_user1_idx on public.wingman_matches (user1_id, id);
create index wingman_matches_user2_idx on public.wingman_matches (user2_id, id);
create index wingman_matches_pair_idx on public.wingman_matches (user1_id, user2_id, created_at);
create index wingman_matches_due_idx on public.wingman_matches (expires_at) where status = 'pending';

-- a few people have thousands of matches: where most have one, the planner would read all of theirs to find a pair
alter table public.wingman_matches alter column user1_id set (n_distinct = -0.05);
alter table public.wingman_matches alter column user2_id set (n_distinct = -0.05);

alter table public.wingman_matches enable row level security;

comment on table public.wingman_matches is
'Every pair ever offered to each other. Bare user ids, no foreign key: a deleted account leaves its partners'' history whole';
comment on column public.wingman_matches.id is 'UUID version 7: newer matches sort later';
comment on column public.wingman_matches.user1_id is 'The participant with the smaller id';
comment on column public.wingman_matches.user2_id is 'The participant with the larger id';
comment on column public.wingman_matches.status is
'pending, accepted, declined or expired; a pending match past expires_at counts as expired';
comment on column public.wingman_matches.user1_reputation is 'Reputation of user1 when the match was made';
comment on column public.wingman_matches.user2_reputation is 'Reputation of user2 when the match was made';
comment on column public.wingman_matches.distance_miles is 'Whole miles, rounded up, at least 1, when the match was made';
comment on column public.wingman_matches.searched_by is
'Whose search found the other one; null for a match that was written by hand';
comment on column public.wingman_matches.responded_by is 'Who accepted or declined';
comment on column public.wingman_matches.responded_at is 'When that was';
comment on column public.wingman_matches.expires_at is 'From this moment on nobody can respond any more';
comment on column public.wingman_matches.ended_at is 'When an accepted match was ended';
comment on column public.wingman_matches.created_at is 'When the match was made';
comment on column public.wingman_matches.updated_at is 'When any column last changed';

revoke all on table public.wingman_matches from public, anon, authenticated, service_role;
grant select on table public.wingman_matches to authenticated, service_role, wingman_admin;
create table wingman.match_searches (
    match_id uuid constraint match_searches_pkey primary key,
    radius_miles integer not null,
    candidate_travel_miles integer not null,
    candidate_waiting_since timestamptz not null,
    candidate_exposures integer not null,
    exposure_limit integer not null,
    level_difference integer not null,
    level_tolerance integer not null,
    rematch_after interval not null
);

comment on table wingman.match_searches is
'What the search that made a match went by, for explain_match; no row for a match that was written by hand';
comment on column wingman.match_searches.match_id is 'The match';
comment on column wingman.match_searches.radius_miles is 'How far the search looked, in miles';
comment on column wingman.match_searches.candidate_travel_miles is 'How far the person found would travel, in miles';
comment on column wingman.match_searches.candidate_waiting_since is 'Since when the person found had been waiting';
comment on column wingman.match_searches.candidate_exposures is
'How often the person found had been found by others within settings.exposure_window';
comment on column wingman.match_searches.exposure_limit is 'settings.exposure_limit at that time';
comment on column wingman.match_searches.level_difference is 'Experience levels between the two';
comment on column wingman.match_searches.level_tolerance is 'Experience levels apart that were allowed';
comment on column wingman.match_searches.rematch_after is 'settings.rematch_after at that time';

revoke all on table wingman.match_searches from public, anon, authenticated, service_role;
create type public.match_rule as (
    rule text,
    passed boolean,
    detail text
);

comment on type public.match_rule is 'One rule of matching and how a match came out of it';
comment on column public.match_rule.rule is
'distance, level, exposure, met_recently, partners, blocked or available';
comment on column public.match_rule.passed is 'Whether the two people met the rule when the match was made';
comment on column public.match_rule.detail is 'The same with its numbers, for people';
create type public.match_explanation as (
    match_id uuid,
    created_at timestamptz,
    searched_by_me boolean,
    distance_miles integer,
    level_difference integer,
    rules public.match_rule [],
    came_first_because text
);

comment on type public.match_explanation is 'Why two people were matched, as it was when the match was made';
comment on column public.match_explanation.match_id is 'The match';
comment on column public.match_explanation.created_at is 'When it was made';
comment on column public.match_explanation.searched_by_me is
'Whether the caller searched and the buddy was found, or the other way round (nullable)';
comment on column public.match_explanation.distance_miles is 'Whole miles, rounded up, at least 1';
comment on column public.match_explanation.level_difference is 'Experience levels between the two (nullable)';
comment on column public.match_explanation.rules is 'Every rule with its outcome; empty for a match that no search made';
comment on column public.match_explanation.came_first_because is 'Why this person and nobody else (nullable)';
create type public.people_count as (
    rule text,
    people integer
);

comment on type public.people_count is 'How many people a rule of matching removed';
comment on column public.people_count.rule is
'unavailable (busy, paused or otherwise not to be had), too_far_for_them, level, met_recently or partners';
comment on column public.people_count.people is 'How many, rounded up to a multiple of three';
create type public.no_match_explanation as (
    radius_miles integer,
    people_near integer,
    removed public.people_count [],
    suggestions text []
);

comment on type public.no_match_explanation is 'Why a search finds nobody, in numbers too coarse to point at anybody';
comment on column public.no_match_explanation.radius_miles is 'The radius looked at';
comment on column public.no_match_explanation.people_near is
'How many people are within it, rounded up to a multiple of three; of more than 1000 the nearest 1000';
comment on column public.no_match_explanation.removed is 'How many of them each rule removed';
comment on column public.no_match_explanation.suggestions is 'What would help, for people; empty when nothing would';
create type public.next_match as (
    match_id uuid,
    buddy_user_id uuid,
    buddy_profile public.buddy_profile
);

comment on type public.next_match is 'The match that follows a declined one';
comment on column public.next_match.match_id is 'The new pending match';
comment on column public.next_match.buddy_user_id is 'The other person';
comment on column public.next_match.buddy_profile is 'What the caller may know of that person';
create type public.match_response as (
    success boolean,
    message text,
    match_status text,
    next_match public.next_match
);

comment on type public.match_response is 'Answer of respond_to_match';
comment on column public.match_response.success is 'Whether the response stands';
comment on column public.match_response.message is 'What happened, for a person to read';
comment on column public.match_response.match_status is 'Status of the match after the call';
comment on column public.match_response.next_match is 'After a decline, the caller''s next match (nullable)';
create type public.automatic_match as (
    success boolean,
    message text,
    match_id uuid,
    buddy_user_id uuid,
    buddy_profile public.buddy_profile,
    distance_miles integer
);

comment on type public.automatic_match is 'Answer of create_automatic_match';
comment on column public.automatic_match.success is 'Whether the caller now has a pending match';
comment on column public.automatic_match.message is 'What happened, for a person to read';
comment on column public.automatic_match.match_id is 'The pending match (nullable)';
comment on column public.automatic_match.buddy_user_id is 'The other person (nullable)';
comment on column public.automatic_match.buddy_profile is 'What the caller may know of that person (nullable)';
comment on column public.automatic_match.distance_miles is
'Whole miles, rounded up, at least 1, when the match was made (nullable)';
create type public.match_details as (
    id uuid,
    status text,
    buddy_user_id uuid,
    buddy_profile public.buddy_profile,
    distance_miles integer,
    responded_by_me boolean,
    responded_at timestamptz,
    expires_at timestamptz,
    ended_at timestamptz,
    created_at timestamptz
);

comment on type public.match_details is 'A match as one of its two people sees it';
comment on column public.match_details.id is 'The match';
comment on column public.match_details.status is 'pending, accepted, declined or expired, as of now';
comment on column public.match_details.buddy_user_id is 'The other person';
comment on column public.match_details.buddy_profile is 'That person''s profile, while they are partners (nullable)';
comment on column public.match_details.distance_miles is 'Whole miles, rounded up, at least 1, when the match was made';
comment on column public.match_details.responded_by_me is 'Whether it was the caller who accepted or declined';
comment on column public.match_details.responded_at is 'When somebody accepted or declined (nullable)';
comment on column public.match_details.expires_at is 'From this moment on nobody can respond any more';
comment on column public.match_details.ended_at is 'When an accepted match was ended (nullable)';
comment on column public.match_details.created_at is 'When the match was made';
create type public.match_event as (
    occurred_at timestamptz,
    event text,
    session_id uuid,
    by_me boolean
);

comment on type public.match_event is 'Something that happened to a match or to one of its sessions';
comment on column public.match_event.occurred_at is 'When';
comment on column public.match_event.event is
'offered, accepted, declined, expired, ended; of a session: session_scheduled, session_started, confirmed, session_completed,
session_cancelled, session_no_show, session_reverted';
comment on column public.match_event.session_id is 'The session (nullable)';
comment on column public.match_event.by_me is 'Whether the caller did it, or the buddy; null: neither of them (nullable)';
create or replace function wingman.match_status_at(status text, expires_at timestamptz, moment timestamptz)
returns text
language sql
immutable
return case when status = 'pending' and expires_at <= moment then 'expired' else status end;

comment on function wingman.match_status_at(text, timestamptz, timestamptz) is
'Effective status of a match at a moment: pending reads as expired from expires_at on, settled or not';
revoke all on function wingman.match_status_at(text, timestamptz, timestamptz) from public, anon, authenticated, service_role;
create or replace function wingman.is_current_match(
    status text,
    expires_at timestamptz,
    ended_at timestamptz,
    moment timestamptz
)
returns boolean
language sql
immutable
return ended_at is null and wingman.match_status_at(status, expires_at, moment) in ('pending', 'accepted');

comment on function wingman.is_current_match(text, timestamptz, timestamptz, timestamptz) is
'Whether a match makes its two people current partners: pending and unexpired, or accepted and not ended';
revoke all on function wingman.is_current_match(text, timestamptz, timestamptz, timestamptz)
from public, anon, authenticated, service_role;
create or replace function wingman.match_buddy(match_id uuid, user_id uuid)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _user1_id uuid;
    _user2_id uuid;
begin
    select m.user1_id, m.user2_id
    into _user1_id, _user2_id
    from public.wingman_matches as m
    where m.id = match_buddy.match_id;

    if not found then
        perform wingman.raise_error('match_not_found');
    end if;

    case match_buddy.user_id
        when _user1_id then
            return _user2_id;
        when _user2_id then
            return _user1_id;
        else
            perform wingman.raise_error('not_match_participant');
            return null;
    end case;
end
$$;

comment on function wingman.match_buddy(uuid, uuid) is
'The buddy of a user in a match. Reads without a lock, since participants never change.
Errors: match_not_found, not_match_participant.';
revoke all on function wingman.match_buddy(uuid, uuid) from public, anon, authenticated, service_role;
create or replace function wingman.pair_obstacle(user_id uuid, other_id uuid, rematch_after interval)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _pair record;
begin
    select
        max(m.created_at) as last_met_at,
        bool_or(m.status = 'accepted' and m.ended_at is null) as are_partners,
        -- two look-ups: an "or" needs a bitmap, which the callers forbid
        exists (
            select
            from public.user_blocks as b
            where b.blocker_id = pair_obstacle.user_id and b.blocked_id = pair_obstacle.other_id
        )
        or exists (
            select
            from public.user_blocks as b
            where b.blocker_id = pair_obstacle.other_id and b.blocked_id = pair_obstacle.user_id
        ) as are_apart
    into _pair
    from public.wingman_matches as m
    where m.user1_id = least(pair_obstacle.user_id, pair_obstacle.other_id)
        and m.user2_id = greatest(pair_obstacle.user_id, pair_obstacle.other_id);

    return case
        when _pair.are_apart then 'blocked'
        when _pair.are_partners then 'partners'
        when _pair.last_met_at > statement_timestamp() - pair_obstacle.rematch_after then 'met_recently'
    end;
end
$$;

comment on function wingman.pair_obstacle(uuid, uuid, interval) is
'What the history of two people has against matching them: blocked (either has blocked the other), partners (an accepted match
that has not ended), met_recently (matched within rematch_after, whatever became of it); null: nothing. Exact while one of
their seekers is locked.';
revoke all on function wingman.pair_obstacle(uuid, uuid, interval) from public, anon, authenticated, service_role;
create or replace function wingman.partners_of(user_id uuid)
returns setof uuid
language plpgsql
stable
rows 5
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select b.id
    from public.wingman_matches as m
    cross join lateral (
        select case when m.user1_id = partners_of.user_id then m.user2_id else m.user1_id end
    ) as b (id)
    where (m.user1_id = partners_of.user_id or m.user2_id = partners_of.user_id)
        and wingman.is_current_match(m.status, m.expires_at, m.ended_at, statement_timestamp())
        and wingman.pair_obstacle(partners_of.user_id, b.id, null) is distinct from 'blocked';
end
$$;

comment on function wingman.partners_of(uuid) is
'Current partners of a user: the people of their current matches, see wingman.is_current_match, with no block
between them';
revoke all on function wingman.partners_of(uuid) from public, anon, authenticated, service_role;
create or replace function wingman.partner_ids()
returns setof uuid
language plpgsql
stable
security definer
rows 5
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select p.id
    from wingman.partners_of(wingman.current_user_id()) as p (id);
end
$$;

comment on function wingman.partner_ids() is 'Current partners of the user of the access token, for policies';
revoke all on function wingman.partner_ids() from public, anon, authenticated, service_role;
grant execute on function wingman.partner_ids() to authenticated;
create or replace function wingman.lock_seekers(user1_id uuid, user2_id uuid default null)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform
    from wingman.match_seekers as s
    where s.user_id in (lock_seekers.user1_id, lock_seekers.user2_id)
    order by s.user_id
    for no key update;
end
$$;

comment on function wingman.lock_seekers(uuid, uuid) is
'First step of the lock order: locks the seekers of one or two people by user_id, waiting up to lock_timeout. A person who
cannot be matched has no row and is not locked.';
revoke all on function wingman.lock_seekers(uuid, uuid) from public, anon, authenticated, service_role;
create or replace function wingman.lock_match(match_id uuid)
returns public.wingman_matches
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches;
begin
    select m.* into _match
    from public.wingman_matches as m
    where m.id = lock_match.match_id
    for no key update;

    return _match;
end
$$;

comment on function wingman.lock_match(uuid) is 'Locks a match and returns it as it is once the lock is held';
revoke all on function wingman.lock_match(uuid) from public, anon, authenticated, service_role;
create or replace function wingman.pending_match_of(user_id uuid)
returns public.wingman_matches
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _match_id uuid;
    _match public.wingman_matches;
begin
    select s.pending_match_id into _match_id from wingman.match_seekers as s where s.user_id = pending_match_of.user_id;
    if _match_id is not null then
        select m.* into _match from public.wingman_matches as m where m.id = _match_id;
    end if;
    return _match;
end
$$;

comment on function wingman.pending_match_of(uuid) is
'The pending match of a user, lapsed or not, or a row of nulls. Exact while the caller holds the user''s seeker: nobody else can
then give or take one.';
revoke all on function wingman.pending_match_of(uuid) from public, anon, authenticated, service_role;
create or replace function wingman.lock_pending_match(seen wingman.match_seekers)
returns wingman.match_seekers
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches;
    _seeker wingman.match_seekers;
begin
    if lock_pending_match.seen.pending_match_id is not null then
        select m.* into strict _match
        from public.wingman_matches as m
        where m.id = lock_pending_match.seen.pending_match_id;
        perform wingman.lock_seekers(_match.user1_id, _match.user2_id);
        perform wingman.lock_match(_match.id);
    end if;

    select s.* into _seeker
    from wingman.match_seekers as s
    where s.user_id = lock_pending_match.seen.user_id
    for no key update;
    return _seeker;
end
$$;

comment on function wingman.lock_pending_match(wingman.match_seekers) is
'Locks a seeker, read before without a lock, and where it has a pending match, its partner''s seeker and that match. Returns the
seeker as it is now, nulls when it has gone. A pending match that came while waiting is another one, and its partner is not
locked.';
revoke all on function wingman.lock_pending_match(wingman.match_seekers) from public, anon, authenticated, service_role;
create or replace function wingman.decline_match(match_id uuid, declined_by uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.wingman_matches as m
    set
        status = 'declined',
        responded_by = decline_match.declined_by,
        responded_at = statement_timestamp()
    where m.id = decline_match.match_id;
end
$$;

comment on function wingman.decline_match(uuid, uuid) is
'Declines a pending match whose seekers and row the caller has locked';
revoke all on function wingman.decline_match(uuid, uuid) from public, anon, authenticated, service_role;
create or replace function wingman.expire_match(match_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.wingman_matches as m
    set status = 'expired'
    where m.id = expire_match.match_id;
end
$$;

comment on function wingman.expire_match(uuid) is 'Settles a lapsed match whose seekers and row the caller has locked';
revoke all on function wingman.expire_match(uuid) from public, anon, authenticated, service_role;
create or replace function wingman.settle_due_matches(max_matches integer, out tried integer, out expired integer)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _due record;
    _status text;
    _seekers integer;
begin
    tried := 0;
    expired := 0;
    for _due in
        select m.id, m.user1_id, m.user2_id
        from public.wingman_matches as m
        where m.status = 'pending' and m.expires_at <= statement_timestamp()
        order by m.expires_at
        limit settle_due_matches.max_matches
    loop
        tried := tried + 1;

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
            expired := expired + 1;
        end if;
    end loop;
end
$$;

comment on function wingman.settle_due_matches(integer) is
'Expires lapsed matches of anybody, max_matches at most and the longest lapsed first, without ever waiting. tried: how many it
looked at; unless none, the caller may hold their locks from then on and must wait for nothing. expired: how many it expired.';
revoke all on function wingman.settle_due_matches(integer) from public, anon, authenticated, service_role;
create type wingman.found_candidate as (
    candidate wingman.match_seekers,
    miles double precision
);

comment on type wingman.found_candidate is 'Whom wingman.find_candidate found';
comment on column wingman.found_candidate.candidate is 'The seeker to offer (nullable)';
comment on column wingman.found_candidate.miles is 'How far away, between grid points (nullable)';
create type wingman.search_outcome as (
    match public.wingman_matches,
    contended boolean
);

comment on type wingman.search_outcome is 'What a search came to';
comment on column wingman.search_outcome.match is 'The match made; nulls when nobody was found (nullable)';
comment on column wingman.search_outcome.contended is
'Nobody was found, but somebody eligible was locked by another call, so that "none" would be a guess';
create or replace function wingman.level_tolerance(waiting_since timestamptz, moment timestamptz, relaxation interval)
returns integer
language sql
immutable
return 1 + greatest(0, floor(extract(epoch from moment - waiting_since) / extract(epoch from relaxation)))::integer;

comment on function wingman.level_tolerance(timestamptz, timestamptz, interval) is
'How many experience levels apart a buddy may be at a moment, after waiting since another: 1, and one more for each
settings.level_relaxation of it. relaxation null: always 1.';
revoke all on function wingman.level_tolerance(timestamptz, timestamptz, interval)
from public, anon, authenticated, service_role;
create or replace function wingman.recent_exposures(exposures timestamptz[], exposure_window interval)
returns timestamptz[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _first integer := 1;
begin
    -- the oldest come first, and few lapse from one call to the next
    while recent_exposures.exposures[_first] <= statement_timestamp() - recent_exposures.exposure_window loop
        _first := _first + 1;
    end loop;
    return recent_exposures.exposures[_first:];
end
$$;

comment on function wingman.recent_exposures(timestamptz[], interval) is
'Those of a person''s exposures, oldest first, that lie within the window. One as old as the window does not count any more.';
revoke all on function wingman.recent_exposures(timestamptz[], interval) from public, anon, authenticated, service_role;
create or replace function wingman.match_obstacle(
    seeker wingman.match_seekers,
    candidate wingman.match_seekers,
    miles double precision,
    radius_miles integer,
    settings wingman.settings
)
returns text
language sql
stable
return case
    when (candidate).paused then 'paused'
    when (candidate).pending_match_id is not null then 'has_pending_match'
    when miles > radius_miles::double precision then 'too_far'
    when miles > (candidate).max_travel_miles::double precision then 'too_far_for_them'
    when abs((seeker).level - (candidate).level) > wingman.level_tolerance(
        least((seeker).waiting_since, (candidate).waiting_since), statement_timestamp(), (settings).level_relaxation
    ) then 'level'
    when
        cardinality((candidate).exposures) >= (settings).exposure_limit
        and cardinality(wingman.recent_exposures((candidate).exposures, (settings).exposure_window))
        >= (settings).exposure_limit
        then 'found_often'
    else wingman.pair_obstacle((seeker).user_id, (candidate).user_id, (settings).rematch_after)
end;

comment on function wingman.match_obstacle(
    wingman.match_seekers, wingman.match_seekers, double precision, integer, wingman.settings
) is
'The first rule that keeps a candidate, so many miles away, from being offered to a seeker who searches within a radius; null when
none does. Every rule of matching stands here: paused, has_pending_match, too_far, too_far_for_them, level, found_often
(settings.exposure_limit), and those of wingman.pair_obstacle. Exact for a candidate while both rows are locked.';
revoke all on function wingman.match_obstacle(
    wingman.match_seekers, wingman.match_seekers, double precision, integer, wingman.settings
) from public, anon, authenticated, service_role;
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
        offset 0
    ) as d (miles)
    where d.miles > cells_near.further_than and d.miles <= cells_near.up_to
    order by d.miles;
end
$$;

comment on function wingman.cells_near(integer, integer, integer, integer) is
'The occupied cells further than so many miles from a grid point, and up to so many, nearest first';
revoke all on function wingman.cells_near(integer, integer, integer, integer) from public, anon, authenticated, service_role;
create or replace function wingman.first_in_cell(
    seeker wingman.match_seekers,
    grid_lat integer,
    grid_lng integer,
    miles double precision,
    radius_miles integer,
    settings wingman.settings,
    passed_over uuid[]
)
returns wingman.match_seekers
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- the index holds the people of a cell in order: sorting them would mean to read them all
set enable_bitmapscan = off
set enable_sort = off
as $$
declare
    _seeker wingman.match_seekers := first_in_cell.seeker;
    _first wingman.match_seekers;
begin
    select s.* into _first
    from wingman.match_seekers as s
    where s.grid_lat = first_in_cell.grid_lat
        and s.grid_lng = first_in_cell.grid_lng
        and s.is_free
        and s.user_id <> _seeker.user_id
        and s.user_id <> all(first_in_cell.passed_over)
        and wingman.match_obstacle(_seeker, s, first_in_cell.miles, first_in_cell.radius_miles, first_in_cell.settings) is null
    order by s.waiting_since, s.user_id
    limit 1;

    return _first;
end
$$;

comment on function wingman.first_in_cell(
    wingman.match_seekers, integer, integer, double precision, integer, wingman.settings, uuid[]
) is
'Of the people at a grid point, so many miles from a seeker, without a wingman.match_obstacle the longest waiting one, then the
one with the smallest id; nulls when there is none. passed_over: people to leave out. Reads only who waits longer than the one found.';
revoke all on function wingman.first_in_cell(
    wingman.match_seekers, integer, integer, double precision, integer, wingman.settings, uuid[]
) from public, anon, authenticated, service_role;
create or replace function wingman.find_candidate(
    seeker wingman.match_seekers,
    radius_miles integer,
    settings wingman.settings,
    passed_over uuid[]
)
returns wingman.found_candidate
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.match_seekers := find_candidate.seeker;
    _radius integer := find_candidate.radius_miles;
    -- the ring of cells looked at: further than _inner, up to _outer miles
    _inner integer := 0;
    _outer integer := 2;
    _cell record;
    _first wingman.match_seekers;
    _candidate wingman.match_seekers;
    _miles double precision;
begin
    _candidate := wingman.first_in_cell(
        _seeker, _seeker.grid_lat, _seeker.grid_lng, 0, _radius, find_candidate.settings, find_candidate.passed_over
    );
    if _candidate.user_id is not null then
        _miles := 0;
    end if;

    while _candidate.user_id is null and _inner < _radius loop
        _outer := least(_outer, _radius);
        for _cell in
            select k.grid_lat, k.grid_lng, k.miles
            from wingman.cells_near(_seeker.grid_lat, _seeker.grid_lng, _inner, _outer) as k
        loop
            -- cells come nearest first: only one equally near can still hold somebody who waits longer
            exit when _candidate.user_id is not null and _cell.miles > _miles;

            _first := wingman.first_in_cell(
                _seeker,
                _cell.grid_lat,
                _cell.grid_lng,
                _cell.miles,
                _radius,
                find_candidate.settings,
                find_candidate.passed_over
            );
            if (_first.waiting_since, _first.user_id) < (_candidate.waiting_since, _candidate.user_id)
                or (_candidate.user_id is null and _first.user_id is not null)
            then
                _candidate := _first;
                _miles := _cell.miles;
            end if;
        end loop;
        _inner := _outer;
        _outer := 4 * _outer;
    end loop;
    return row(_candidate, _miles)::wingman.found_candidate;
end
$$;

comment on function wingman.find_candidate(wingman.match_seekers, integer, wingman.settings, uuid[]) is
'The person to offer to a seeker within a radius: of all without a wingman.match_obstacle the closest, then longest waiting, then
smallest id; nulls when there is none. passed_over: people to leave out. Looks at rings of cells, each four times as wide as
the one before, until somebody is found, and reads only people who are nearer or wait longer than that one. Locks nothing.';
revoke all on function wingman.find_candidate(wingman.match_seekers, integer, wingman.settings, uuid[])
from public, anon, authenticated, service_role;
create or replace function wingman.create_match(
    seeker wingman.match_seekers,
    candidate wingman.match_seekers,
    miles double precision,
    radius_miles integer,
    settings wingman.settings
)
returns public.wingman_matches
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.match_seekers := create_match.seeker;
    _candidate wingman.match_seekers := create_match.candidate;
    _settings wingman.settings := create_match.settings;
    _id uuid := wingman.new_id();
    _match public.wingman_matches;
begin
    with search as (
        insert into wingman.match_searches (
            match_id,
            radius_miles,
            candidate_travel_miles,
            candidate_waiting_since,
            candidate_exposures,
            exposure_limit,
            level_difference,
            level_tolerance,
            rematch_after
        )
        values (
            _id,
            create_match.radius_miles,
            _candidate.max_travel_miles,
            _candidate.waiting_since,
            cardinality(wingman.recent_exposures(_candidate.exposures, _settings.exposure_window)),
            _settings.exposure_limit,
            abs(_seeker.level - _candidate.level),
            wingman.level_tolerance(
                least(_seeker.waiting_since, _candidate.waiting_since), statement_timestamp(), _settings.level_relaxation
            ),
            _settings.rematch_after
        )
    )

    insert into public.wingman_matches as m (
        id, user1_id, user2_id, user1_reputation, user2_reputation, distance_miles, searched_by, expires_at
    )
    select
        _id,
        p1.id,
        p2.id,
        p1.reputation_score,
        p2.reputation_score,
        wingman.shown_miles(create_match.miles),
        _seeker.user_id,
        statement_timestamp() + _settings.match_lifetime
    from public.user_profiles as p1
    cross join public.user_profiles as p2
    where p1.id = least(_seeker.user_id, _candidate.user_id) and p2.id = greatest(_seeker.user_id, _candidate.user_id)
    returning m.* into _match;

    return _match;
end
$$;

comment on function wingman.create_match(
    wingman.match_seekers, wingman.match_seekers, double precision, integer, wingman.settings
) is
'Writes a pending match between a seeker and the candidate whom its search found, both rows locked by the caller, and what the
search went by. Returns the match.';
revoke all on function wingman.create_match(
    wingman.match_seekers, wingman.match_seekers, double precision, integer, wingman.settings
) from public, anon, authenticated, service_role;
create or replace function wingman.match_nearest(
    seeker wingman.match_seekers,
    radius_miles integer,
    may_wait boolean,
    settings wingman.settings
)
returns wingman.search_outcome
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.match_seekers := match_nearest.seeker;
    _found wingman.found_candidate;
    _locked wingman.match_seekers;
    _passed_over uuid[] := '{}'::uuid[];
    _may_wait boolean := match_nearest.may_wait;
    _wait_for uuid;
    _outcome wingman.search_outcome;
begin
    loop
        _found := wingman.find_candidate(
            _seeker, match_nearest.radius_miles, match_nearest.settings, _passed_over
        );

        if (_found.candidate).user_id is null then
            _outcome.contended := _passed_over <> '{}';
            exit when _wait_for is null or not _may_wait;
            -- everybody eligible is locked: wait for one above us, so that no two seekers wait for each other
            perform wingman.lock_seekers(_wait_for);
            _may_wait := false;
            _passed_over := '{}';
            continue;
        end if;

        select s.* into _locked
        from wingman.match_seekers as s
        where s.user_id = (_found.candidate).user_id
        for no key update skip locked;
        if not found then
            _passed_over := _passed_over || (_found.candidate).user_id;
            if (_found.candidate).user_id > _seeker.user_id then
                _wait_for := least(_wait_for, (_found.candidate).user_id);
            end if;
            continue;
        end if;

        -- a row is held now besides the own one: waiting could close a circle
        _may_wait := false;
        if _locked is not distinct from _found.candidate then
            _outcome := row(
                wingman.create_match(_seeker, _locked, _found.miles, match_nearest.radius_miles, match_nearest.settings),
                false
            );
            exit;
        end if;
        -- changed since the search, but not any more: the next search sees it as it is
    end loop;
    return _outcome;
end
$$;

comment on function wingman.match_nearest(wingman.match_seekers, integer, boolean, wingman.settings) is
'Matches a seeker, whose row the caller has locked and read since, with the nearest person eligible. may_wait: the own row is the
only lock held, so that it may wait for another.';
revoke all on function wingman.match_nearest(wingman.match_seekers, integer, boolean, wingman.settings)
from public, anon, authenticated, service_role;
create or replace function wingman.match_again(user_id uuid)
returns public.wingman_matches
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.match_seekers;
    _settings wingman.settings;
begin
    select s.* into _seeker from wingman.match_seekers as s where s.user_id = match_again.user_id;
    if not found or _seeker.paused then
        return null;
    end if;

    select t.* into strict _settings from wingman.settings as t;
    perform wingman.settle_due_matches(_settings.settle_limit);
    -- both seekers of the declined match are held: wait for nobody, and take "none" and "busy" alike
    return (wingman.match_nearest(_seeker, _seeker.max_travel_miles, false, _settings)).match;
end
$$;

comment on function wingman.match_again(uuid) is
'Tries to give a user, who has just declined, the next match within their own travel distance; nulls where there is none. Never
fails.';
revoke all on function wingman.match_again(uuid) from public, anon, authenticated, service_role;
create or replace function wingman.next_match_of(match public.wingman_matches, user_id uuid)
returns public.next_match
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches := next_match_of.match;
    _buddy_id uuid;
begin
    if _match.id is null
        or wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp()) = 'expired'
    then
        return null;
    end if;

    _buddy_id := case when _match.user1_id = next_match_of.user_id then _match.user2_id else _match.user1_id end;
    return row(_match.id, _buddy_id, wingman.buddy_profile_of(_buddy_id))::public.next_match;
end
$$;

comment on function wingman.next_match_of(public.wingman_matches, uuid) is
'The pending match of a user, as wingman.pending_match_of gives it, as this user sees it; null without one and for a lapsed one';
revoke all on function wingman.next_match_of(public.wingman_matches, uuid) from public, anon, authenticated, service_role;
create or replace function wingman.automatic_match_of(match public.wingman_matches, user_id uuid, message text)
returns public.automatic_match
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _next public.next_match := wingman.next_match_of(automatic_match_of.match, automatic_match_of.user_id);
begin
    return row(
        true,
        automatic_match_of.message,
        _next.match_id,
        _next.buddy_user_id,
        _next.buddy_profile,
        automatic_match_of.match.distance_miles
    )::public.automatic_match;
end
$$;

comment on function wingman.automatic_match_of(public.wingman_matches, uuid, text) is
'The pending match of a user as the successful answer of create_automatic_match';
revoke all on function wingman.automatic_match_of(public.wingman_matches, uuid, text)
from public, anon, authenticated, service_role;
create or replace function wingman.match_response_of(
    user_id uuid,
    match_status text,
    next_match public.wingman_matches default null
)
returns public.match_response
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _next public.next_match := wingman.next_match_of(match_response_of.next_match, match_response_of.user_id);
begin
    return row(
        true,
        case
            when match_response_of.match_status = 'accepted'
                then 'Match accepted! You can now schedule a session with your wingman buddy.'
            when _next is null then 'Match declined.'
            else 'Match declined. Here''s your next potential wingman buddy!'
        end,
        match_response_of.match_status,
        _next
    )::public.match_response;
end
$$;

comment on function wingman.match_response_of(uuid, text, public.wingman_matches) is
'The answer of respond_to_match to a user whose match now has this status, first or repeated. next_match: the pending match of
that user after a decline.';
revoke all on function wingman.match_response_of(uuid, text, public.wingman_matches)
from public, anon, authenticated, service_role;
create or replace function wingman.repeat_response(match_id uuid, action text, answer text, user_id uuid)
returns public.wingman_matches
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches;
    _status text;
begin
    perform wingman.known_user_id(repeat_response.user_id);
    perform wingman.require_argument('match_id', repeat_response.match_id is not null);
    perform wingman.require_argument('action', repeat_response.action is not null);
    if repeat_response.answer is null then
        perform wingman.raise_error('invalid_action');
    end if;

    perform wingman.match_buddy(repeat_response.match_id, repeat_response.user_id);
    _match := wingman.lock_match(repeat_response.match_id);
    _status := wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp());
    case _status
        when repeat_response.answer then
            null;
        when 'expired' then
            perform wingman.raise_error('match_expired');
        when 'pending' then
            -- came while this call waited
            perform wingman.raise_error('busy');
        else
            perform wingman.raise_error('match_already_resolved', jsonb_build_object('status', _status));
    end case;

    if _status = 'declined' then
        return wingman.pending_match_of(repeat_response.user_id);
    end if;
    return null;
end
$$;

comment on function wingman.repeat_response(uuid, text, text, uuid) is
'What respond_to_match does for a match that cannot be answered any more: nothing when the answer is the one it has. Returns the
caller''s pending match after a decline, else nulls. answer: the status that action asks for, null for none.
Errors: profile_incomplete, user_not_found, missing_argument, invalid_action, match_not_found, not_match_participant,
match_expired, match_already_resolved, busy.';
revoke all on function wingman.repeat_response(uuid, text, text, uuid) from public, anon, authenticated, service_role;
create or replace function wingman.match_details_of(match_id uuid, user_id uuid)
returns public.match_details
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches;
    _buddy_id uuid;
    _buddy public.buddy_profile;
begin
    select m.* into strict _match from public.wingman_matches as m where m.id = match_details_of.match_id;

    _buddy_id := case when _match.user1_id = match_details_of.user_id then _match.user2_id else _match.user1_id end;
    if exists (select from wingman.partners_of(match_details_of.user_id) as p (id) where p.id = _buddy_id) then
        _buddy := wingman.buddy_profile_of(_buddy_id);
    end if;

    return row(
        _match.id,
        wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp()),
        _buddy_id,
        _buddy,
        _match.distance_miles,
        _match.responded_by is not distinct from match_details_of.user_id,
        _match.responded_at,
        _match.expires_at,
        _match.ended_at,
        _match.created_at
    )::public.match_details;
end
$$;

comment on function wingman.match_details_of(uuid, uuid) is 'A match as this one of its two people sees it';
revoke all on function wingman.match_details_of(uuid, uuid) from public, anon, authenticated, service_role;
create or replace function wingman.end_automatic_pause(user_id uuid)
returns wingman.match_seekers
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.match_seekers;
begin
    update wingman.match_seekers as s
    set paused = false, paused_automatically = false, unanswered_offers = 0
    where s.user_id = end_automatic_pause.user_id and s.paused_automatically;

    select s.* into strict _seeker from wingman.match_seekers as s where s.user_id = end_automatic_pause.user_id;
    return _seeker;
end
$$;

comment on function wingman.end_automatic_pause(uuid) is
'Ends an automatic pause, if there is one, of a user whose seeker the caller has locked. Returns the seeker as it is then.';
revoke all on function wingman.end_automatic_pause(uuid) from public, anon, authenticated, service_role;
create or replace function wingman.obstacles_near(user_id uuid, radius_miles integer)
returns table (obstacle text, people bigint, nearest_miles integer)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.match_seekers;
    _settings wingman.settings;
begin
    select s.* into strict _seeker from wingman.match_seekers as s where s.user_id = obstacles_near.user_id;
    select t.* into strict _settings from wingman.settings as t;

    return query
    select o.obstacle, count(*), wingman.shown_miles(min(o.miles))
    from (
        select
            n.miles,
            -- a block comes before all else, as a pause does: whom it keeps out cannot tell the one from the other
            case wingman.pair_obstacle(_seeker.user_id, (n.candidate).user_id, null)
                when 'blocked' then 'blocked'
                else wingman.match_obstacle(_seeker, n.candidate, n.miles, obstacles_near.radius_miles, _settings)
            end as obstacle
        from (
            -- cell by cell, so that nobody behind the last one counted is read
            select p.candidate, c.miles
            from (
                select k.grid_lat, k.grid_lng, k.miles
                from wingman.cells_near(_seeker.grid_lat, _seeker.grid_lng, -1, obstacles_near.radius_miles) as k
                order by k.miles
                offset 0
            ) as c
            cross join lateral (
                select s as candidate
                from wingman.match_seekers as s
                where s.grid_lat = c.grid_lat and s.grid_lng = c.grid_lng and s.user_id <> _seeker.user_id
                offset 0
            ) as p
            order by c.miles
            limit 1000
        ) as n
    ) as o
    group by o.obstacle
    order by count(*) desc, o.obstacle;
end
$$;

comment on function wingman.obstacles_near(uuid, integer) is
'How many people within a radius each wingman.match_obstacle keeps from being offered to a user, who must have a seeker, and how
near the nearest of them is; obstacle null: nothing does. Counts the 1000 nearest people at most.';
revoke all on function wingman.obstacles_near(uuid, integer) from public, anon, authenticated, service_role;
create or replace function wingman.coarse_count(people bigint)
returns integer
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return ((coarse_count.people + 2) / 3 * 3)::integer;
end
$$;

comment on function wingman.coarse_count(bigint) is
'A number of people as anybody may know it: rounded up to a multiple of three, so that no single person shows';
revoke all on function wingman.coarse_count(bigint) from public, anon, authenticated, service_role;
create or replace function wingman.match_suggestions(
    seeker wingman.match_seekers,
    radius_miles integer,
    removed public.people_count[]
)
returns text[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _settings wingman.settings;
    _rules text[] := array(select r.rule from unnest(match_suggestions.removed) as r);
    _suggestions text[] := '{}'::text[];
    _miles double precision;
    _wider integer;
    _people bigint;
begin
    select t.* into strict _settings from wingman.settings as t;

    if match_suggestions.seeker.pending_match_id is not null then
        _suggestions := _suggestions || 'Answer your pending match: until then there is no other one'::text;
    end if;
    if match_suggestions.seeker.paused then
        _suggestions := _suggestions || 'Resume matching'::text;
    end if;

    select f.miles into _miles from wingman.find_candidate(match_suggestions.seeker, 100, _settings, '{}') as f;
    if _miles <= match_suggestions.radius_miles then
        return _suggestions || 'Search now: somebody within this radius fits'::text;
    end if;
    if _miles is not null then
        _wider := (wingman.shown_miles(_miles) + 9) / 10 * 10;
        select greatest(1, coalesce(sum(o.people), 0)::bigint)
        into _people
        from wingman.obstacles_near(match_suggestions.seeker.user_id, _wider) as o
        where o.obstacle is null;
        _suggestions := _suggestions
            || format('Search wider: %s people within %s miles', wingman.coarse_count(_people), _wider);
    end if;
    if 'unavailable' = any(_rules) then
        _suggestions := _suggestions || 'Search again later: some people near you are busy at the moment'::text;
    end if;
    if 'met_recently' = any(_rules) then
        _suggestions := _suggestions || format(
            'Search again later: after %s hours you can be matched again with people whom you were matched with',
            round(extract(epoch from _settings.rematch_after) / 3600)
        );
    end if;
    if 'level' = any(_rules) and _settings.level_relaxation is not null then
        _suggestions := _suggestions || format(
            'Keep waiting: every %s hours one more experience level apart is allowed',
            round(extract(epoch from _settings.level_relaxation) / 3600)
        );
    end if;
    return _suggestions;
end
$$;

comment on function wingman.match_suggestions(wingman.match_seekers, integer, public.people_count[]) is
'What would help a seeker who finds nobody within a radius, best first, for people. removed: what wingman.why_no_match counted.';
revoke all on function wingman.match_suggestions(wingman.match_seekers, integer, public.people_count[])
from public, anon, authenticated, service_role;

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
'The first rule that a session''s texts break, or null. The table''s trigger, create_session and cancel_session ask here.';
revoke all on function wingman.session_violation(text, text, text) from public, anon, authenticated, service_role;
create or replace function wingman.is_active_session(status text)
returns boolean
language sql
immutable
return status in ('scheduled', 'in_progress');

comment on function wingman.is_active_session(text) is
'Whether a session in this status is still going to happen or happening: it can be confirmed and cancelled, and its match cannot
have another one';
revoke all on function wingman.is_active_session(text) from public, anon, authenticated, service_role;
-- whoever reads a view of wingman_admin plans with it
grant execute on function wingman.is_active_session(text) to service_role, wingman_admin;
create table public.wingman_sessions (
    id uuid constraint wingman_sessions_pkey primary key default wingman.new_id(),
    match_id uuid not null
    constraint wingman_sessions_match_id_fkey references public.wingman_matches (id),
    venue_name text not null,
    scheduled_time timestamptz not null,
    notes text,
    status text not null default 'scheduled',
    user1_completed_confirmed_by_user2 boolean not null default false,
    user2_completed_confirmed_by_user1 boolean not null default false,
    completed_at timestamptz,
    cancelled_by uuid,
    cancellation_reason text,
    created_at timestamptz not null default statement_timestamp(),
    updated_at timestamptz not null default statement_timestamp(),
    reverted_at timestamptz
);

create index wingman_sessions_match_idx on public.wingman_sessions (match_id, id);
create unique index wingman_sessions_one_active_idx on public.wingman_sessions (match_id)
where wingman.is_active_session(status);

alter table public.wingman_sessions enable row level security;

comment on table public.wingman_sessions is 'Meetings of two matched people; each confirms that the other one completed it';
comment on column public.wingman_sessions.id is 'UUID version 7: newer sessions sort later';
comment on column public.wingman_sessions.match_id is 'The match whose two people meet';
comment on column public.wingman_sessions.venue_name is 'Where they meet, 1 to 200 characters';
comment on column public.wingman_sessions.scheduled_time is 'When they meet; confirmations count from then on';
comment on column public.wingman_sessions.notes is 'What they agreed, at most 2000 characters';
comment on column public.wingman_sessions.status is 'scheduled, in_progress, completed, cancelled or no_show';
comment on column public.wingman_sessions.user1_completed_confirmed_by_user2 is 'user2 says that user1 completed the session';
comment on column public.wingman_sessions.user2_completed_confirmed_by_user1 is 'user1 says that user2 completed the session';
comment on column public.wingman_sessions.completed_at is 'When the second confirmation came';
comment on column public.wingman_sessions.cancelled_by is 'Who cancelled it, ended the match or deleted the account';
comment on column public.wingman_sessions.cancellation_reason is 'Why, at most 500 characters';
comment on column public.wingman_sessions.reverted_at is
'When an operator took back what a completed session or a no-show gave to reputations; its status stays';
comment on column public.wingman_sessions.created_at is 'When it was scheduled';
comment on column public.wingman_sessions.updated_at is 'When any column last changed';

revoke all on table public.wingman_sessions from public, anon, authenticated, service_role;
grant select on table public.wingman_sessions to authenticated, service_role, wingman_admin;
create or replace function wingman.decision_violation(reason text)
returns wingman.violation
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if decision_violation.reason !~ '[^[:space:]]' or char_length(decision_violation.reason) > 500 then
        return row('reason', 'must be 1 to 500 characters')::wingman.violation;
    end if;
    return null;
end
$$;

comment on function wingman.decision_violation(text) is
'The rule that the reason of a decision about a session breaks, or null. The table''s constraint, revert_completion and
mark_no_show ask here.';
revoke all on function wingman.decision_violation(text) from public, anon, authenticated, service_role;
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
'What operators decided about sessions, and why; append-only. What it did to reputations stands in reputation_events';
comment on column wingman.session_decisions.session_id is 'The session';
comment on column wingman.session_decisions.decision is 'no_show: mark_no_show; reverted: revert_completion';
comment on column wingman.session_decisions.reason is 'Why, in the operator''s words, 1 to 500 characters';
comment on column wingman.session_decisions.decided_by is 'The login of the operator';
comment on column wingman.session_decisions.created_at is 'When it was decided';

revoke all on table wingman.session_decisions from public, anon, authenticated, service_role;
create type public.session_details as (
    id uuid,
    match_id uuid,
    buddy_user_id uuid,
    venue_name text,
    scheduled_time timestamptz,
    notes text,
    status text,
    i_confirmed_buddy boolean,
    buddy_confirmed_me boolean,
    both_confirmed boolean,
    completed_at timestamptz,
    created_at timestamptz
);

comment on type public.session_details is 'A session as one of its two people sees it';
comment on column public.session_details.id is 'The session';
comment on column public.session_details.match_id is 'Its match';
comment on column public.session_details.buddy_user_id is 'The other person';
comment on column public.session_details.venue_name is 'Where they meet';
comment on column public.session_details.scheduled_time is 'When they meet';
comment on column public.session_details.notes is 'What they agreed (nullable)';
comment on column public.session_details.status is 'scheduled, in_progress, completed, cancelled or no_show';
comment on column public.session_details.i_confirmed_buddy is 'Whether the caller confirmed the buddy''s completion';
comment on column public.session_details.buddy_confirmed_me is 'Whether the buddy confirmed the caller''s completion';
comment on column public.session_details.both_confirmed is 'Whether both confirmations are given';
comment on column public.session_details.completed_at is 'When the second confirmation came (nullable)';
comment on column public.session_details.created_at is 'When it was scheduled';
create type public.session_confirmation as (
    success boolean,
    message text,
    session_status text,
    both_confirmed boolean,
    reputation_updated boolean,
    user_reputation_delta integer
);

comment on type public.session_confirmation is 'Answer of confirm_session_completion';
comment on column public.session_confirmation.success is 'Whether the confirmation was recorded';
comment on column public.session_confirmation.message is 'What happened, for a person to read';
comment on column public.session_confirmation.session_status is 'Status of the session after the call';
comment on column public.session_confirmation.both_confirmed is 'Whether both confirmations are given';
comment on column public.session_confirmation.reputation_updated is 'Whether this call raised both reputations';
comment on column public.session_confirmation.user_reputation_delta is
'What the caller gained by this call: 1 or 0 completed sessions';
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
        when new.reverted_at is distinct from old.reverted_at
            and (old.reverted_at is not null or (old.status in ('completed', 'no_show')) is not true)
            then 'revert'
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
                when 'revert' then 'A completed session or a no-show is reverted once, and stays so'
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
three terminal; confirmations are only given, only while the session is active; completed and no_show may be reverted once. Holds for direct SQL. No CHECK constraints: an
update would read their text anew each time, at a quarter of the cost of a confirmation.';
revoke all on function wingman.guard_session() from public, anon, authenticated, service_role;
create or replace function wingman.check_session()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if wingman.session_violation(new.venue_name, new.notes, new.cancellation_reason) is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_rules',
            message = 'A text of this session is too short or too long';
    elsif not isfinite(new.scheduled_time) then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_time_check',
            message = 'A session takes place at some time';
    end if;
    return new;
end
$$;

comment on function wingman.check_session() is 'Trigger: the rules of a session''s texts and time, when they are written';
revoke all on function wingman.check_session() from public, anon, authenticated, service_role;
create trigger guard_session before insert or update on public.wingman_sessions
for each row execute function wingman.guard_session();

create trigger check_session
before insert or update of venue_name, notes, cancellation_reason, scheduled_time on public.wingman_sessions
for each row execute function wingman.check_session();
create or replace function wingman.session_buddy(session_id uuid, user_id uuid)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _user1_id uuid;
    _user2_id uuid;
begin
    select m.user1_id, m.user2_id
    into _user1_id, _user2_id
    from public.wingman_sessions as s
    inner join public.wingman_matches as m on m.id = s.match_id
    where s.id = session_buddy.session_id;

    if not found then
        perform wingman.raise_error('session_not_found');
    end if;

    case session_buddy.user_id
        when _user1_id then
            return _user2_id;
        when _user2_id then
            return _user1_id;
        else
            perform wingman.raise_error('not_session_participant');
            return null;
    end case;
end
$$;

comment on function wingman.session_buddy(uuid, uuid) is
'The buddy of a user in a session. Reads without a lock, since participants never change.
Errors: session_not_found, not_session_participant.';
revoke all on function wingman.session_buddy(uuid, uuid) from public, anon, authenticated, service_role;
create or replace function wingman.lock_session(session_id uuid)
returns public.wingman_sessions
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _session public.wingman_sessions;
begin
    select s.* into _session
    from public.wingman_sessions as s
    where s.id = lock_session.session_id
    for no key update;

    return _session;
end
$$;

comment on function wingman.lock_session(uuid) is 'Locks a session and returns it as it is once the lock is held';
revoke all on function wingman.lock_session(uuid) from public, anon, authenticated, service_role;
create or replace function wingman.session_details_of(session_id uuid, user_id uuid)
returns public.session_details
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _details public.session_details;
begin
    select
        s.id,
        s.match_id,
        case when me.is_user1 then m.user2_id else m.user1_id end,
        s.venue_name,
        s.scheduled_time,
        s.notes,
        s.status,
        case when me.is_user1 then s.user2_completed_confirmed_by_user1 else s.user1_completed_confirmed_by_user2 end,
        case when me.is_user1 then s.user1_completed_confirmed_by_user2 else s.user2_completed_confirmed_by_user1 end,
        s.user1_completed_confirmed_by_user2 and s.user2_completed_confirmed_by_user1,
        s.completed_at,
        s.created_at
    into _details
    from public.wingman_sessions as s
    inner join public.wingman_matches as m on m.id = s.match_id
    cross join lateral (select m.user1_id = session_details_of.user_id) as me (is_user1)
    where s.id = session_details_of.session_id;

    return _details;
end
$$;

comment on function wingman.session_details_of(uuid, uuid) is 'A session as this one of its two people sees it';
revoke all on function wingman.session_details_of(uuid, uuid) from public, anon, authenticated, service_role;
create or replace function wingman.confirmation_obstacle(
    session public.wingman_sessions,
    match public.wingman_matches,
    user_id uuid,
    buddy_user_id uuid
)
returns text
language sql
stable
return case
    when user_id not in ((match).user1_id, (match).user2_id) then 'not_session_participant'
    when buddy_user_id = user_id then 'self_confirmation'
    when buddy_user_id not in ((match).user1_id, (match).user2_id) then 'buddy_not_in_session'
    when case user_id
        when (match).user1_id then (session).user2_completed_confirmed_by_user1
        else (session).user1_completed_confirmed_by_user2
    end then 'already_confirmed'
    when not wingman.is_active_session((session).status) then 'session_not_confirmable'
    when (session).scheduled_time > statement_timestamp() then 'session_not_started'
end;

comment on function wingman.confirmation_obstacle(public.wingman_sessions, public.wingman_matches, uuid, uuid) is
'What keeps a user from confirming that the buddy completed a session, as the name of the error; null when nothing does.
buddy_user_id: whom the user names, or null. Every rule of confirming stands here. Exact while the session is locked.';
revoke all on function wingman.confirmation_obstacle(public.wingman_sessions, public.wingman_matches, uuid, uuid)
from public, anon, authenticated, service_role;
create or replace function wingman.refuse_confirmation(session_id uuid, buddy_user_id uuid, user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _session public.wingman_sessions;
    _obstacle text;
    _context jsonb := '{}'::jsonb;
begin
    perform wingman.known_user_id(refuse_confirmation.user_id);
    perform wingman.require_argument('session_id', refuse_confirmation.session_id is not null);

    _session := wingman.lock_session(refuse_confirmation.session_id);
    if _session.id is null then
        perform wingman.raise_error('session_not_found');
    end if;
    select wingman.confirmation_obstacle(
        _session, m, refuse_confirmation.user_id, refuse_confirmation.buddy_user_id
    )
    into strict _obstacle
    from public.wingman_matches as m
    where m.id = _session.match_id;

    case _obstacle
        when 'already_confirmed' then
            _context := jsonb_build_object(
                'state', wingman.session_details_of(_session.id, refuse_confirmation.user_id)
            );
        when 'session_not_confirmable' then
            _context := jsonb_build_object('status', _session.status);
        when 'session_not_started' then
            _context := jsonb_build_object('time', wingman.utc_text(_session.scheduled_time));
        else
            null;
    end case;
    -- gone while this call waited
    perform wingman.raise_error(coalesce(_obstacle, 'busy'), _context);
end
$$;

comment on function wingman.refuse_confirmation(uuid, uuid, uuid) is
'Raises what kept a user from confirming a session, by wingman.confirmation_obstacle. Errors: profile_incomplete, user_not_found,
missing_argument, session_not_found, not_session_participant, self_confirmation, buddy_not_in_session, already_confirmed,
session_not_confirmable, session_not_started, busy.';
revoke all on function wingman.refuse_confirmation(uuid, uuid, uuid) from public, anon, authenticated, service_role;
create or replace function wingman.cancel_active_session(match_id uuid, cancelled_by uuid, reason text default null)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.wingman_sessions as s
    set
        status = 'cancelled',
        cancelled_by = cancel_active_session.cancelled_by,
        cancellation_reason = cancel_active_session.reason
    where s.match_id = cancel_active_session.match_id and wingman.is_active_session(s.status);
end
$$;

comment on function wingman.cancel_active_session(uuid, uuid, text) is 'Cancels the active session of a match, if it has one';
revoke all on function wingman.cancel_active_session(uuid, uuid, text) from public, anon, authenticated, service_role;

create or replace function wingman.end_accepted_match(match_id uuid, ended_by uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.wingman_matches as m
    set ended_at = statement_timestamp()
    where m.id = end_accepted_match.match_id;

    perform wingman.cancel_active_session(end_accepted_match.match_id, end_accepted_match.ended_by);
end
$$;

comment on function wingman.end_accepted_match(uuid, uuid) is
'Ends an accepted match whose row the caller has locked, and cancels its active session';
revoke all on function wingman.end_accepted_match(uuid, uuid) from public, anon, authenticated, service_role;
create or replace function wingman.leave_pending_match(user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.match_seekers;
    _pending public.wingman_matches;
begin
    select s.* into _seeker from wingman.match_seekers as s where s.user_id = leave_pending_match.user_id;
    _seeker := wingman.lock_pending_match(_seeker);
    if _seeker.pending_match_id is null then
        return;
    end if;

    select m.* into strict _pending from public.wingman_matches as m where m.id = _seeker.pending_match_id;
    if wingman.match_status_at(_pending.status, _pending.expires_at, statement_timestamp()) = 'expired' then
        perform wingman.expire_match(_pending.id);
    else
        perform wingman.decline_match(_pending.id, leave_pending_match.user_id);
    end if;
end
$$;

comment on function wingman.leave_pending_match(uuid) is
'Settles the pending match of somebody who leaves: expired if it has lapsed, else declined by them, so that the partner keeps the
waiting time. Their seeker stays locked.';
revoke all on function wingman.leave_pending_match(uuid) from public, anon, authenticated, service_role;
create or replace function wingman.guard_match()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    -- one expression, since every write pays for each
    _broken text := case
        when tg_op = 'INSERT' and new.status <> 'pending' then 'transition'
        when new.id <> old.id or new.user1_id <> old.user1_id or new.user2_id <> old.user2_id
            or new.searched_by is distinct from old.searched_by and tg_op = 'UPDATE'
            then 'participants'
        when new.status <> old.status and old.status <> 'pending' then 'transition'
        when old.status <> 'pending'
            and (new.responded_by is distinct from old.responded_by or new.responded_at is distinct from old.responded_at)
            then 'response'
        when new.ended_at is distinct from old.ended_at and (old.ended_at is not null or old.status <> 'accepted')
            then 'ended'
        when new.status not in ('pending', 'accepted', 'declined', 'expired') then 'status_check'
        when (new.status in ('accepted', 'declined')) <> (new.responded_by is not null)
            or (new.responded_by is null) <> (new.responded_at is null)
            or new.responded_by not in (new.user1_id, new.user2_id)
            then 'response_check'
        when new.ended_at is not null and new.status <> 'accepted' then 'ended_check'
        when new.user1_id >= new.user2_id then 'user_order_check'
        when new.searched_by not in (new.user1_id, new.user2_id) then 'searched_by_check'
        when new.distance_miles < 1 then 'distance_check'
        when new.expires_at <= new.created_at then 'expiry_check'
    end;
begin
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_matches_' || _broken,
            message = case _broken
                when 'transition' then format('A match cannot go from %s to %s', coalesce(old.status, 'nothing'), new.status)
                when 'participants' then 'The participants of a match never change'
                when 'response' then 'A match is answered once'
                when 'ended' then 'Only an accepted match ends, and only once'
                when 'status_check' then 'A match is pending, accepted, declined or expired'
                when 'response_check' then 'An accepted or declined match says which of the two answered, and when'
                when 'ended_check' then 'Only an accepted match ends'
                when 'user_order_check' then 'The smaller id is user1'
                when 'searched_by_check' then 'One of the two has searched'
                when 'distance_check' then 'Distances are shown as 1 mile or more'
                when 'expiry_check' then 'A match expires after it was made'
            end;
    end if;

    if tg_op = 'UPDATE' then
        new.updated_at := statement_timestamp();
    end if;
    return new;
end
$$;

comment on function wingman.guard_match() is
'Trigger: every rule of a match. pending to accepted, declined or expired, all three terminal; an accepted match may end once.
Holds for direct SQL. No CHECK constraints: a write would read their text anew each time.';
revoke all on function wingman.guard_match() from public, anon, authenticated, service_role;
create or replace function wingman.track_pending_match()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _taken integer;
begin
    if tg_op = 'INSERT' then
        update wingman.match_seekers as s
        set
            pending_match_id = new.id,
            exposures = case
                when s.user_id <> new.searched_by
                    then wingman.recent_exposures(s.exposures, t.exposure_window) || statement_timestamp()
                else s.exposures
            end
        from wingman.settings as t
        where s.user_id in (new.user1_id, new.user2_id) and s.pending_match_id is null;
        get diagnostics _taken = row_count;
        if _taken <> 2 then
            raise exception using
                errcode = 'check_violation',
                constraint = 'wingman_matches_one_pending',
                message = 'Both people must be matchable and have no other pending match';
        end if;
        return null;
    end if;

    if tg_op = 'DELETE' then
        update wingman.match_seekers as s
        set pending_match_id = null
        where s.user_id in (old.user1_id, old.user2_id) and s.pending_match_id = old.id;
    elsif new.status = 'expired' then
        update wingman.match_seekers as s
        set
            pending_match_id = null,
            waiting_since = statement_timestamp(),
            unanswered_offers = s.unanswered_offers + 1,
            paused = s.paused or s.unanswered_offers + 1 >= t.ghosting_limit,
            paused_automatically = s.paused_automatically
            or (not s.paused and s.unanswered_offers + 1 >= t.ghosting_limit)
        from wingman.settings as t
        where s.user_id in (old.user1_id, old.user2_id) and s.pending_match_id = old.id;
    else
        -- the side that was declined keeps its waiting time; everybody else has been served
        update wingman.match_seekers as s
        set
            pending_match_id = null,
            waiting_since = case
                when new.status = 'declined' and s.user_id <> new.responded_by then s.waiting_since
                else statement_timestamp()
            end,
            unanswered_offers = case when s.user_id = new.responded_by then 0 else s.unanswered_offers end
        where s.user_id in (old.user1_id, old.user2_id) and s.pending_match_id = old.id;
    end if;
    return null;
end
$$;

comment on function wingman.track_pending_match() is
'Trigger: keeps match_seekers.pending_match_id, so that nobody ever has two pending matches, direct SQL included; counts who was
found by whom; starts waiting times anew: for the decliner, for both after an acceptance or an expiry; pauses who has let
settings.ghosting_limit offers in a row expire.';
revoke all on function wingman.track_pending_match() from public, anon, authenticated, service_role;
create or replace function wingman.guard_seeker()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches;
begin
    -- truth is in wingman_matches; its own trigger is not asked. Only the id is searched for: where the table was small once,
    -- a plan for "pending" as well would read all pending matches
    if tg_op <> 'INSERT' and old.pending_match_id is not null then
        select m.* into _match from public.wingman_matches as m where m.id = old.pending_match_id;
        if _match.status = 'pending' then
            raise exception using
                errcode = 'check_violation',
                constraint = 'match_seekers_pending_match',
                message = 'This person still has a pending match';
        end if;
    end if;
    if tg_op = 'DELETE' then
        return old;
    end if;

    if new.pending_match_id is not null then
        select m.* into _match from public.wingman_matches as m where m.id = new.pending_match_id;
        if _match.status is distinct from 'pending' or new.user_id not in (_match.user1_id, _match.user2_id) then
            raise exception using
                errcode = 'check_violation',
                constraint = 'match_seekers_pending_match',
                message = 'This person has no such pending match';
        end if;
    end if;
    return new;
end
$$;

comment on function wingman.guard_seeker() is
'Trigger: pending_match_id can only say what wingman_matches says, and a seeker with a pending match cannot be removed';
revoke all on function wingman.guard_seeker() from public, anon, authenticated, service_role;
create or replace function wingman.occupy_cell()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    loop
        insert into wingman.occupied_cells as c (grid_lat, grid_lng)
        values (new.grid_lat, new.grid_lng)
        on conflict on constraint occupied_cells_pkey do nothing;

        -- whoever leaves the cell last may just be taking it away
        perform
        from wingman.occupied_cells as c
        where c.grid_lat = new.grid_lat and c.grid_lng = new.grid_lng
        for key share;
        exit when found;
    end loop;
    return new;
end
$$;

comment on function wingman.occupy_cell() is 'Trigger: the cell of a seeker is one of the occupied cells, and stays so';
revoke all on function wingman.occupy_cell() from public, anon, authenticated, service_role;
create or replace function wingman.vacate_cell()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- waiting here could close a circle with somebody on the way in; who comes or goes next tidies up
    perform
    from wingman.occupied_cells as c
    where c.grid_lat = old.grid_lat and c.grid_lng = old.grid_lng
    for update skip locked;
    if not found then
        return null;
    end if;

    -- a statement of its own: it sees everybody who came before the lock
    delete from wingman.occupied_cells as c
    where c.grid_lat = old.grid_lat
        and c.grid_lng = old.grid_lng
        and not exists (
            select
            from wingman.match_seekers as s
            where s.grid_lat = old.grid_lat and s.grid_lng = old.grid_lng
        );
    return null;
end
$$;

comment on function wingman.vacate_cell() is 'Trigger: the last one to leave a cell takes it out of the occupied cells';
revoke all on function wingman.vacate_cell() from public, anon, authenticated, service_role;
create or replace function wingman.place_seeker()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.match_seekers as s (user_id, grid_lat, grid_lng, level, max_travel_miles)
    select
        new.user_id,
        g.lat,
        -- one place, one cell: at the poles, and where east meets west
        case when abs(g.lat) = 9000 then 0 when g.lng = -18000 then 18000 else g.lng end,
        wingman.experience_rank(p.experience_level),
        new.max_travel_miles
    from public.user_profiles as p
    cross join lateral (
        select wingman.snap_to_grid(new.lat, new.privacy_mode), wingman.snap_to_grid(new.lng, new.privacy_mode)
    ) as g (lat, lng)
    where p.id = new.user_id
    on conflict on constraint match_seekers_pkey do update
    set
        grid_lat = excluded.grid_lat,
        grid_lng = excluded.grid_lng,
        max_travel_miles = excluded.max_travel_miles;
    return null;
end
$$;

comment on function wingman.place_seeker() is
'Trigger: a profile with a location makes its user matchable. A new location keeps waiting time, pause and pending match.';
revoke all on function wingman.place_seeker() from public, anon, authenticated, service_role;
create or replace function wingman.unplace_seeker()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform wingman.leave_pending_match(old.user_id);
    delete from wingman.match_seekers as s where s.user_id = old.user_id;
    return null;
end
$$;

comment on function wingman.unplace_seeker() is 'Trigger: without a location a user is not matchable any more';
revoke all on function wingman.unplace_seeker() from public, anon, authenticated, service_role;
create or replace function wingman.level_seeker()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update wingman.match_seekers as s
    set level = wingman.experience_rank(new.experience_level)
    where s.user_id = new.id;
    return null;
end
$$;

comment on function wingman.level_seeker() is 'Trigger: a seeker has the experience level of its profile';
revoke all on function wingman.level_seeker() from public, anon, authenticated, service_role;
create or replace function wingman.settle_departure()
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
    return old;
end
$$;

comment on function wingman.settle_departure() is
'Trigger: before a profile is deleted, its pending match is settled, its accepted matches end and their sessions are cancelled.
History and partners'' reputation stay.';
revoke all on function wingman.settle_departure() from public, anon, authenticated, service_role;
create trigger guard_match before insert or update on public.wingman_matches
for each row execute function wingman.guard_match();

create trigger track_match after insert or delete on public.wingman_matches
for each row execute function wingman.track_pending_match();

create trigger track_match_status after update of status on public.wingman_matches
for each row when (new.status <> old.status) execute function wingman.track_pending_match();

create trigger guard_new_seeker before insert on wingman.match_seekers
for each row when (new.pending_match_id is not null) execute function wingman.guard_seeker();

create trigger guard_pending_match before update of user_id, pending_match_id on wingman.match_seekers
for each row when (
    -- inside track_pending_match, the one writer, there is nothing to ask
    pg_trigger_depth() = 0
    and (new.user_id, new.pending_match_id) is distinct from (old.user_id, old.pending_match_id)
)
execute function wingman.guard_seeker();

create trigger guard_old_seeker before delete on wingman.match_seekers
for each row when (old.pending_match_id is not null) execute function wingman.guard_seeker();

create trigger occupy_cell before insert on wingman.match_seekers
for each row execute function wingman.occupy_cell();

create trigger occupy_new_cell before update of grid_lat, grid_lng on wingman.match_seekers
for each row when ((new.grid_lat, new.grid_lng) is distinct from (old.grid_lat, old.grid_lng))
execute function wingman.occupy_cell();

create trigger vacate_cell after delete on wingman.match_seekers
for each row execute function wingman.vacate_cell();

create trigger vacate_old_cell after update of grid_lat, grid_lng on wingman.match_seekers
for each row when ((new.grid_lat, new.grid_lng) is distinct from (old.grid_lat, old.grid_lng))
execute function wingman.vacate_cell();

create trigger place_seeker after insert or update on public.user_locations
for each row execute function wingman.place_seeker();

create trigger unplace_seeker after delete on public.user_locations
for each row execute function wingman.unplace_seeker();

create trigger level_seeker after update of experience_level on public.user_profiles
for each row when (new.experience_level <> old.experience_level) execute function wingman.level_seeker();

create trigger settle_departure before delete on public.user_profiles
for each row execute function wingman.settle_departure();

create table wingman.reputation_events (
    session_id uuid not null
    constraint reputation_events_session_id_fkey references public.wingman_sessions (id),
    user_id uuid not null,
    kind text not null,
    delta integer not null,
    created_at timestamptz not null default statement_timestamp(),
    constraint reputation_events_pkey primary key (session_id, user_id, kind),
    constraint reputation_events_kind_check check (
        (delta = 1 and kind in ('completed', 'no_show_reverted')) or (delta = -1 and kind in ('no_show', 'completion_reverted'))
    )
);

create index reputation_events_user_idx on wingman.reputation_events (user_id);

comment on table wingman.reputation_events is
'Append-only ledger of reputation; the counters of user_profiles are its sums. Bare user ids: it outlives accounts';
comment on column wingman.reputation_events.session_id is 'The session that it comes from';
comment on column wingman.reputation_events.user_id is 'Whose reputation';
comment on column wingman.reputation_events.kind is
'completed: both people confirmed the session; no_show: an operator found that this one did not come; completion_reverted,
no_show_reverted: an operator took it back';
comment on column wingman.reputation_events.delta is 'What it adds to the reputation';
comment on column wingman.reputation_events.created_at is 'When it happened';

revoke all on table wingman.reputation_events from public, anon, authenticated, service_role;
create or replace function wingman.completions_in(kind text, delta integer)
returns integer
language sql
immutable
return case when kind in ('completed', 'completion_reverted') then delta else 0 end;

comment on function wingman.completions_in(text, integer) is
'What an event of the ledger adds to completed_sessions. All else that it takes from the reputation, it adds to no_shows';
revoke all on function wingman.completions_in(text, integer) from public, anon, authenticated, service_role;
create type public.reputation as (
    user_id uuid,
    score integer,
    completed_sessions integer,
    no_shows integer,
    badge_color text
);

comment on type public.reputation is 'Answer of get_reputation';
comment on column public.reputation.user_id is 'Whose reputation';
comment on column public.reputation.score is 'completed_sessions - no_shows, held between -5 and 20';
comment on column public.reputation.completed_sessions is 'Sessions that both confirmed';
comment on column public.reputation.no_shows is 'Sessions missed';
comment on column public.reputation.badge_color is 'gold from a score of 10, green from 0, red below';
create or replace function wingman.badge_color(score integer)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return case
        when badge_color.score >= 10 then 'gold'
        when badge_color.score >= 0 then 'green'
        else 'red'
    end;
end
$$;

comment on function wingman.badge_color(integer) is 'The badge of a reputation score: gold from 10, green from 0, red below';
revoke all on function wingman.badge_color(integer) from public, anon, authenticated, service_role;
create or replace view wingman.reputation_differences as
with sums as (
    select
        g.user_id,
        sum(wingman.completions_in(g.kind, g.delta))::integer as completions,
        sum(wingman.completions_in(g.kind, g.delta) - g.delta)::integer as no_shows
    from wingman.reputation_events as g
    group by g.user_id
)

select
    p.id as user_id,
    p.completed_sessions,
    p.no_shows,
    coalesce(e.completions, 0) as ledger_completed_sessions,
    coalesce(e.no_shows, 0) as ledger_no_shows
from public.user_profiles as p
left join sums as e on p.id = e.user_id
where (p.completed_sessions, p.no_shows) is distinct from (coalesce(e.completions, 0), coalesce(e.no_shows, 0));

comment on view wingman.reputation_differences is
'Profiles whose counters are not the sums of the ledger: none, unless somebody wrote past the triggers. Of everybody it reads
the whole ledger; of one user_id, that user''s entries';
comment on column wingman.reputation_differences.user_id is 'The user';
comment on column wingman.reputation_differences.completed_sessions is 'As the profile has it';
comment on column wingman.reputation_differences.no_shows is 'As the profile has it';
comment on column wingman.reputation_differences.ledger_completed_sessions is 'As the ledger has it';
comment on column wingman.reputation_differences.ledger_no_shows is 'As the ledger has it';

revoke all on table wingman.reputation_differences from public, anon, authenticated, service_role;
create or replace function wingman.refuse_change()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception using
        errcode = 'check_violation',
        constraint = tg_table_name || '_append_only',
        message = tg_table_name || ' is append-only';
end
$$;

comment on function wingman.refuse_change() is
'Trigger: rows of an append-only table are never changed or removed, not even by its owner';
revoke all on function wingman.refuse_change() from public, anon, authenticated, service_role;
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
    set
        completed_sessions = p.completed_sessions + e.completions,
        no_shows = p.no_shows + e.completions - e.delta,
        updated_at = statement_timestamp()
    from (
        select
            n.user_id,
            sum(n.delta)::integer as delta,
            sum(wingman.completions_in(n.kind, n.delta))::integer as completions
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
create trigger count_events after insert on wingman.reputation_events
referencing new table as new_events
for each statement execute function wingman.count_events();

create trigger refuse_change before update or delete on wingman.reputation_events
for each row execute function wingman.refuse_change();

create trigger refuse_truncate before truncate on wingman.reputation_events
for each statement execute function wingman.refuse_change();

create trigger refuse_change before update or delete on wingman.session_decisions
for each row execute function wingman.refuse_change();

create trigger refuse_truncate before truncate on wingman.session_decisions
for each statement execute function wingman.refuse_change();
create or replace function wingman.record_completion(session_id uuid, user1_id uuid, user2_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.reputation_events as e (session_id, user_id, kind, delta)
    values
    (record_completion.session_id, record_completion.user1_id, 'completed', 1),
    (record_completion.session_id, record_completion.user2_id, 'completed', 1);
end
$$;

comment on function wingman.record_completion(uuid, uuid, uuid) is
'Writes what a completed session, whose row the caller has locked, gives to both of its people';
revoke all on function wingman.record_completion(uuid, uuid, uuid) from public, anon, authenticated, service_role;

create table wingman.audit_log (
    id bigserial,
    occurred_at timestamptz not null default statement_timestamp(),
    entity text not null,
    entity_id uuid,
    match_id uuid,
    before jsonb,
    after jsonb,
    user_id uuid default wingman.call_user_id()::uuid,
    role text not null default wingman.caller_role(),
    login text not null default session_user,
    call text default wingman.call_function(),
    request_id text default wingman.call_request_id(),
    constraint audit_log_pkey primary key (occurred_at, id)
) partition by range (occurred_at);

create index audit_log_match_idx on wingman.audit_log (match_id, id) where match_id is not null;

comment on table wingman.audit_log is
'Every state change of matches, sessions, reputations, blocks, profiles, pauses and settings, whoever made it: ids and states,
nothing personal. Append-only, a partition a month. Bare user ids: it outlives accounts';
comment on column wingman.audit_log.id is
'In the order in which things happened, also where occurred_at says otherwise: a statement may have waited for another one';
comment on column wingman.audit_log.occurred_at is 'When the statement began that made the change';
comment on column wingman.audit_log.entity is 'match, session, reputation, block, profile, seeker or settings';
comment on column wingman.audit_log.entity_id is
'The match, the session, or the user: of a block, who blocked; null for settings';
comment on column wingman.audit_log.match_id is 'The match of a match or a session, else null';
comment on column wingman.audit_log.before is 'Its state before; null for what is new';
comment on column wingman.audit_log.after is 'Its state after; null for what is gone';
comment on column wingman.audit_log.user_id is 'Whom the call acted for; null outside of any call';
comment on column wingman.audit_log.role is 'The role that made the change, wingman.caller_role';
comment on column wingman.audit_log.login is 'The login that made the change, session_user';
comment on column wingman.audit_log.call is 'The function that was called; null outside of any call';
comment on column wingman.audit_log.request_id is 'The header x-request-id of the call, or else its idempotency key';
comment on sequence wingman.audit_log_id_seq is 'The order of wingman.audit_log';

revoke all on table wingman.audit_log from public, anon, authenticated, service_role;
revoke all on sequence wingman.audit_log_id_seq from public, anon, authenticated, service_role;
create table wingman.audit_log_default (like wingman.audit_log including all);

comment on table wingman.audit_log_default is
'What is of no month with a partition of its own; empty as long as somebody calls wingman.make_audit_partitions in time';

alter table wingman.audit_log attach partition wingman.audit_log_default default; -- noqa: PRS

revoke all on table wingman.audit_log_default from public, anon, authenticated, service_role;
create or replace function wingman.match_state(match public.wingman_matches)
returns jsonb
language sql
stable
return jsonb_build_object(
    'status', (match).status,
    'responded_by', (match).responded_by,
    'expires_at', (match).expires_at,
    'ended_at', (match).ended_at
);

comment on function wingman.match_state(public.wingman_matches) is 'What wingman.audit_log keeps of a match at each change';
revoke all on function wingman.match_state(public.wingman_matches) from public, anon, authenticated, service_role;
create or replace function wingman.session_state(session public.wingman_sessions)
returns jsonb
language sql
stable
return jsonb_build_object(
    'status', (session).status,
    'scheduled_time', (session).scheduled_time,
    'user1_completed_confirmed_by_user2', (session).user1_completed_confirmed_by_user2,
    'user2_completed_confirmed_by_user1', (session).user2_completed_confirmed_by_user1,
    'cancelled_by', (session).cancelled_by,
    'reverted_at', (session).reverted_at
);

comment on function wingman.session_state(public.wingman_sessions) is 'What wingman.audit_log keeps of a session at each change';
revoke all on function wingman.session_state(public.wingman_sessions) from public, anon, authenticated, service_role;
create or replace function wingman.audit_match()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _before jsonb := case when tg_op <> 'INSERT' then wingman.match_state(old) end;
    _after jsonb := case when tg_op <> 'DELETE' then wingman.match_state(new) end;
begin
    if _before = _after then
        return null;
    elsif tg_op = 'INSERT' then
        -- these never change
        _after := _after || jsonb_build_object(
            'user1_id', new.user1_id, 'user2_id', new.user2_id, 'searched_by', new.searched_by
        );
    end if;
    insert into wingman.audit_log (entity, entity_id, match_id, before, after)
    values (
        'match',
        coalesce(new.id, old.id),
        coalesce(new.id, old.id),
        _before,
        _after
    );
    return null;
end
$$;

comment on function wingman.audit_match() is 'Trigger: writes what became of a match to wingman.audit_log';
revoke all on function wingman.audit_match() from public, anon, authenticated, service_role;
create or replace function wingman.audit_session()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _before jsonb := case when tg_op <> 'INSERT' then wingman.session_state(old) end;
    _after jsonb := case when tg_op <> 'DELETE' then wingman.session_state(new) end;
begin
    if _before = _after then
        return null;
    end if;
    insert into wingman.audit_log (entity, entity_id, match_id, before, after)
    values (
        'session',
        coalesce(new.id, old.id),
        coalesce(new.match_id, old.match_id),
        _before,
        _after
    );
    return null;
end
$$;

comment on function wingman.audit_session() is 'Trigger: writes what became of a session to wingman.audit_log';
revoke all on function wingman.audit_session() from public, anon, authenticated, service_role;
create or replace function wingman.audit_reputation()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.audit_log (entity, entity_id, after)
    select
        'reputation',
        e.user_id,
        jsonb_build_object('session_id', e.session_id, 'kind', e.kind, 'delta', e.delta)
    from new_events as e;
    return null;
end
$$;

comment on function wingman.audit_reputation() is 'Trigger: writes new reputation events to wingman.audit_log';
revoke all on function wingman.audit_reputation() from public, anon, authenticated, service_role;
create or replace function wingman.audit_block()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.audit_log (entity, entity_id, before, after)
    values (
        'block',
        coalesce(new.blocker_id, old.blocker_id),
        case when tg_op <> 'INSERT' then jsonb_build_object('blocked_id', old.blocked_id) end,
        case when tg_op <> 'DELETE' then jsonb_build_object('blocked_id', new.blocked_id) end
    );
    return null;
end
$$;

comment on function wingman.audit_block() is 'Trigger: writes to wingman.audit_log who blocks whom, and who no longer does';
revoke all on function wingman.audit_block() from public, anon, authenticated, service_role;
create or replace function wingman.audit_profile()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.audit_log (entity, entity_id, before, after)
    values (
        'profile',
        coalesce(new.id, old.id),
        case when tg_op <> 'INSERT' then jsonb_build_object('experience_level', old.experience_level) end,
        case tg_op
            when 'INSERT' then jsonb_build_object('experience_level', new.experience_level)
            when 'UPDATE' then jsonb_build_object('experience_level', new.experience_level, 'changed', to_jsonb(array_remove(
                array[
                    case when new.first_name <> old.first_name then 'first_name' end,
                    case when new.bio is distinct from old.bio then 'bio' end,
                    case when new.photo_url is distinct from old.photo_url then 'photo_url' end,
                    case when new.experience_level <> old.experience_level then 'experience_level' end,
                    case when new.confidence_archetype is distinct from old.confidence_archetype then 'confidence_archetype' end
                ],
                null
            )))
        end
    );
    return null;
end
$$;

comment on function wingman.audit_profile() is
'Trigger: writes to wingman.audit_log that a profile has come, gone or changed, and in which columns; of their texts, nothing';
revoke all on function wingman.audit_profile() from public, anon, authenticated, service_role;
create or replace function wingman.audit_seeker()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.audit_log (entity, entity_id, before, after)
    values (
        'seeker',
        new.user_id,
        jsonb_build_object('paused', old.paused, 'paused_automatically', old.paused_automatically),
        jsonb_build_object('paused', new.paused, 'paused_automatically', new.paused_automatically)
    );
    return null;
end
$$;

comment on function wingman.audit_seeker() is 'Trigger: writes to wingman.audit_log who is paused, and who no longer is';
revoke all on function wingman.audit_seeker() from public, anon, authenticated, service_role;
create or replace function wingman.audit_settings()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.audit_log (entity, before, after)
    values (
        'settings',
        case when tg_op <> 'INSERT' then to_jsonb(old) end,
        case when tg_op <> 'DELETE' then to_jsonb(new) end
    );
    return null;
end
$$;

comment on function wingman.audit_settings() is 'Trigger: writes changed settings to wingman.audit_log';
revoke all on function wingman.audit_settings() from public, anon, authenticated, service_role;
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
create or replace function wingman.make_audit_partitions()
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
-- who waits for this table keeps others waiting behind
set lock_timeout = '500ms'
as $$
declare
    _now timestamptz := statement_timestamp();
    _months timestamptz[];
    _month timestamptz;
    _name text;
    _made integer := 0;
begin
    -- the months ahead, and those that had no partition in time
    _months := array(
        select date_trunc('month', _now) + make_interval(months => n.number)
        from generate_series(0, 3) as n (number)
        union
        select date_trunc('month', d.occurred_at)
        from wingman.audit_log_default as d
        where isfinite(d.occurred_at)
        order by 1
    );
    foreach _month in array _months loop
        _name := to_char(_month, '"audit_log_"YYYY_MM');
        continue when to_regclass('wingman.' || _name) is not null;
        perform pg_advisory_xact_lock(hashtextextended('wingman.audit_log', 0));
        -- made by whoever held that lock
        continue when to_regclass('wingman.' || _name) is not null;

        if _month <= _now then
            -- whoever is about to write to the default partition would be refused there afterwards: wait, and let wait
            lock table only wingman.audit_log in access exclusive mode;
        end if;
        lock table wingman.audit_log_default in access exclusive mode;
        execute format(
            $sql$
            create table wingman.%1$I (like wingman.audit_log including all);
            comment on table wingman.%1$I is %2$L;
            alter table wingman.%1$I owner to wingman_owner;
            revoke all on table wingman.%1$I from public, anon, authenticated, service_role;
            create trigger refuse_truncate before truncate on wingman.%1$I
            for each statement execute function wingman.refuse_change();
            insert into wingman.%1$I
            select d.*
            from wingman.audit_log_default as d
            where d.occurred_at >= %3$L and d.occurred_at < %4$L
            $sql$,
            _name,
            to_char(_month, '"wingman.audit_log of "YYYY-MM'),
            _month,
            _month + interval '1 month'
        );
        if exists (
            select
            from wingman.audit_log_default as d
            where d.occurred_at >= _month and d.occurred_at < _month + interval '1 month'
        ) then
            -- moved, not removed
            alter table wingman.audit_log_default disable trigger refuse_change;
            delete from wingman.audit_log_default as d
            where d.occurred_at >= _month and d.occurred_at < _month + interval '1 month';
            alter table wingman.audit_log_default enable trigger refuse_change;
        end if;
        execute format(
            'alter table wingman.audit_log attach partition wingman.%I for values from (%L) to (%L)',
            _name,
            _month,
            _month + interval '1 month'
        );
        _made := _made + 1;
    end loop;
    return _made;
exception
    when lock_not_available or deadlock_detected then
        return 0;
end
$$;

comment on function wingman.make_audit_partitions() is
'Makes the partitions of wingman.audit_log that are missing: of this month and three ahead, in UTC, and of each month that the
default partition has rows of, which it moves. Returns how many it made; 0 as well where somebody holds the table: call it again later.
Takes turns with whoever makes or drops some at once. Holds its locks until the end of the transaction.';
revoke all on function wingman.make_audit_partitions() from public, anon, authenticated, service_role;
create or replace function wingman.drop_audit_partitions()
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
-- who waits for this table keeps others waiting behind
set lock_timeout = '500ms'
as $$
declare
    _names text[];
    _name text;
    _dropped integer := 0;
begin
    _names := array(
        select c.relname
        from pg_inherits as i
        inner join pg_class as c on c.oid = i.inhrelid
        cross join wingman.settings as t
        where i.inhparent = 'wingman.audit_log'::regclass
            and c.relname ~ '^audit_log_[0-9]{4}_[0-9]{2}$'
            and to_date(right(c.relname, 7), 'YYYY_MM')
            < date_trunc('month', statement_timestamp()) - make_interval(months => t.audit_retention_months)
        order by c.relname
    );
    foreach _name in array _names loop
        perform pg_advisory_xact_lock(hashtextextended('wingman.audit_log', 0));
        -- dropped by whoever held that lock
        continue when to_regclass('wingman.' || _name) is null;
        execute format('drop table wingman.%I', _name);
        _dropped := _dropped + 1;
    end loop;
    return _dropped;
exception
    when lock_not_available or deadlock_detected then
        return 0;
end
$$;

comment on function wingman.drop_audit_partitions() is
'Drops the partitions of wingman.audit_log of the months, in UTC, before the last settings.audit_retention_months whole ones.
Returns how many; 0 as well where somebody holds the table: call it again later. Nobody can write state changes from the first drop
to the end of the transaction.';
revoke all on function wingman.drop_audit_partitions() from public, anon, authenticated, service_role;
do $$
begin
    perform wingman.make_audit_partitions();
end
$$;

-- (select ...) and array(select ...) run once per query, and leave the indexes usable
create policy own_or_partner on public.user_profiles for select to authenticated
using (id = (select wingman.current_user_id()) or id = any(array(select wingman.partner_ids())));

create policy operators on public.user_profiles for select to wingman_admin using (true);

create policy own on public.user_locations for select to authenticated
using (user_id = (select wingman.current_user_id()));
create policy participant on public.wingman_matches for select to authenticated
using (user1_id = (select wingman.current_user_id()) or user2_id = (select wingman.current_user_id()));

create policy operators on public.wingman_matches for select to wingman_admin using (true);
create policy participant on public.wingman_sessions for select to authenticated
using (
    match_id = any(array(
        select m.id
        from public.wingman_matches as m
        where m.user1_id = (select wingman.current_user_id()) or m.user2_id = (select wingman.current_user_id())
    ))
);

create policy operators on public.wingman_sessions for select to wingman_admin using (true);
create policy own on public.user_blocks for select to authenticated
using (blocker_id = (select wingman.current_user_id()));

create policy operators on public.user_blocks for select to wingman_admin using (true);

create or replace function wingman.profile_details_of(user_id uuid)
returns public.profile_details
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _details public.profile_details;
begin
    select
        p.id,
        p.first_name,
        p.bio,
        p.photo_url,
        p.experience_level,
        p.confidence_archetype,
        p.completed_sessions,
        p.no_shows,
        p.reputation_score,
        l.lat,
        l.lng,
        l.city,
        l.privacy_mode,
        l.max_travel_miles,
        coalesce(s.paused, false),
        p.created_at,
        greatest(p.updated_at, l.updated_at)
    into _details
    from public.user_profiles as p
    left join public.user_locations as l on l.user_id = p.id
    left join wingman.match_seekers as s on s.user_id = p.id
    where p.id = profile_details_of.user_id;

    return _details;
end
$$;

comment on function wingman.profile_details_of(uuid) is 'Profile, location and settings of one user, for that user alone';
revoke all on function wingman.profile_details_of(uuid) from public, anon, authenticated, service_role;
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
    _settings wingman.settings;
    _violated_key text;
begin
    _call := wingman.begin_call(
        'complete_profile',
        complete_profile.user_id,
        complete_profile.idempotency_key,
        complete_profile.first_name,
        complete_profile.experience_level,
        complete_profile.lat::numeric::text,
        complete_profile.lng::numeric::text,
        complete_profile.city,
        complete_profile.bio,
        complete_profile.photo_url,
        complete_profile.confidence_archetype,
        complete_profile.max_travel_miles::text,
        complete_profile.privacy_mode
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
        select t.* into strict _settings from wingman.settings as t;
        perform wingman.spend(_me, 'profile', _settings.profile_limit, _settings.profile_period);
    end if;

    return wingman.end_call(_call, wingman.profile_details_of(_me));
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
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid, text
) is 'Engine of public.complete_profile';
revoke all on function wingman.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid, text
) from public, anon, authenticated, service_role;
grant execute on function wingman.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid, text
) to authenticated, service_role, wingman_admin;
create or replace function wingman.get_profile(user_id uuid)
returns public.profile_details
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.profile_details_of(wingman.known_caller_id(get_profile.user_id));
end
$$;

comment on function wingman.get_profile(uuid) is 'Engine of public.get_profile';
revoke all on function wingman.get_profile(uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.get_profile(uuid) to authenticated, service_role, wingman_admin;
create or replace function wingman.create_automatic_match(max_radius_miles integer, user_id uuid, idempotency_key text)
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
    _call wingman.guarded_call;
    _me uuid;
    _seen wingman.match_seekers;
    _seeker wingman.match_seekers;
    _settings wingman.settings;
    _pending public.wingman_matches;
    _radius integer;
    _tried integer;
    _search wingman.search_outcome;
begin
    _call := wingman.begin_call(
        'create_automatic_match',
        create_automatic_match.user_id,
        create_automatic_match.idempotency_key,
        create_automatic_match.max_radius_miles::text
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.automatic_match, _call.response);
    end if;
    _me := _call.user_id;

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
            return wingman.end_call(_call, wingman.automatic_match_of(_pending, _me, 'You already have a pending wingman match'));
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
    perform wingman.spend(
        _me, 'automatic_match', _settings.automatic_match_limit, _settings.automatic_match_period
    );
    _tried := (wingman.settle_due_matches(_settings.settle_limit)).tried;

    _radius := coalesce(create_automatic_match.max_radius_miles, _seeker.max_travel_miles);
    _search := wingman.match_nearest(_seeker, _radius, _seen.pending_match_id is null and _tried = 0, _settings);

    if (_search.match).id is not null then
        return wingman.end_call(
            _call, wingman.automatic_match_of(_search.match, _me, 'Wingman buddy match created successfully!')
        );
    elsif _search.contended then
        perform wingman.raise_error('busy');
    end if;
    return wingman.end_call(
        _call,
        row(
            false,
            'No compatible wingman buddies found within ' || _radius || ' miles. Try expanding your search radius.',
            null,
            null,
            null,
            null
        )::public.automatic_match
    );
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.create_automatic_match(integer, uuid, text) is 'Engine of public.create_automatic_match';
revoke all on function wingman.create_automatic_match(integer, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.create_automatic_match(integer, uuid, text) to authenticated, service_role, wingman_admin;
create or replace function wingman.respond_to_match(match_id uuid, action text, user_id uuid, idempotency_key text)
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
    _call wingman.guarded_call;
    _me uuid;
    _answer text := case respond_to_match.action when 'accept' then 'accepted' when 'decline' then 'declined' end;
    _limit record;
    _next public.wingman_matches;
begin
    _call := wingman.begin_call(
        'respond_to_match',
        respond_to_match.user_id,
        respond_to_match.idempotency_key,
        respond_to_match.match_id::text,
        respond_to_match.action
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.match_response, _call.response);
    end if;
    _me := _call.user_id;

    -- both seekers by user_id, as wingman.lock_seekers does, found and locked in one
    perform
    from public.wingman_matches as m
    inner join wingman.match_seekers as s on s.user_id in (m.user1_id, m.user2_id)
    where m.id = respond_to_match.match_id and _me in (m.user1_id, m.user2_id)
    order by s.user_id
    for no key update of s;

    -- locks the match, checks and writes in one; what keeps it from that is asked for only when something did
    update public.wingman_matches as m
    set status = _answer, responded_by = _me, responded_at = statement_timestamp()
    from wingman.settings as t
    where m.id = respond_to_match.match_id
        and _answer is not null
        and _me in (m.user1_id, m.user2_id)
        and wingman.match_status_at(m.status, m.expires_at, statement_timestamp()) = 'pending'
    returning t.respond_limit, t.respond_period into _limit;

    if not found then
        _next := wingman.repeat_response(respond_to_match.match_id, respond_to_match.action, _answer, _me);
    else
        perform wingman.spend(_me, 'respond', _limit.respond_limit, _limit.respond_period);
        if _answer = 'declined' then
            _next := wingman.match_again(_me);
        end if;
    end if;
    return wingman.end_call(_call, wingman.match_response_of(_me, _answer, _next));
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.respond_to_match(uuid, text, uuid, text) is 'Engine of public.respond_to_match';
revoke all on function wingman.respond_to_match(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.respond_to_match(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;
create or replace function wingman.end_match(match_id uuid, user_id uuid, idempotency_key text)
returns public.match_details
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
    _me uuid;
    _match public.wingman_matches;
begin
    _call := wingman.begin_call('end_match', end_match.user_id, end_match.idempotency_key, end_match.match_id::text);
    if _call.response is not null then
        return jsonb_populate_record(null::public.match_details, _call.response);
    end if;
    _me := wingman.known_user_id(_call.user_id);
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
    return wingman.end_call(_call, wingman.match_details_of(_match.id, _me));
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.end_match(uuid, uuid, text) is 'Engine of public.end_match';
revoke all on function wingman.end_match(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.end_match(uuid, uuid, text) to authenticated, service_role, wingman_admin;
create or replace function wingman.get_match(match_id uuid, user_id uuid)
returns public.match_details
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.known_caller_id(get_match.user_id);
begin
    perform wingman.require_argument('match_id', get_match.match_id is not null);
    perform wingman.match_buddy(get_match.match_id, _me);
    return wingman.match_details_of(get_match.match_id, _me);
end
$$;

comment on function wingman.get_match(uuid, uuid) is 'Engine of public.get_match';
revoke all on function wingman.get_match(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.get_match(uuid, uuid) to authenticated, service_role, wingman_admin;
create or replace function wingman.list_matches(status text, before uuid, page_size integer, user_id uuid)
returns setof public.match_details
language plpgsql
stable
security definer
rows 20
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.known_caller_id(list_matches.user_id, or_null => true);
begin
    perform wingman.check_page(list_matches.page_size);
    if list_matches.status not in ('pending', 'accepted', 'declined', 'expired') then
        perform wingman.refuse_violation(row(
            'status', 'must be pending, accepted, declined or expired'
        )::wingman.violation);
    end if;

    return query
    select d.*
    from (
        select m.id
        from public.wingman_matches as m
        where (m.user1_id = _me or m.user2_id = _me)
            and (list_matches.before is null or m.id < list_matches.before)
            and (
                list_matches.status is null
                or wingman.match_status_at(m.status, m.expires_at, statement_timestamp()) = list_matches.status
            )
        order by m.id desc
        limit list_matches.page_size
    ) as page
    cross join lateral wingman.match_details_of(page.id, _me) as d
    order by page.id desc;
end
$$;

comment on function wingman.list_matches(text, uuid, integer, uuid) is 'Engine of public.list_matches';
revoke all on function wingman.list_matches(text, uuid, integer, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.list_matches(text, uuid, integer, uuid) to authenticated, service_role, wingman_admin;
create or replace function wingman.get_match_history(match_id uuid, user_id uuid)
returns setof public.match_event
language plpgsql
stable
security definer
rows 10
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.known_caller_id(get_match_history.user_id);
    _match public.wingman_matches;
begin
    perform wingman.require_argument('match_id', get_match_history.match_id is not null);
    perform wingman.match_buddy(get_match_history.match_id, _me);
    select m.* into strict _match from public.wingman_matches as m where m.id = get_match_history.match_id;

    return query
    select
        a.occurred_at,
        e.event,
        case a.entity when 'session' then a.entity_id end,
        e.by_me
    from wingman.audit_log as a
    cross join lateral (
        select
            a.before ->> 'status' as old_status,
            a.after ->> 'status' as new_status,
            a.entity = 'match' as is_match
    ) as c
    cross join lateral (
        values
        (1, 'offered', c.is_match and a.before is null, (a.after ->> 'searched_by')::uuid = _me),
        (
            2,
            c.new_status,
            c.old_status = 'pending' and c.new_status in ('accepted', 'declined'),
            (a.after ->> 'responded_by')::uuid = _me
        ),
        (3, 'ended', c.is_match and a.before ->> 'ended_at' is null and a.after ->> 'ended_at' is not null, a.user_id = _me),
        (4, 'session_scheduled', not c.is_match and a.before is null, a.user_id = _me),
        (5, 'session_started', c.old_status <> c.new_status and c.new_status = 'in_progress', a.user_id = _me),
        (
            6,
            'confirmed',
            (a.before ->> 'user1_completed_confirmed_by_user2')::boolean < (a.after ->> 'user1_completed_confirmed_by_user2')::boolean,
            _match.user2_id = _me
        ),
        (
            7,
            'confirmed',
            (a.before ->> 'user2_completed_confirmed_by_user1')::boolean < (a.after ->> 'user2_completed_confirmed_by_user1')::boolean,
            _match.user1_id = _me
        ),
        (
            8,
            'session_' || c.new_status,
            c.old_status <> c.new_status and c.new_status in ('completed', 'cancelled', 'no_show'),
            (a.after ->> 'cancelled_by')::uuid = _me
        ),
        (9, 'session_reverted', a.before ->> 'reverted_at' is null and a.after ->> 'reverted_at' is not null, null)
    ) as e (place, event, happened, by_me)
    where a.match_id = _match.id and e.happened
    order by a.id, e.place;

    -- not when somebody settled it
    if wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp()) = 'expired' then
        return next row(_match.expires_at, 'expired', null, null)::public.match_event;
    end if;
end
$$;

comment on function wingman.get_match_history(uuid, uuid) is 'Engine of public.get_match_history';
revoke all on function wingman.get_match_history(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.get_match_history(uuid, uuid) to authenticated, service_role, wingman_admin;
create or replace function wingman.pause_matching(user_id uuid, idempotency_key text)
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
begin
    _call := wingman.begin_call('pause_matching', pause_matching.user_id, pause_matching.idempotency_key);
    if _call.response is not null then
        return jsonb_populate_record(null::public.acknowledgement, _call.response);
    end if;
    _me := wingman.known_user_id(_call.user_id);

    perform wingman.lock_seekers(_me);
    update wingman.match_seekers as s
    set paused = true, paused_automatically = false
    where s.user_id = _me;
    if not found then
        perform wingman.raise_error('profile_incomplete');
    end if;
    return wingman.end_call(
        _call, row(true, 'Matching paused. Nobody will be matched with you until you resume it.')::public.acknowledgement
    );
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.pause_matching(uuid, text) is 'Engine of public.pause_matching';
revoke all on function wingman.pause_matching(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.pause_matching(uuid, text) to authenticated, service_role, wingman_admin;
create or replace function wingman.resume_matching(user_id uuid, idempotency_key text)
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
begin
    _call := wingman.begin_call('resume_matching', resume_matching.user_id, resume_matching.idempotency_key);
    if _call.response is not null then
        return jsonb_populate_record(null::public.acknowledgement, _call.response);
    end if;
    _me := wingman.known_user_id(_call.user_id);

    perform wingman.lock_seekers(_me);
    update wingman.match_seekers as s
    set paused = false, paused_automatically = false, unanswered_offers = 0
    where s.user_id = _me;
    if not found then
        perform wingman.raise_error('profile_incomplete');
    end if;
    return wingman.end_call(_call, row(true, 'Matching resumed.')::public.acknowledgement);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.resume_matching(uuid, text) is 'Engine of public.resume_matching';
revoke all on function wingman.resume_matching(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.resume_matching(uuid, text) to authenticated, service_role, wingman_admin;
create or replace function wingman.explain_match(match_id uuid, user_id uuid)
returns public.match_explanation
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid;
    _match public.wingman_matches;
    _search wingman.match_searches;
    _rules public.match_rule[] := '{}'::public.match_rule[];
    _searched_by_me boolean;
begin
    _me := wingman.known_caller_id(explain_match.user_id);
    perform wingman.require_argument('match_id', explain_match.match_id is not null);
    perform wingman.match_buddy(explain_match.match_id, _me);

    select m.* into strict _match from public.wingman_matches as m where m.id = explain_match.match_id;
    select h.* into _search from wingman.match_searches as h where h.match_id = explain_match.match_id;
    _searched_by_me := _match.searched_by = _me;

    if _search.match_id is not null then
        _rules := array[
            row('available', true, 'Both of you were free and not paused'),
            -- each sees the own distance only
            row('distance', true, format(
                'At most %s miles apart, within your %s miles and as far as your buddy goes',
                _match.distance_miles,
                case when _searched_by_me then _search.radius_miles else _search.candidate_travel_miles end
            )),
            row('level', _search.level_difference <= _search.level_tolerance, format(
                'Experience levels %s apart, %s allowed', _search.level_difference, _search.level_tolerance
            )),
            row('exposure', _search.candidate_exposures < _search.exposure_limit, case
                when _searched_by_me then 'Your buddy had not been found by too many others lately'
                else format(
                    'You had been found %s times lately, at most %s are allowed',
                    _search.candidate_exposures,
                    _search.exposure_limit
                )
            end),
            row('met_recently', true, format(
                'You two had not been matched in the %s hours before',
                round(extract(epoch from _search.rematch_after) / 3600)
            )),
            row('partners', true, 'You two had no accepted match that was still open'),
            row('blocked', true, 'Neither of you had blocked the other')
        ]::public.match_rule[];
    end if;

    return row(
        _match.id,
        _match.created_at,
        _searched_by_me,
        _match.distance_miles,
        _search.level_difference,
        _rules,
        case
            when _search.match_id is null then null
            when _searched_by_me
                then 'Nobody nearer met all rules; of people equally near, who has waited longest comes first'
            else 'You were the nearest who met all rules of your buddy''s search; of people equally near, who has waited longest '
                || 'comes first'
        end
    )::public.match_explanation;
end
$$;

comment on function wingman.explain_match(uuid, uuid) is 'Engine of public.explain_match';
revoke all on function wingman.explain_match(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.explain_match(uuid, uuid) to authenticated, service_role, wingman_admin;
create or replace function wingman.why_no_match(max_radius_miles integer, user_id uuid)
returns public.no_match_explanation
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
-- a plan that was made while the tables were small must not read them whole until the next analyze
set enable_seqscan = off
as $$
declare
    _me uuid;
    _seeker wingman.match_seekers;
    _radius integer;
    _near bigint;
    _removed public.people_count[];
begin
    _me := wingman.known_caller_id(why_no_match.user_id);
    if not wingman.is_valid_radius(why_no_match.max_radius_miles) then
        perform wingman.raise_error('invalid_radius');
    end if;
    select s.* into _seeker from wingman.match_seekers as s where s.user_id = _me;
    if not found then
        perform wingman.raise_error('profile_incomplete');
    end if;
    _radius := coalesce(why_no_match.max_radius_miles, _seeker.max_travel_miles);

    select
        coalesce(sum(r.people), 0)::bigint,
        coalesce(
            array_agg(row(r.rule, wingman.coarse_count(r.people))::public.people_count order by r.rule)
            filter (where r.rule is not null),
            '{}'
        )
    into _near, _removed
    from (
        select n.rule, sum(o.people)::bigint as people
        from wingman.obstacles_near(_me, _radius) as o
        cross join lateral (
            -- a block must look like any other absence
            select case
                when o.obstacle in ('paused', 'has_pending_match', 'found_often', 'blocked') then 'unavailable'
                else o.obstacle
            end
        ) as n (rule)
        group by n.rule
    ) as r;

    return row(
        _radius,
        wingman.coarse_count(_near),
        _removed,
        wingman.match_suggestions(_seeker, _radius, _removed)
    )::public.no_match_explanation;
end
$$;

comment on function wingman.why_no_match(integer, uuid) is 'Engine of public.why_no_match';
revoke all on function wingman.why_no_match(integer, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.why_no_match(integer, uuid) to authenticated, service_role, wingman_admin;
create or replace function wingman.create_session(
    match_id uuid,
    scheduled_time timestamptz,
    venue_name text,
    notes text,
    user_id uuid,
    idempotency_key text
)
returns public.session_details
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
    _me uuid;
    _settings wingman.settings;
    _match public.wingman_matches;
    _status text;
    _session_id uuid;
begin
    _call := wingman.begin_call(
        'create_session',
        create_session.user_id,
        create_session.idempotency_key,
        create_session.match_id::text,
        extract(epoch from create_session.scheduled_time)::text,
        create_session.venue_name,
        create_session.notes
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.session_details, _call.response);
    end if;
    _me := wingman.known_user_id(_call.user_id);

    perform wingman.require_argument('match_id', create_session.match_id is not null);
    perform wingman.require_argument('scheduled_time', create_session.scheduled_time is not null);
    perform wingman.require_argument('venue_name', create_session.venue_name is not null);
    perform wingman.refuse_violation(wingman.session_violation(create_session.venue_name, create_session.notes, null));
    if create_session.scheduled_time <= statement_timestamp() then
        perform wingman.raise_error('invalid_schedule');
    end if;
    select t.* into strict _settings from wingman.settings as t;
    if create_session.scheduled_time > statement_timestamp() + _settings.session_horizon then
        perform wingman.refuse_violation(row(
            'scheduled_time', 'must be at most ' || extract(epoch from _settings.session_horizon)::integer / 86400 || ' days ahead'
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

    perform wingman.spend(_me, 'create_session', _settings.create_session_limit, _settings.create_session_period);
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

    return wingman.end_call(_call, wingman.session_details_of(_session_id, _me));
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.create_session(uuid, timestamptz, text, text, uuid, text) is 'Engine of public.create_session';
revoke all on function wingman.create_session(uuid, timestamptz, text, text, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function wingman.create_session(uuid, timestamptz, text, text, uuid, text)
to authenticated, service_role, wingman_admin;
create or replace function wingman.start_session(session_id uuid, user_id uuid, idempotency_key text)
returns public.session_details
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
    _me uuid;
    _session public.wingman_sessions;
    _from timestamptz;
begin
    _call := wingman.begin_call(
        'start_session',
        start_session.user_id,
        start_session.idempotency_key,
        start_session.session_id::text
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.session_details, _call.response);
    end if;
    _me := wingman.known_user_id(_call.user_id);
    perform wingman.require_argument('session_id', start_session.session_id is not null);
    perform wingman.session_buddy(start_session.session_id, _me);
    _session := wingman.lock_session(start_session.session_id);

    if _session.status = 'in_progress' then
        return wingman.end_call(_call, wingman.session_details_of(_session.id, _me));
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
    return wingman.end_call(_call, wingman.session_details_of(_session.id, _me));
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.start_session(uuid, uuid, text) is 'Engine of public.start_session';
revoke all on function wingman.start_session(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.start_session(uuid, uuid, text) to authenticated, service_role, wingman_admin;
create or replace function wingman.cancel_session(session_id uuid, reason text, user_id uuid, idempotency_key text)
returns public.session_details
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
    _me uuid;
    _session public.wingman_sessions;
begin
    _call := wingman.begin_call(
        'cancel_session',
        cancel_session.user_id,
        cancel_session.idempotency_key,
        cancel_session.session_id::text,
        cancel_session.reason
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.session_details, _call.response);
    end if;
    _me := wingman.known_user_id(_call.user_id);
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
    return wingman.end_call(_call, wingman.session_details_of(_session.id, _me));
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.cancel_session(uuid, text, uuid, text) is 'Engine of public.cancel_session';
revoke all on function wingman.cancel_session(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.cancel_session(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;
create or replace function wingman.confirm_session_completion(
    session_id uuid,
    buddy_user_id uuid,
    user_id uuid,
    idempotency_key text
)
returns public.session_confirmation
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
set plan_cache_mode = 'force_generic_plan'
as $$
declare
    _call wingman.guarded_call;
    _me uuid;
    _session record;
begin
    _call := wingman.begin_call(
        'confirm_session_completion',
        confirm_session_completion.user_id,
        confirm_session_completion.idempotency_key,
        confirm_session_completion.session_id::text,
        confirm_session_completion.buddy_user_id::text
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.session_confirmation, _call.response);
    end if;
    _me := _call.user_id;

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
    from public.wingman_matches as m, public.user_profiles as p, wingman.settings as t
    where s.id = confirm_session_completion.session_id
        and m.id = s.match_id
        and p.id = _me
        and wingman.confirmation_obstacle(s, m, _me, confirm_session_completion.buddy_user_id) is null
    returning s.status, m.user1_id, m.user2_id, t.confirm_limit, t.confirm_period into _session;
    if not found then
        perform wingman.refuse_confirmation(
            confirm_session_completion.session_id, confirm_session_completion.buddy_user_id, _me
        );
    end if;
    perform wingman.spend(_me, 'confirm', _session.confirm_limit, _session.confirm_period);

    if _session.status <> 'completed' then
        return wingman.end_call(
            _call,
            row(
                true,
                'Completion confirmation recorded. Waiting for your buddy to confirm.',
                _session.status,
                false,
                false,
                0
            )::public.session_confirmation
        );
    end if;

    perform wingman.record_completion(confirm_session_completion.session_id, _session.user1_id, _session.user2_id);
    return wingman.end_call(
        _call,
        row(
            true,
            'Session completed! Both participants have confirmed completion and reputation was updated.',
            'completed',
            true,
            true,
            1
        )::public.session_confirmation
    );
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.confirm_session_completion(uuid, uuid, uuid, text) is
'Engine of public.confirm_session_completion';
revoke all on function wingman.confirm_session_completion(uuid, uuid, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function wingman.confirm_session_completion(uuid, uuid, uuid, text)
to authenticated, service_role, wingman_admin;
create or replace function wingman.get_session(session_id uuid, user_id uuid)
returns public.session_details
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.known_caller_id(get_session.user_id);
begin
    perform wingman.require_argument('session_id', get_session.session_id is not null);
    perform wingman.session_buddy(get_session.session_id, _me);
    return wingman.session_details_of(get_session.session_id, _me);
end
$$;

comment on function wingman.get_session(uuid, uuid) is 'Engine of public.get_session';
revoke all on function wingman.get_session(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.get_session(uuid, uuid) to authenticated, service_role, wingman_admin;
create or replace function wingman.list_sessions(status text, before uuid, page_size integer, user_id uuid)
returns setof public.session_details
language plpgsql
stable
security definer
rows 20
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.known_caller_id(list_sessions.user_id, or_null => true);
begin
    perform wingman.check_page(list_sessions.page_size);
    if list_sessions.status not in ('scheduled', 'in_progress', 'completed', 'cancelled', 'no_show') then
        perform wingman.refuse_violation(row(
            'status', 'must be scheduled, in_progress, completed, cancelled or no_show'
        )::wingman.violation);
    end if;

    return query
    select d.*
    from (
        select s.id
        from public.wingman_matches as m
        inner join public.wingman_sessions as s on s.match_id = m.id
        where (m.user1_id = _me or m.user2_id = _me)
            and (list_sessions.before is null or s.id < list_sessions.before)
            and (list_sessions.status is null or s.status = list_sessions.status)
        order by s.id desc
        limit list_sessions.page_size
    ) as page
    cross join lateral wingman.session_details_of(page.id, _me) as d
    order by page.id desc;
end
$$;

comment on function wingman.list_sessions(text, uuid, integer, uuid) is 'Engine of public.list_sessions';
revoke all on function wingman.list_sessions(text, uuid, integer, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.list_sessions(text, uuid, integer, uuid) to authenticated, service_role, wingman_admin;
create or replace function wingman.get_reputation(subject_id uuid, user_id uuid)
returns public.reputation
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.known_caller_id(get_reputation.user_id);
    _subject_id uuid := coalesce(get_reputation.subject_id, _me);
    _reputation public.reputation;
begin
    select p.id, p.reputation_score, p.completed_sessions, p.no_shows, wingman.badge_color(p.reputation_score)
    into _reputation
    from public.user_profiles as p
    where p.id = _subject_id;

    if not found then
        perform wingman.raise_error('user_not_found');
    elsif _subject_id <> _me and not exists (
        select from wingman.partners_of(_me) as b (id) where b.id = _subject_id
    ) then
        perform wingman.raise_error('reputation_not_visible');
    end if;
    return _reputation;
end
$$;

comment on function wingman.get_reputation(uuid, uuid) is 'Engine of public.get_reputation';
revoke all on function wingman.get_reputation(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.get_reputation(uuid, uuid) to authenticated, service_role, wingman_admin;
create or replace function wingman.part_pair(user_id uuid, other_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches;
begin
    for _match in
        select m.*
        from public.wingman_matches as m
        where m.user1_id = least(part_pair.user_id, part_pair.other_id)
            and m.user2_id = greatest(part_pair.user_id, part_pair.other_id)
            and m.ended_at is null
            and m.status in ('pending', 'accepted')
        order by m.id
        for no key update
    loop
        if _match.status = 'accepted' then
            perform wingman.end_accepted_match(_match.id, part_pair.user_id);
        elsif wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp()) = 'expired' then
            perform wingman.expire_match(_match.id);
        else
            perform wingman.decline_match(_match.id, part_pair.user_id);
        end if;
    end loop;
end
$$;

comment on function wingman.part_pair(uuid, uuid) is
'Takes two people, whose seekers the caller has locked, apart for user_id: their pending match is declined (or expires, if it has
lapsed), their accepted one ends and its active session is cancelled.';
revoke all on function wingman.part_pair(uuid, uuid) from public, anon, authenticated, service_role;
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
    _call := wingman.begin_call('block_user', block_user.user_id, block_user.idempotency_key, block_user.subject_id::text);
    if _call.response is not null then
        return jsonb_populate_record(null::public.acknowledgement, _call.response);
    end if;
    _me := wingman.known_user_id(_call.user_id);
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
    return wingman.end_call(_call, row(true, 'User blocked. You will not be matched with each other.')::public.acknowledgement);
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

comment on function wingman.block_user(uuid, uuid, text) is 'Engine of public.block_user';
revoke all on function wingman.block_user(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.block_user(uuid, uuid, text) to authenticated, service_role, wingman_admin;
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
        unblock_user.subject_id::text
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.acknowledgement, _call.response);
    end if;
    _me := wingman.known_user_id(_call.user_id);
    _subject_id := wingman.known_subject_id(unblock_user.subject_id, _me);

    perform wingman.lock_seekers(_me, _subject_id);
    delete from public.user_blocks as b where b.blocker_id = _me and b.blocked_id = _subject_id;
    return wingman.end_call(_call, row(true, 'User unblocked.')::public.acknowledgement);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.unblock_user(uuid, uuid, text) is 'Engine of public.unblock_user';
revoke all on function wingman.unblock_user(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.unblock_user(uuid, uuid, text) to authenticated, service_role, wingman_admin;
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
        report_user.subject_id::text,
        report_user.reason
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.acknowledgement, _call.response);
    end if;
    _me := wingman.known_user_id(_call.user_id);
    perform wingman.require_argument('subject_id', report_user.subject_id is not null);
    perform wingman.require_argument('reason', report_user.reason is not null);
    perform wingman.refuse_violation(wingman.report_violation(report_user.reason));
    _subject_id := wingman.known_subject_id(report_user.subject_id, _me);

    insert into wingman.user_reports as r (reporter_id, subject_id, reason)
    values (_me, _subject_id, report_user.reason);
    return wingman.end_call(
        _call, row(true, 'Report received. To keep this user away from you as well, block them.')::public.acknowledgement
    );
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.report_user(uuid, text, uuid, text) is 'Engine of public.report_user';
revoke all on function wingman.report_user(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.report_user(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;

-- What operators look at and do. Like wingman it is never exposed over HTTP.
set local role none;

create schema wingman_admin authorization wingman_owner;

set local role wingman_owner;

comment on schema wingman_admin is 'Views and functions for the operators of WingmanMatch, never exposed';
revoke all on schema wingman_admin from public, anon, authenticated, service_role;
grant usage on schema wingman_admin to wingman_admin, service_role;
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
comment on column wingman_admin.user_reports.reporter_id is 'Who reports';
comment on column wingman_admin.user_reports.subject_id is 'About whom';
comment on column wingman_admin.user_reports.reason is 'What happened, in the reporter''s words';
comment on column wingman_admin.user_reports.reports_about_subject is 'How many reports there are about this person';

revoke all on table wingman_admin.user_reports from public, anon, authenticated, service_role;
grant select on table wingman_admin.user_reports to wingman_admin, service_role;
create or replace view wingman_admin.audit_log as
select
    a.id,
    a.occurred_at,
    a.entity,
    a.entity_id,
    a.match_id,
    a.before,
    a.after,
    a.user_id,
    a.role,
    a.login,
    a.call,
    a.request_id
from wingman.audit_log as a;

comment on view wingman_admin.audit_log is
'Every state change, as long as settings.audit_retention_months keeps it. Ask for a match_id, or for a range of occurred_at: both
have an index';
comment on column wingman_admin.audit_log.id is 'In the order in which things happened';
comment on column wingman_admin.audit_log.occurred_at is 'When the statement began that made the change';
comment on column wingman_admin.audit_log.entity is 'match, session, reputation, block, profile, seeker or settings';
comment on column wingman_admin.audit_log.entity_id is
'The match, the session, or the user: of a block, who blocked; null for settings';
comment on column wingman_admin.audit_log.match_id is 'The match of a match or a session, else null';
comment on column wingman_admin.audit_log.before is 'Its state before; null for what is new';
comment on column wingman_admin.audit_log.after is 'Its state after; null for what is gone';
comment on column wingman_admin.audit_log.user_id is 'Whom the call acted for; null outside of any call';
comment on column wingman_admin.audit_log.role is 'The role that made the change';
comment on column wingman_admin.audit_log.login is 'The login that made the change';
comment on column wingman_admin.audit_log.call is 'The function that was called; null outside of any call';
comment on column wingman_admin.audit_log.request_id is 'The header x-request-id of the call, or else its idempotency key';

revoke all on table wingman_admin.audit_log from public, anon, authenticated, service_role;
grant select on table wingman_admin.audit_log to wingman_admin, service_role;
create or replace view wingman_admin.match_explanations as
select
    m.id as match_id,
    m.created_at,
    m.status,
    m.searched_by,
    m.distance_miles,
    h.radius_miles,
    h.candidate_travel_miles,
    h.level_difference,
    h.level_tolerance,
    h.candidate_waiting_since,
    h.candidate_exposures,
    h.exposure_limit,
    h.rematch_after,
    case m.searched_by when m.user1_id then m.user2_id when m.user2_id then m.user1_id end as found_id,
    (
        select max(e.created_at)
        from public.wingman_matches as e
        where m.user1_id = e.user1_id and m.user2_id = e.user2_id and m.created_at > e.created_at
    ) as last_met_at
from public.wingman_matches as m
left join wingman.match_searches as h on m.id = h.match_id;

comment on view wingman_admin.match_explanations is
'What the search behind each match went by; nulls from radius_miles on where a match was written by hand';
comment on column wingman_admin.match_explanations.match_id is 'The match';
comment on column wingman_admin.match_explanations.created_at is 'When it was made';
comment on column wingman_admin.match_explanations.status is 'Stored status now';
comment on column wingman_admin.match_explanations.searched_by is 'Who searched';
comment on column wingman_admin.match_explanations.found_id is 'Who was found';
comment on column wingman_admin.match_explanations.distance_miles is 'Whole miles, rounded up, at least 1';
comment on column wingman_admin.match_explanations.radius_miles is 'How far the search looked, in miles';
comment on column wingman_admin.match_explanations.candidate_travel_miles is
'How far the person found would travel, in miles';
comment on column wingman_admin.match_explanations.level_difference is 'Experience levels between the two';
comment on column wingman_admin.match_explanations.level_tolerance is 'Experience levels apart that were allowed';
comment on column wingman_admin.match_explanations.candidate_waiting_since is 'Since when the person found had been waiting';
comment on column wingman_admin.match_explanations.candidate_exposures is
'How often they had been found within the exposure window';
comment on column wingman_admin.match_explanations.exposure_limit is 'How often was allowed';
comment on column wingman_admin.match_explanations.rematch_after is 'How long pairs were kept apart at that time';
comment on column wingman_admin.match_explanations.last_met_at is 'When the two had last been matched before; null: never';

revoke all on table wingman_admin.match_explanations from public, anon, authenticated, service_role;
grant select on table wingman_admin.match_explanations to wingman_admin, service_role;
create or replace function wingman_admin.why_no_match(user_id uuid, max_radius_miles integer default null)
returns table (obstacle text, people bigint, nearest_miles integer)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.known_caller_id(why_no_match.user_id);
    _seeker wingman.match_seekers;
begin
    if not wingman.is_valid_radius(why_no_match.max_radius_miles) then
        perform wingman.raise_error('invalid_radius');
    end if;
    select s.* into _seeker from wingman.match_seekers as s where s.user_id = _me;
    if not found then
        perform wingman.raise_error('profile_incomplete');
    end if;

    return query
    select o.obstacle, o.people, o.nearest_miles
    from wingman.obstacles_near(_me, coalesce(why_no_match.max_radius_miles, _seeker.max_travel_miles)) as o;
end
$$;

comment on function wingman_admin.why_no_match(uuid, integer) is
'How many people near a user each rule of matching removes, exactly: see wingman.match_obstacle for the names; null: they fit.
max_radius_miles: null: the user''s max_travel_miles. Errors: missing_argument, user_not_found, profile_incomplete, invalid_radius.';
revoke all on function wingman_admin.why_no_match(uuid, integer) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.why_no_match(uuid, integer) to wingman_admin, service_role;
create or replace function wingman.history_start()
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return date_trunc('day', statement_timestamp(), 'UTC') - interval '720 hours';
end
$$;

comment on function wingman.history_start() is
'How far back the views of operators look: thirty whole days of UTC, and today. However long the history, they read this much
of it.';
revoke all on function wingman.history_start() from public, anon, authenticated, service_role;
grant execute on function wingman.history_start() to service_role, wingman_admin;
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
        where e.session_id = d.session_id and e.created_at = d.created_at
        order by e.user_id
    ) as user_ids
from wingman.session_decisions as d;

comment on view wingman_admin.session_decisions is
'What operators decided about sessions: who did not come, and what was taken back';
comment on column wingman_admin.session_decisions.session_id is 'The session';
comment on column wingman_admin.session_decisions.decision is 'no_show: mark_no_show; reverted: revert_completion';
comment on column wingman_admin.session_decisions.reason is 'Why, in the operator''s words';
comment on column wingman_admin.session_decisions.decided_by is 'The login of the operator';
comment on column wingman_admin.session_decisions.created_at is 'When it was decided';
comment on column wingman_admin.session_decisions.user_ids is 'Whose reputation it changed';

revoke all on table wingman_admin.session_decisions from public, anon, authenticated, service_role;
grant select on table wingman_admin.session_decisions to wingman_admin, service_role;
create or replace function wingman_admin.mark_no_show(session_id uuid, absent_user_id uuid, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _session public.wingman_sessions;
begin
    perform wingman.begin_operation('mark_no_show');
    perform wingman.require_argument('session_id', mark_no_show.session_id is not null);
    perform wingman.require_argument('absent_user_id', mark_no_show.absent_user_id is not null);
    perform wingman.require_argument('reason', mark_no_show.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(mark_no_show.reason));
    perform wingman.session_buddy(mark_no_show.session_id, mark_no_show.absent_user_id);
    _session := wingman.lock_session(mark_no_show.session_id);

    if not wingman.is_active_session(_session.status) then
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
    insert into wingman.reputation_events as e (session_id, user_id, kind, delta)
    values (_session.id, mark_no_show.absent_user_id, 'no_show', -1);

    perform wingman.end_operation();
    return row(true, 'No-show recorded: the reputation of the absent user was updated.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.mark_no_show(uuid, uuid, text) is
'Ends an active session, from its scheduled time on, because one of its two people did not come: status no_show, one entry in
the ledger, no_shows + 1 for the absent one; whoever had confirmed before keeps that. wingman_admin.revert_completion takes it
back. reason: why, 1 to 500 characters, kept with the operator''s login in wingman_admin.session_decisions.
Errors: missing_argument, invalid_argument, session_not_found, not_session_participant, invalid_session_state,
session_not_started, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.mark_no_show(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.mark_no_show(uuid, uuid, text) to wingman_admin, service_role;
create or replace function wingman_admin.revert_completion(session_id uuid, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _session public.wingman_sessions;
begin
    perform wingman.begin_operation('revert_completion');
    perform wingman.require_argument('session_id', revert_completion.session_id is not null);
    perform wingman.require_argument('reason', revert_completion.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(revert_completion.reason));
    _session := wingman.lock_session(revert_completion.session_id);

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
    insert into wingman.reputation_events as e (session_id, user_id, kind, delta)
    select
        g.session_id,
        g.user_id,
        case g.kind when 'completed' then 'completion_reverted' when 'no_show' then 'no_show_reverted' end,
        -g.delta
    from wingman.reputation_events as g
    where g.session_id = _session.id;

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
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.revert_completion(uuid, text) is
'Takes back what a completed session, or a no-show, gave to reputations: reversing entries in the ledger, the counters as if it
had not been, reverted_at set. The status stays. reason: why, 1 to 500 characters, kept with the operator''s login in
wingman_admin.session_decisions.
Errors: missing_argument, invalid_argument, session_not_found, invalid_session_state (also for a second revert), busy,
unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.revert_completion(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.revert_completion(uuid, text) to wingman_admin, service_role;
create or replace function wingman_admin.reconcile_reputation(fix boolean default false)
returns table (
    user_id uuid,
    completed_sessions integer,
    no_shows integer,
    ledger_completed_sessions integer,
    ledger_no_shows integer
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _user_id uuid;
begin
    perform wingman.require_argument('fix', reconcile_reputation.fix is not null);
    if not reconcile_reputation.fix then
        return query select d.* from wingman.reputation_differences as d order by d.user_id;
        return;
    end if;
    perform wingman.begin_operation('reconcile_reputation');

    for _user_id in select d.user_id from wingman.reputation_differences as d order by d.user_id loop
        perform from public.user_profiles as p where p.id = _user_id for no key update;
        -- read anew: whoever held the profile may have counted something
        select d.* into user_id, completed_sessions, no_shows, ledger_completed_sessions, ledger_no_shows
        from wingman.reputation_differences as d
        where d.user_id = _user_id;
        continue when not found;

        update public.user_profiles as p
        set
            completed_sessions = reconcile_reputation.ledger_completed_sessions,
            no_shows = reconcile_reputation.ledger_no_shows,
            updated_at = statement_timestamp()
        where p.id = _user_id;
        return next;
    end loop;
    perform wingman.end_operation();
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
end
$$;

comment on function wingman_admin.reconcile_reputation(boolean) is
'Every profile whose counters differ from the ledger, as both have them: none, ever, unless somebody wrote past the triggers.
fix: sets the counters to the ledger''s sums, and returns what they were. Reads the whole ledger. Exact while people go on
confirming.
Errors: missing_argument; with fix busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.reconcile_reputation(boolean) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.reconcile_reputation(boolean) to wingman_admin, service_role;
create or replace view wingman_admin.completion_rate_by_day as
select
    (s.scheduled_time at time zone 'UTC')::date as held_on,
    count(*) as sessions,
    count(*) filter (where s.status = 'completed' and s.reverted_at is null) as completed,
    count(*) filter (where s.status = 'cancelled') as cancelled,
    count(*) filter (where s.status = 'no_show' and s.reverted_at is null) as no_shows,
    count(*) filter (where s.reverted_at is not null) as reverted,
    count(*) filter (where s.status in ('scheduled', 'in_progress')) as not_settled,
    round(count(*) filter (where s.status = 'completed' and s.reverted_at is null)::numeric / count(*), 3) as completion_rate
from public.wingman_sessions as s
where
    s.id >= wingman.first_id_at(wingman.history_start() - (select t.session_horizon from wingman.settings as t))
    and s.scheduled_time >= wingman.history_start()
    and s.scheduled_time <= statement_timestamp()
group by (s.scheduled_time at time zone 'UTC')::date;

comment on view wingman_admin.completion_rate_by_day is
'What became of the sessions of each day, up to thirty days back. By the primary key it reads the sessions made since then and
settings.session_horizon, since none is made further ahead';
comment on column wingman_admin.completion_rate_by_day.held_on is 'The day, in UTC, when they were to take place';
comment on column wingman_admin.completion_rate_by_day.sessions is 'How many were to take place up to now';
comment on column wingman_admin.completion_rate_by_day.completed is 'Both confirmed, and not reverted';
comment on column wingman_admin.completion_rate_by_day.cancelled is 'Cancelled';
comment on column wingman_admin.completion_rate_by_day.no_shows is 'Somebody did not come, and not reverted';
comment on column wingman_admin.completion_rate_by_day.reverted is 'Completions and no-shows that operators took back';
comment on column wingman_admin.completion_rate_by_day.not_settled is 'Still scheduled or in progress';
comment on column wingman_admin.completion_rate_by_day.completion_rate is 'completed / sessions, from 0 to 1';

revoke all on table wingman_admin.completion_rate_by_day from public, anon, authenticated, service_role;
grant select on table wingman_admin.completion_rate_by_day to wingman_admin, service_role;
create or replace view wingman_admin.reputation_distribution as
select
    p.reputation_score as score,
    count(*) as people
from public.user_profiles as p
group by p.reputation_score;

comment on view wingman_admin.reputation_distribution is
'How many people have each reputation. Reads every profile once, and no history: as long as there are people';
comment on column wingman_admin.reputation_distribution.score is 'Reputation, -5 to 20';
comment on column wingman_admin.reputation_distribution.people is 'How many have it';

revoke all on table wingman_admin.reputation_distribution from public, anon, authenticated, service_role;
grant select on table wingman_admin.reputation_distribution to wingman_admin, service_role;
create or replace view wingman_admin.match_funnel as
with sessions as (
    select
        h.match_id,
        bool_or(h.status = 'completed' and h.reverted_at is null) as is_completed
    from public.wingman_sessions as h
    where h.id >= wingman.first_id_at(wingman.history_start())
    group by h.match_id
)

select
    (m.created_at at time zone 'UTC')::date as offered_on,
    count(*) as offered,
    count(*) filter (where m.status = 'accepted') as accepted,
    count(*) filter (where s.match_id is not null) as scheduled,
    count(*) filter (where s.is_completed) as completed
from public.wingman_matches as m
left join sessions as s on m.id = s.match_id
where m.id >= wingman.first_id_at(wingman.history_start())
group by (m.created_at at time zone 'UTC')::date;

comment on view wingman_admin.match_funnel is
'What became of the matches offered on each day, up to thirty days back. By the primary keys it reads the matches and sessions
made since then, since a session is never made before its match';
comment on column wingman_admin.match_funnel.offered_on is 'The day, in UTC, of the offer';
comment on column wingman_admin.match_funnel.offered is 'Matches made';
comment on column wingman_admin.match_funnel.accepted is 'Of these, accepted by now, ended ones included';
comment on column wingman_admin.match_funnel.scheduled is 'Of these, with a session, whatever became of it';
comment on column wingman_admin.match_funnel.completed is
'Of these, with a session that both confirmed, and that was not reverted';

revoke all on table wingman_admin.match_funnel from public, anon, authenticated, service_role;
grant select on table wingman_admin.match_funnel to wingman_admin, service_role;
create or replace view wingman_admin.waiting_seekers as
with seekers as (
    select
        s.waiting_since,
        t.exposure_limit,
        case
            when s.waiting_since > statement_timestamp() - interval '1 hour' then 'up to an hour'
            when s.waiting_since > statement_timestamp() - interval '24 hours' then 'up to a day'
            when s.waiting_since > statement_timestamp() - interval '168 hours' then 'up to a week'
            else 'longer'
        end as waiting,
        (
            select count(*)
            from unnest(s.exposures) as e (found_at)
            where e.found_at > statement_timestamp() - t.exposure_window
        ) as exposures
    from wingman.match_seekers as s
    cross join wingman.settings as t
    where s.is_free
)

select
    w.waiting,
    count(*) as people,
    statement_timestamp() - min(w.waiting_since) as longest,
    sum(w.exposures)::bigint as exposures,
    count(*) filter (where w.exposures = 0) as never_found,
    count(*) filter (where w.exposures >= w.exposure_limit) as at_exposure_limit
from seekers as w
group by w.waiting;

comment on view wingman_admin.waiting_seekers is
'How long those who could be matched now have been waiting, and how often they were found meanwhile. Reads every seeker once,
and no history: as long as there are people';
comment on column wingman_admin.waiting_seekers.waiting is 'up to an hour, up to a day, up to a week, longer';
comment on column wingman_admin.waiting_seekers.people is 'How many are free and have waited so long';
comment on column wingman_admin.waiting_seekers.longest is 'The longest wait among them';
comment on column wingman_admin.waiting_seekers.exposures is
'How often the searches of others found them, within settings.exposure_window';
comment on column wingman_admin.waiting_seekers.never_found is 'Who was not found once within that time';
comment on column wingman_admin.waiting_seekers.at_exposure_limit is
'Who cannot be found now, since they were found settings.exposure_limit times';

revoke all on table wingman_admin.waiting_seekers from public, anon, authenticated, service_role;
grant select on table wingman_admin.waiting_seekers to wingman_admin, service_role;
create or replace view wingman_admin.open_matches_and_sessions as
select
    'offered' as state,
    m.id as match_id,
    m.user1_id,
    m.user2_id,
    m.created_at as since,
    m.expires_at,
    null::uuid as session_id,
    null::timestamptz as scheduled_time
from public.wingman_matches as m
where m.status = 'pending' and m.expires_at > statement_timestamp()
union all
select
    'accepted' as state,
    m.id as match_id,
    m.user1_id,
    m.user2_id,
    m.responded_at as since,
    null as expires_at,
    null as session_id,
    null as scheduled_time
from public.wingman_matches as m
where
    m.id >= wingman.first_id_at(wingman.history_start())
    and m.status = 'accepted'
    and m.ended_at is null
    and not exists (
        select from public.wingman_sessions as s
        where m.id = s.match_id and wingman.is_active_session(s.status)
    )
union all
select
    s.status as state,
    m.id as match_id,
    m.user1_id,
    m.user2_id,
    s.created_at as since,
    null as expires_at,
    s.id as session_id,
    s.scheduled_time
from public.wingman_sessions as s
inner join public.wingman_matches as m on s.match_id = m.id
where wingman.is_active_session(s.status);

comment on view wingman_admin.open_matches_and_sessions is
'What is going on: matches that wait for an answer, by the index of pending ones; accepted matches without an active session,
made within thirty days, by the primary key; active sessions, by the index of active ones';
comment on column wingman_admin.open_matches_and_sessions.state is 'offered, accepted, scheduled or in_progress';
comment on column wingman_admin.open_matches_and_sessions.match_id is 'The match';
comment on column wingman_admin.open_matches_and_sessions.user1_id is 'The participant with the smaller id';
comment on column wingman_admin.open_matches_and_sessions.user2_id is 'The participant with the larger id';
comment on column wingman_admin.open_matches_and_sessions.since is
'When it came to this: offered, accepted, or the session made';
comment on column wingman_admin.open_matches_and_sessions.expires_at is 'Until when an offer can be answered';
comment on column wingman_admin.open_matches_and_sessions.session_id is 'The active session';
comment on column wingman_admin.open_matches_and_sessions.scheduled_time is 'When they meet';

revoke all on table wingman_admin.open_matches_and_sessions from public, anon, authenticated, service_role;
grant select on table wingman_admin.open_matches_and_sessions to wingman_admin, service_role;
create or replace view wingman_admin.overdue_sessions as
select
    s.id as session_id,
    s.match_id,
    s.status,
    s.scheduled_time,
    m.user1_id,
    m.user2_id,
    s.user2_completed_confirmed_by_user1 as user1_has_confirmed,
    s.user1_completed_confirmed_by_user2 as user2_has_confirmed,
    statement_timestamp() - s.scheduled_time as overdue
from public.wingman_sessions as s
inner join public.wingman_matches as m on s.match_id = m.id
where wingman.is_active_session(s.status) and s.scheduled_time < statement_timestamp() - interval '24 hours';

comment on view wingman_admin.overdue_sessions is
'Sessions whose time was more than a day ago, and which are neither completed nor cancelled, nor a no-show. By the index of
active sessions: reads no others';
comment on column wingman_admin.overdue_sessions.session_id is 'The session';
comment on column wingman_admin.overdue_sessions.match_id is 'Its match';
comment on column wingman_admin.overdue_sessions.status is 'scheduled or in_progress';
comment on column wingman_admin.overdue_sessions.scheduled_time is 'When they were to meet';
comment on column wingman_admin.overdue_sessions.overdue is 'How long ago that was';
comment on column wingman_admin.overdue_sessions.user1_id is 'The participant with the smaller id';
comment on column wingman_admin.overdue_sessions.user2_id is 'The participant with the larger id';
comment on column wingman_admin.overdue_sessions.user1_has_confirmed is 'Whether user1 confirmed the completion of user2';
comment on column wingman_admin.overdue_sessions.user2_has_confirmed is 'Whether user2 confirmed the completion of user1';

revoke all on table wingman_admin.overdue_sessions from public, anon, authenticated, service_role;
grant select on table wingman_admin.overdue_sessions to wingman_admin, service_role;
create or replace view wingman_admin.metrics as
with open_ones as (
    select
        count(*) filter (where o.state = 'offered') as offered,
        count(*) filter (where o.state = 'accepted') as accepted,
        count(*) filter (where o.state = 'scheduled') as scheduled,
        count(*) filter (where o.state = 'in_progress') as in_progress
    from wingman_admin.open_matches_and_sessions as o
),

seekers as (
    select
        count(*) filter (where s.is_free) as free,
        count(*) filter (where s.pending_match_id is not null) as offered,
        count(*) filter (where s.paused) as paused
    from wingman.match_seekers as s
),

sessions as (
    select
        sum(d.completed) as completed,
        sum(d.cancelled) as cancelled,
        sum(d.no_shows) as no_shows,
        sum(d.reverted) as reverted,
        sum(d.not_settled) as not_settled
    from wingman_admin.completion_rate_by_day as d
),

last_day as (
    select
        count(*) filter (where s.completed_at > statement_timestamp() - interval '24 hours') as completed,
        count(*) filter (where d.created_at > statement_timestamp() - interval '24 hours') as no_shows
    from public.wingman_sessions as s
    left join wingman.session_decisions as d on s.id = d.session_id and d.decision = 'no_show'
    where s.id >= wingman.first_id_at(wingman.history_start() - (select t.session_horizon from wingman.settings as t))
),

funnel as (
    select
        sum(f.offered) as offered,
        sum(f.accepted) as accepted,
        sum(f.scheduled) as scheduled,
        sum(f.completed) as completed
    from wingman_admin.match_funnel as f
    where f.offered_on > (statement_timestamp() at time zone 'UTC')::date - 7
),

overdue as (
    select count(*) as amount from wingman_admin.overdue_sessions
),

due as (
    select count(*) as amount
    from public.wingman_matches as m
    where m.status = 'pending' and m.expires_at <= statement_timestamp()
),

keys as (
    select count(*) as amount from wingman.idempotency_keys
),

unplaced as (
    select count(*) as amount from wingman.audit_log_default
)

select
    v.metric,
    v.state,
    coalesce(v.amount, 0)::bigint as amount
from open_ones as o
cross join seekers as s
cross join sessions as d
cross join last_day as l
cross join funnel as f
cross join overdue as e
cross join due as u
cross join keys as k
cross join unplaced as a
cross join lateral (
    values
    ('open', 'offered', o.offered),
    ('open', 'accepted', o.accepted),
    ('open', 'scheduled', o.scheduled),
    ('open', 'in_progress', o.in_progress),
    ('seekers', 'free', s.free),
    ('seekers', 'offered', s.offered),
    ('seekers', 'paused', s.paused),
    ('sessions', 'completed', d.completed),
    ('sessions', 'cancelled', d.cancelled),
    ('sessions', 'no_show', d.no_shows),
    ('sessions', 'reverted', d.reverted),
    ('sessions', 'not_settled', d.not_settled),
    ('last_day', 'completed', l.completed),
    ('last_day', 'no_show', l.no_shows),
    ('funnel', 'offered', f.offered),
    ('funnel', 'accepted', f.accepted),
    ('funnel', 'scheduled', f.scheduled),
    ('funnel', 'completed', f.completed),
    ('overdue_sessions', null, e.amount),
    ('due_matches', null, u.amount),
    ('idempotency_keys', null, k.amount),
    ('audit_default_rows', null, a.amount)
) as v (metric, state, amount);

comment on view wingman_admin.metrics is
'All that wingman metrics shows, one number a row. Of history it reads what the views that it counts read: thirty days, by
primary keys. Seekers and idempotency keys are counted one by one';
comment on column wingman_admin.metrics.metric is
'open: matches and sessions that are going on; seekers: people who can be matched; sessions: those of the last thirty days by
what became of them; last_day: what was completed or marked within 24 hours; funnel: matches offered within seven days, and
how far they have come; overdue_sessions; due_matches: lapsed and not settled; idempotency_keys; audit_default_rows: rows of
the audit trail in no month of their own, which should be none';
comment on column wingman_admin.metrics.state is 'Which of them; null where there is one number only';
comment on column wingman_admin.metrics.amount is 'How many';

revoke all on table wingman_admin.metrics from public, anon, authenticated, service_role;
grant select on table wingman_admin.metrics to wingman_admin, service_role;
create type wingman.maintenance as (
    expired_matches integer,
    purged_keys integer,
    purged_limits integer,
    made_partitions integer,
    dropped_partitions integer
);

comment on type wingman.maintenance is 'What a run of wingman.run_maintenance did';
comment on column wingman.maintenance.expired_matches is 'Lapsed matches that it settled';
comment on column wingman.maintenance.purged_keys is 'Idempotency keys past settings.idempotency_retention that it removed';
comment on column wingman.maintenance.purged_limits is 'Rate limits of which nothing is spent any more that it removed';
comment on column wingman.maintenance.made_partitions is 'Months that it made in the audit trail';
comment on column wingman.maintenance.dropped_partitions is
'Months past settings.audit_retention_months that it dropped there';
create or replace function wingman.run_maintenance(max_rows integer default 1000)
returns wingman.maintenance
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _done wingman.maintenance;
    _retention interval;
begin
    perform wingman.begin_operation('run_maintenance');
    perform wingman.require_argument('max_rows', run_maintenance.max_rows is not null);
    if run_maintenance.max_rows not between 1 and 100000 then
        perform wingman.refuse_violation(row('max_rows', 'must be 1 to 100000')::wingman.violation);
    end if;

    -- may wait, so nothing is held yet
    _done.made_partitions := wingman.make_audit_partitions();
    _done.dropped_partitions := wingman.drop_audit_partitions();

    _done.expired_matches := (wingman.settle_due_matches(run_maintenance.max_rows)).expired;

    select t.idempotency_retention into strict _retention from wingman.settings as t;
    delete from wingman.idempotency_keys as k
    where k.ctid = any(array(
        select o.ctid
        from wingman.idempotency_keys as o
        where o.created_at < statement_timestamp() - _retention
        order by o.created_at
        limit run_maintenance.max_rows
        for update skip locked
    ));
    get diagnostics _done.purged_keys = row_count;

    -- no index: each call would have to keep it up to date, and only those who called within a day are in this table
    delete from wingman.rate_limits as r
    where r.ctid = any(array(
        select o.ctid
        from wingman.rate_limits as o
        where o.spent_until <= statement_timestamp()
        limit run_maintenance.max_rows
        for update skip locked
    ));
    get diagnostics _done.purged_limits = row_count;

    perform wingman.end_operation();
    return _done;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.run_maintenance(integer) is
'Tidies up: settles lapsed matches, removes old idempotency keys and rate limits that have come back, makes and drops the
months of the audit trail. Nothing depends on it. max_rows: at most so many of each kind, 1 to 100000. Several may run at
once: each passes by what another holds.
Errors: missing_argument, invalid_argument, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman.run_maintenance(integer) from public, anon, authenticated, service_role;
grant execute on function wingman.run_maintenance(integer) to wingman_admin, service_role;

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
    user_id uuid default null,
    idempotency_key text default null
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
        complete_profile.user_id,
        complete_profile.idempotency_key
    );
end
$$;

comment on function public.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid, text
) is
'Writes the caller''s profile and location, replacing all of both, and makes the caller matchable. What is left out takes its
default; waiting time and pause stay.
first_name: 1 to 80 characters. experience_level: beginner, intermediate or advanced. lat: latitude in degrees, WGS 84, north
positive. lng: longitude in degrees, east positive. city: at most 100 characters, required for city_only. bio: at most 400
characters. photo_url: https, at most 500 characters. confidence_archetype: at most 100 characters. max_travel_miles: 1 to 100,
the furthest buddy to meet. privacy_mode: precise or city_only, how coarse the grid is that distances are computed from.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
idempotency_key: the same one sent again gets the first answer again, and nothing is done twice.
Result: the profile as it now is.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, invalid_argument, unsupported_isolation,
read_only_transaction, idempotency_key_reused, idempotency_key_invalid, rate_limited, busy.';
revoke all on function public.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid, text
) from public, anon, authenticated, service_role;
grant execute on function public.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid, text
) to authenticated, service_role, wingman_admin;
create or replace function public.get_profile(user_id uuid default null)
returns public.profile_details
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.get_profile(get_profile.user_id);
end
$$;

comment on function public.get_profile(uuid) is
'The caller''s own profile with location and settings.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: one profile.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete.';
revoke all on function public.get_profile(uuid) from public, anon, authenticated, service_role;
grant execute on function public.get_profile(uuid) to authenticated, service_role, wingman_admin;
create or replace function public.create_automatic_match(
    max_radius_miles integer default null,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.automatic_match
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.create_automatic_match(
        create_automatic_match.max_radius_miles,
        create_automatic_match.user_id,
        create_automatic_match.idempotency_key
    );
end
$$;

comment on function public.create_automatic_match(integer, uuid, text) is
'Finds the nearest compatible buddy and makes a pending match of the two, or returns the pending match that the caller has.
Compatible: experience levels at most one apart, within both people''s distances, not matched with each other in the last 7 days, no
accepted match between them that has not ended, no block between them; who has been found by others often lately is left out, see
wingman.settings. Closest first; ties: longer waiting, then smaller id. The search ends an automatic pause; a chosen one refuses it.
max_radius_miles: 1 to 100 whole miles; null: the caller''s max_travel_miles.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
idempotency_key: the same one sent again gets the first answer again, and nothing is done twice.
Result: success false and no match when nobody was found, which is not an error.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_radius,
matching_paused, unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid, rate_limited,
busy.';
revoke all on function public.create_automatic_match(integer, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.create_automatic_match(integer, uuid, text) to authenticated, service_role, wingman_admin;
create or replace function public.respond_to_match(
    match_id uuid,
    action text,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.match_response
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.respond_to_match(
        respond_to_match.match_id,
        respond_to_match.action,
        respond_to_match.user_id,
        respond_to_match.idempotency_key
    );
end
$$;

comment on function public.respond_to_match(uuid, text, uuid, text) is
'Accepts or declines a pending match; one answer by either person decides. A decline makes the decliner''s next match in the same
transaction. Repeating the answer that stands changes nothing and returns the current state.
match_id: a match of the caller. action: accept or decline.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
idempotency_key: the same one sent again gets the first answer again, and nothing is done twice.
Result: the status of the match and, after a decline, the caller''s next match or null.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_action,
match_not_found, not_match_participant, match_expired, match_already_resolved, unsupported_isolation, read_only_transaction,
idempotency_key_reused, idempotency_key_invalid, rate_limited, busy.';
revoke all on function public.respond_to_match(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.respond_to_match(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;
create or replace function public.end_match(match_id uuid, user_id uuid default null, idempotency_key text default null)
returns public.match_details
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.end_match(end_match.match_id, end_match.user_id, end_match.idempotency_key);
end
$$;

comment on function public.end_match(uuid, uuid, text) is
'Ends an accepted match and cancels its active session. Ending it again changes nothing. The pair may be matched again once the
recency window of 7 days has passed.
match_id: a match of the caller.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
idempotency_key: the same one sent again gets the first answer again, and nothing is done twice.
Result: the match.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, match_not_found,
not_match_participant, match_not_accepted, unsupported_isolation, read_only_transaction, idempotency_key_reused,
idempotency_key_invalid, busy.';
revoke all on function public.end_match(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.end_match(uuid, uuid, text) to authenticated, service_role, wingman_admin;
create or replace function public.get_match(match_id uuid, user_id uuid default null)
returns public.match_details
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.get_match(get_match.match_id, get_match.user_id);
end
$$;

comment on function public.get_match(uuid, uuid) is
'One match of the caller, with its status as of now.
match_id: a match of the caller.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: the match.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, match_not_found,
not_match_participant.';
revoke all on function public.get_match(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.get_match(uuid, uuid) to authenticated, service_role, wingman_admin;
create or replace function public.list_matches(
    status text default null,
    before uuid default null,
    page_size integer default 20,
    user_id uuid default null
)
returns setof public.match_details
language plpgsql
stable
rows 20
set search_path = pg_catalog, pg_temp
as $$
begin
    return query select r.* from wingman.list_matches(
        list_matches.status,
        list_matches.before,
        list_matches.page_size,
        list_matches.user_id
    ) as r;
end
$$;

comment on function public.list_matches(text, uuid, integer, uuid) is
'The caller''s matches, newest first.
status: pending, accepted, declined or expired, as of now; null: all. before: the last id of the page before. page_size: 1 to 100 rows.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: a page of matches; none for a user without a profile.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, invalid_argument.';
revoke all on function public.list_matches(text, uuid, integer, uuid) from public, anon, authenticated, service_role;
grant execute on function public.list_matches(text, uuid, integer, uuid)
to authenticated, service_role, wingman_admin;
create or replace function public.get_match_history(match_id uuid, user_id uuid default null)
returns setof public.match_event
language plpgsql
stable
rows 10
set search_path = pg_catalog, pg_temp
as $$
begin
    return query select r.* from wingman.get_match_history(get_match_history.match_id, get_match_history.user_id) as r;
end
$$;

comment on function public.get_match_history(uuid, uuid) is
'The story of one match of the caller and of its sessions, oldest first, as far back as the audit trail is kept.
match_id: a match of the caller.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: what happened, when, and which of the two did it.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, match_not_found,
not_match_participant.';
revoke all on function public.get_match_history(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.get_match_history(uuid, uuid) to authenticated, service_role, wingman_admin;
create or replace function public.pause_matching(user_id uuid default null, idempotency_key text default null)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.pause_matching(pause_matching.user_id, pause_matching.idempotency_key);
end
$$;

comment on function public.pause_matching(uuid, text) is
'Leaves the caller out of matching until resume_matching. A pending match stays and can be answered; the waiting time goes on.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
idempotency_key: the same one sent again gets the first answer again, and nothing is done twice.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, unsupported_isolation,
read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.pause_matching(uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.pause_matching(uuid, text) to authenticated, service_role, wingman_admin;
create or replace function public.resume_matching(user_id uuid default null, idempotency_key text default null)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.resume_matching(resume_matching.user_id, resume_matching.idempotency_key);
end
$$;

comment on function public.resume_matching(uuid, text) is
'Ends a pause of the caller''s, chosen or automatic.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
idempotency_key: the same one sent again gets the first answer again, and nothing is done twice.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, unsupported_isolation,
read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.resume_matching(uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.resume_matching(uuid, text) to authenticated, service_role, wingman_admin;
create or replace function public.explain_match(match_id uuid, user_id uuid default null)
returns public.match_explanation
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.explain_match(explain_match.match_id, explain_match.user_id);
end
$$;

comment on function public.explain_match(uuid, uuid) is
'Why a match was made: each rule with its outcome at that time, and why this person came first.
match_id: a match of the caller. user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: the explanation as this one of the two people may see it.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, match_not_found,
not_match_participant.';
revoke all on function public.explain_match(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.explain_match(uuid, uuid) to authenticated, service_role, wingman_admin;
create or replace function public.why_no_match(max_radius_miles integer default null, user_id uuid default null)
returns public.no_match_explanation
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.why_no_match(why_no_match.max_radius_miles, why_no_match.user_id);
end
$$;

comment on function public.why_no_match(integer, uuid) is
'Why a search finds nobody: how many people are near, how many of them each rule removes, and what would help. Never enough to
locate or to recognise anybody: numbers are rounded up to a multiple of three, and a block looks like any other absence.
max_radius_miles: 1 to 100 whole miles; null: the caller''s max_travel_miles.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: the counts and suggestions.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_radius.';
revoke all on function public.why_no_match(integer, uuid) from public, anon, authenticated, service_role;
grant execute on function public.why_no_match(integer, uuid) to authenticated, service_role, wingman_admin;
create or replace function public.create_session(
    match_id uuid,
    scheduled_time timestamptz,
    venue_name text,
    notes text default null,
    user_id uuid default null,
    idempotency_key text default null
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
        create_session.user_id,
        create_session.idempotency_key
    );
end
$$;

comment on function public.create_session(uuid, timestamptz, text, text, uuid, text) is
'Schedules a session of an accepted match. A match has one active session at a time.
match_id: an accepted match of the caller that has not ended. scheduled_time: in the future, at most 90 days ahead. venue_name: 1 to
200 characters. notes: at most 2000 characters.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
idempotency_key: the same one sent again gets the first answer again, and nothing is done twice.
Result: the session.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
invalid_schedule, match_not_found, not_match_participant, match_not_accepted, active_session_exists, unsupported_isolation,
read_only_transaction, idempotency_key_reused, idempotency_key_invalid, rate_limited, busy.';
revoke all on function public.create_session(uuid, timestamptz, text, text, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function public.create_session(uuid, timestamptz, text, text, uuid, text)
to authenticated, service_role, wingman_admin;
create or replace function public.start_session(session_id uuid, user_id uuid default null, idempotency_key text default null)
returns public.session_details
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.start_session(start_session.session_id, start_session.user_id, start_session.idempotency_key);
end
$$;

comment on function public.start_session(uuid, uuid, text) is
'Marks a scheduled session as in progress, from 30 minutes before its time. Starting it again changes nothing.
session_id: a session of the caller.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
idempotency_key: the same one sent again gets the first answer again, and nothing is done twice.
Result: the session.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, session_not_found,
not_session_participant, invalid_session_state, too_early, unsupported_isolation, read_only_transaction,
idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.start_session(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.start_session(uuid, uuid, text) to authenticated, service_role, wingman_admin;
create or replace function public.cancel_session(
    session_id uuid,
    reason text default null,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.session_details
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.cancel_session(cancel_session.session_id, cancel_session.reason, cancel_session.user_id, cancel_session.idempotency_key);
end
$$;

comment on function public.cancel_session(uuid, text, uuid, text) is
'Cancels a scheduled or running session. Cancelling it again changes nothing.
session_id: a session of the caller. reason: at most 500 characters.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
idempotency_key: the same one sent again gets the first answer again, and nothing is done twice.
Result: the session.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
session_not_found, not_session_participant, invalid_session_state, unsupported_isolation, read_only_transaction,
idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.cancel_session(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.cancel_session(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;
create or replace function public.confirm_session_completion(
    session_id uuid,
    buddy_user_id uuid default null,
    user_id uuid default null,
    idempotency_key text default null
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
        confirm_session_completion.user_id,
        confirm_session_completion.idempotency_key
    );
end
$$;

comment on function public.confirm_session_completion(uuid, uuid, uuid, text) is
'Confirms that the caller''s buddy completed the session, from its scheduled time on. The second of the two confirmations
completes the session and raises both reputations, once.
session_id: a session of the caller. buddy_user_id: the buddy, for callers who want it checked.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
idempotency_key: the same one sent again gets the first answer again, and nothing is done twice.
Result: the status after the call and what the caller gained. The detail of already_confirmed carries the session under state.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, session_not_found,
not_session_participant, self_confirmation, buddy_not_in_session, already_confirmed, session_not_confirmable,
session_not_started, unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid,
rate_limited, busy.';
revoke all on function public.confirm_session_completion(uuid, uuid, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function public.confirm_session_completion(uuid, uuid, uuid, text)
to authenticated, service_role, wingman_admin;
create or replace function public.get_session(session_id uuid, user_id uuid default null)
returns public.session_details
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.get_session(get_session.session_id, get_session.user_id);
end
$$;

comment on function public.get_session(uuid, uuid) is
'One session of the caller.
session_id: a session of the caller.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: the session.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete,
session_not_found, not_session_participant.';
revoke all on function public.get_session(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.get_session(uuid, uuid) to authenticated, service_role, wingman_admin;
create or replace function public.list_sessions(
    status text default null,
    before uuid default null,
    page_size integer default 20,
    user_id uuid default null
)
returns setof public.session_details
language plpgsql
stable
rows 20
set search_path = pg_catalog, pg_temp
as $$
begin
    return query select r.* from wingman.list_sessions(
        list_sessions.status,
        list_sessions.before,
        list_sessions.page_size,
        list_sessions.user_id
    ) as r;
end
$$;

comment on function public.list_sessions(text, uuid, integer, uuid) is
'The caller''s sessions, newest first.
status: scheduled, in_progress, completed, cancelled or no_show; null: all. before: the last id of the page before. page_size: 1 to 100
rows.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: a page of sessions; none for a user without a profile.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, invalid_argument.';
revoke all on function public.list_sessions(text, uuid, integer, uuid) from public, anon, authenticated, service_role;
grant execute on function public.list_sessions(text, uuid, integer, uuid)
to authenticated, service_role, wingman_admin;
create or replace function public.get_reputation(subject_id uuid default null, user_id uuid default null)
returns public.reputation
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.get_reputation(get_reputation.subject_id, get_reputation.user_id);
end
$$;

comment on function public.get_reputation(uuid, uuid) is
'The reputation of the caller or of a current partner.
subject_id: whose; null: the caller''s own.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: score, counters and badge.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete,
reputation_not_visible.';
revoke all on function public.get_reputation(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.get_reputation(uuid, uuid) to authenticated, service_role, wingman_admin;
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
'Blocks another user, for both directions: no match, no profile, no reputation between the two from now on. A pending match
between them is declined, an accepted one ends and its active session is cancelled. Blocking again changes nothing. The other one is not told.
subject_id: whom to block. user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
idempotency_key: the same one sent again gets the first answer again, and nothing is done twice.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.block_user(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.block_user(uuid, uuid, text) to authenticated, service_role, wingman_admin;
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
'Takes the caller''s block of another user back; what it ended stays ended. Without a block nothing changes.
subject_id: whom to unblock. user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
idempotency_key: the same one sent again gets the first answer again, and nothing is done twice.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.unblock_user(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.unblock_user(uuid, uuid, text) to authenticated, service_role, wingman_admin;
create or replace function public.report_user(
    subject_id uuid,
    reason text,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.report_user(
        report_user.subject_id,
        report_user.reason,
        report_user.user_id,
        report_user.idempotency_key
    );
end
$$;

comment on function public.report_user(uuid, text, uuid, text) is
'Reports another user to the operators. It does not block: block_user does.
subject_id: whom. reason: what happened, 1 to 2000 characters. user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
idempotency_key: the same one sent again gets the first answer again, and nothing is done twice.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.report_user(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.report_user(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;

commit;
