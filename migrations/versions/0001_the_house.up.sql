-- file: sql/platform/roles.sql
-- The roles that Supabase provides, created only where they are absent. They belong to the platform:
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

-- file: sql/platform/auth.sql
-- Supabase's schema auth as far as WingmanMatch needs it, made only where it is absent.
-- Where it already exists, nothing in it is touched.
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

-- file: sql/kernel/schemas.sql
-- Who can use which schema. wingman is never exposed over HTTP; callers need USAGE to reach the few functions in it
-- that the API functions call.
set local role none;

grant usage, create on schema public to wingman_owner;
grant usage on schema public to authenticated, service_role, wingman_admin;

set local role wingman_owner;

comment on schema wingman is 'Engine of WingmanMatch: private tables and functions, never exposed';
revoke all on schema wingman from public, anon, authenticated, service_role;
grant usage on schema wingman to authenticated, service_role, wingman_admin;

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

-- file: sql/kernel/fill_in.sql
create or replace function wingman.fill_in(template text, facts jsonb)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    _text text := fill_in.template;
    _fact record;
begin
    for _fact in select f.key, f.value from jsonb_each_text(fill_in.facts) as f loop
        _text := replace(_text, '{' || _fact.key || '}', _fact.value);
    end loop;
    return _text;
end
$$;

comment on function wingman.fill_in(text, jsonb) is 'A text with each {word} replaced by the value of that name';
revoke all on function wingman.fill_in(text, jsonb) from public, anon, authenticated, service_role;

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
    _detail jsonb := jsonb_build_object('error', raise_error.name) || raise_error.context;
begin
    select c.status, c.message, c.hint
    into strict _error
    from wingman.error_catalogue() as c
    where c.name = raise_error.name;

    _message := wingman.fill_in(_error.message, raise_error.context);

    -- the exception rolls back everything but the server's log
    raise log '%', jsonb_build_object(
        'event', 'refusal',
        'error', raise_error.name,
        'status', _error.status,
        'user_id', coalesce(wingman.call_part(2), wingman.current_user_id()::text),
        'call', wingman.call_part(1),
        'request_id', wingman.call_part(5)
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
DETAIL. Raises SQLSTATE PT<status> with DETAIL {"error": name, ...context}; under PostgREST, where context has retry_after in
seconds, SQLSTATE PGRST, which adds the header Retry-After.';
revoke all on function wingman.raise_error(text, jsonb) from public, anon, authenticated, service_role;

-- file: sql/kernel/require_argument.sql
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

-- file: sql/kernel/violation.sql
create type wingman.violation as (
    argument text,
    rule text
);

comment on type wingman.violation is 'A value that breaks a rule: which argument, and the rule as the end of a sentence';
comment on column wingman.violation.argument is 'Name of the argument and of the column';
comment on column wingman.violation.rule is 'What must hold, e.g. "must be at most 400 characters"';

-- file: sql/kernel/refuse_violation.sql
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

-- file: sql/kernel/acknowledgement.sql
create type public.acknowledgement as (
    success boolean,
    message text
);

comment on type public.acknowledgement is 'The answer of a call that has nothing else to report';
comment on column public.acknowledgement.success is 'Always true: a refusal is an error';
comment on column public.acknowledgement.message is 'What was done, for people';

-- file: sql/kernel/check_page.sql
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
'Refuses a page size, in rows, that is out of range. Errors: missing_argument, invalid_argument.';
revoke all on function wingman.check_page(integer) from public, anon, authenticated, service_role;

-- file: sql/kernel/is_clock_interval.sql
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

-- file: sql/kernel/settings.sql
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
    automatic_match_cost interval not null generated always as (automatic_match_period / automatic_match_limit) stored,
    automatic_match_burst interval not null generated always as (
        automatic_match_period / automatic_match_limit * (automatic_match_limit - 1)
    ) stored,
    respond_limit integer not null default 60
    constraint settings_respond_limit check (respond_limit between 1 and 1000000),
    respond_period interval not null default interval '1 hour'
    constraint settings_respond_period check (wingman.is_clock_interval(respond_period, '1 second', '8760 hours')),
    respond_cost interval not null generated always as (respond_period / respond_limit) stored,
    respond_burst interval not null generated always as (respond_period / respond_limit * (respond_limit - 1)) stored,
    confirm_limit integer not null default 30
    constraint settings_confirm_limit check (confirm_limit between 1 and 1000000),
    confirm_period interval not null default interval '1 hour'
    constraint settings_confirm_period check (wingman.is_clock_interval(confirm_period, '1 second', '8760 hours')),
    confirm_cost interval not null generated always as (confirm_period / confirm_limit) stored,
    confirm_burst interval not null generated always as (confirm_period / confirm_limit * (confirm_limit - 1)) stored,
    create_session_limit integer not null default 20
    constraint settings_create_session_limit check (create_session_limit between 1 and 1000000),
    create_session_period interval not null default interval '24 hours'
    constraint settings_create_session_period check (wingman.is_clock_interval(create_session_period, '1 second', '8760 hours')),
    create_session_cost interval not null generated always as (create_session_period / create_session_limit) stored,
    create_session_burst interval not null generated always as (
        create_session_period / create_session_limit * (create_session_limit - 1)
    ) stored,
    profile_limit integer not null default 10
    constraint settings_profile_limit check (profile_limit between 1 and 1000000),
    profile_period interval not null default interval '24 hours'
    constraint settings_profile_period check (wingman.is_clock_interval(profile_period, '1 second', '8760 hours')),
    profile_cost interval not null generated always as (profile_period / profile_limit) stored,
    profile_burst interval not null generated always as (profile_period / profile_limit * (profile_limit - 1)) stored,
    idempotency_retention interval not null default interval '72 hours'
    constraint settings_idempotency_retention check (wingman.is_clock_interval(idempotency_retention, '1 minute', '8760 hours')),
    journal_retention_months integer not null default 24
    constraint settings_journal_retention_months check (journal_retention_months between 1 and 1200)
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
'Once one of two people has waited this long, they may be one more experience level apart, so that nobody waits for ever; null:
never';
comment on column wingman.settings.exposure_limit is
'How often a person may be found by the searches of others within exposure_window';
comment on column wingman.settings.exposure_window is 'The time over which exposure_limit counts';
comment on column wingman.settings.ghosting_limit is
'A person who leaves this many offers in a row to expire is paused until their next search';
comment on column wingman.settings.automatic_match_limit is
'How many searches a user can make at once; capacity refills evenly over automatic_match_period';
comment on column wingman.settings.automatic_match_period is 'The time in which automatic_match_limit refills';
comment on column wingman.settings.automatic_match_cost is
'automatic_match_period / automatic_match_limit: the time in which one call refills';
comment on column wingman.settings.automatic_match_burst is
'How far ahead of the clock a user may have spent before the next call: the period less one call';
comment on column wingman.settings.respond_limit is
'How many matches a user can answer at once; capacity refills evenly over respond_period';
comment on column wingman.settings.respond_period is 'The time in which respond_limit refills';
comment on column wingman.settings.respond_cost is
'respond_period / respond_limit: the time in which one call refills';
comment on column wingman.settings.respond_burst is
'How far ahead of the clock a user may have spent before the next call: the period less one call';
comment on column wingman.settings.confirm_limit is
'How many completions a user can confirm at once; capacity refills evenly over confirm_period';
comment on column wingman.settings.confirm_period is 'The time in which confirm_limit refills';
comment on column wingman.settings.confirm_cost is
'confirm_period / confirm_limit: the time in which one call refills';
comment on column wingman.settings.confirm_burst is
'How far ahead of the clock a user may have spent before the next call: the period less one call';
comment on column wingman.settings.create_session_limit is
'How many sessions a user can schedule at once; capacity refills evenly over create_session_period';
comment on column wingman.settings.create_session_period is 'The time in which create_session_limit refills';
comment on column wingman.settings.create_session_cost is
'create_session_period / create_session_limit: the time in which one call refills';
comment on column wingman.settings.create_session_burst is
'How far ahead of the clock a user may have spent before the next call: the period less one call';
comment on column wingman.settings.profile_limit is
'How many times a user can change profile or location at once; capacity refills evenly over profile_period';
comment on column wingman.settings.profile_period is 'The time in which profile_limit refills';
comment on column wingman.settings.profile_cost is
'profile_period / profile_limit: the time in which one call refills';
comment on column wingman.settings.profile_burst is
'How far ahead of the clock a user may have spent before the next call: the period less one call';
comment on column wingman.settings.idempotency_retention is 'How long the answer to a call with an idempotency key is kept';
comment on column wingman.settings.journal_retention_months is 'How many whole months of the journal, wingman.events, are kept';
revoke all on table wingman.settings from public, anon, authenticated, service_role;

-- file: sql/kernel/new_id.sql
create or replace function wingman.new_id()
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    -- each operator costs a look-up in every call that makes an id, so this does with few
    return concat(
        -- 48 bits of milliseconds, whose first digit is 0 until the year 2527, the version, and 12 bits of the fraction
        '0',
        overlay(to_hex((date_part('epoch', clock_timestamp()) * 4096000)::bigint) placing '7' from 12 for 0),
        -- with the variant; uuid takes the hyphens in it
        substr(gen_random_uuid()::text, 20)
    )::uuid;
end
$$;

comment on function wingman.new_id() is
'A UUID version 7 (RFC 9562): 48 bits of milliseconds, 12 bits of the millisecond''s fraction, 62 random bits, so that ids sort
by the time they were made. The same function serves PostgreSQL 15 to 18.';
revoke all on function wingman.new_id() from public, anon, authenticated, service_role;

-- file: sql/kernel/first_id_at.sql
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
'The smallest id that wingman.new_id() could have made at a moment, to the millisecond: that id and all greater ones were made
since then. So a primary key finds the rows of a period.';
revoke all on function wingman.first_id_at(timestamptz) from public, anon, authenticated, service_role;
grant execute on function wingman.first_id_at(timestamptz) to service_role, wingman_admin;

-- file: sql/kernel/utc_text.sql
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

-- file: sql/kernel/tg_any__set_updated_at.sql
create or replace function wingman.tg_any__set_updated_at()
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

comment on function wingman.tg_any__set_updated_at() is 'Trigger: stamps updated_at on every update';
revoke all on function wingman.tg_any__set_updated_at() from public, anon, authenticated, service_role;

-- file: sql/kernel/caller_role.sql
create or replace function wingman.caller_role()
returns text
language sql
stable
-- inside a SECURITY DEFINER function current_user is the owner; only the GUC still says who called
return coalesce(nullif(current_setting('role'), 'none'), session_user);

comment on function wingman.caller_role() is 'The role that made the call, also inside SECURITY DEFINER functions';
revoke all on function wingman.caller_role() from public, anon, authenticated, service_role;

-- file: sql/kernel/current_user_id.sql
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

-- file: sql/kernel/write_obstacle.sql
create or replace function wingman.write_obstacle()
returns text
language sql
stable
return case
    -- locking first and checking afterwards needs a new snapshot for every statement
    when current_setting('transaction_isolation') <> 'read committed' then 'unsupported_isolation'
    when current_setting('transaction_read_only') = 'on' then 'read_only_transaction'
end;

comment on function wingman.write_obstacle() is
'What keeps this transaction from calling a function that writes, as the name of the error; null if nothing does';
revoke all on function wingman.write_obstacle() from public, anon, authenticated, service_role;

-- file: sql/kernel/acting_user_id.sql
create or replace function wingman.acting_user_id(user_id uuid, writes boolean default false)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid;
begin
    if acting_user_id.writes and wingman.write_obstacle() is not null then
        perform wingman.raise_error(wingman.write_obstacle());
    end if;

    if wingman.caller_role() = 'authenticated' then
        _me := wingman.current_user_id();
        if coalesce(acting_user_id.user_id, _me) = _me then
            return _me;
        elsif _me is not null then
            perform wingman.raise_error('acting_for_another');
        end if;
    elsif wingman.caller_role() = 'service_role' or pg_has_role(wingman.caller_role(), 'wingman_admin', 'member') then
        perform wingman.require_argument('user_id', acting_user_id.user_id is not null);
        return acting_user_id.user_id;
    end if;

    perform wingman.raise_error('not_authenticated');
    return null;
end
$$;

comment on function wingman.acting_user_id(uuid, boolean) is
'The user on whose behalf this call is made; every entry point asks for it first. authenticated acts as its token''s sub and
cannot name anybody else; service_role and members of wingman_admin must name user_id. Of the claims only sub is trusted, never
their role. writes: the call writes, so it needs a transaction that can.
Errors: not_authenticated, acting_for_another, missing_argument; for writes unsupported_isolation, read_only_transaction.';
revoke all on function wingman.acting_user_id(uuid, boolean) from public, anon, authenticated, service_role;

-- file: sql/guards/idempotency_keys.sql
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
'The answers to calls that came with an idempotency key, kept for settings.idempotency_retention. User ids have no foreign key';
comment on column wingman.idempotency_keys.user_id is
'The user on whose behalf the call was made; a key counts only for this user';
comment on column wingman.idempotency_keys.idempotency_key is 'The key, 1 to 255 characters';
comment on column wingman.idempotency_keys.fingerprint is 'SHA-256 of the function''s name and arguments, in hexadecimal';
comment on column wingman.idempotency_keys.response is 'The answer, which a replay returns';
comment on column wingman.idempotency_keys.created_at is 'When the call was made';

revoke all on table wingman.idempotency_keys from public, anon, authenticated, service_role;

-- file: sql/guards/rate_limits.sql
create table wingman.rate_limits (
    user_id uuid not null,
    bucket text not null,
    spent_until timestamptz not null,
    constraint rate_limits_pkey primary key (user_id, bucket)
) with (fillfactor = 70);

comment on table wingman.rate_limits is
'How much of each rate limit a user has spent, by the generic cell rate algorithm; no row, or a row in the past, means nothing';
comment on column wingman.rate_limits.user_id is 'The user on whose behalf the calls are made';
comment on column wingman.rate_limits.bucket is 'automatic_match, respond, confirm, create_session or profile';
comment on column wingman.rate_limits.spent_until is 'When the limit is full again: the theoretical arrival time';

revoke all on table wingman.rate_limits from public, anon, authenticated, service_role;

-- file: sql/guards/rate_limit.sql
create type wingman.rate_limit as (
    cost interval,
    burst interval
);

comment on type wingman.rate_limit is
'A rate limit as wingman.consume_rate_limit takes it: two columns of wingman.settings, read in a statement that the call needs
anyway';
comment on column wingman.rate_limit.cost is 'What one call takes: the period divided by the calls allowed in it';
comment on column wingman.rate_limit.burst is
'How far ahead of the clock a user may have spent before the next call: the period less one call';

-- file: sql/guards/guarded_call.sql
create type wingman.guarded_call as (
    user_id uuid,
    key text,
    fingerprint text,
    response jsonb
);

comment on type wingman.guarded_call is 'A call between wingman.begin_call and wingman.end_call';
comment on column wingman.guarded_call.user_id is 'The user on whose behalf it is made';
comment on column wingman.guarded_call.key is 'Its idempotency key (nullable)';
comment on column wingman.guarded_call.fingerprint is 'SHA-256 of the function''s name and arguments, with a key (nullable)';
comment on column wingman.guarded_call.response is 'The first answer, when this is a replay (nullable)';

-- file: sql/guards/call_part.sql
create or replace function wingman.call_part(place integer)
returns text
language sql
stable
return nullif(split_part(current_setting('wingman.call', true), e'\t', place), '');

comment on function wingman.call_part(integer) is
'A part of wingman.event_source() during a call: 1 the function that is running, 2 the user it acts for, 5 the request id;
null without one. Returned as text: a login with SQL access can set the GUC to anything, and a refusal must survive that';
revoke all on function wingman.call_part(integer) from public, anon, authenticated, service_role;

-- file: sql/guards/request_header.sql
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
'A header of the HTTP request, by its name in lower case, as PostgREST passes it on; null without one';
revoke all on function wingman.request_header(text) from public, anon, authenticated, service_role;

-- file: sql/guards/call_key.sql
create or replace function wingman.call_key(idempotency_key text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _header text := wingman.request_header('idempotency-key');
    _key text := case
        -- quoted, as the standard requires: a backslash escapes quotes and backslashes
        when _header ~ e'^"([^"\\\\]|\\\\["\\\\])*"$' then regexp_replace(substr(_header, 2, length(_header) - 2), e'\\\\(["\\\\])', e'\\1', 'g')
        -- several headers arrive joined by commas
        when _header ~ '[",]' then ''
        else coalesce(_header, call_key.idempotency_key)
    end;
begin
    return case when _key <> call_key.idempotency_key then '' else _key end;
end
$$;

comment on function wingman.call_key(text) is
'The idempotency key of a call, from its argument or from the header Idempotency-Key, quoted or bare. Null without a key; empty if
it is malformed or the two differ.';
revoke all on function wingman.call_key(text) from public, anon, authenticated, service_role;

-- file: sql/guards/mark_replay.sql
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
    -- the headers are not JSON: whoever set them has no use for the mark
    when data_exception then
        null;
end
$$;

comment on function wingman.mark_replay(boolean) is
'Adds the header Idempotency-Replayed to those that PostgREST sends with the answer, or removes it';
revoke all on function wingman.mark_replay(boolean) from public, anon, authenticated, service_role;

-- file: sql/guards/begin_operation.sql
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
    perform set_config('wingman.call', concat_ws(e'\t', begin_operation.function, '', current_setting('role'), session_user), true);
end
$$;

comment on function wingman.begin_operation(text) is
'The guard before every operators'' function that writes; operators act for nobody. function: its name, which the journal records
until wingman.end_operation.
Errors: unsupported_isolation, read_only_transaction.';
revoke all on function wingman.begin_operation(text) from public, anon, authenticated, service_role;

-- file: sql/guards/end_operation.sql
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
'Ends what wingman.begin_operation began: later changes in this transaction are not attributed to its function';
revoke all on function wingman.end_operation() from public, anon, authenticated, service_role;

-- file: sql/guards/begin_call.sql
create or replace function wingman.begin_call(
    function text,
    user_id uuid,
    idempotency_key text,
    arguments record
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
    _call.user_id := wingman.acting_user_id(begin_call.user_id, writes => true);
    if coalesce(
        begin_call.idempotency_key,
        nullif(current_setting('request.headers', true), ''),
        nullif(current_setting('response.headers', true), '')
    ) is not null then
        -- PostgREST writes compact JSON, so the value can be cut out: parsing the headers would cost more than all the rest here
        _request_id := split_part(split_part(current_setting('request.headers', true), '"x-request-id":"', 2), '"', 1);
        if strpos(_request_id, e'\\') > 0
            or (_request_id = '' and strpos(current_setting('request.headers', true), '"x-request-id"') > 0)
        then
            _request_id := wingman.request_header('x-request-id');
        end if;
        _request_id := nullif(left(_request_id, 255), '');
        _call.key := case
            when strpos(current_setting('request.headers', true), '"idempotency-key"') > 0
                then wingman.call_key(begin_call.idempotency_key)
            else begin_call.idempotency_key
        end;
        if char_length(_call.key) not between 1 and 255 then
            perform wingman.raise_error('idempotency_key_invalid');
        end if;
        if current_setting('response.headers', true) like '%Idempotency-Replayed%' then
            -- left by an earlier call in this transaction
            perform wingman.mark_replay(false);
        end if;
    end if;
    -- what wingman.event_source() reads until end_call; the condition saves a variable, and perform costs a query
    if set_config(
        'wingman.call',
        concat_ws(e'\t', begin_call.function, _call.user_id, current_setting('role'), session_user, _request_id),
        true
    ) is null or _call.key is null then
        return _call;
    end if;

    _call.fingerprint := encode(sha256(convert_to(
        begin_call.function || ' ' || to_json(begin_call.arguments), 'UTF8'
    )), 'hex');
    -- a concurrent call with the same key waits here for the first and then reads its answer; never null
    if pg_advisory_xact_lock(hashtextextended(_call.user_id || ' ' || _call.key, 0)) is null then
        return null;
    end if;
    select k.fingerprint, k.response, k.created_at
    into _kept
    from wingman.idempotency_keys as k
    where k.user_id = _call.user_id and k.idempotency_key = _call.key;
    if not found then
        return _call;
    elsif _kept.created_at < statement_timestamp() - (select t.idempotency_retention from wingman.settings as t) then
        -- past its retention; end_call replaces it with the new answer
        return _call;
    elsif _kept.fingerprint <> _call.fingerprint then
        perform wingman.raise_error('idempotency_key_reused');
    else
        perform set_config('wingman.call', '', true);
        _call.response := _kept.response;
        perform wingman.mark_replay(true);
    end if;
    return _call;
end
$$;

comment on function wingman.begin_call(text, uuid, text, record) is
'The guard before every writing entry point: who calls, and whether the same call was answered before. function: its name;
arguments: a row of all but user_id and the key, each of a type whose JSON does not depend on the session''s settings. If the
result has a response, the call was made before: return that answer and do nothing. First in the lock order: holds the key until
the end of the transaction.
Errors: those of wingman.acting_user_id, idempotency_key_invalid, idempotency_key_reused.';
revoke all on function wingman.begin_call(text, uuid, text, record) from public, anon, authenticated, service_role;

-- file: sql/guards/end_call.sql
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
        -- an answer past its retention
        on conflict on constraint idempotency_keys_pkey do update
        set fingerprint = excluded.fingerprint, response = excluded.response, created_at = excluded.created_at;
    end if;
    -- an assignment would need a variable, and perform costs a query
    return case when set_config('wingman.call', '', true) is not null then end_call.answer end;
end
$$;

comment on function wingman.end_call(wingman.guarded_call, anyelement) is
'The guard after every writing entry point: keeps the answer of a call that came with a key, in the transaction of its work, and
returns it. Since begin_call the GUC wingman.call names the call, see wingman.event_source().';
revoke all on function wingman.end_call(wingman.guarded_call, anyelement) from public, anon, authenticated, service_role;

-- file: sql/guards/consume_rate_limit.sql
create or replace function wingman.consume_rate_limit(user_id uuid, bucket text, cost interval, burst interval)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.rate_limits as r (user_id, bucket, spent_until)
    values (consume_rate_limit.user_id, consume_rate_limit.bucket, statement_timestamp() + consume_rate_limit.cost)
    on conflict on constraint rate_limits_pkey do update
    set spent_until = greatest(r.spent_until + consume_rate_limit.cost, excluded.spent_until)
    where r.spent_until <= statement_timestamp() + consume_rate_limit.burst;

    if not found then
        perform wingman.raise_error('rate_limited', (
            select jsonb_build_object('retry_after', ceil(extract(
                epoch from r.spent_until - (statement_timestamp() + consume_rate_limit.burst)
            )))
            from wingman.rate_limits as r
            where r.user_id = consume_rate_limit.user_id and r.bucket = consume_rate_limit.bucket
        ));
    end if;
    return consume_rate_limit.user_id;
end
$$;

comment on function wingman.consume_rate_limit(uuid, text, interval, interval) is
'Takes one call from a user''s rate limit (generic cell rate algorithm). A call that is refused afterwards takes nothing.
bucket: see wingman.rate_limits; cost and burst: the bucket''s columns of wingman.settings, which the caller reads in a
statement that it needs anyway. Returns user_id: an assignment costs less than PERFORM.
Errors: rate_limited, whose context retry_after is in seconds.';
revoke all on function wingman.consume_rate_limit(uuid, text, interval, interval) from public, anon, authenticated, service_role;

-- file: sql/journal/event_kinds.sql
create or replace function wingman.event_kinds()
returns table (kind text, meaning text, details text, visible_to text)
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    values
    ('match_offered', 'A search made a match', 'user1_id, user2_id, expires_at', 'participants'),
    ('match_accepted', 'One of the two people accepted the match', null, 'participants'),
    ('match_declined', 'One of the two people declined the match', null, 'participants'),
    ('match_expired', 'A match that nobody answered in time was settled', null, 'operators'),
    ('match_ended', 'An accepted match ended', 'ended_at: only if it is not occurred_at', 'participants'),
    ('match_deleted', 'A match was deleted by hand', 'before: its state', 'operators'),
    ('session_scheduled', 'A session was arranged', 'scheduled_time', 'participants'),
    ('session_moved', 'A session got another time', 'scheduled_time, scheduled_time_before', 'participants'),
    ('session_started', 'A session began', null, 'participants'),
    ('session_confirmed', 'The first of the two people confirmed the other''s completion', null, 'participants'),
    ('session_completed', 'The second of the two people confirmed as well, which completed the session', null, 'participants'),
    ('session_cancelled', 'A session was cancelled', null, 'participants'),
    ('session_no_show', 'An operator found that one of the two people did not come', null, 'participants'),
    (
        'session_reverted',
        'An operator took back what a session gave to reputations',
        'reverted_at: only if it is not occurred_at',
        'participants'
    ),
    ('session_deleted', 'A session was deleted by hand', 'before: its state', 'operators'),
    ('profile_created', 'A user completed the profile for the first time', null, 'operators'),
    ('profile_changed', 'A profile''s texts or level changed', 'changed: names of the columns', 'operators'),
    ('profile_deleted', 'A profile was deleted, as a rule with its account', null, 'operators'),
    ('user_blocked', 'A user blocked another one', 'blocked_id', 'operators'),
    ('user_unblocked', 'A user took a block back', 'blocked_id', 'operators'),
    ('matching_paused', 'A user is left out of matching', 'automatically: whether unanswered offers were the reason', 'operators'),
    ('matching_resumed', 'A user takes part in matching again', null, 'operators'),
    ('settings_changed', 'An operator changed the settings', 'before, after: the columns that changed', 'operators'),
    ('changed_by_hand', 'Direct SQL made a change that no call makes', 'changed: names of the columns; before, after: the state',
        'operators');
end
$$;

comment on function wingman.event_kinds() is
'The vocabulary of the journal. kind: a value of wingman.events.kind; meaning: what happened; details: what
wingman.events.details holds, null for nothing; visible_to: participants or operators only. get_match_history tells the two people of
a match what participants may read, and when it lapsed; so event is one of match_event_kind: match_offered, match_accepted,
match_declined, match_expired, match_ended, session_scheduled, session_moved, session_started, session_confirmed, session_completed,
session_cancelled, session_no_show, session_reverted.';
revoke all on function wingman.event_kinds() from public, anon, authenticated, service_role;

-- file: sql/journal/direct_source.sql
create or replace function wingman.direct_source()
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return concat_ws(e'\t', '', '', current_setting('role'), session_user);
end
$$;

comment on function wingman.direct_source() is 'wingman.event_source() of direct SQL';
revoke all on function wingman.direct_source() from public, anon, authenticated, service_role;

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

-- file: sql/journal/tg_any__refuse_change.sql
create or replace function wingman.tg_any__refuse_change()
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

comment on function wingman.tg_any__refuse_change() is
'Trigger: rows of an append-only table cannot be changed or deleted, not even by its owner';
revoke all on function wingman.tg_any__refuse_change() from public, anon, authenticated, service_role;

-- file: sql/journal/tg_any__refuse_truncate.sql
create or replace function wingman.tg_any__refuse_truncate()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception using
        errcode = 'check_violation',
        constraint = tg_table_name || '_not_truncated',
        message = tg_table_name || ' cannot be truncated: the journal would not know of it';
end
$$;

comment on function wingman.tg_any__refuse_truncate() is
'Trigger: a table whose changes go to the journal cannot be truncated, because that fires no row trigger';
revoke all on function wingman.tg_any__refuse_truncate() from public, anon, authenticated, service_role;

-- file: sql/journal/events.sql
create sequence wingman.events_id_seq;

create table wingman.events (
    xid xid8 not null default pg_current_xact_id(),
    id bigint not null default nextval('wingman.events_id_seq'),
    occurred_at timestamptz not null default statement_timestamp(),
    kind text not null,
    match_id uuid,
    session_id uuid,
    user_id uuid,
    details jsonb,
    source text not null default wingman.event_source(),
    constraint events_pkey primary key (xid, id, occurred_at)
) partition by range (occurred_at);

create index events_match_idx on wingman.events (match_id, id) where match_id is not null;

comment on table wingman.events is
'The journal: every change of state, whoever made it, written by one trigger per table. Append-only, one partition per month. It
holds ids and states, nothing personal, and outlives accounts';
comment on column wingman.events.xid is
'The writing transaction. Readers follow the journal by it, so it leads the primary key';
comment on column wingman.events.id is
'The order of writing. For one match or session, this is the order in which things happened; occurred_at may differ, because a
statement may have waited for another one';
comment on column wingman.events.occurred_at is 'Start of the statement that made the change';
comment on column wingman.events.kind is 'What happened: a word of wingman.event_kinds()';
comment on column wingman.events.match_id is 'The match that it happened to, directly or through a session; else null';
comment on column wingman.events.session_id is 'The session that it happened to; else null';
comment on column wingman.events.user_id is
'For matches and sessions: which of the two people did it; null if neither did. For a profile, a pause or a block: the user';
comment on column wingman.events.details is
'Whatever kind and ids do not say, see wingman.event_kinds(); null if they say everything';
comment on column wingman.events.source is
'Where the change came from: call, user it acted for, role, login and request id, separated by tabs; wingman.event_source()';
comment on sequence wingman.events_id_seq is 'The order of writing of wingman.events';

revoke all on table wingman.events from public, anon, authenticated, service_role;
revoke all on sequence wingman.events_id_seq from public, anon, authenticated, service_role;

create or replace trigger refuse_change before update or delete on wingman.events
for each row execute function wingman.tg_any__refuse_change();

create or replace trigger refuse_truncate before truncate on wingman.events
for each statement execute function wingman.tg_any__refuse_change();

-- file: sql/journal/events_default.sql
create table wingman.events_default (like wingman.events including all);

comment on table wingman.events_default is
'Events of months that have no partition; empty as long as wingman.make_event_partitions is called in time';

alter table wingman.events attach partition wingman.events_default default; -- noqa: PRS

revoke all on table wingman.events_default from public, anon, authenticated, service_role;

create or replace trigger refuse_truncate before truncate on wingman.events_default
for each statement execute function wingman.tg_any__refuse_change();

-- file: sql/profiles/experience_rank.sql
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

-- file: sql/profiles/is_valid_radius.sql
create or replace function wingman.is_valid_radius(miles integer)
returns boolean
language sql
immutable
return miles between 1 and 100;

comment on function wingman.is_valid_radius(integer) is
'Whether a search radius or travel distance, in whole miles, is allowed; null for null';
revoke all on function wingman.is_valid_radius(integer) from public, anon, authenticated, service_role;

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
'The first rule that a profile''s texts break, or null. The table''s trigger and complete_profile both use this.';
revoke all on function wingman.profile_violation(text, text, text, text, text) from public, anon, authenticated, service_role;

-- file: sql/profiles/location_violation.sql
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
'The first rule that a location breaks, or null. The table''s constraint and complete_profile both use this.';
revoke all on function wingman.location_violation(double precision, double precision, text, text, integer)
from public, anon, authenticated, service_role;

-- file: sql/profiles/user_profiles.sql
create table public.user_profiles (
    id uuid constraint user_profiles_pkey primary key,
    first_name text not null,
    bio text,
    photo_url text,
    experience_level text not null,
    confidence_archetype text,
    completed_sessions integer not null default 0,
    no_shows integer not null default 0,
    reputation_score integer not null default 0,
    created_at timestamptz not null default statement_timestamp(),
    updated_at timestamptz not null default statement_timestamp()
) with (fillfactor = 80);

alter table public.user_profiles enable row level security;

comment on table public.user_profiles is 'What partners see of a person; a user is known once they have a row here';
comment on column public.user_profiles.id is 'The user, auth.users.id';
comment on column public.user_profiles.first_name is '1 to 80 characters';
comment on column public.user_profiles.bio is 'At most 400 characters';
comment on column public.user_profiles.photo_url is 'An https URL of at most 500 characters';
comment on column public.user_profiles.experience_level is 'One of experience_level: beginner, intermediate, advanced';
comment on column public.user_profiles.confidence_archetype is 'The person''s style of courage, at most 100 characters';
comment on column public.user_profiles.completed_sessions is 'Sessions that both confirmed: the sum of the ledger';
comment on column public.user_profiles.no_shows is 'Sessions missed: the sum of the ledger';
comment on column public.user_profiles.reputation_score is 'wingman.reputation_score of the two counters';
comment on column public.user_profiles.created_at is 'When the profile was first completed';
comment on column public.user_profiles.updated_at is 'When any column last changed';

revoke all on table public.user_profiles from public, anon, authenticated, service_role;
grant select on table public.user_profiles to authenticated, service_role, wingman_admin;

-- file: sql/profiles/user_profiles_id_fkey.sql
-- On Supabase wingman_owner has no right to schema auth: the migrating role makes this key.
set local role none;

alter table public.user_profiles
add constraint user_profiles_id_fkey foreign key (id) references auth.users (id) on delete cascade;

set local role wingman_owner;

-- file: sql/profiles/user_locations.sql
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

comment on table public.user_locations is 'Where people say they are; nobody else can ever read it';
comment on column public.user_locations.user_id is 'The user';
comment on column public.user_locations.lat is 'Latitude in degrees, WGS 84';
comment on column public.user_locations.lng is 'Longitude in degrees, WGS 84';
comment on column public.user_locations.city is 'Name of the city, at most 100 characters; required for city_only';
comment on column public.user_locations.privacy_mode is
'One of privacy_mode: precise, city_only. Precise is matched on a grid of 0.01 degrees, city_only on one of 0.1 degrees';
comment on column public.user_locations.max_travel_miles is 'The furthest buddy this person will meet, 1 to 100 miles';
comment on column public.user_locations.created_at is 'When the location was first given';
comment on column public.user_locations.updated_at is 'When any column last changed';

revoke all on table public.user_locations from public, anon, authenticated, service_role;
grant select on table public.user_locations to authenticated;

create or replace trigger set_updated_at before update on public.user_locations
for each row execute function wingman.tg_any__set_updated_at();

-- file: sql/profiles/tg_user_profiles__guard.sql
create or replace function wingman.tg_user_profiles__guard()
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

comment on function wingman.tg_user_profiles__guard() is
'Trigger: checks a profile''s texts and stamps updated_at when they are written; wingman.record_reputation does so for the
counters';
revoke all on function wingman.tg_user_profiles__guard() from public, anon, authenticated, service_role;

create or replace trigger guard_profile
before insert or update of first_name, experience_level, bio, photo_url, confidence_archetype on public.user_profiles
for each row execute function wingman.tg_user_profiles__guard();

-- file: sql/profiles/buddy_profile.sql
create type public.buddy_profile as (
    id uuid,
    first_name text,
    experience_level text,
    confidence_archetype text,
    reputation_score integer
);

comment on type public.buddy_profile is 'What a call reveals about a buddy';
comment on column public.buddy_profile.id is 'The buddy''s user id';
comment on column public.buddy_profile.first_name is 'First name';
comment on column public.buddy_profile.experience_level is 'One of experience_level';
comment on column public.buddy_profile.confidence_archetype is
'Style of courage, a free text such as Analyzer or Sprinter (nullable)';
comment on column public.buddy_profile.reputation_score is 'Reputation now, -5 to 20';

-- file: sql/profiles/profile_details.sql
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
comment on column public.profile_details.experience_level is 'One of experience_level';
comment on column public.profile_details.confidence_archetype is
'Style of courage, a free text such as Analyzer or Sprinter (nullable)';
comment on column public.profile_details.completed_sessions is 'Sessions that both people confirmed';
comment on column public.profile_details.no_shows is 'Sessions missed';
comment on column public.profile_details.reputation_score is 'completed_sessions - no_shows, held between -5 and 20';
comment on column public.profile_details.lat is 'Latitude in degrees; null if an operator has removed the location (nullable)';
comment on column public.profile_details.lng is 'Longitude in degrees (nullable)';
comment on column public.profile_details.city is 'Name of the city (nullable)';
comment on column public.profile_details.privacy_mode is 'One of privacy_mode (nullable)';
comment on column public.profile_details.max_travel_miles is 'The furthest buddy this person will meet, in miles (nullable)';
comment on column public.profile_details.matching_paused is 'Whether this person is left out of matching for now';
comment on column public.profile_details.created_at is 'When the profile was first completed';
comment on column public.profile_details.updated_at is 'When the profile or the location last changed';

-- file: sql/profiles/require_profile.sql
create or replace function wingman.require_profile(user_id uuid, or_null boolean default false)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (select from public.user_profiles as p where p.id = require_profile.user_id) then
        return require_profile.user_id;
    end if;

    if wingman.caller_role() <> 'authenticated' then
        perform wingman.raise_error('user_not_found');
    elsif not require_profile.or_null then
        perform wingman.raise_error('profile_incomplete');
    end if;
    return null;
end
$$;

comment on function wingman.require_profile(uuid, boolean) is
'The user on whose behalf a call is made, who must have a profile. or_null: return null for a calling user without one.
Errors: profile_incomplete (the user calls), user_not_found (another caller names the user).';
revoke all on function wingman.require_profile(uuid, boolean) from public, anon, authenticated, service_role;

-- file: sql/profiles/buddy_profile_of.sql
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

comment on function wingman.buddy_profile_of(uuid) is 'What a call reveals about this user to a partner; null without a profile';
revoke all on function wingman.buddy_profile_of(uuid) from public, anon, authenticated, service_role;

-- file: sql/profiles/profile_details_of.sql
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
    left join wingman.matchmaking_pool as s on s.user_id = p.id
    where p.id = profile_details_of.user_id;

    return _details;
end
$$;

comment on function wingman.profile_details_of(uuid) is 'Profile, location and settings of one user, for that user alone';
revoke all on function wingman.profile_details_of(uuid) from public, anon, authenticated, service_role;

-- file: sql/safety/user_blocks.sql
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

comment on table public.user_blocks is 'Who has blocked whom; a block applies to both people. Only the blocker can see it';
comment on column public.user_blocks.blocker_id is 'Who blocked';
comment on column public.user_blocks.blocked_id is 'Who is blocked';
comment on column public.user_blocks.created_at is 'Since when';

revoke all on table public.user_blocks from public, anon, authenticated, service_role;
grant select on table public.user_blocks to authenticated, service_role, wingman_admin;

-- file: sql/safety/report_violation.sql
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
'The rule that the reason of a report breaks, or null. The table''s constraint and report_user both use this.';
revoke all on function wingman.report_violation(text) from public, anon, authenticated, service_role;

-- file: sql/safety/user_reports.sql
create table wingman.user_reports (
    id uuid constraint user_reports_pkey primary key default wingman.new_id(),
    reporter_id uuid not null,
    subject_id uuid not null,
    reason text not null constraint user_reports_reason_check check (wingman.report_violation(reason) is null),
    created_at timestamptz not null default statement_timestamp(),
    constraint user_reports_two_people_check check (reporter_id <> subject_id)
);

create index user_reports_subject_idx on wingman.user_reports (subject_id, id);

comment on table wingman.user_reports is
'What people report about others, for operators. User ids have no foreign keys: reports outlive accounts';
comment on column wingman.user_reports.id is 'UUID version 7: newer reports sort later';
comment on column wingman.user_reports.reporter_id is 'The person who reports';
comment on column wingman.user_reports.subject_id is 'The person reported';
comment on column wingman.user_reports.reason is 'What happened, in the reporter''s words, 1 to 2000 characters';
comment on column wingman.user_reports.created_at is 'When it was reported';

revoke all on table wingman.user_reports from public, anon, authenticated, service_role;

-- file: sql/safety/require_subject.sql
create or replace function wingman.require_subject(subject_id uuid, user_id uuid)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    perform wingman.require_argument('subject_id', require_subject.subject_id is not null);
    if require_subject.subject_id = require_subject.user_id then
        perform wingman.raise_error(
            'invalid_argument', jsonb_build_object('argument', 'subject_id', 'rule', 'must be somebody else')
        );
    elsif not exists (select from public.user_profiles as p where p.id = require_subject.subject_id) then
        perform wingman.raise_error('user_not_found');
    end if;
    return require_subject.subject_id;
end
$$;

comment on function wingman.require_subject(uuid, uuid) is
'The other person that a call is about, who must have a profile. Errors: missing_argument, invalid_argument (oneself),
user_not_found.';
revoke all on function wingman.require_subject(uuid, uuid) from public, anon, authenticated, service_role;

-- file: sql/matching/pool/snap_to_grid.sql
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

-- file: sql/matching/pool/occupied_cells.sql
create table wingman.occupied_cells (
    grid_lat integer not null,
    grid_lng integer not null,
    constraint occupied_cells_pkey primary key (grid_lat, grid_lng)
);

comment on table wingman.occupied_cells is
'The grid points where somebody is: a search visits them nearest first. Maintained by the triggers of matchmaking_pool; an empty
one does no harm.';
comment on column wingman.occupied_cells.grid_lat is 'Latitude, in hundredths of a degree';
comment on column wingman.occupied_cells.grid_lng is 'Longitude, in hundredths of a degree';

revoke all on table wingman.occupied_cells from public, anon, authenticated, service_role;

-- file: sql/matching/pool/matchmaking_pool.sql
create table wingman.matchmaking_pool (
    user_id uuid constraint matchmaking_pool_pkey primary key
    constraint matchmaking_pool_user_id_fkey references public.user_profiles (id) on delete cascade,
    grid_lat integer not null,
    grid_lng integer not null,
    level smallint not null,
    max_travel_miles integer not null,
    waiting_since timestamptz not null default statement_timestamp(),
    paused boolean not null default false,
    pending_match_id uuid,
    pending_buddy_id uuid,
    pending_until timestamptz,
    paused_automatically boolean not null default false,
    unanswered_offers integer not null default 0,
    exposures timestamptz[] not null default '{}',
    constraint matchmaking_pool_cell_fkey foreign key (grid_lat, grid_lng)
    references wingman.occupied_cells (grid_lat, grid_lng)
) with (
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_cost_delay = 0,
    autovacuum_analyze_scale_factor = 0.05
);

-- who is free at a place, in the order of the search. Not a partial index: wingman.obstacles_near, and anybody who leaves a
-- place, ask for everybody there
create index matchmaking_pool_cell_idx
on wingman.matchmaking_pool (grid_lat, grid_lng, (pending_match_id is null and not paused), waiting_since, user_id);

-- whose match is due; one of its two people is enough
create index matchmaking_pool_due_idx on wingman.matchmaking_pool (pending_until)
where pending_until is not null and user_id < pending_buddy_id;

comment on table wingman.matchmaking_pool is
'One row for everybody who can be matched; its lock is the first one of every call that changes a match';
comment on column wingman.matchmaking_pool.user_id is 'The user';
comment on column wingman.matchmaking_pool.grid_lat is 'Latitude of the grid point, in hundredths of a degree';
comment on column wingman.matchmaking_pool.grid_lng is
'Longitude of the grid point, in hundredths of a degree; 0 at the poles, 18000 for -18000';
comment on column wingman.matchmaking_pool.level is 'wingman.experience_rank of the profile';
comment on column wingman.matchmaking_pool.max_travel_miles is 'The furthest buddy this person will meet, in miles';
comment on column wingman.matchmaking_pool.waiting_since is
'When the wait for a buddy began: of two equally near people, the one who has waited longer is matched first';
comment on column wingman.matchmaking_pool.paused is 'Left out of matching for now';
comment on column wingman.matchmaking_pool.paused_automatically is
'Paused because settings.ghosting_limit offers in a row were left to expire; the person''s next search ends it';
comment on column wingman.matchmaking_pool.unanswered_offers is
'Offers left to expire since the last one that this person answered';
comment on column wingman.matchmaking_pool.exposures is
'When the searches of others found this person, oldest first, at least as far back as settings.exposure_window reaches';
comment on column wingman.matchmaking_pool.pending_match_id is
'The one pending match of this person; only the trigger on wingman_matches writes it';
comment on column wingman.matchmaking_pool.pending_buddy_id is 'The other person of that match';
comment on column wingman.matchmaking_pool.pending_until is 'Until when that match can be answered';

revoke all on table wingman.matchmaking_pool from public, anon, authenticated, service_role;

-- file: sql/matching/pool/due_matches.sql
create or replace view wingman.due_matches as
select
    d.pending_match_id as match_id,
    d.user_id as user1_id,
    d.pending_buddy_id as user2_id,
    d.pending_until as due_at
from wingman.matchmaking_pool as d
-- one of the two people is enough; matchmaking_pool_due_idx holds only these rows
where d.user_id < d.pending_buddy_id and d.pending_until <= statement_timestamp();

comment on view wingman.due_matches is
'Pending matches that have lapsed and that nobody has settled yet; searches, declines and maintenance settle them';
comment on column wingman.due_matches.match_id is 'The match';
comment on column wingman.due_matches.user1_id is 'The person with the smaller id';
comment on column wingman.due_matches.user2_id is 'The other one';
comment on column wingman.due_matches.due_at is 'When it lapsed';

revoke all on table wingman.due_matches from public, anon, authenticated, service_role;

-- file: sql/matching/pool/lock_seekers.sql
create or replace function wingman.lock_seekers(user1_id uuid, user2_id uuid default null)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform
    from wingman.matchmaking_pool as s
    where s.user_id in (lock_seekers.user1_id, lock_seekers.user2_id)
    order by s.user_id
    for no key update;
end
$$;

comment on function wingman.lock_seekers(uuid, uuid) is
'First step of the lock order: locks the seekers of one or two people by user_id, waiting up to lock_timeout. A person who
cannot be matched has no row and is not locked.';
revoke all on function wingman.lock_seekers(uuid, uuid) from public, anon, authenticated, service_role;

-- file: sql/matching/pool/end_automatic_pause.sql
create or replace function wingman.end_automatic_pause(user_id uuid)
returns wingman.matchmaking_pool
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.matchmaking_pool;
begin
    update wingman.matchmaking_pool as s
    set paused = false, paused_automatically = false, unanswered_offers = 0
    where s.user_id = end_automatic_pause.user_id and s.paused_automatically;

    select s.* into strict _seeker from wingman.matchmaking_pool as s where s.user_id = end_automatic_pause.user_id;
    return _seeker;
end
$$;

comment on function wingman.end_automatic_pause(uuid) is
'Ends an automatic pause, if there is one, of a user whose seeker the caller has locked. Returns the seeker as it is then.';
revoke all on function wingman.end_automatic_pause(uuid) from public, anon, authenticated, service_role;

-- file: sql/matching/matches/wingman_matches.sql
create table public.wingman_matches (
    id uuid constraint wingman_matches_pkey primary key default wingman.new_id(),
    user1_id uuid not null,
    user2_id uuid not null,
    status text not null default 'pending',
    user1_reputation integer not null,
    user2_reputation integer not null,
    user1_level smallint not null,
    user2_level smallint not null,
    distance_miles integer not null,
    responded_by uuid,
    responded_at timestamptz,
    expires_at timestamptz not null,
    ended_at timestamptz,
    ended_by uuid,
    created_at timestamptz not null default statement_timestamp(),
    updated_at timestamptz not null default statement_timestamp(),
    searched_by uuid
) with (fillfactor = 80);

-- none contains status or any other column that an answer changes, so an answer is a HOT update, which writes no index
create index wingman_matches_user1_idx on public.wingman_matches (user1_id, id);
create index wingman_matches_user2_idx on public.wingman_matches (user2_id, id);
create index wingman_matches_pair_idx on public.wingman_matches (user1_id, user2_id, created_at);

-- a few people have thousands of matches: since most have one, the planner would read all of theirs to find a pair
alter table public.wingman_matches alter column user1_id set (n_distinct = -0.05);
alter table public.wingman_matches alter column user2_id set (n_distinct = -0.05);

alter table public.wingman_matches enable row level security;

comment on table public.wingman_matches is
'Every pair ever offered to each other. User ids without foreign keys: a deleted account leaves its partners'' history intact';
comment on column public.wingman_matches.id is 'UUID version 7: newer matches sort later';
comment on column public.wingman_matches.user1_id is 'The participant with the smaller id';
comment on column public.wingman_matches.user2_id is 'The participant with the larger id';
comment on column public.wingman_matches.status is
'One of match_status: pending, accepted, declined, expired. A pending match past expires_at counts as expired';
comment on column public.wingman_matches.user1_reputation is 'Reputation of user1 when the match was made';
comment on column public.wingman_matches.user2_reputation is 'Reputation of user2 when the match was made';
comment on column public.wingman_matches.user1_level is
'wingman.experience_rank of user1 when the match was made: 1 beginner, 2 intermediate, 3 advanced';
comment on column public.wingman_matches.user2_level is
'wingman.experience_rank of user2 when the match was made: 1 beginner, 2 intermediate, 3 advanced';
comment on column public.wingman_matches.distance_miles is 'Whole miles, rounded up, at least 1, when the match was made';
comment on column public.wingman_matches.searched_by is
'Whose search found the other one; null for a match that was written by hand';
comment on column public.wingman_matches.responded_by is 'Who accepted or declined';
comment on column public.wingman_matches.responded_at is 'When that was';
comment on column public.wingman_matches.expires_at is 'From this moment on nobody can respond';
comment on column public.wingman_matches.ended_at is 'When an accepted match was ended';
comment on column public.wingman_matches.ended_by is
'Which of the two ended it, blocked the other one or deleted the account; null if it was ended by hand';
comment on column public.wingman_matches.created_at is 'When the match was made';
comment on column public.wingman_matches.updated_at is 'When any column last changed';

revoke all on table public.wingman_matches from public, anon, authenticated, service_role;
grant select on table public.wingman_matches to authenticated, service_role, wingman_admin;

-- file: sql/matching/matches/next_match.sql
create type public.next_match as (
    match_id uuid,
    buddy_user_id uuid,
    buddy_profile public.buddy_profile
);

comment on type public.next_match is 'The next match, found after a decline';
comment on column public.next_match.match_id is 'The new pending match';
comment on column public.next_match.buddy_user_id is 'The other person';
comment on column public.next_match.buddy_profile is 'What the caller can see of that person';

-- file: sql/matching/matches/match_response.sql
create type public.match_response as (
    success boolean,
    message text,
    match_status text,
    next_match public.next_match
);

comment on type public.match_response is 'The answer of respond_to_match';
comment on column public.match_response.success is 'Always true: a refusal is an error';
comment on column public.match_response.message is 'What happened, for a person to read';
comment on column public.match_response.match_status is 'Status of the match after the call: one of match_status';
comment on column public.match_response.next_match is
'After a decline, the caller''s next match, if somebody was found (nullable)';

-- file: sql/matching/matches/match_details.sql
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
comment on column public.match_details.status is 'One of match_status, as of now';
comment on column public.match_details.buddy_user_id is 'The other person';
comment on column public.match_details.buddy_profile is 'The other person''s profile, while the two are partners (nullable)';
comment on column public.match_details.distance_miles is
'Whole miles between the two when the match was made, rounded up, at least 1';
comment on column public.match_details.responded_by_me is 'Whether it was the caller who accepted or declined';
comment on column public.match_details.responded_at is 'When the match was answered (nullable)';
comment on column public.match_details.expires_at is
'When a pending match expires; until then it can be answered';
comment on column public.match_details.ended_at is 'When an accepted match was ended (nullable)';
comment on column public.match_details.created_at is 'When the match was made';

-- file: sql/matching/matches/match_event.sql
create type public.match_event as (
    occurred_at timestamptz,
    event text,
    session_id uuid,
    by_me boolean
);

comment on type public.match_event is 'Something that happened to a match or to one of its sessions';
comment on column public.match_event.occurred_at is 'When it happened';
comment on column public.match_event.event is
'One of match_event_kind';
comment on column public.match_event.session_id is 'The session, if it happened to one (nullable)';
comment on column public.match_event.by_me is 'True if the caller did it, false if the buddy did, null if neither did (nullable)';

-- file: sql/matching/matches/match_status_at.sql
create or replace function wingman.match_status_at(status text, expires_at timestamptz, moment timestamptz)
returns text
language sql
immutable
return case when status = 'pending' and expires_at <= moment then 'expired' else status end;

comment on function wingman.match_status_at(text, timestamptz, timestamptz) is
'Effective status of a match at a moment: a pending match counts as expired from expires_at on, settled or not';
revoke all on function wingman.match_status_at(text, timestamptz, timestamptz) from public, anon, authenticated, service_role;

-- file: sql/matching/matches/is_current_match.sql
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

-- file: sql/matching/matches/match_buddy.sql
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

-- file: sql/matching/matches/partners_of.sql
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
    cross join lateral wingman.pair_obstacle(partners_of.user_id, b.id, null) as o
    where (m.user1_id = partners_of.user_id or m.user2_id = partners_of.user_id)
        and wingman.is_current_match(m.status, m.expires_at, m.ended_at, statement_timestamp())
        and o.obstacle is distinct from 'blocked';
end
$$;

comment on function wingman.partners_of(uuid) is
'Current partners of a user: the people of their current matches, see wingman.is_current_match, with no block
between them';
revoke all on function wingman.partners_of(uuid) from public, anon, authenticated, service_role;

-- file: sql/matching/matches/partner_ids.sql
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

-- file: sql/matching/matches/lock_match.sql
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

-- file: sql/matching/matches/offer.sql
create type wingman.offer as (
    match_id uuid,
    buddy_user_id uuid,
    buddy_profile public.buddy_profile,
    distance_miles integer
);

comment on type wingman.offer is 'A pending match as one of its two people sees it';
comment on column wingman.offer.match_id is 'The match; null if there is none (nullable)';
comment on column wingman.offer.buddy_user_id is 'The other person (nullable)';
comment on column wingman.offer.buddy_profile is 'What that person''s partner can see (nullable)';
comment on column wingman.offer.distance_miles is 'Whole miles, rounded up, at least 1, when the match was made (nullable)';

-- file: sql/matching/matches/pending_offer.sql
create or replace function wingman.pending_offer(user_id uuid)
returns wingman.offer
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _offer wingman.offer;
begin
    select
        m.id,
        p.id,
        row(
            p.id, p.first_name, p.experience_level, p.confidence_archetype, p.reputation_score
        )::public.buddy_profile,
        m.distance_miles
    into _offer
    from wingman.matchmaking_pool as s
    inner join public.wingman_matches as m on m.id = s.pending_match_id
    inner join public.user_profiles as p on p.id = s.pending_buddy_id
    where s.user_id = pending_offer.user_id and s.pending_until > statement_timestamp();

    return _offer;
end
$$;

comment on function wingman.pending_offer(uuid) is
'The pending match of a user; nulls if there is none or it has lapsed. Exact while the caller holds the lock on the user''s row of
the pool: nobody else can then create or settle one.';
revoke all on function wingman.pending_offer(uuid) from public, anon, authenticated, service_role;

-- file: sql/matching/matches/decline_match.sql
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

-- file: sql/matching/matches/expire_match.sql
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

-- file: sql/matching/matches/settle_due_matches.sql
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
        select d.*
        from wingman.due_matches as d
        order by d.due_at
        limit settle_due_matches.max_matches
    loop
        tried := tried + 1;

        perform
        from wingman.matchmaking_pool as s
        where s.user_id in (_due.user1_id, _due.user2_id)
        order by s.user_id
        for no key update skip locked;
        get diagnostics _seekers = row_count;
        continue when _seekers < 2;

        select m.status into _status
        from public.wingman_matches as m
        where m.id = _due.match_id
        for no key update skip locked;
        if _status = 'pending' then
            perform wingman.expire_match(_due.match_id);
            expired := expired + 1;
        end if;
    end loop;
end
$$;

comment on function wingman.settle_due_matches(integer) is
'Expires lapsed matches of any users, at most max_matches and the longest lapsed first, and never waits. tried: how many it
looked at; unless 0, the caller may now hold their locks and must not wait for anything. expired: how many it expired.';
revoke all on function wingman.settle_due_matches(integer) from public, anon, authenticated, service_role;

-- file: sql/matching/matches/refuse_response.sql
create or replace function wingman.refuse_response(match_id uuid, action text, answer text, user_id uuid)
returns wingman.offer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches;
    _status text;
begin
    perform wingman.require_profile(refuse_response.user_id);
    perform wingman.require_argument('match_id', refuse_response.match_id is not null);
    perform wingman.require_argument('action', refuse_response.action is not null);
    if refuse_response.answer is null then
        perform wingman.raise_error('invalid_action');
    end if;

    perform wingman.match_buddy(refuse_response.match_id, refuse_response.user_id);
    _match := wingman.lock_match(refuse_response.match_id);
    _status := wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp());
    case _status
        when refuse_response.answer then
            null;
        when 'expired' then
            perform wingman.raise_error('match_expired');
        when 'pending' then
            -- the match appeared while this call waited
            perform wingman.raise_error('busy');
        else
            perform wingman.raise_error('match_already_resolved', jsonb_build_object('status', _status));
    end case;

    if _status = 'declined' then
        return wingman.pending_offer(refuse_response.user_id);
    end if;
    return null;
end
$$;

comment on function wingman.refuse_response(uuid, text, text, uuid) is
'What respond_to_match does for a match that can no longer be answered: nothing if it already has this answer, otherwise it raises
why. Returns the caller''s pending match after a decline, else nulls. answer: the status that action asks for, null for none.
Errors: profile_incomplete, user_not_found, missing_argument, invalid_action, match_not_found, not_match_participant,
match_expired, match_already_resolved, busy.';
revoke all on function wingman.refuse_response(uuid, text, text, uuid) from public, anon, authenticated, service_role;

-- file: sql/matching/matches/match_details_of.sql
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

-- file: sql/matching/matches/end_accepted_match.sql
create or replace function wingman.end_accepted_match(match_id uuid, ended_by uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.wingman_matches as m
    set ended_at = statement_timestamp(), ended_by = end_accepted_match.ended_by
    where m.id = end_accepted_match.match_id;

    perform wingman.cancel_active_session(end_accepted_match.match_id, end_accepted_match.ended_by);
end
$$;

comment on function wingman.end_accepted_match(uuid, uuid) is
'Ends an accepted match whose row the caller has locked, and cancels its active session';
revoke all on function wingman.end_accepted_match(uuid, uuid) from public, anon, authenticated, service_role;

-- file: sql/matching/matches/leave_pending_match.sql
create or replace function wingman.leave_pending_match(user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.matchmaking_pool;
begin
    -- both rows of a pending match, by user_id
    perform
    from wingman.matchmaking_pool as s
    where s.user_id = any(array[
        leave_pending_match.user_id,
        (select p.pending_buddy_id from wingman.matchmaking_pool as p where p.user_id = leave_pending_match.user_id)
    ])
    order by s.user_id
    for no key update;

    select s.* into _seeker from wingman.matchmaking_pool as s where s.user_id = leave_pending_match.user_id;
    if _seeker.pending_until <= statement_timestamp() then
        perform wingman.expire_match(_seeker.pending_match_id);
    elsif _seeker.pending_match_id is not null then
        perform wingman.decline_match(_seeker.pending_match_id, leave_pending_match.user_id);
    end if;
end
$$;

comment on function wingman.leave_pending_match(uuid) is
'Settles the pending match of a person who leaves: it expires if it has lapsed; otherwise this person declines it, so that the
partner keeps their waiting time. The row of the leaving person in the pool stays locked.';
revoke all on function wingman.leave_pending_match(uuid) from public, anon, authenticated, service_role;

-- file: sql/matching/search/distance_miles.sql
create or replace function wingman.distance_miles(lat1 integer, lng1 integer, lat2 integer, lng2 integer)
returns double precision
language sql
immutable
-- haversine; least() because rounding may lift antipodes a hair above 1. Rounded to a millionth of a mile: otherwise noise in the
-- last digits would rank people who are equally near across the antimeridian or at a pole
return round(1000000 * 2 * 3958.7613 * asin(least(1, sqrt(
    power(sin(radians((lat2 - lat1) / 100.0::double precision) / 2), 2)
    + cos(radians(lat1 / 100.0::double precision)) * cos(radians(lat2 / 100.0::double precision))
    * power(sin(radians((lng2 - lng1) / 100.0::double precision) / 2), 2)
)))) / 1000000;

comment on function wingman.distance_miles(integer, integer, integer, integer) is
'Great-circle distance in statute miles between two grid points in hundredths of a degree; earth radius 3958.7613 miles. Never
leaves the database unrounded: see wingman.shown_miles.';
revoke all on function wingman.distance_miles(integer, integer, integer, integer)
from public, anon, authenticated, service_role;

-- file: sql/matching/search/shown_miles.sql
create or replace function wingman.shown_miles(miles double precision)
returns integer
language sql
immutable
return greatest(1, ceil(miles))::integer;

comment on function wingman.shown_miles(double precision) is
'A distance as users see it: whole miles, rounded up, at least 1';
revoke all on function wingman.shown_miles(double precision) from public, anon, authenticated, service_role;

-- file: sql/matching/search/match_searches.sql
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
'What the search behind a match was based on, for explain_match; a match written by hand has no row';
comment on column wingman.match_searches.match_id is 'The match';
comment on column wingman.match_searches.radius_miles is 'How far the search looked, in miles';
comment on column wingman.match_searches.candidate_travel_miles is 'How far the person found would travel, in miles';
comment on column wingman.match_searches.candidate_waiting_since is 'When the wait of the person found began';
comment on column wingman.match_searches.candidate_exposures is
'How often the person found had been found by others within settings.exposure_window';
comment on column wingman.match_searches.exposure_limit is 'settings.exposure_limit at that time';
comment on column wingman.match_searches.level_difference is 'Experience levels between the two';
comment on column wingman.match_searches.level_tolerance is 'Experience levels apart that were allowed';
comment on column wingman.match_searches.rematch_after is 'settings.rematch_after at that time';

revoke all on table wingman.match_searches from public, anon, authenticated, service_role;

-- file: sql/matching/search/automatic_match.sql
create type public.automatic_match as (
    success boolean,
    message text,
    match_id uuid,
    buddy_user_id uuid,
    buddy_profile public.buddy_profile,
    distance_miles integer
);

comment on type public.automatic_match is 'The answer of create_automatic_match';
comment on column public.automatic_match.success is
'Whether the caller now has a pending match; false if nobody compatible was found';
comment on column public.automatic_match.message is 'What happened, for a person to read';
comment on column public.automatic_match.match_id is 'The pending match (nullable)';
comment on column public.automatic_match.buddy_user_id is 'The other person (nullable)';
comment on column public.automatic_match.buddy_profile is 'What the caller can see of that person (nullable)';
comment on column public.automatic_match.distance_miles is
'Whole miles between the two when the match was made, rounded up, at least 1 (nullable)';

-- file: sql/matching/search/pair_obstacle.sql
-- noqa: disable=LT01,LT02,LT14,RF01,RF03,PRS
create or replace function wingman.pair_obstacle(user_id uuid, other_id uuid, rematch_after interval)
returns table (obstacle text)
language sql
stable
rows 1
begin atomic
select (case
    when
        -- two look-ups by the key: an "or" would read all who blocked the same person
        (
            select true
            from public.user_blocks as b
            where b.blocker_id = pair_obstacle.user_id and b.blocked_id = pair_obstacle.other_id
        )
        or (
            select true
            from public.user_blocks as b
            where b.blocker_id = pair_obstacle.other_id and b.blocked_id = pair_obstacle.user_id
        )
        then 'blocked'
    else (
        -- at most one row, unless somebody has written matches by hand; an aggregate would cost more
        select case when m.status = 'accepted' and m.ended_at is null then 'partners' else 'met_recently' end
        from public.wingman_matches as m
        where m.user1_id = least(pair_obstacle.user_id, pair_obstacle.other_id)
            and m.user2_id = greatest(pair_obstacle.user_id, pair_obstacle.other_id)
            and (
                (m.status = 'accepted' and m.ended_at is null)
                or m.created_at > statement_timestamp() - pair_obstacle.rematch_after
            )
        order by m.created_at
        limit 1
    )
end);
end;

comment on function wingman.pair_obstacle(uuid, uuid, interval) is
'What in the history of two people prevents a match: blocked (either has blocked the other), partners (an accepted match that has
not ended), met_recently (matched within rematch_after, whatever the outcome). Always one row; null if nothing does. A query
inlines it in FROM. Exact while one of their rows of the pool is locked.';
revoke all on function wingman.pair_obstacle(uuid, uuid, interval) from public, anon, authenticated, service_role;

-- file: sql/matching/search/search_terms.sql
create or replace view wingman.search_terms as
select
    t.match_lifetime,
    t.rematch_after,
    t.settle_limit,
    t.level_relaxation,
    t.exposure_limit,
    t.exposure_window,
    t.automatic_match_cost,
    t.automatic_match_burst,
    t.respond_cost,
    t.respond_burst
from wingman.settings as t;

comment on view wingman.search_terms is
'The settings that a search needs: its functions pass this row on, since the whole row of wingman.settings would cost more';
comment on column wingman.search_terms.match_lifetime is 'wingman.settings.match_lifetime';
comment on column wingman.search_terms.rematch_after is 'wingman.settings.rematch_after';
comment on column wingman.search_terms.settle_limit is 'wingman.settings.settle_limit';
comment on column wingman.search_terms.level_relaxation is 'wingman.settings.level_relaxation';
comment on column wingman.search_terms.exposure_limit is 'wingman.settings.exposure_limit';
comment on column wingman.search_terms.exposure_window is 'wingman.settings.exposure_window';
comment on column wingman.search_terms.automatic_match_cost is 'wingman.settings.automatic_match_cost';
comment on column wingman.search_terms.automatic_match_burst is 'wingman.settings.automatic_match_burst';
comment on column wingman.search_terms.respond_cost is 'wingman.settings.respond_cost';
comment on column wingman.search_terms.respond_burst is 'wingman.settings.respond_burst';

revoke all on table wingman.search_terms from public, anon, authenticated, service_role;

-- file: sql/matching/search/candidate.sql
create type wingman.candidate as (
    user_id uuid,
    level smallint,
    max_travel_miles integer,
    waiting_since timestamptz,
    exposures timestamptz []
);

comment on type wingman.candidate is
'The person whom a search has found and locked: the columns of the pool that a match needs. The whole row would cost more';
comment on column wingman.candidate.user_id is 'The person found (nullable)';
comment on column wingman.candidate.level is 'wingman.experience_rank: 1 beginner, 2 intermediate, 3 advanced (nullable)';
comment on column wingman.candidate.max_travel_miles is 'How far this person will travel (nullable)';
comment on column wingman.candidate.waiting_since is 'When the wait for a buddy began (nullable)';
comment on column wingman.candidate.exposures is 'When the searches of others found this person, oldest first (nullable)';

-- file: sql/matching/search/found_candidate.sql
create type wingman.found_candidate as (
    candidate wingman.matchmaking_pool,
    miles double precision
);

comment on type wingman.found_candidate is 'The person whom wingman.find_candidate found';
comment on column wingman.found_candidate.candidate is 'The seeker to offer (nullable)';
comment on column wingman.found_candidate.miles is 'How far away, between grid points (nullable)';

-- file: sql/matching/search/search_outcome.sql
create type wingman.search_outcome as (
    offer wingman.offer,
    contended boolean
);

comment on type wingman.search_outcome is 'The outcome of a search';
comment on column wingman.search_outcome.offer is 'The match made; nulls if nobody was found (nullable)';
comment on column wingman.search_outcome.contended is
'Nobody was found, but somebody eligible was locked by another call, so that "none" would be a guess';

-- file: sql/matching/search/level_tolerance.sql
create or replace function wingman.level_tolerance(waiting_since timestamptz, moment timestamptz, relaxation interval)
returns integer
language sql
immutable
return case when waiting_since <= moment - relaxation then 2 else 1 end;

comment on function wingman.level_tolerance(timestamptz, timestamptz, interval) is
'How many experience levels apart a buddy can be at a moment, given when the wait began: 1, or 2, which means any of the three
levels, once the wait has lasted for settings.level_relaxation. relaxation null: always 1.';
revoke all on function wingman.level_tolerance(timestamptz, timestamptz, interval)
from public, anon, authenticated, service_role;

-- file: sql/matching/search/recent_exposures.sql
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
'A person''s exposures that lie within the window, oldest first. One as old as the window no longer counts.';
revoke all on function wingman.recent_exposures(timestamptz[], interval) from public, anon, authenticated, service_role;

-- file: sql/matching/search/candidate_obstacle.sql
create or replace function wingman.candidate_obstacle(
    paused boolean,
    has_pending_match boolean,
    miles double precision,
    radius_miles integer,
    max_travel_miles integer,
    level_difference integer,
    level_tolerance integer,
    exposures timestamptz[],
    exposure_limit integer,
    exposure_window interval
)
returns text
language sql
stable
return case
    when paused then 'paused'
    when has_pending_match then 'has_pending_match'
    when miles > radius_miles::double precision then 'too_far'
    when miles > max_travel_miles::double precision then 'too_far_for_them'
    when level_difference > level_tolerance then 'level'
    when
        -- at least that many; a subscript costs a search less than cardinality()
        exposures[exposure_limit] is not null
        and (wingman.recent_exposures(exposures, exposure_window))[exposure_limit] is not null
        then 'found_often'
end;

comment on function wingman.candidate_obstacle(
    boolean, boolean, double precision, integer, integer, integer, integer, timestamptz[], integer, interval
) is
'The rules of wingman.match_obstacle that need no look-up, for a candidate at this distance. Takes columns, so that a query can
inline it.';
revoke all on function wingman.candidate_obstacle(
    boolean, boolean, double precision, integer, integer, integer, integer, timestamptz[], integer, interval
) from public, anon, authenticated, service_role;

-- file: sql/matching/search/match_obstacle.sql
create or replace function wingman.match_obstacle(
    seeker wingman.matchmaking_pool,
    candidate wingman.matchmaking_pool,
    miles double precision,
    radius_miles integer,
    settings wingman.settings
)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce(
        wingman.candidate_obstacle(
            match_obstacle.candidate.paused,
            match_obstacle.candidate.pending_match_id is not null,
            match_obstacle.miles,
            match_obstacle.radius_miles,
            match_obstacle.candidate.max_travel_miles,
            abs(match_obstacle.seeker.level - match_obstacle.candidate.level),
            wingman.level_tolerance(
                least(match_obstacle.seeker.waiting_since, match_obstacle.candidate.waiting_since),
                statement_timestamp(),
                match_obstacle.settings.level_relaxation
            ),
            match_obstacle.candidate.exposures,
            match_obstacle.settings.exposure_limit,
            match_obstacle.settings.exposure_window
        ),
        (
            select p.obstacle
            from wingman.pair_obstacle(
                match_obstacle.seeker.user_id, match_obstacle.candidate.user_id, match_obstacle.settings.rematch_after
            ) as p
        )
    );
end
$$;

comment on function wingman.match_obstacle(
    wingman.matchmaking_pool, wingman.matchmaking_pool, double precision, integer, wingman.settings
) is
'The first rule that keeps a candidate at this distance from being offered to a seeker who searches within a radius; null if none
does. First the rules of wingman.candidate_obstacle (paused, has_pending_match, too_far, too_far_for_them, level, found_often),
then those of wingman.pair_obstacle. Exact for a candidate while both rows are locked.';
revoke all on function wingman.match_obstacle(
    wingman.matchmaking_pool, wingman.matchmaking_pool, double precision, integer, wingman.settings
) from public, anon, authenticated, service_role;

-- file: sql/matching/search/cells_near.sql
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
'The occupied cells in a ring around a grid point, from beyond the inner to within the outer radius in miles, nearest first';
revoke all on function wingman.cells_near(integer, integer, integer, integer) from public, anon, authenticated, service_role;

-- file: sql/matching/search/first_in_cell.sql
create or replace function wingman.first_in_cell(
    seeker wingman.matchmaking_pool,
    grid_lat integer,
    grid_lng integer,
    miles double precision,
    radius_miles integer,
    settings wingman.search_terms,
    passed_over uuid[]
)
returns wingman.matchmaking_pool
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- the index holds the people of a cell in order: sorting would mean reading them all
set enable_bitmapscan = off
set enable_sort = off
as $$
declare
    _seeker wingman.matchmaking_pool := first_in_cell.seeker;
    _settings wingman.search_terms := first_in_cell.settings;
    _first wingman.matchmaking_pool;
begin
    select s.* into _first
    from wingman.matchmaking_pool as s
    cross join lateral wingman.pair_obstacle(_seeker.user_id, s.user_id, _settings.rematch_after) as p
    where s.grid_lat = first_in_cell.grid_lat
        and s.grid_lng = first_in_cell.grid_lng
        -- written as in the index
        and (s.pending_match_id is null and not s.paused) is true
        and s.user_id <> _seeker.user_id
        and s.user_id <> all(first_in_cell.passed_over)
        and wingman.candidate_obstacle(
            s.paused,
            s.pending_match_id is not null,
            first_in_cell.miles,
            first_in_cell.radius_miles,
            s.max_travel_miles,
            abs(_seeker.level - s.level),
            wingman.level_tolerance(
                least(_seeker.waiting_since, s.waiting_since), statement_timestamp(), _settings.level_relaxation
            ),
            s.exposures,
            _settings.exposure_limit,
            _settings.exposure_window
        ) is null
        and p.obstacle is null
    order by s.waiting_since, s.user_id
    limit 1;

    return _first;
end
$$;

comment on function wingman.first_in_cell(
    wingman.matchmaking_pool, integer, integer, double precision, integer, wingman.search_terms, uuid[]
) is
'Of the people at a grid point whom no wingman.match_obstacle keeps from a seeker, the one who has waited longest, then the one
with the smallest id; nulls if there is nobody. miles: how far the point is from the seeker; passed_over: people to leave out.
Reads nobody who has waited less than the person found.';
revoke all on function wingman.first_in_cell(
    wingman.matchmaking_pool, integer, integer, double precision, integer, wingman.search_terms, uuid[]
) from public, anon, authenticated, service_role;

-- file: sql/matching/search/lock_first_in_own_cell.sql
create or replace function wingman.lock_first_in_own_cell(
    seeker wingman.matchmaking_pool,
    radius_miles integer,
    settings wingman.search_terms
)
returns wingman.candidate
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- the index holds the people of a cell in order: sorting would mean reading them all
set enable_sort = off
as $$
declare
    _first wingman.candidate;
begin
    select s.user_id, s.level, s.max_travel_miles, s.waiting_since, s.exposures
    into _first
    from wingman.matchmaking_pool as s
    cross join lateral wingman.pair_obstacle(lock_first_in_own_cell.seeker.user_id, s.user_id, lock_first_in_own_cell.settings.rematch_after) as p
    where s.grid_lat = lock_first_in_own_cell.seeker.grid_lat
        and s.grid_lng = lock_first_in_own_cell.seeker.grid_lng
        -- written as in the index
        and (s.pending_match_id is null and not s.paused) is true
        and s.user_id <> lock_first_in_own_cell.seeker.user_id
        and wingman.candidate_obstacle(
            s.paused,
            s.pending_match_id is not null,
            -- the distance is zero, which is within everybody's radius
            null,
            lock_first_in_own_cell.radius_miles,
            s.max_travel_miles,
            abs(lock_first_in_own_cell.seeker.level - s.level),
            wingman.level_tolerance(
                least(lock_first_in_own_cell.seeker.waiting_since, s.waiting_since), statement_timestamp(), lock_first_in_own_cell.settings.level_relaxation
            ),
            s.exposures,
            lock_first_in_own_cell.settings.exposure_limit,
            lock_first_in_own_cell.settings.exposure_window
        ) is null
        and p.obstacle is null
    order by s.waiting_since, s.user_id
    limit 1
    for no key update of s skip locked;

    return _first;
end
$$;

comment on function wingman.lock_first_in_own_cell(wingman.matchmaking_pool, integer, wingman.search_terms) is
'Like wingman.first_in_cell, for the seeker''s own cell, where most searches end: locks the first person whose row nobody else
holds, and returns the row as it is then; nulls if there is nobody.';
revoke all on function wingman.lock_first_in_own_cell(wingman.matchmaking_pool, integer, wingman.search_terms)
from public, anon, authenticated, service_role;

-- file: sql/matching/search/holds_another_row.sql
create or replace function wingman.holds_another_row(user_id uuid, grid_lat integer, grid_lng integer)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (
        select
        from wingman.matchmaking_pool as s
        inner join wingman.matchmaking_pool as o on o.xmax = s.xmax
        where s.grid_lat = holds_another_row.grid_lat
            and s.grid_lng = holds_another_row.grid_lng
            and s.user_id <> holds_another_row.user_id
            and o.user_id = holds_another_row.user_id
            -- nobody holds that row
            and s.xmax <> xid '0'
    );
end
$$;

comment on function wingman.holds_another_row(uuid, integer, integer) is
'Whether this transaction, which has locked a user''s row in the pool, has also locked another row in a cell: PostgreSQL keeps the
lock on a row that wingman.lock_first_in_own_cell skips because it changed just before.';
revoke all on function wingman.holds_another_row(uuid, integer, integer) from public, anon, authenticated, service_role;

-- file: sql/matching/search/find_candidate.sql
create or replace function wingman.find_candidate(
    seeker wingman.matchmaking_pool,
    radius_miles integer,
    settings wingman.search_terms,
    passed_over uuid[]
)
returns wingman.found_candidate
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.matchmaking_pool := find_candidate.seeker;
    _radius integer := find_candidate.radius_miles;
    -- the ring of cells looked at: further than _inner, up to _outer miles
    _inner integer := 0;
    _outer integer := 2;
    _cell record;
    _first wingman.matchmaking_pool;
    _candidate wingman.matchmaking_pool;
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

comment on function wingman.find_candidate(wingman.matchmaking_pool, integer, wingman.search_terms, uuid[]) is
'The person to offer to a seeker within a radius: of all without a wingman.match_obstacle the closest, then longest waiting, then
smallest id; nulls if there is nobody. passed_over: people to leave out. Looks at rings of cells, each four times as wide as
the one before, until somebody is found, and reads only people who are nearer or wait longer than that one. Locks nothing.';
revoke all on function wingman.find_candidate(wingman.matchmaking_pool, integer, wingman.search_terms, uuid[])
from public, anon, authenticated, service_role;

-- file: sql/matching/search/create_match.sql
create or replace function wingman.create_match(
    seeker wingman.matchmaking_pool,
    candidate wingman.candidate,
    miles double precision,
    radius_miles integer,
    settings wingman.search_terms
)
returns wingman.offer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    -- the match to be, from the seeker's side
    _match record;
begin
    select
        wingman.new_id() as id,
        wingman.shown_miles(create_match.miles) as distance_miles,
        q.id < p.id as is_user1,
        q.reputation_score as own_reputation,
        p.reputation_score,
        row(p.id, p.first_name, p.experience_level, p.confidence_archetype, p.reputation_score)::public.buddy_profile as buddy
    into strict _match
    from public.user_profiles as p
    cross join public.user_profiles as q
    where p.id = create_match.candidate.user_id and q.id = create_match.seeker.user_id;

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
            _match.id,
            create_match.radius_miles,
            create_match.candidate.max_travel_miles,
            create_match.candidate.waiting_since,
            case
                when create_match.candidate.exposures[1] is null then 0
                else cardinality(wingman.recent_exposures(create_match.candidate.exposures, create_match.settings.exposure_window))
            end,
            create_match.settings.exposure_limit,
            abs(create_match.seeker.level - create_match.candidate.level),
            wingman.level_tolerance(
                least(create_match.seeker.waiting_since, create_match.candidate.waiting_since), statement_timestamp(), create_match.settings.level_relaxation
            ),
            create_match.settings.rematch_after
        )
    )

    insert into public.wingman_matches (
        id,
        user1_id,
        user2_id,
        user1_reputation,
        user2_reputation,
        user1_level,
        user2_level,
        distance_miles,
        searched_by,
        expires_at
    )
    values (
        _match.id,
        case when _match.is_user1 then create_match.seeker.user_id else create_match.candidate.user_id end,
        case when _match.is_user1 then create_match.candidate.user_id else create_match.seeker.user_id end,
        case when _match.is_user1 then _match.own_reputation else _match.reputation_score end,
        case when _match.is_user1 then _match.reputation_score else _match.own_reputation end,
        case when _match.is_user1 then create_match.seeker.level else create_match.candidate.level end,
        case when _match.is_user1 then create_match.candidate.level else create_match.seeker.level end,
        _match.distance_miles,
        create_match.seeker.user_id,
        statement_timestamp() + create_match.settings.match_lifetime
    );

    if create_match.candidate.exposures[20] is not null then
        -- drops those that no longer count; checking that at each match would be too expensive
        update wingman.matchmaking_pool as s
        set exposures = wingman.recent_exposures(s.exposures, create_match.settings.exposure_window)
        where s.user_id = create_match.candidate.user_id;
    end if;
    return row(_match.id, create_match.candidate.user_id, _match.buddy, _match.distance_miles)::wingman.offer;
end
$$;

comment on function wingman.create_match(
    wingman.matchmaking_pool, wingman.candidate, double precision, integer, wingman.search_terms
) is
'Writes a pending match between a seeker and the candidate found, whose rows the caller has locked, and what the search was based
on. Returns the match as the seeker sees it.';
revoke all on function wingman.create_match(
    wingman.matchmaking_pool, wingman.candidate, double precision, integer, wingman.search_terms
) from public, anon, authenticated, service_role;

-- file: sql/matching/search/match_nearest.sql
create or replace function wingman.match_nearest(
    seeker wingman.matchmaking_pool,
    radius_miles integer,
    may_wait boolean,
    settings wingman.search_terms
)
returns wingman.search_outcome
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _found wingman.found_candidate;
    _candidate wingman.candidate;
    _locked wingman.matchmaking_pool;
    _passed_over uuid[];
    _may_wait boolean;
    _wait_for uuid;
    _outcome wingman.search_outcome;
begin
    _candidate := wingman.lock_first_in_own_cell(
        match_nearest.seeker, match_nearest.radius_miles, match_nearest.settings
    );
    if _candidate.user_id is not null then
        _outcome.offer := wingman.create_match(
            match_nearest.seeker, _candidate, 0, match_nearest.radius_miles, match_nearest.settings
        );
        return _outcome;
    end if;

    _passed_over := '{}';
    _may_wait := match_nearest.may_wait;
    loop
        _found := wingman.find_candidate(
            match_nearest.seeker, match_nearest.radius_miles, match_nearest.settings, _passed_over
        );

        if (_found.candidate).user_id is null then
            _outcome.contended := _passed_over <> '{}';
            exit when _wait_for is null or not _may_wait or wingman.holds_another_row(
                match_nearest.seeker.user_id, match_nearest.seeker.grid_lat, match_nearest.seeker.grid_lng
            );
            -- everybody eligible is locked: wait only for a greater user_id, so that no two seekers wait for each other
            perform wingman.lock_seekers(_wait_for);
            _may_wait := false;
            _passed_over := '{}';
            continue;
        end if;

        select s.* into _locked
        from wingman.matchmaking_pool as s
        where s.user_id = (_found.candidate).user_id
        for no key update skip locked;
        if not found then
            _passed_over := _passed_over || (_found.candidate).user_id;
            if (_found.candidate).user_id > match_nearest.seeker.user_id then
                _wait_for := least(_wait_for, (_found.candidate).user_id);
            end if;
            continue;
        end if;

        -- a second row is held now: waiting could cause a deadlock
        _may_wait := false;
        if _locked is not distinct from _found.candidate then
            _outcome.contended := false;
            _candidate := row(
                _locked.user_id, _locked.level, _locked.max_travel_miles, _locked.waiting_since, _locked.exposures
            )::wingman.candidate;
            _outcome.offer := wingman.create_match(
                match_nearest.seeker, _candidate, _found.miles, match_nearest.radius_miles, match_nearest.settings
            );
            exit;
        end if;
        -- the row has changed since the search; now it is locked, and the next search sees it as it is
    end loop;
    return _outcome;
end
$$;

comment on function wingman.match_nearest(wingman.matchmaking_pool, integer, boolean, wingman.search_terms) is
'Matches a seeker, whose row the caller has locked and then read, with the nearest eligible person. may_wait: the seeker''s row is
the only lock held, so this call may wait for another.';
revoke all on function wingman.match_nearest(wingman.matchmaking_pool, integer, boolean, wingman.search_terms)
from public, anon, authenticated, service_role;

-- file: sql/matching/search/offer_next_match.sql
create or replace function wingman.offer_next_match(user_id uuid, settings wingman.search_terms)
returns wingman.offer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _own record;
begin
    select
        s as seeker,
        exists (select from wingman.due_matches) as has_due_matches
    into _own
    from wingman.matchmaking_pool as s
    where s.user_id = offer_next_match.user_id and not s.paused;
    if not found then
        return null;
    end if;

    if _own.has_due_matches then
        perform wingman.settle_due_matches(offer_next_match.settings.settle_limit);
    end if;
    -- both rows of the declined match are held: never wait, and treat "none" and "busy" alike
    return (wingman.match_nearest(_own.seeker, (_own.seeker).max_travel_miles, false, offer_next_match.settings)).offer;
end
$$;

comment on function wingman.offer_next_match(uuid, wingman.search_terms) is
'Tries to find the next match, within their own travel distance, for a user who has just declined; nulls if there is none. Never
fails.';
revoke all on function wingman.offer_next_match(uuid, wingman.search_terms) from public, anon, authenticated, service_role;

-- file: sql/matching/explain/matching_rules.sql
create or replace function wingman.matching_rules()
returns table (obstacle text, rule text, counted_as text, searcher_detail text, found_detail text)
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
rows 9
as $$
begin
    return query
    values
    ('paused', 'available', 'unavailable', 'Both of you were free and not paused', null),
    ('has_pending_match', 'available', 'unavailable', null, null),
    (
        'too_far',
        'distance',
        null,
        -- each person sees only their own limit
        'At most {distance_miles} miles apart, within your {radius_miles} miles and as far as your buddy goes',
        'At most {distance_miles} miles apart, within your {candidate_travel_miles} miles and as far as your buddy goes'
    ),
    ('too_far_for_them', 'distance', 'too_far_for_them', null, null),
    ('level', 'level', 'level', 'Experience levels {level_difference} apart, {level_tolerance} allowed', null),
    (
        'found_often',
        'exposure',
        'unavailable',
        'Your buddy had not been found by too many others lately',
        'You had been found {candidate_exposures} times lately, at most {exposure_limit} are allowed'
    ),
    (
        'met_recently',
        'met_recently',
        'met_recently',
        'You two had not been matched in the {rematch_hours} hours before',
        null
    ),
    ('partners', 'partners', 'partners', 'You two had no accepted match that was still open', null),
    -- a block must look like any other absence
    ('blocked', 'blocked', 'unavailable', 'Neither of you had blocked the other', null);
end
$$;

comment on function wingman.matching_rules() is
'The vocabulary of the rules that keep people from being matched. obstacle: the name that wingman.candidate_obstacle and
wingman.pair_obstacle give a rule; rule: its name in explain_match, one of matching_rule: distance, level, exposure, met_recently,
partners, blocked, available; counted_as: its name in why_no_match, one of removal_rule: unavailable, too_far_for_them, level,
met_recently, partners; null if it counts nobody; searcher_detail: what explain_match tells the person who searched, with {columns} of
wingman.match_searches, null if another obstacle of the same rule says it; found_detail: what it tells the person found, null for the
same.';
revoke all on function wingman.matching_rules() from public, anon, authenticated, service_role;

-- file: sql/matching/explain/match_rule.sql
create type public.match_rule as (
    rule text,
    passed boolean,
    detail text
);

comment on type public.match_rule is 'One rule of matching and its outcome for a match';
comment on column public.match_rule.rule is
'One of matching_rule';
comment on column public.match_rule.passed is 'Whether the two people met the rule when the match was made';
comment on column public.match_rule.detail is 'The rule and its numbers, as a sentence for people';

-- file: sql/matching/explain/match_explanation.sql
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
'True if the caller searched and found the buddy, false the other way round (nullable)';
comment on column public.match_explanation.distance_miles is 'Whole miles between the two, rounded up, at least 1';
comment on column public.match_explanation.level_difference is 'How many experience levels the two were apart (nullable)';
comment on column public.match_explanation.rules is 'Every rule with its outcome; empty for a match that no search made';
comment on column public.match_explanation.came_first_because is
'Why this person came first, as a sentence for people (nullable)';

-- file: sql/matching/explain/people_count.sql
create type public.people_count as (
    rule text,
    people integer
);

comment on type public.people_count is 'How many people a rule of matching removed';
comment on column public.people_count.rule is
'One of removal_rule. People who are busy, paused or otherwise out of reach count as unavailable';
comment on column public.people_count.people is 'How many, rounded up to a multiple of three';

-- file: sql/matching/explain/no_match_explanation.sql
create type public.no_match_explanation as (
    radius_miles integer,
    people_near integer,
    removed public.people_count [],
    suggestions text []
);

comment on type public.no_match_explanation is 'Why a search finds nobody, in numbers too coarse to identify anybody';
comment on column public.no_match_explanation.radius_miles is 'The radius searched, in miles';
comment on column public.no_match_explanation.people_near is
'How many people are within it, rounded up to a multiple of three; only the nearest 1000 are counted';
comment on column public.no_match_explanation.removed is 'How many of them each rule removed';
comment on column public.no_match_explanation.suggestions is 'What would help, as sentences for people; empty if nothing would';

-- file: sql/matching/explain/obstacles_near.sql
create or replace function wingman.obstacles_near(user_id uuid, radius_miles integer)
returns table (obstacle text, people bigint, nearest_miles integer)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.matchmaking_pool;
    _settings wingman.settings;
begin
    select s.* into strict _seeker from wingman.matchmaking_pool as s where s.user_id = obstacles_near.user_id;
    select t.* into strict _settings from wingman.settings as t;

    return query
    select o.obstacle, count(*), wingman.shown_miles(min(o.miles))
    from (
        select
            n.miles,
            -- a block comes before everything else, as a pause does, so that a blocked person cannot tell the two apart
            case b.obstacle
                when 'blocked' then 'blocked'
                else wingman.match_obstacle(_seeker, n.candidate, n.miles, obstacles_near.radius_miles, _settings)
            end as obstacle
        from (
            -- cell by cell, so that nobody beyond the last person counted is read
            select p.candidate, c.miles
            from (
                select k.grid_lat, k.grid_lng, k.miles
                from wingman.cells_near(_seeker.grid_lat, _seeker.grid_lng, -1, obstacles_near.radius_miles) as k
                order by k.miles
                offset 0
            ) as c
            cross join lateral (
                select s as candidate
                from wingman.matchmaking_pool as s
                where s.grid_lat = c.grid_lat and s.grid_lng = c.grid_lng and s.user_id <> _seeker.user_id
                offset 0
            ) as p
            order by c.miles
            limit 1000
        ) as n
        cross join lateral wingman.pair_obstacle(_seeker.user_id, (n.candidate).user_id, null) as b
    ) as o
    group by o.obstacle
    order by count(*) desc, o.obstacle;
end
$$;

comment on function wingman.obstacles_near(uuid, integer) is
'How many people within a radius each wingman.match_obstacle keeps from being offered to a user, who must be in the pool, and how
near the nearest of them is; obstacle null: nothing keeps them. Counts at most the 1000 nearest people.';
revoke all on function wingman.obstacles_near(uuid, integer) from public, anon, authenticated, service_role;

-- file: sql/matching/explain/coarse_count.sql
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
'A number of people as users see it: rounded up to a multiple of three, so that no single person shows';
revoke all on function wingman.coarse_count(bigint) from public, anon, authenticated, service_role;

-- file: sql/matching/explain/match_suggestions.sql
create or replace function wingman.match_suggestions(
    seeker wingman.matchmaking_pool,
    radius_miles integer,
    removed public.people_count[]
)
returns text[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _settings wingman.search_terms;
    _rules text[] := array(select r.rule from unnest(match_suggestions.removed) as r);
    _suggestions text[] := '{}'::text[];
    _miles double precision;
    _wider integer;
    _people bigint;
begin
    select t.* into strict _settings from wingman.search_terms as t;

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

comment on function wingman.match_suggestions(wingman.matchmaking_pool, integer, public.people_count[]) is
'What would help a seeker who finds nobody within a radius, best first, as sentences. removed: what wingman.why_no_match
counted.';
revoke all on function wingman.match_suggestions(wingman.matchmaking_pool, integer, public.people_count[])
from public, anon, authenticated, service_role;

-- file: sql/sessions/session_violation.sql
create or replace function wingman.session_violation(venue_name text, notes text, cancellation_reason text)
returns wingman.violation
language sql
immutable
return case
    when venue_name !~ '[^[:space:]]' or char_length(venue_name) > 200
        then wingman.violation '(venue_name,"must be 1 to 200 characters")'
    when char_length(notes) > 2000 then wingman.violation '(notes,"must be at most 2000 characters")'
    when char_length(cancellation_reason) > 500 then wingman.violation '(reason,"must be at most 500 characters")'
end;

comment on function wingman.session_violation(text, text, text) is
'The first rule that a session''s texts break, or null. The table''s trigger, create_session and cancel_session use this.';
revoke all on function wingman.session_violation(text, text, text) from public, anon, authenticated, service_role;

-- file: sql/sessions/is_active_session.sql
create or replace function wingman.is_active_session(status text)
returns boolean
language sql
immutable
return status in ('scheduled', 'in_progress');

comment on function wingman.is_active_session(text) is
'Whether a session in this status is still ahead or in progress: it can be confirmed and cancelled, and its match cannot have
another one';
revoke all on function wingman.is_active_session(text) from public, anon, authenticated, service_role;
-- Views of wingman_admin ask for the column is_active, which the index needs, and for this, which tells the planner how few
-- sessions are active.
grant execute on function wingman.is_active_session(text) to service_role, wingman_admin;

-- file: sql/sessions/wingman_sessions.sql
create table public.wingman_sessions (
    id uuid constraint wingman_sessions_pkey primary key default wingman.new_id(),
    match_id uuid not null
    constraint wingman_sessions_match_id_fkey references public.wingman_matches (id),
    user1_id uuid not null,
    user2_id uuid not null,
    venue_name text not null,
    scheduled_time timestamptz not null,
    notes text,
    status text not null default 'scheduled',
    is_active boolean not null default true,
    user1_completed_confirmed_by_user2 boolean not null default false,
    user2_completed_confirmed_by_user1 boolean not null default false,
    completed_at timestamptz,
    created_by uuid,
    started_by uuid,
    cancelled_by uuid,
    cancellation_reason text,
    created_at timestamptz not null default statement_timestamp(),
    updated_at timestamptz not null default statement_timestamp(),
    reverted_at timestamptz
) with (fillfactor = 80);

create index wingman_sessions_match_idx on public.wingman_sessions (match_id, id);
create unique index wingman_sessions_one_active_idx on public.wingman_sessions (match_id)
where is_active;

alter table public.wingman_sessions enable row level security;

comment on table public.wingman_sessions is 'Meetings of two matched people; each confirms that the other one completed it';
comment on column public.wingman_sessions.id is 'UUID version 7: newer sessions sort later';
comment on column public.wingman_sessions.match_id is 'The match whose two people meet';
comment on column public.wingman_sessions.user1_id is 'user1_id of the match';
comment on column public.wingman_sessions.user2_id is 'user2_id of the match';
comment on column public.wingman_sessions.venue_name is 'Where they meet, 1 to 200 characters';
comment on column public.wingman_sessions.scheduled_time is 'When they meet; confirmations count from then on';
comment on column public.wingman_sessions.notes is 'What they agreed, at most 2000 characters';
comment on column public.wingman_sessions.status is
'One of session_status: scheduled, in_progress, completed, cancelled, no_show';
comment on column public.wingman_sessions.is_active is
'Whether the status is scheduled or in_progress. Stored for the index of active sessions: if it read the status, starting a
session would write every index.';
comment on column public.wingman_sessions.user1_completed_confirmed_by_user2 is 'user2 says that user1 completed the session';
comment on column public.wingman_sessions.user2_completed_confirmed_by_user1 is 'user1 says that user2 completed the session';
comment on column public.wingman_sessions.completed_at is 'When the second confirmation came';
comment on column public.wingman_sessions.created_by is 'Which of the two scheduled it; null if it was written by hand';
comment on column public.wingman_sessions.started_by is 'Which of the two started it; null if nobody did, or it was done by hand';
comment on column public.wingman_sessions.cancelled_by is 'Who cancelled it, ended the match or deleted the account';
comment on column public.wingman_sessions.cancellation_reason is 'Why, at most 500 characters';
comment on column public.wingman_sessions.reverted_at is
'When an operator took back what a completed session or a no-show gave to reputations; its status stays';
comment on column public.wingman_sessions.created_at is 'When it was scheduled';
comment on column public.wingman_sessions.updated_at is 'When any column last changed';

revoke all on table public.wingman_sessions from public, anon, authenticated, service_role;
grant select on table public.wingman_sessions to authenticated, service_role, wingman_admin;

-- file: sql/sessions/decision_violation.sql
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
mark_no_show use this.';
revoke all on function wingman.decision_violation(text) from public, anon, authenticated, service_role;

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

-- file: sql/sessions/session_details.sql
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
comment on column public.session_details.match_id is 'The match that it belongs to';
comment on column public.session_details.buddy_user_id is 'The other person';
comment on column public.session_details.venue_name is 'Where they meet';
comment on column public.session_details.scheduled_time is 'When they meet';
comment on column public.session_details.notes is 'Anything else worth knowing (nullable)';
comment on column public.session_details.status is 'One of session_status';
comment on column public.session_details.i_confirmed_buddy is 'Whether the caller confirmed the buddy''s completion';
comment on column public.session_details.buddy_confirmed_me is 'Whether the buddy confirmed the caller''s completion';
comment on column public.session_details.both_confirmed is 'Whether both people have confirmed';
comment on column public.session_details.completed_at is 'When the second confirmation came (nullable)';
comment on column public.session_details.created_at is 'When it was scheduled';

-- file: sql/sessions/session_confirmation.sql
create type public.session_confirmation as (
    success boolean,
    message text,
    session_status text,
    both_confirmed boolean,
    reputation_updated boolean,
    user_reputation_delta integer
);

comment on type public.session_confirmation is 'The answer of confirm_session_completion';
comment on column public.session_confirmation.success is 'Always true: a refusal is an error';
comment on column public.session_confirmation.message is 'What happened, for a person to read';
comment on column public.session_confirmation.session_status is 'Status of the session after the call: one of session_status';
comment on column public.session_confirmation.both_confirmed is 'Whether both people have confirmed';
comment on column public.session_confirmation.reputation_updated is 'Whether this call raised both reputations';
comment on column public.session_confirmation.user_reputation_delta is
'What the caller gained by this call: 1 or 0 completed sessions';

-- file: sql/sessions/tg_wingman_sessions__guard.sql
create or replace function wingman.tg_wingman_sessions__guard()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _broken text;
begin
    -- each operator of an expression costs a look-up, even if it is not reached: so one expression per case
    if old.is_active then
        _broken := case
            when (old.user1_completed_confirmed_by_user2 and not new.user1_completed_confirmed_by_user2)
                or (old.user2_completed_confirmed_by_user1 and not new.user2_completed_confirmed_by_user1)
                then 'confirmation'
            when new.status = 'completed' then case
                when not (new.user1_completed_confirmed_by_user2 and new.user2_completed_confirmed_by_user1)
                    or new.completed_at is null
                    then 'completion_check'
            end
            when (new.user1_completed_confirmed_by_user2 and new.user2_completed_confirmed_by_user1)
                or new.completed_at is not null
                then 'completion_check'
            when new.started_by is not null and new.status = 'scheduled' then 'start_check'
            when new.started_by not in (new.user1_id, new.user2_id) then 'people_check'
            when (new.status in (old.status, 'in_progress', 'cancelled', 'no_show')) is not true then 'transition'
        end;
    else
        _broken := case
            when new.status <> old.status then 'transition'
            when new.user1_completed_confirmed_by_user2 <> old.user1_completed_confirmed_by_user2
                or new.user2_completed_confirmed_by_user1 <> old.user2_completed_confirmed_by_user1
                or new.completed_at is distinct from old.completed_at
                then 'confirmation'
            when new.started_by not in (new.user1_id, new.user2_id) then 'people_check'
        end;
    end if;
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_' || _broken,
            message = case _broken
                when 'transition' then format('A session cannot go from %s to %s', old.status, new.status)
                when 'confirmation' then 'Confirmations are given while a session is active, and never taken back'
                when 'completion_check' then 'A session is completed by both confirmations, and then says when'
                when 'start_check' then 'Only a session that began says who started it'
                when 'people_check' then 'One of the two people starts a session, if anybody'
            end;
    end if;

    new.is_active := wingman.is_active_session(new.status);
    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.tg_wingman_sessions__guard() is
'Trigger: the states of a session. scheduled to in_progress, both to completed, cancelled or no_show, these three terminal;
confirmations are only given, never taken back, and only while the session is active. Holds for direct SQL. No CHECK constraints:
every update would parse their text, at a quarter of the cost of a confirmation.';
revoke all on function wingman.tg_wingman_sessions__guard() from public, anon, authenticated, service_role;

create or replace trigger guard_session
before update of
status, is_active, user1_completed_confirmed_by_user2, user2_completed_confirmed_by_user1, completed_at, started_by
on public.wingman_sessions
for each row execute function wingman.tg_wingman_sessions__guard();

-- file: sql/sessions/tg_wingman_sessions__guard_rest.sql
create or replace function wingman.tg_wingman_sessions__guard_rest()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _broken text;
begin
    -- an array compares several columns with one operator, and treats nulls as equal
    _broken := case
        when array[new.id, new.match_id, new.user1_id, new.user2_id] <> array[old.id, old.match_id, old.user1_id, old.user2_id]
            then 'match'
        when new.reverted_at is distinct from old.reverted_at
            and (old.reverted_at is not null or (old.status in ('completed', 'no_show')) is not true)
            then 'revert'
        when not isfinite(new.scheduled_time) then 'time_check'
        when new.scheduled_time <> old.scheduled_time and not old.is_active then 'time_final'
        when new.created_by not in (new.user1_id, new.user2_id) then 'people_check'
        when wingman.session_violation(new.venue_name, new.notes, null) is not null then 'rules'
    end;
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_' || _broken,
            message = case _broken
                when 'match' then 'The match of a session and its two people never change'
                when 'revert' then 'A completed session or a no-show is reverted once, and stays so'
                when 'time_check' then 'A session takes place at some time'
                when 'time_final' then 'A session that is over keeps its time'
                when 'people_check' then 'One of the two people arranges a session, if anybody'
                when 'rules' then 'A text of this session is too short or too long'
            end;
    end if;

    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.tg_wingman_sessions__guard_rest() is
'Trigger: a session keeps its match and its two people; its texts are valid; once it is over its time never changes, so that
readers of the journal can look it up; only a completed session or a no-show can be reverted, and only once. Fires for these columns
only, so that it costs a confirmation nothing.';
revoke all on function wingman.tg_wingman_sessions__guard_rest() from public, anon, authenticated, service_role;

create or replace trigger guard_rest
before update of id, match_id, user1_id, user2_id, venue_name, scheduled_time, notes, created_by, reverted_at
on public.wingman_sessions
for each row execute function wingman.tg_wingman_sessions__guard_rest();

-- file: sql/sessions/tg_wingman_sessions__guard_insert.sql
create or replace function wingman.tg_wingman_sessions__guard_insert()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _broken text;
begin
    -- The lock keeps the match from ending meanwhile. A confirmation need not read the match.
    select m.user1_id, m.user2_id
    into new.user1_id, new.user2_id
    from public.wingman_matches as m
    where m.id = new.match_id and m.status = 'accepted' and m.ended_at is null
    for no key update;

    _broken := case
        when not found then 'match'
        when new.status <> 'scheduled' or not new.is_active then 'transition'
        when new.started_by is not null then 'start_check'
        when new.user1_completed_confirmed_by_user2 or new.user2_completed_confirmed_by_user1 then 'confirmation'
        when new.completed_at is not null then 'completion_check'
        when new.reverted_at is not null then 'revert'
        when new.cancelled_by is not null or new.cancellation_reason is not null then 'cancellation_check'
        when new.created_by not in (new.user1_id, new.user2_id) then 'people_check'
        when not isfinite(new.scheduled_time) then 'time_check'
        when wingman.session_violation(new.venue_name, new.notes, null) is not null then 'rules'
    end;
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_' || _broken,
            message = case _broken
                when 'match' then 'A session belongs to an accepted match that has not ended'
                when 'transition' then 'A new session is scheduled'
                when 'start_check' then 'A new session has not begun'
                when 'confirmation' then 'A new session is not confirmed'
                when 'completion_check' then 'A new session is not completed'
                when 'revert' then 'A new session is not reverted'
                when 'cancellation_check' then 'A new session is not cancelled'
                when 'people_check' then 'One of the two people arranges a session, if anybody'
                when 'time_check' then 'A session takes place at some time'
                when 'rules' then 'A text of this session is too short or too long'
            end;
    end if;
    return new;
end
$$;

comment on function wingman.tg_wingman_sessions__guard_insert() is
'Trigger: a new session belongs to an accepted match, which it locks, and gets its two people; it is scheduled at some time, and
its texts are valid';
revoke all on function wingman.tg_wingman_sessions__guard_insert() from public, anon, authenticated, service_role;

create or replace trigger guard_insert before insert on public.wingman_sessions
for each row execute function wingman.tg_wingman_sessions__guard_insert();

-- file: sql/sessions/tg_wingman_sessions__guard_cancellation.sql
create or replace function wingman.tg_wingman_sessions__guard_cancellation()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _broken text;
begin
    _broken := case
        when new.cancelled_by is null and new.cancellation_reason is null then null
        when new.status <> 'cancelled' then 'cancellation_check'
        when new.cancelled_by not in (new.user1_id, new.user2_id) then 'people_check'
        when wingman.session_violation(null, null, new.cancellation_reason) is not null then 'rules'
    end;
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_' || _broken,
            message = case _broken
                when 'cancellation_check' then 'Only a cancelled session says who cancelled it and why'
                when 'people_check' then 'One of the two people cancels a session, if anybody'
                when 'rules' then 'The reason of this cancellation is too long'
            end;
    end if;

    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.tg_wingman_sessions__guard_cancellation() is
'Trigger: only a cancelled session says who cancelled it, one of its two people, and why';
revoke all on function wingman.tg_wingman_sessions__guard_cancellation() from public, anon, authenticated, service_role;

create or replace trigger guard_cancellation before update of cancelled_by, cancellation_reason on public.wingman_sessions
for each row execute function wingman.tg_wingman_sessions__guard_cancellation();

-- file: sql/sessions/session_buddy.sql
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
    select s.user1_id, s.user2_id
    into _user1_id, _user2_id
    from public.wingman_sessions as s
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

-- file: sql/sessions/lock_session.sql
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

-- file: sql/sessions/session_details_of.sql
-- Statements inline it. Its body is a text, since an SQL-standard body that takes the row of a table would keep
-- that table from getting new columns. It names everything with its schema, so that no search_path changes what it means.
create or replace function wingman.session_details_of(session public.wingman_sessions, user_id uuid)
returns public.session_details
language sql
immutable
as $$
select row(
    session.id,
    session.match_id,
    case when session.user1_id operator(pg_catalog.=) user_id then session.user2_id else session.user1_id end,
    session.venue_name,
    session.scheduled_time,
    session.notes,
    session.status,
    case
        when session.user1_id operator(pg_catalog.=) user_id then session.user2_completed_confirmed_by_user1
        else session.user1_completed_confirmed_by_user2
    end,
    case
        when session.user1_id operator(pg_catalog.=) user_id then session.user1_completed_confirmed_by_user2
        else session.user2_completed_confirmed_by_user1
    end,
    session.user1_completed_confirmed_by_user2 and session.user2_completed_confirmed_by_user1,
    session.completed_at,
    session.created_at
)::public.session_details
$$;

comment on function wingman.session_details_of(public.wingman_sessions, uuid) is
'A session as this one of its two people sees it';
revoke all on function wingman.session_details_of(public.wingman_sessions, uuid)
from public, anon, authenticated, service_role;

-- file: sql/sessions/schedule_violation.sql
create or replace function wingman.schedule_violation(scheduled_time timestamptz, horizon interval)
returns wingman.violation
language sql
stable
return case
    when scheduled_time <= statement_timestamp() then wingman.violation '(scheduled_time,"must be in the future")'
    when scheduled_time > statement_timestamp() + horizon
        then row(
            'scheduled_time', format('must be at most %s days ahead', extract(epoch from horizon)::integer / 86400)
        )::wingman.violation
end;

comment on function wingman.schedule_violation(timestamptz, interval) is
'The rule that the time of a new session breaks, or null. horizon: settings.session_horizon.';
revoke all on function wingman.schedule_violation(timestamptz, interval) from public, anon, authenticated, service_role;

-- file: sql/sessions/new_session_violation.sql
create or replace function wingman.new_session_violation(
    match_id uuid,
    scheduled_time timestamptz,
    venue_name text,
    notes text,
    horizon interval
)
returns wingman.violation
language sql
stable
return coalesce(
    case
        when match_id is null then wingman.violation '(match_id,"is required")'
        when scheduled_time is null then wingman.violation '(scheduled_time,"is required")'
        when venue_name is null then wingman.violation '(venue_name,"is required")'
    end,
    wingman.session_violation(venue_name, notes, null),
    wingman.schedule_violation(scheduled_time, horizon)
);

comment on function wingman.new_session_violation(uuid, timestamptz, text, text, interval) is
'The first rule that the arguments of create_session break, or null. horizon: settings.session_horizon.';
revoke all on function wingman.new_session_violation(uuid, timestamptz, text, text, interval)
from public, anon, authenticated, service_role;

-- file: sql/sessions/refuse_new_session.sql
create or replace function wingman.refuse_new_session(
    match_id uuid,
    scheduled_time timestamptz,
    venue_name text,
    notes text,
    user_id uuid
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _violation wingman.violation := wingman.new_session_violation(
        refuse_new_session.match_id,
        refuse_new_session.scheduled_time,
        refuse_new_session.venue_name,
        refuse_new_session.notes,
        (select t.session_horizon from wingman.settings as t)
    );
    _match public.wingman_matches;
begin
    perform wingman.require_profile(refuse_new_session.user_id);
    perform wingman.require_argument(_violation.argument, _violation.rule <> 'is required');
    if _violation.rule = 'must be in the future' then
        perform wingman.raise_error('invalid_schedule');
    end if;
    perform wingman.refuse_violation(_violation);

    perform wingman.match_buddy(refuse_new_session.match_id, refuse_new_session.user_id);
    _match := wingman.lock_match(refuse_new_session.match_id);
    if _match.status = 'accepted' and _match.ended_at is null then
        perform wingman.raise_error(case
            when exists (select from public.wingman_sessions as s where s.match_id = _match.id and s.is_active)
                then 'active_session_exists'
            -- came to this while the call waited
            else 'busy'
        end);
    end if;
    perform wingman.raise_error('match_not_accepted', jsonb_build_object('status', case
        when _match.ended_at is not null then 'ended'
        else wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp())
    end));
end
$$;

comment on function wingman.refuse_new_session(uuid, timestamptz, text, text, uuid) is
'Raises the reason why a user cannot create a session. Errors: profile_incomplete, user_not_found, missing_argument,
invalid_schedule, invalid_argument, match_not_found, not_match_participant, match_not_accepted, active_session_exists, busy.';
revoke all on function wingman.refuse_new_session(uuid, timestamptz, text, text, uuid)
from public, anon, authenticated, service_role;

-- file: sql/sessions/refuse_session_change.sql
create or replace function wingman.refuse_session_change(session_id uuid, verb text, user_id uuid)
returns public.session_details
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _session public.wingman_sessions;
    _from timestamptz;
begin
    perform wingman.require_profile(refuse_session_change.user_id);
    perform wingman.require_argument('session_id', refuse_session_change.session_id is not null);
    perform wingman.session_buddy(refuse_session_change.session_id, refuse_session_change.user_id);
    _session := wingman.lock_session(refuse_session_change.session_id);

    if (refuse_session_change.verb, _session.status) in (('started', 'in_progress'), ('cancelled', 'cancelled')) then
        return wingman.session_details_of(_session, refuse_session_change.user_id);
    elsif not _session.is_active then
        perform wingman.raise_error(
            'invalid_session_state',
            jsonb_build_object('verb', refuse_session_change.verb, 'status', _session.status)
        );
    end if;

    select _session.scheduled_time - t.session_start_lead into strict _from from wingman.settings as t;
    if refuse_session_change.verb = 'started' and statement_timestamp() < _from then
        perform wingman.raise_error('too_early', jsonb_build_object('time', wingman.utc_text(_from)));
    end if;
    -- the session became changeable while this call waited
    perform wingman.raise_error('busy');
    return null;
end
$$;

comment on function wingman.refuse_session_change(uuid, text, uuid) is
'What start_session and cancel_session do for a session that they could not change: returns it if it is already in the state asked
for, else raises why. verb: started or cancelled. Errors: profile_incomplete, user_not_found, missing_argument,
session_not_found, not_session_participant, invalid_session_state, too_early, busy.';
revoke all on function wingman.refuse_session_change(uuid, text, uuid) from public, anon, authenticated, service_role;

-- file: sql/sessions/confirmation_obstacle.sql
create or replace function wingman.confirmation_obstacle(
    user1_id uuid,
    user2_id uuid,
    user1_completed_confirmed_by_user2 boolean,
    user2_completed_confirmed_by_user1 boolean,
    status text,
    scheduled_time timestamptz,
    user_id uuid,
    buddy_user_id uuid
)
returns text
language sql
stable
return case
    when user_id not in (user1_id, user2_id) then 'not_session_participant'
    when buddy_user_id = user_id then 'self_confirmation'
    when buddy_user_id not in (user1_id, user2_id) then 'buddy_not_in_session'
    when case user_id when user1_id then user2_completed_confirmed_by_user1 else user1_completed_confirmed_by_user2 end
        then 'already_confirmed'
    when not wingman.is_active_session(status) then 'session_not_confirmable'
    when scheduled_time > statement_timestamp() then 'session_not_started'
end;

comment on function wingman.confirmation_obstacle(uuid, uuid, boolean, boolean, text, timestamptz, uuid, uuid) is
'What keeps a user from confirming that the buddy completed a session, as the name of the error; null if nothing does.
Takes the session''s columns, so that a query can inline it; user_id: who confirms; buddy_user_id: the buddy whom that user names,
or null. All rules of confirming are here. Exact while the session is locked.';
revoke all on function wingman.confirmation_obstacle(uuid, uuid, boolean, boolean, text, timestamptz, uuid, uuid)
from public, anon, authenticated, service_role;

-- file: sql/sessions/refuse_confirmation.sql
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
    perform wingman.require_profile(refuse_confirmation.user_id);
    perform wingman.require_argument('session_id', refuse_confirmation.session_id is not null);

    _session := wingman.lock_session(refuse_confirmation.session_id);
    if _session.id is null then
        perform wingman.raise_error('session_not_found');
    end if;
    _obstacle := wingman.confirmation_obstacle(
        _session.user1_id,
        _session.user2_id,
        _session.user1_completed_confirmed_by_user2,
        _session.user2_completed_confirmed_by_user1,
        _session.status,
        _session.scheduled_time,
        refuse_confirmation.user_id,
        refuse_confirmation.buddy_user_id
    );

    case _obstacle
        when 'already_confirmed' then
            _context := jsonb_build_object(
                'state', wingman.session_details_of(_session, refuse_confirmation.user_id)
            );
        when 'session_not_confirmable' then
            _context := jsonb_build_object('status', _session.status);
        when 'session_not_started' then
            _context := jsonb_build_object('time', wingman.utc_text(_session.scheduled_time));
        else
            null;
    end case;
    -- the obstacle disappeared while this call waited
    perform wingman.raise_error(coalesce(_obstacle, 'busy'), _context);
end
$$;

comment on function wingman.refuse_confirmation(uuid, uuid, uuid) is
'Raises the reason why a user could not confirm a session, by wingman.confirmation_obstacle. Errors: profile_incomplete,
user_not_found, missing_argument, session_not_found, not_session_participant, self_confirmation, buddy_not_in_session,
already_confirmed, session_not_confirmable, session_not_started, busy.';
revoke all on function wingman.refuse_confirmation(uuid, uuid, uuid) from public, anon, authenticated, service_role;

-- file: sql/sessions/cancel_active_session.sql
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
    where s.match_id = cancel_active_session.match_id and s.is_active;
end
$$;

comment on function wingman.cancel_active_session(uuid, uuid, text) is 'Cancels the active session of a match, if it has one';
revoke all on function wingman.cancel_active_session(uuid, uuid, text) from public, anon, authenticated, service_role;

-- file: sql/sessions/tg_wingman_sessions__keep.sql
create or replace function wingman.tg_wingman_sessions__keep()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (select from wingman.reputation_events as e where e.user_id in (old.user1_id, old.user2_id) and e.session_id = old.id) then
        raise exception using
            errcode = 'foreign_key_violation',
            constraint = 'reputation_events_session_id',
            message = 'The ledger of reputation names this session';
    end if;
    return old;
end
$$;

comment on function wingman.tg_wingman_sessions__keep() is
'Trigger: a session that the reputation ledger refers to cannot be deleted. A foreign key would cost each completion two
look-ups';
revoke all on function wingman.tg_wingman_sessions__keep() from public, anon, authenticated, service_role;

create or replace trigger keep before delete on public.wingman_sessions
for each row execute function wingman.tg_wingman_sessions__keep();

-- file: sql/matching/pool/tg_matchmaking_pool__guard.sql
create or replace function wingman.tg_matchmaking_pool__guard()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches;
begin
    -- wingman_matches is the source of truth. Search by id only: a plan made while the table was small, with "pending" as a
    -- condition too, would read all pending matches
    if tg_op = 'DELETE' then
        select m.* into _match from public.wingman_matches as m where m.id = old.pending_match_id;
        if _match.status = 'pending' then
            raise exception using
                errcode = 'check_violation',
                constraint = 'matchmaking_pool_pending_match',
                message = 'This person still has a pending match';
        end if;
        return old;
    end if;

    select m.* into _match from public.wingman_matches as m where m.id = new.pending_match_id;
    if _match.status is distinct from 'pending'
        or new.user_id not in (_match.user1_id, _match.user2_id)
        or new.pending_buddy_id is distinct from (
            case when new.user_id = _match.user1_id then _match.user2_id else _match.user1_id end
        )
        or new.pending_until is distinct from _match.expires_at
    then
        raise exception using
            errcode = 'check_violation',
            constraint = 'matchmaking_pool_pending_match',
            message = 'This person has no such pending match';
    end if;
    return new;
end
$$;

comment on function wingman.tg_matchmaking_pool__guard() is
'Trigger: a row enters the pool only with a pending match that wingman_matches confirms, and never leaves with one';
revoke all on function wingman.tg_matchmaking_pool__guard() from public, anon, authenticated, service_role;

create or replace trigger guard_new_seeker before insert on wingman.matchmaking_pool
for each row when (num_nonnulls(new.pending_match_id, new.pending_buddy_id, new.pending_until) > 0)
execute function wingman.tg_matchmaking_pool__guard();

create or replace trigger guard_old_seeker before delete on wingman.matchmaking_pool
for each row when (old.pending_match_id is not null) execute function wingman.tg_matchmaking_pool__guard();

-- file: sql/matching/pool/tg_matchmaking_pool__refuse_other_writers.sql
create or replace function wingman.tg_matchmaking_pool__refuse_other_writers()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    -- 2 inside the trigger of wingman_matches
    if pg_trigger_depth() = 1 then
        raise exception using
            errcode = 'check_violation',
            constraint = 'matchmaking_pool_pending_match',
            message = 'Only the trigger on wingman_matches writes the pending match of a person';
    end if;
    return new;
end
$$;

comment on function wingman.tg_matchmaking_pool__refuse_other_writers() is
'Trigger: the user of a row never changes, and only wingman.tg_wingman_matches__track writes its pending match';
revoke all on function wingman.tg_matchmaking_pool__refuse_other_writers() from public, anon, authenticated, service_role;

-- for each statement: a row trigger, or one with a WHEN, would cost every match and every answer much more
create or replace trigger guard_pending_match
before update of user_id, pending_match_id, pending_buddy_id, pending_until on wingman.matchmaking_pool
for each statement execute function wingman.tg_matchmaking_pool__refuse_other_writers();

-- file: sql/matching/pool/tg_matchmaking_pool__occupy_cell.sql
create or replace function wingman.tg_matchmaking_pool__occupy_cell()
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

        -- the last person to leave the cell may be removing it right now
        perform
        from wingman.occupied_cells as c
        where c.grid_lat = new.grid_lat and c.grid_lng = new.grid_lng
        for key share;
        exit when found;
    end loop;
    return new;
end
$$;

comment on function wingman.tg_matchmaking_pool__occupy_cell() is
'Trigger: the cell of a seeker is one of the occupied cells, and stays so';
revoke all on function wingman.tg_matchmaking_pool__occupy_cell() from public, anon, authenticated, service_role;

create or replace trigger occupy_cell before insert on wingman.matchmaking_pool
for each row execute function wingman.tg_matchmaking_pool__occupy_cell();

create or replace trigger occupy_new_cell before update of grid_lat, grid_lng on wingman.matchmaking_pool
for each row when ((new.grid_lat, new.grid_lng) is distinct from (old.grid_lat, old.grid_lng))
execute function wingman.tg_matchmaking_pool__occupy_cell();

-- file: sql/matching/pool/tg_matchmaking_pool__vacate_cell.sql
create or replace function wingman.tg_matchmaking_pool__vacate_cell()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- waiting here could cause a deadlock with somebody on the way in; the next one to come or go tidies up
    perform
    from wingman.occupied_cells as c
    where c.grid_lat = old.grid_lat and c.grid_lng = old.grid_lng
    for update skip locked;
    if not found then
        return null;
    end if;

    -- a separate statement, so that it sees everybody who came before the lock
    delete from wingman.occupied_cells as c
    where c.grid_lat = old.grid_lat
        and c.grid_lng = old.grid_lng
        and not exists (
            select
            from wingman.matchmaking_pool as s
            where s.grid_lat = old.grid_lat and s.grid_lng = old.grid_lng
        );
    return null;
end
$$;

comment on function wingman.tg_matchmaking_pool__vacate_cell() is
'Trigger: the last person to leave a cell removes it from the occupied cells';
revoke all on function wingman.tg_matchmaking_pool__vacate_cell() from public, anon, authenticated, service_role;

create or replace trigger vacate_cell after delete on wingman.matchmaking_pool
for each row execute function wingman.tg_matchmaking_pool__vacate_cell();

create or replace trigger vacate_old_cell after update of grid_lat, grid_lng on wingman.matchmaking_pool
for each row when ((new.grid_lat, new.grid_lng) is distinct from (old.grid_lat, old.grid_lng))
execute function wingman.tg_matchmaking_pool__vacate_cell();

-- file: sql/matching/pool/tg_user_locations__place.sql
create or replace function wingman.tg_user_locations__place()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.matchmaking_pool as s (user_id, grid_lat, grid_lng, level, max_travel_miles)
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
    on conflict on constraint matchmaking_pool_pkey do update
    set
        grid_lat = excluded.grid_lat,
        grid_lng = excluded.grid_lng,
        max_travel_miles = excluded.max_travel_miles;
    return null;
end
$$;

comment on function wingman.tg_user_locations__place() is
'Trigger: a profile with a location makes its user matchable. A new location keeps waiting time, pause and pending match.';
revoke all on function wingman.tg_user_locations__place() from public, anon, authenticated, service_role;

create or replace trigger place_seeker after insert or update on public.user_locations
for each row execute function wingman.tg_user_locations__place();

-- file: sql/matching/pool/tg_user_locations__unplace.sql
create or replace function wingman.tg_user_locations__unplace()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform wingman.leave_pending_match(old.user_id);
    delete from wingman.matchmaking_pool as s where s.user_id = old.user_id;
    return null;
end
$$;

comment on function wingman.tg_user_locations__unplace() is 'Trigger: without a location a user is no longer matchable';
revoke all on function wingman.tg_user_locations__unplace() from public, anon, authenticated, service_role;

create or replace trigger unplace_seeker after delete on public.user_locations
for each row execute function wingman.tg_user_locations__unplace();

-- file: sql/matching/pool/tg_user_profiles__level.sql
create or replace function wingman.tg_user_profiles__level()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update wingman.matchmaking_pool as s
    set level = wingman.experience_rank(new.experience_level)
    where s.user_id = new.id;
    return null;
end
$$;

comment on function wingman.tg_user_profiles__level() is 'Trigger: a seeker has the experience level of its profile';
revoke all on function wingman.tg_user_profiles__level() from public, anon, authenticated, service_role;

create or replace trigger level_seeker after update of experience_level on public.user_profiles
for each row when (new.experience_level <> old.experience_level) execute function wingman.tg_user_profiles__level();

-- file: sql/matching/matches/tg_wingman_matches__guard.sql
create or replace function wingman.tg_wingman_matches__guard()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _broken text;
begin
    -- each operator of an expression costs a look-up in every call, even if it is not reached: so one expression per case
    if old.status = 'pending' then
        _broken := case
            when new.status not in ('accepted', 'declined') then 'no_answer'
            when new.responded_at is null or (new.responded_by in (new.user1_id, new.user2_id)) is not true
                then 'response_check'
        end;
    else
        _broken := case
            when new.status <> old.status then 'transition'
            when (new.responded_by, new.responded_at) is distinct from (old.responded_by, old.responded_at) then 'response'
        end;
    end if;
    if _broken is not null then
        if _broken = 'no_answer' then
            _broken := case
                when new.status not in ('pending', 'expired') then 'status_check'
                when new.responded_by is not null or new.responded_at is not null then 'response_check'
            end;
        end if;
        if _broken is not null then
            raise exception using
                errcode = 'check_violation',
                constraint = 'wingman_matches_' || _broken,
                message = case _broken
                    when 'transition' then format('A match cannot go from %s to %s', old.status, new.status)
                    when 'response' then 'A match is answered once'
                    when 'status_check' then 'A match is pending, accepted, declined or expired'
                    when 'response_check' then 'An accepted or declined match says which of the two answered, and when'
                end;
        end if;
    end if;

    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.tg_wingman_matches__guard() is
'Trigger: the states of a match. pending to accepted, declined or expired, all three terminal. Holds for direct SQL. No CHECK
constraints: every write would parse their text. tg_wingman_matches__guard_rest checks what an answer does not touch.';
revoke all on function wingman.tg_wingman_matches__guard() from public, anon, authenticated, service_role;

create or replace trigger guard_match before update of status, responded_by, responded_at on public.wingman_matches
for each row execute function wingman.tg_wingman_matches__guard();

-- file: sql/matching/matches/tg_wingman_matches__guard_insert.sql
create or replace function wingman.tg_wingman_matches__guard_insert()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _broken text;
begin
    _broken := case
        when new.status <> 'pending' then 'transition'
        when new.responded_by is not null or new.responded_at is not null then 'response_check'
        when new.ended_at is not null or new.ended_by is not null then 'ended_check'
        when new.user1_id >= new.user2_id then 'user_order_check'
        when new.searched_by not in (new.user1_id, new.user2_id) then 'searched_by_check'
        when new.distance_miles < 1 then 'distance_check'
        when new.expires_at <= new.created_at then 'expiry_check'
    end;
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_matches_' || _broken,
            message = case _broken
                when 'transition' then format('A match cannot go from nothing to %s', new.status)
                when 'response_check' then 'A new match is not answered'
                when 'ended_check' then 'A new match has not ended'
                when 'user_order_check' then 'The smaller id is user1'
                when 'searched_by_check' then 'One of the two has searched'
                when 'distance_check' then 'Distances are shown as 1 mile or more'
                when 'expiry_check' then 'A match expires after it was made'
            end;
    end if;
    return new;
end
$$;

comment on function wingman.tg_wingman_matches__guard_insert() is
'Trigger: a new match is pending, and its two people are in order';
revoke all on function wingman.tg_wingman_matches__guard_insert() from public, anon, authenticated, service_role;

create or replace trigger guard_insert before insert on public.wingman_matches
for each row execute function wingman.tg_wingman_matches__guard_insert();

-- file: sql/matching/matches/tg_wingman_matches__guard_rest.sql
create or replace function wingman.tg_wingman_matches__guard_rest()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _broken text;
begin
    _broken := case
        when new.id <> old.id or new.user1_id <> old.user1_id or new.user2_id <> old.user2_id
            or new.searched_by is distinct from old.searched_by
            then 'participants'
        when (new.ended_at, new.ended_by) is distinct from (old.ended_at, old.ended_by)
            and (old.ended_at is not null or old.status <> 'accepted')
            then 'ended'
        when new.ended_by is not null and (new.ended_at is null or new.ended_by not in (new.user1_id, new.user2_id))
            then 'ended_check'
        when new.distance_miles < 1 then 'distance_check'
        when new.expires_at <= new.created_at then 'expiry_check'
    end;
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_matches_' || _broken,
            message = case _broken
                when 'participants' then 'The participants of a match never change'
                when 'ended' then 'Only an accepted match ends, and only once'
                when 'ended_check' then 'Only an accepted match ends, and by one of the two, if by anybody'
                when 'distance_check' then 'Distances are shown as 1 mile or more'
                when 'expiry_check' then 'A match expires after it was made'
            end;
    end if;

    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.tg_wingman_matches__guard_rest() is
'Trigger: the two people of a match never change, and an accepted match can end once. Fires for these columns only, so that it
costs an answer nothing.';
revoke all on function wingman.tg_wingman_matches__guard_rest() from public, anon, authenticated, service_role;

create or replace trigger guard_rest
before update of id, user1_id, user2_id, searched_by, ended_at, ended_by, distance_miles, created_at, expires_at
on public.wingman_matches
for each row execute function wingman.tg_wingman_matches__guard_rest();

-- file: sql/matching/matches/tg_wingman_matches__track_insert.sql
create or replace function wingman.tg_wingman_matches__track_insert()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _taken integer;
begin
    update wingman.matchmaking_pool as s
    set
        pending_match_id = new.id,
        pending_buddy_id = case when s.user_id = new.user1_id then new.user2_id else new.user1_id end,
        pending_until = new.expires_at,
        exposures = case when s.user_id <> new.searched_by then s.exposures || statement_timestamp() else s.exposures end
    where s.user_id in (new.user1_id, new.user2_id) and s.pending_match_id is null;
    get diagnostics _taken = row_count;
    if _taken <> 2 then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_matches_one_pending',
            message = 'Both people must be matchable and have no other pending match';
    end if;
    return null;
end
$$;

comment on function wingman.tg_wingman_matches__track_insert() is
'Trigger: puts a new match into matchmaking_pool, where nobody may have two, and notes who was found by whom';
revoke all on function wingman.tg_wingman_matches__track_insert() from public, anon, authenticated, service_role;

create or replace trigger track_insert after insert on public.wingman_matches
for each row execute function wingman.tg_wingman_matches__track_insert();

-- file: sql/matching/matches/tg_wingman_matches__track.sql
create or replace function wingman.tg_wingman_matches__track()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- no operator, which would cost each answer a look-up: by tg_wingman_matches__guard, this is accepted or declined
    if old.responded_at is null and new.responded_at is not null then
        -- a person who was declined keeps their waiting time; for everybody else it starts again
        update wingman.matchmaking_pool as s
        set
            pending_match_id = null,
            pending_buddy_id = null,
            pending_until = null,
            waiting_since = case
                when new.status = 'declined' and s.user_id <> new.responded_by then s.waiting_since
                else statement_timestamp()
            end,
            unanswered_offers = case when s.user_id = new.responded_by then 0 else s.unanswered_offers end
        where s.user_id in (old.user1_id, old.user2_id) and s.pending_match_id = old.id;
    elsif tg_op = 'DELETE' then
        update wingman.matchmaking_pool as s
        set pending_match_id = null, pending_buddy_id = null, pending_until = null
        where s.user_id in (old.user1_id, old.user2_id) and s.pending_match_id = old.id;
    elsif new.status = 'pending' then
        -- expires_at was changed by hand
        update wingman.matchmaking_pool as s
        set pending_until = new.expires_at
        where s.user_id in (new.user1_id, new.user2_id) and s.pending_match_id = new.id;
    elsif new.status = 'expired' and old.status = 'pending' then
        update wingman.matchmaking_pool as s
        set
            pending_match_id = null,
            pending_buddy_id = null,
            pending_until = null,
            waiting_since = statement_timestamp(),
            unanswered_offers = s.unanswered_offers + 1,
            paused = s.paused or s.unanswered_offers + 1 >= t.ghosting_limit,
            paused_automatically = s.paused_automatically
            or (not s.paused and s.unanswered_offers + 1 >= t.ghosting_limit)
        from wingman.settings as t
        where s.user_id in (old.user1_id, old.user2_id) and s.pending_match_id = old.id;
    end if;
    return new;
end
$$;

comment on function wingman.tg_wingman_matches__track() is
'Trigger: keeps the pending match in matchmaking_pool, so that nobody ever has two pending matches, direct SQL included; counts
who was found by whom; restarts waiting times: for the decliner, and for both after an acceptance or an expiry; pauses anybody who
has let settings.ghosting_limit offers in a row expire.';
revoke all on function wingman.tg_wingman_matches__track() from public, anon, authenticated, service_role;

-- its name sorts after that of the trigger journal: the outcome of a match comes before a pause that follows from it
create or replace trigger track_match after delete or update of status, expires_at on public.wingman_matches
for each row execute function wingman.tg_wingman_matches__track();

-- file: sql/matching/matches/tg_user_profiles__depart.sql
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

-- file: sql/reputation/counts_completions.sql
create or replace function wingman.counts_completions(kind text)
returns boolean
language sql
immutable
return kind in ('completed', 'completion_reverted');

comment on function wingman.counts_completions(text) is
'Whether an entry of the ledger of this kind adds its delta to completed_sessions; otherwise it subtracts it from no_shows';
revoke all on function wingman.counts_completions(text) from public, anon, authenticated, service_role;

-- file: sql/reputation/reputation_score.sql
create or replace function wingman.reputation_score(completed_sessions integer, no_shows integer)
returns integer
language sql
immutable
return least(greatest(completed_sessions - no_shows, -5), 20);

comment on function wingman.reputation_score(integer, integer) is
'The reputation that follows from two counters: completed_sessions - no_shows, held between -5 and 20';
revoke all on function wingman.reputation_score(integer, integer) from public, anon, authenticated, service_role;

-- file: sql/reputation/reputation_events.sql
create sequence wingman.reputation_events_id_seq;

create table wingman.reputation_events (
    xid xid8 not null default pg_current_xact_id(),
    id bigint not null default nextval('wingman.reputation_events_id_seq'),
    created_at timestamptz not null default statement_timestamp(),
    session_id uuid,
    user_id uuid not null,
    buddy_id uuid,
    kind text not null,
    delta integer not null,
    completed_sessions integer not null,
    no_shows integer not null,
    constraint reputation_events_pkey primary key (xid, id),
    constraint reputation_events_once unique (user_id, session_id, kind)
);

comment on table wingman.reputation_events is
'Append-only ledger of reputation, kept for ever: the counters of user_profiles are its sums. wingman.record_reputation writes it;
wingman.tg_user_profiles__depart writes departures. User and session ids have no foreign keys: it outlives accounts';
comment on column wingman.reputation_events.xid is
'The writing transaction. Readers follow the ledger by it, so it leads the primary key';
comment on column wingman.reputation_events.id is 'The order of writing';
comment on column wingman.reputation_events.created_at is 'When it happened';
comment on column wingman.reputation_events.session_id is 'The session that it comes from; null for a departure';
comment on column wingman.reputation_events.user_id is 'Whose reputation';
comment on column wingman.reputation_events.buddy_id is 'The other person of the session; null for a departure';
comment on column wingman.reputation_events.kind is
'completed: both people confirmed the session; no_show: an operator found that this one did not come; completion_reverted,
no_show_reverted: an operator took it back; departed: the profile was deleted';
comment on column wingman.reputation_events.delta is 'What it adds to the reputation, wingman.reputation_delta';
comment on column wingman.reputation_events.completed_sessions is 'The profile''s completed_sessions after it';
comment on column wingman.reputation_events.no_shows is 'The profile''s no_shows after it';
comment on sequence wingman.reputation_events_id_seq is 'The order of writing of wingman.reputation_events';

revoke all on table wingman.reputation_events from public, anon, authenticated, service_role;
revoke all on sequence wingman.reputation_events_id_seq from public, anon, authenticated, service_role;

create or replace trigger refuse_change before update or delete on wingman.reputation_events
for each row execute function wingman.tg_any__refuse_change();

create or replace trigger refuse_truncate before truncate on wingman.reputation_events
for each statement execute function wingman.tg_any__refuse_change();

-- file: sql/reputation/reputation.sql
create type public.reputation as (
    user_id uuid,
    score integer,
    completed_sessions integer,
    no_shows integer,
    badge_color text
);

comment on type public.reputation is 'How reliable a person is';
comment on column public.reputation.user_id is 'Whose reputation';
comment on column public.reputation.score is 'completed_sessions - no_shows, held between -5 and 20';
comment on column public.reputation.completed_sessions is 'Sessions that both people confirmed';
comment on column public.reputation.no_shows is 'Sessions missed';
comment on column public.reputation.badge_color is
'One of badge_color: gold, green, red. Gold from a score of 10 on, green from 0 on, red below';

-- file: sql/reputation/badge_color.sql
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

-- file: sql/reputation/reputation_differences.sql
create or replace view wingman.reputation_differences as
with sums as (
    select
        g.user_id,
        sum(case when wingman.counts_completions(g.kind) then g.delta else 0 end)::integer as completions,
        sum(case when wingman.counts_completions(g.kind) then 0 else -g.delta end)::integer as no_shows
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
where
    (p.completed_sessions, p.no_shows) is distinct from (coalesce(e.completions, 0), coalesce(e.no_shows, 0))
    or p.reputation_score <> wingman.reputation_score(p.completed_sessions, p.no_shows);

comment on view wingman.reputation_differences is
'Profiles whose counters are not the sums of the ledger: none, unless somebody bypassed the triggers. Reads the whole ledger, or
only one user''s entries if you filter by user_id';
comment on column wingman.reputation_differences.user_id is 'The user';
comment on column wingman.reputation_differences.completed_sessions is 'The value in the profile';
comment on column wingman.reputation_differences.no_shows is 'The value in the profile';
comment on column wingman.reputation_differences.ledger_completed_sessions is 'The sum of the ledger';
comment on column wingman.reputation_differences.ledger_no_shows is 'The sum of the ledger';

revoke all on table wingman.reputation_differences from public, anon, authenticated, service_role;

-- file: sql/reputation/record_reputation.sql
create or replace function wingman.record_reputation(
    session_id uuid,
    kind text,
    user_id uuid,
    buddy_id uuid,
    both_people boolean
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- profiles are the last rows of the lock order and are locked by id: an index scan takes the ids of an array in order
set enable_seqscan = off
set enable_bitmapscan = off
as $$
declare
    _delta integer := wingman.reputation_delta(record_reputation.kind);
    _is_completion boolean := wingman.counts_completions(record_reputation.kind);
begin
    with counted as (
        update public.user_profiles as p
        set
            completed_sessions = p.completed_sessions + case when _is_completion then _delta else 0 end,
            no_shows = p.no_shows - case when _is_completion then 0 else _delta end,
            reputation_score = wingman.reputation_score(p.completed_sessions + _delta, p.no_shows),
            updated_at = statement_timestamp()
        where p.id = any(array[
            record_reputation.user_id, case when record_reputation.both_people then record_reputation.buddy_id end
        ])
        returning p.id, p.completed_sessions, p.no_shows
    )

    insert into wingman.reputation_events (session_id, user_id, buddy_id, kind, delta, completed_sessions, no_shows)
    select
        record_reputation.session_id,
        c.id,
        case c.id when record_reputation.user_id then record_reputation.buddy_id else record_reputation.user_id end,
        record_reputation.kind,
        _delta,
        c.completed_sessions,
        c.no_shows
    from counted as c;
    return found;
end
$$;

comment on function wingman.record_reputation(uuid, text, uuid, uuid, boolean) is
'Writes to the ledger what a session, whose row the caller has locked, gives to or takes from a reputation, and counts it in the
profile. kind: see wingman.reputation_events; user_id: the person whose reputation it is; buddy_id: the other person of the
session;
both_people: do the same for the other person. Locks the profiles by id. The only writer of the counters. Returns whether at least
one of the profiles still exists.';
revoke all on function wingman.record_reputation(uuid, text, uuid, uuid, boolean) from public, anon, authenticated, service_role;

-- file: sql/profiles/policies.sql
-- (select ...) and array(select ...) run once per query, and leave the indexes usable
create policy own_or_partner on public.user_profiles for select to authenticated
using (id = (select wingman.current_user_id()) or id = any(array(select wingman.partner_ids())));

create policy operators on public.user_profiles for select to wingman_admin using (true);

create policy own on public.user_locations for select to authenticated
using (user_id = (select wingman.current_user_id()));

-- file: sql/matching/matches/policies.sql
create policy participant on public.wingman_matches for select to authenticated
using (user1_id = (select wingman.current_user_id()) or user2_id = (select wingman.current_user_id()));

create policy operators on public.wingman_matches for select to wingman_admin using (true);

-- file: sql/sessions/policies.sql
create policy participant on public.wingman_sessions for select to authenticated
using (
    match_id = any(array(
        select m.id
        from public.wingman_matches as m
        where m.user1_id = (select wingman.current_user_id()) or m.user2_id = (select wingman.current_user_id())
    ))
);

create policy operators on public.wingman_sessions for select to wingman_admin using (true);

-- file: sql/safety/policies.sql
create policy own on public.user_blocks for select to authenticated
using (blocker_id = (select wingman.current_user_id()));

create policy operators on public.user_blocks for select to wingman_admin using (true);

-- file: sql/journal/match_state.sql
create or replace function wingman.match_state(
    status text,
    responded_by uuid,
    expires_at timestamptz,
    ended_at timestamptz
)
returns jsonb
language sql
stable
return jsonb_build_object(
    'status', status, 'responded_by', responded_by, 'expires_at', expires_at, 'ended_at', ended_at
);

comment on function wingman.match_state(text, uuid, timestamptz, timestamptz) is
'The state of a match, as the journal records it for a change by hand';
revoke all on function wingman.match_state(text, uuid, timestamptz, timestamptz)
from public, anon, authenticated, service_role;

-- file: sql/journal/session_state.sql
create or replace function wingman.session_state(
    status text,
    scheduled_time timestamptz,
    user1_completed_confirmed_by_user2 boolean,
    user2_completed_confirmed_by_user1 boolean,
    cancelled_by uuid,
    reverted_at timestamptz
)
returns jsonb
language sql
stable
return jsonb_build_object(
    'status', status,
    'scheduled_time', scheduled_time,
    'user1_completed_confirmed_by_user2', user1_completed_confirmed_by_user2,
    'user2_completed_confirmed_by_user1', user2_completed_confirmed_by_user1,
    'cancelled_by', cancelled_by,
    'reverted_at', reverted_at
);

comment on function wingman.session_state(text, timestamptz, boolean, boolean, uuid, timestamptz) is
'The state of a session, as the journal records it for a change by hand';
revoke all on function wingman.session_state(text, timestamptz, boolean, boolean, uuid, timestamptz)
from public, anon, authenticated, service_role;

-- file: sql/journal/change_by_hand.sql
create or replace function wingman.change_by_hand(before jsonb, after jsonb)
returns jsonb
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if change_by_hand.after is null then
        return jsonb_build_object('before', change_by_hand.before);
    end if;
    return jsonb_build_object(
        'changed', (
            select jsonb_agg(b.name order by b.name)
            from jsonb_each(change_by_hand.before) as b (name, value)
            where b.value is distinct from change_by_hand.after -> b.name
        ),
        'before', change_by_hand.before,
        'after', change_by_hand.after
    );
end
$$;

comment on function wingman.change_by_hand(jsonb, jsonb) is
'What the journal keeps about a change made outside a call: the names of the changed columns, and the state before and after; for
a deletion, where after is null, the state before';
revoke all on function wingman.change_by_hand(jsonb, jsonb) from public, anon, authenticated, service_role;

-- file: sql/journal/tg_wingman_matches__journal.sql
create or replace function wingman.tg_wingman_matches__journal()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _before jsonb;
    _after jsonb;
begin
    -- What calls do comes first, with as few operators as possible: each costs a look-up in every call. An array compares several
    -- columns with one.
    if new.status <> old.status and array[new.expires_at, new.created_at] = array[old.expires_at, old.created_at] then
        insert into wingman.events (kind, match_id, user_id)
        values ('match_' || new.status, new.id, new.responded_by);
        return new;
    elsif array[new.expires_at, new.created_at] = array[old.expires_at, old.created_at] then
        if new.ended_at is distinct from old.ended_at then
            insert into wingman.events (kind, match_id, user_id, details)
            values (
                'match_ended',
                new.id,
                new.ended_by,
                case when new.ended_at <> statement_timestamp() then jsonb_build_object('ended_at', new.ended_at) end
            );
        end if;
        return new;
    end if;

    _before := wingman.match_state(old.status, old.responded_by, old.expires_at, old.ended_at);
    if tg_op = 'UPDATE' then
        _after := wingman.match_state(new.status, new.responded_by, new.expires_at, new.ended_at);
        if new.created_at <> old.created_at then
            _before := _before || jsonb_build_object('created_at', old.created_at);
            _after := _after || jsonb_build_object('created_at', new.created_at);
        end if;
    end if;
    insert into wingman.events (kind, match_id, details)
    values (
        case tg_op when 'DELETE' then 'match_deleted' else 'changed_by_hand' end,
        old.id,
        wingman.change_by_hand(_before, _after)
    );
    return new;
end
$$;

comment on function wingman.tg_wingman_matches__journal() is 'Trigger: writes what happens to a match to wingman.events';
revoke all on function wingman.tg_wingman_matches__journal() from public, anon, authenticated, service_role;

create or replace trigger journal after update or delete on public.wingman_matches
for each row execute function wingman.tg_wingman_matches__journal();

create or replace trigger refuse_truncate before truncate on public.wingman_matches
for each statement execute function wingman.tg_any__refuse_truncate();

-- file: sql/journal/tg_wingman_matches__journal_insert.sql
create or replace function wingman.tg_wingman_matches__journal_insert()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.events (kind, match_id, user_id, details)
    values (
        'match_offered',
        new.id,
        new.searched_by,
        jsonb_build_object('user1_id', new.user1_id, 'user2_id', new.user2_id, 'expires_at', new.expires_at)
    );
    return null;
end
$$;

comment on function wingman.tg_wingman_matches__journal_insert() is 'Trigger: writes that a match was offered to wingman.events';
revoke all on function wingman.tg_wingman_matches__journal_insert() from public, anon, authenticated, service_role;

create or replace trigger journal_insert after insert on public.wingman_matches
for each row execute function wingman.tg_wingman_matches__journal_insert();

-- file: sql/journal/tg_wingman_sessions__journal.sql
create or replace function wingman.tg_wingman_sessions__journal()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _kind text;
    _before jsonb;
    _after jsonb;
begin
    -- What calls do comes first, with as few operators as possible: each costs a look-up in every call. An array compares several
    -- columns with one operator and treats nulls as equal. The comparison fails for an INSERT and a DELETE, where one of the two
    -- rows is null. The guards keep cancelled_by from changing here.
    if array[new.scheduled_time, new.reverted_at] = array[old.scheduled_time, old.reverted_at]
        and (
            (new.user1_completed_confirmed_by_user2 and not old.user1_completed_confirmed_by_user2)
            or (new.user2_completed_confirmed_by_user1 and not old.user2_completed_confirmed_by_user1)
        )
        and new.status in (old.status, 'completed')
    then
        insert into wingman.events (kind, match_id, session_id, user_id)
        values (
            case new.status when old.status then 'session_confirmed' else 'session_completed' end,
            new.match_id,
            new.id,
            -- null if both flags were set by hand at once
            case
                when old.user1_completed_confirmed_by_user2 or not new.user1_completed_confirmed_by_user2 then new.user1_id
                when old.user2_completed_confirmed_by_user1 or not new.user2_completed_confirmed_by_user1 then new.user2_id
            end
        );
        return new;
    elsif array[new.scheduled_time, new.reverted_at] = array[old.scheduled_time, old.reverted_at]
        and array[new.user1_completed_confirmed_by_user2, new.user2_completed_confirmed_by_user1]
        = array[old.user1_completed_confirmed_by_user2, old.user2_completed_confirmed_by_user1]
        and new.status <> old.status
    then
        insert into wingman.events (kind, match_id, session_id, user_id)
        values (
            case new.status when 'in_progress' then 'session_started' else 'session_' || new.status end,
            new.match_id,
            new.id,
            case new.status when 'in_progress' then new.started_by else new.cancelled_by end
        );
        return new;
    end if;

    _kind := case
        when tg_op = 'DELETE' then 'session_deleted'
        when (
            new.status,
            new.scheduled_time,
            new.user1_completed_confirmed_by_user2,
            new.user2_completed_confirmed_by_user1,
            new.cancelled_by,
            new.reverted_at
        )
            is not distinct from (
                old.status,
                old.scheduled_time,
                old.user1_completed_confirmed_by_user2,
                old.user2_completed_confirmed_by_user1,
                old.cancelled_by,
                old.reverted_at
            )
            then null
        when new.user1_completed_confirmed_by_user2 <> old.user1_completed_confirmed_by_user2
            or new.user2_completed_confirmed_by_user1 <> old.user2_completed_confirmed_by_user1
            then 'changed_by_hand'
        when new.status = old.status
            and new.scheduled_time <> old.scheduled_time
            and new.reverted_at is not distinct from old.reverted_at
            and new.cancelled_by is not distinct from old.cancelled_by
            then 'session_moved'
        when new.status = old.status
            and new.scheduled_time = old.scheduled_time
            and new.reverted_at is not null
            and new.cancelled_by is not distinct from old.cancelled_by
            then 'session_reverted'
        else 'changed_by_hand'
    end;
    if _kind is null then
        return new;
    elsif _kind in ('session_deleted', 'changed_by_hand') then
        _before := wingman.session_state(
            old.status,
            old.scheduled_time,
            old.user1_completed_confirmed_by_user2,
            old.user2_completed_confirmed_by_user1,
            old.cancelled_by,
            old.reverted_at
        );
        if tg_op = 'DELETE' and old.status = 'completed' then
            -- otherwise a statistic of the last day would not know which completion is gone
            _before := _before || jsonb_build_object('completed_at', old.completed_at);
        end if;
    end if;
    if _kind = 'changed_by_hand' then
        _after := wingman.session_state(
            new.status,
            new.scheduled_time,
            new.user1_completed_confirmed_by_user2,
            new.user2_completed_confirmed_by_user1,
            new.cancelled_by,
            new.reverted_at
        );
    end if;
    insert into wingman.events (kind, match_id, session_id, details)
    values (
        _kind,
        coalesce(new.match_id, old.match_id),
        coalesce(new.id, old.id),
        case
            when _before is not null then wingman.change_by_hand(_before, _after)
            when _kind = 'session_moved' then jsonb_build_object(
                'scheduled_time', new.scheduled_time, 'scheduled_time_before', old.scheduled_time
            )
            when _kind = 'session_reverted' and new.reverted_at <> statement_timestamp() then jsonb_build_object(
                'reverted_at', new.reverted_at
            )
        end
    );
    return new;
end
$$;

comment on function wingman.tg_wingman_sessions__journal() is 'Trigger: writes what happens to a session to wingman.events';
revoke all on function wingman.tg_wingman_sessions__journal() from public, anon, authenticated, service_role;

create or replace trigger journal after update or delete on public.wingman_sessions
for each row execute function wingman.tg_wingman_sessions__journal();

create or replace trigger refuse_truncate before truncate on public.wingman_sessions
for each statement execute function wingman.tg_any__refuse_truncate();

-- file: sql/journal/tg_wingman_sessions__journal_insert.sql
create or replace function wingman.tg_wingman_sessions__journal_insert()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.events (kind, match_id, session_id, user_id, details)
    values (
        'session_scheduled',
        new.match_id,
        new.id,
        new.created_by,
        jsonb_build_object('scheduled_time', new.scheduled_time)
    );
    return null;
end
$$;

comment on function wingman.tg_wingman_sessions__journal_insert() is
'Trigger: writes that a session was arranged to wingman.events';
revoke all on function wingman.tg_wingman_sessions__journal_insert() from public, anon, authenticated, service_role;

create or replace trigger journal_insert after insert on public.wingman_sessions
for each row execute function wingman.tg_wingman_sessions__journal_insert();

-- file: sql/journal/tg_user_profiles__journal.sql
create or replace function wingman.tg_user_profiles__journal()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.events (kind, user_id, details)
    select
        case tg_op when 'INSERT' then 'profile_created' when 'UPDATE' then 'profile_changed' else 'profile_deleted' end,
        coalesce(new.id, old.id),
        case when tg_op = 'UPDATE' then jsonb_build_object('changed', c.names) end
    from (
        select array_remove(
            array[
                case when new.first_name <> old.first_name then 'first_name' end,
                case when new.bio is distinct from old.bio then 'bio' end,
                case when new.photo_url is distinct from old.photo_url then 'photo_url' end,
                case when new.experience_level <> old.experience_level then 'experience_level' end,
                case when new.confidence_archetype is distinct from old.confidence_archetype then 'confidence_archetype' end
            ],
            null
        ) as names
    ) as c
    where tg_op <> 'UPDATE' or c.names <> '{}';
    return new;
end
$$;

comment on function wingman.tg_user_profiles__journal() is
'Trigger: writes to wingman.events that a profile was created, deleted or changed, and which columns changed, but never their
texts';
revoke all on function wingman.tg_user_profiles__journal() from public, anon, authenticated, service_role;

-- the counters are not among these columns: the ledger is their journal
create or replace trigger journal
after insert or delete or update of first_name, bio, photo_url, experience_level, confidence_archetype
on public.user_profiles
for each row execute function wingman.tg_user_profiles__journal();

create or replace trigger refuse_truncate before truncate on public.user_profiles
for each statement execute function wingman.tg_any__refuse_truncate();

-- file: sql/journal/tg_user_blocks__journal.sql
create or replace function wingman.tg_user_blocks__journal()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op <> 'INSERT' then
        insert into wingman.events (kind, user_id, details)
        values ('user_unblocked', old.blocker_id, jsonb_build_object('blocked_id', old.blocked_id));
    end if;
    if tg_op <> 'DELETE' then
        insert into wingman.events (kind, user_id, details)
        values ('user_blocked', new.blocker_id, jsonb_build_object('blocked_id', new.blocked_id));
    end if;
    return new;
end
$$;

comment on function wingman.tg_user_blocks__journal() is
'Trigger: writes to wingman.events who blocks whom, and who no longer does';
revoke all on function wingman.tg_user_blocks__journal() from public, anon, authenticated, service_role;

create or replace trigger journal after insert or update or delete on public.user_blocks
for each row execute function wingman.tg_user_blocks__journal();

create or replace trigger refuse_truncate before truncate on public.user_blocks
for each statement execute function wingman.tg_any__refuse_truncate();

-- file: sql/journal/tg_matchmaking_pool__journal.sql
create or replace function wingman.tg_matchmaking_pool__journal()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.events (kind, user_id, details)
    select
        case when new.paused then 'matching_paused' else 'matching_resumed' end,
        new.user_id,
        case when new.paused then jsonb_build_object('automatically', new.paused_automatically) end
    where (new.paused, new.paused_automatically) is distinct from (old.paused, old.paused_automatically);
    return new;
end
$$;

comment on function wingman.tg_matchmaking_pool__journal() is
'Trigger: writes to wingman.events who is left out of matching, and who no longer is';
revoke all on function wingman.tg_matchmaking_pool__journal() from public, anon, authenticated, service_role;

create or replace trigger journal after update of paused, paused_automatically on wingman.matchmaking_pool
for each row execute function wingman.tg_matchmaking_pool__journal();

create or replace trigger refuse_truncate before truncate on wingman.matchmaking_pool
for each statement execute function wingman.tg_any__refuse_truncate();

-- file: sql/journal/tg_settings__journal.sql
create or replace function wingman.tg_settings__journal()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.events (kind, details)
    select 'settings_changed', jsonb_build_object('before', c.before, 'after', c.after)
    from (
        select
            jsonb_object_agg(o.name, o.value) filter (where o.name is not null) as before,
            jsonb_object_agg(n.name, n.value) filter (where n.name is not null) as after
        from jsonb_each(to_jsonb(old)) as o (name, value)
        full join jsonb_each(to_jsonb(new)) as n (name, value) on n.name = o.name
        where o.value is distinct from n.value
    ) as c
    where c.before is not null or c.after is not null;
    return new;
end
$$;

comment on function wingman.tg_settings__journal() is 'Trigger: writes changed settings to wingman.events';
revoke all on function wingman.tg_settings__journal() from public, anon, authenticated, service_role;

create or replace trigger journal after insert or update or delete on wingman.settings
for each row execute function wingman.tg_settings__journal();

create or replace trigger refuse_truncate before truncate on wingman.settings
for each statement execute function wingman.tg_any__refuse_truncate();

-- file: sql/journal/make_event_partitions.sql
create or replace function wingman.make_event_partitions()
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
-- a transaction that waits for this table blocks those that queue behind it
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
        from wingman.events_default as d
        where isfinite(d.occurred_at)
        order by 1
    );
    foreach _month in array _months loop
        _name := to_char(_month, '"events_"YYYY_MM');
        continue when to_regclass('wingman.' || _name) is not null;
        perform pg_advisory_xact_lock(hashtextextended('wingman.events', 0));
        -- made by the last holder of that lock
        continue when to_regclass('wingman.' || _name) is not null;

        if _month <= _now then
            -- a write on its way to the default partition would fail there afterwards: wait for it, and make new ones wait
            lock table only wingman.events in access exclusive mode;
        end if;
        lock table wingman.events_default in access exclusive mode;
        execute format(
            $sql$
            create table wingman.%1$I (like wingman.events including all);
            comment on table wingman.%1$I is %2$L;
            alter table wingman.%1$I owner to wingman_owner;
            revoke all on table wingman.%1$I from public, anon, authenticated, service_role;
            create trigger refuse_truncate before truncate on wingman.%1$I
            for each statement execute function wingman.tg_any__refuse_change();
            insert into wingman.%1$I
            select d.*
            from wingman.events_default as d
            where d.occurred_at >= %3$L and d.occurred_at < %4$L
            $sql$,
            _name,
            to_char(_month, '"wingman.events of "YYYY-MM'),
            _month,
            _month + interval '1 month'
        );
        if exists (
            select
            from wingman.events_default as d
            where d.occurred_at >= _month and d.occurred_at < _month + interval '1 month'
        ) then
            -- moved, not removed
            alter table wingman.events_default disable trigger refuse_change;
            delete from wingman.events_default as d
            where d.occurred_at >= _month and d.occurred_at < _month + interval '1 month';
            alter table wingman.events_default enable trigger refuse_change;
        end if;
        execute format(
            'alter table wingman.events attach partition wingman.%I for values from (%L) to (%L)',
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

comment on function wingman.make_event_partitions() is
'Creates the missing partitions of wingman.events: for this month and three ahead, in UTC, and for each month that has rows in the
default partition, which it moves. Returns how many; 0 also if another transaction holds the table: call it again later. Takes
turns with others that create or drop partitions. Holds its locks until the end of the transaction.';
revoke all on function wingman.make_event_partitions() from public, anon, authenticated, service_role;

-- file: sql/journal/drop_event_partitions.sql
create or replace function wingman.drop_event_partitions()
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
-- a transaction that waits for this table blocks those that queue behind it
set lock_timeout = '500ms'
as $$
declare
    _names text[];
    _name text;
    _month timestamptz;
    _dropped integer := 0;
begin
    _names := array(
        select c.relname
        from pg_inherits as i
        inner join pg_class as c on c.oid = i.inhrelid
        cross join wingman.settings as t
        where i.inhparent = 'wingman.events'::regclass
            and c.relname ~ '^events_[0-9]{4}_[0-9]{2}$'
            and to_date(right(c.relname, 7), 'YYYY_MM')
            < date_trunc('month', statement_timestamp()) - make_interval(months => t.journal_retention_months)
        order by c.relname
    );
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

comment on function wingman.drop_event_partitions() is
'Drops the partitions of wingman.events that are older than the last settings.journal_retention_months whole months, in UTC, and
that every one of wingman.readers has read. Returns how many; 0 also if another transaction holds the table: call it again later.
From the first drop to the end of the transaction, nobody can write state changes.';
revoke all on function wingman.drop_event_partitions() from public, anon, authenticated, service_role;

-- file: sql/journal/first_event_partitions.sql
do $$
begin
    perform wingman.make_event_partitions();
end
$$;

-- file: sql/journal/cluster_id.sql
create or replace function wingman.cluster_id()
returns bigint
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (select c.system_identifier from pg_control_system() as c);
end
$$;

comment on function wingman.cluster_id() is
'The system identifier of this cluster. Transaction ids and snapshots mean nothing in another cluster, to which a dump may have
been restored';
revoke all on function wingman.cluster_id() from public, anon, authenticated, service_role;

-- file: sql/journal/last_id_of.sql
create or replace function wingman.last_id_of(source text)
returns bigint
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if last_id_of.source = 'journal' then
        return (select s.last_value - (not s.is_called)::integer from wingman.events_id_seq as s);
    end if;
    return (select s.last_value - (not s.is_called)::integer from wingman.reputation_events_id_seq as s);
end
$$;

comment on function wingman.last_id_of(text) is
'The last id assigned so far in the journal or the ledger; its transaction may still be open';
revoke all on function wingman.last_id_of(text) from public, anon, authenticated, service_role;

-- file: sql/journal/reader_snapshot.sql
create or replace function wingman.reader_snapshot()
returns pg_snapshot
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _now pg_snapshot := pg_current_snapshot();
    _me xid8 := pg_current_xact_id_if_assigned();
begin
    if _me >= pg_snapshot_xmax(_now) or _me is null then
        return _now;
    end if;
    return (
        select format('%s:%s:%s', min(o.xid), pg_snapshot_xmax(_now), string_agg(o.xid::text, ',' order by o.xid))
        from (
            select x.xid from pg_snapshot_xip(_now) as x (xid)
            union
            select _me
        ) as o
    )::pg_snapshot;
end
$$;

comment on function wingman.reader_snapshot() is
'The snapshot of the calling statement, with this transaction counted as unfinished: pg_current_snapshot() leaves it out, so that
what it writes would count as read';
revoke all on function wingman.reader_snapshot() from public, anon, authenticated, service_role;

-- file: sql/journal/is_of_another_cluster.sql
create or replace function wingman.is_of_another_cluster(cluster_id bigint, target pg_snapshot)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return is_of_another_cluster.cluster_id <> wingman.cluster_id()
        or pg_snapshot_xmax(is_of_another_cluster.target) > pg_snapshot_xmax(pg_current_snapshot());
end
$$;

comment on function wingman.is_of_another_cluster(bigint, pg_snapshot) is
'Whether a reader comes from another cluster, or from another timeline of this one, so that its snapshots cannot be compared with
transactions of this one. cluster_id, target: of wingman.readers';
revoke all on function wingman.is_of_another_cluster(bigint, pg_snapshot) from public, anon, authenticated, service_role;

-- file: sql/journal/finished_between.sql
create or replace function wingman.finished_between(seen pg_snapshot, target pg_snapshot)
returns xid8[]
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return array(
        select x.xid
        from pg_snapshot_xip(finished_between.seen) as x (xid)
        where pg_visible_in_snapshot(x.xid, finished_between.target)
        order by x.xid
    );
end
$$;

comment on function wingman.finished_between(pg_snapshot, pg_snapshot) is
'The transactions that were open in one snapshot and had finished in a later one';
revoke all on function wingman.finished_between(pg_snapshot, pg_snapshot) from public, anon, authenticated, service_role;

-- file: sql/journal/is_unread.sql
create or replace function wingman.is_unread(
    xid xid8,
    id bigint,
    seen pg_snapshot,
    target pg_snapshot,
    place_xid xid8,
    place_id bigint,
    last_id bigint
)
returns boolean
language sql
immutable
return (
    id > last_id
    or not pg_visible_in_snapshot(xid, target)
    or (not pg_visible_in_snapshot(xid, seen) and (xid, id) > (coalesce(place_xid, '0'), coalesce(place_id, 0)))
);

comment on function wingman.is_unread(xid8, bigint, pg_snapshot, pg_snapshot, xid8, bigint, bigint) is
'Whether a reader at this position has not read a row yet; see wingman.readers. Also true if the row may be from another cluster
than the snapshots: such a row has an id greater than last_id';
revoke all on function wingman.is_unread(xid8, bigint, pg_snapshot, pg_snapshot, xid8, bigint, bigint)
from public, anon, authenticated, service_role;

-- file: sql/journal/readers.sql
-- derived: how far the journal has been read means nothing without the journal
create table wingman.readers (
    name text constraint readers_pkey primary key,
    source text not null constraint readers_source_check check (source in ('journal', 'ledger')),
    seen pg_snapshot not null,
    target pg_snapshot not null,
    place_xid xid8,
    place_id bigint,
    first_id bigint not null default 0,
    last_id bigint not null default 0,
    cluster_id bigint not null,
    moved_at timestamptz not null default statement_timestamp(),
    constraint readers_place_check check ((place_xid is null) = (place_id is null))
);

comment on table wingman.readers is
'Who follows the journal or the ledger, and how far each has come. wingman.open_reader creates a row; reading moves it, in the
same transaction as the work on what was read';
comment on column wingman.readers.name is 'What the reader is called';
comment on column wingman.readers.source is 'journal: wingman.events; ledger: wingman.reputation_events';
comment on column wingman.readers.seen is 'All that this snapshot sees has been read';
comment on column wingman.readers.target is
'The end of the window being read, which is what this snapshot sees and seen does not. Equal to seen while no window is open';
comment on column wingman.readers.place_xid is
'Rows of the window up to (place_xid, place_id) have been read; null while no window is open';
comment on column wingman.readers.place_id is 'See place_xid';
comment on column wingman.readers.first_id is
'Ids up to this one were written before the database moved to this cluster; wingman.reader_backlogs says which of them are
unread';
comment on column wingman.readers.last_id is
'The last id assigned when target was taken: nothing that target sees has a greater one';
comment on column wingman.readers.cluster_id is 'The cluster in which the snapshots are valid, wingman.cluster_id()';
comment on column wingman.readers.moved_at is 'When it last read something';

revoke all on table wingman.readers from public, anon, authenticated, service_role;

-- file: sql/journal/reader_backlogs.sql
-- derived: what a reader had not read when its database moved to another cluster
create table wingman.reader_backlogs (
    reader text not null constraint reader_backlogs_reader_fkey references wingman.readers (name) on delete cascade,
    first_id bigint not null,
    last_id bigint not null,
    seen pg_snapshot not null,
    target pg_snapshot not null,
    place_xid xid8 not null,
    place_id bigint not null,
    target_id bigint not null,
    read_xid xid8 not null default '0',
    read_id bigint not null default 0,
    constraint reader_backlogs_pkey primary key (reader, first_id)
);

comment on table wingman.reader_backlogs is
'What a reader had not read when its database moved to another cluster by dump and restore; otherwise empty. A row is deleted once
it has been read';
comment on column wingman.reader_backlogs.reader is 'Whose backlog';
comment on column wingman.reader_backlogs.first_id is 'The backlog covers rows with a greater id';
comment on column wingman.reader_backlogs.last_id is '… up to this one, the last id assigned when the reader noticed';
comment on column wingman.reader_backlogs.seen is 'The reader''s value in the cluster that it came from';
comment on column wingman.reader_backlogs.target is 'The reader''s value';
comment on column wingman.reader_backlogs.place_xid is 'The reader''s value; 0 for null';
comment on column wingman.reader_backlogs.place_id is 'The reader''s value; 0 for null';
comment on column wingman.reader_backlogs.target_id is
'The reader''s last_id: a greater id is unread, whatever the snapshots say, because it may be from a later cluster';
comment on column wingman.reader_backlogs.read_xid is 'Of the backlog, rows up to (read_xid, read_id) have been read';
comment on column wingman.reader_backlogs.read_id is 'See read_xid';

revoke all on table wingman.reader_backlogs from public, anon, authenticated, service_role;

-- file: sql/journal/open_reader.sql
create or replace function wingman.open_reader(name text, source text, from_start boolean default true)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _start pg_snapshot := pg_snapshot '1:1:';
    _last_id bigint := bigint '0';
begin
    if not open_reader.from_start then
        -- no id that this snapshot sees is greater than one read after it
        perform pg_current_xact_id();
        select wingman.reader_snapshot() into _start;
        _last_id := wingman.last_id_of(open_reader.source);
    end if;
    insert into wingman.readers (name, source, seen, target, last_id, cluster_id)
    values (open_reader.name, open_reader.source, _start, _start, _last_id, wingman.cluster_id());
end
$$;

comment on function wingman.open_reader(text, text, boolean) is
'Creates a reader. source: journal or ledger; from_start: whether it reads everything that is still kept, or only what is
committed from now on';
revoke all on function wingman.open_reader(text, text, boolean) from public, anon, authenticated, service_role;

-- file: sql/journal/unread_events.sql
create or replace function wingman.unread_events(
    reader text,
    occurred_from timestamptz default '-infinity',
    occurred_until timestamptz default 'infinity',
    max_events bigint default null
)
returns setof wingman.events
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
    _reader wingman.readers;
    -- no transaction that this statement sees has a greater id
    _end xid8 := greatest(pg_snapshot_xmax(pg_current_snapshot()), pg_current_xact_id_if_assigned());
    _found bigint := bigint '0';
    _more bigint := bigint '0';
begin
    select r.* into strict _reader
    from wingman.readers as r
    where r.name = unread_events.reader and r.source = 'journal';

    if wingman.is_of_another_cluster(_reader.cluster_id, _reader.target) then
        return query
        select e.*
        from wingman.events as e
        where e.id > _reader.first_id
            and wingman.is_unread(
                e.xid, e.id, _reader.seen, _reader.target, _reader.place_xid, _reader.place_id, _reader.last_id
            )
            and e.occurred_at >= unread_events.occurred_from
            and e.occurred_at <= unread_events.occurred_until
        limit unread_events.max_events;
        get diagnostics _found = row_count;
    else
        if _reader.place_xid is not null then
            return query
            select u.*
            from (
                -- the rest of the window: from transactions that were open at its start and had finished by its end
                select e.*
                from unnest(wingman.finished_between(_reader.seen, _reader.target)) as o (xid)
                cross join lateral (
                    select f.*
                    from wingman.events as f
                    where f.xid = o.xid
                        and f.id > case when o.xid = _reader.place_xid then _reader.place_id else _reader.first_id end
                        and f.occurred_at >= unread_events.occurred_from
                        and f.occurred_at <= unread_events.occurred_until
                    -- one transaction at a time, through the index: a plain join would read small months whole
                    offset 0
                ) as e
                where o.xid >= _reader.place_xid
                union all
                -- … and from those that began in it
                select e.*
                from wingman.events as e
                where (e.xid, e.id) > (
                        greatest(pg_snapshot_xmax(_reader.seen), _reader.place_xid),
                        case when _reader.place_xid >= pg_snapshot_xmax(_reader.seen) then _reader.place_id else 0 end
                    )
                    and e.xid < pg_snapshot_xmax(_reader.target)
                    and pg_visible_in_snapshot(e.xid, _reader.target)
                    and e.id > _reader.first_id
                    and e.occurred_at >= unread_events.occurred_from
                    and e.occurred_at <= unread_events.occurred_until
            ) as u
            limit unread_events.max_events;
            get diagnostics _found = row_count;
        end if;

        return query
        select u.*
        from (
            -- beyond it: from transactions that were open at its end
            select e.*
            from pg_snapshot_xip(_reader.target) as o (xid)
            cross join lateral (
                select f.*
                from wingman.events as f
                where f.xid = o.xid
                    and f.id > _reader.first_id
                    and f.occurred_at >= unread_events.occurred_from
                    and f.occurred_at <= unread_events.occurred_until
                offset 0
            ) as e
            union all
            -- … and from those that began after it
            select e.*
            from wingman.events as e
            where e.xid >= pg_snapshot_xmax(_reader.target)
                and e.xid <= _end
                and e.id > _reader.first_id
                and e.occurred_at >= unread_events.occurred_from
                and e.occurred_at <= unread_events.occurred_until
        ) as u
        limit unread_events.max_events - _found;
        get diagnostics _more = row_count;
    end if;
    if not exists (select from wingman.reader_backlogs as b where b.reader = unread_events.reader) then
        return;
    end if;

    -- from another cluster, which is rare: searches everything that has been written
    return query
    select e.*
    from wingman.reader_backlogs as b
    inner join wingman.events as e
        on e.id > b.first_id
        and e.id <= b.last_id
        and (e.xid, e.id) > (b.read_xid, b.read_id)
        and wingman.is_unread(e.xid, e.id, b.seen, b.target, b.place_xid, b.place_id, b.target_id)
    where b.reader = unread_events.reader
        and e.occurred_at >= unread_events.occurred_from
        and e.occurred_at <= unread_events.occurred_until
    limit unread_events.max_events - _found - _more;
end
$$;

comment on function wingman.unread_events(text, timestamptz, timestamptz, bigint) is
'What a reader of the journal has not read, in no particular order, as the calling statement sees it. A function that adds this to
what the reader keeps must be STABLE, so that both come from one snapshot. occurred_from, occurred_until: only events of that
period; max_events: the most to return, null for all. Raises no_data_found if there is no such reader';
revoke all on function wingman.unread_events(text, timestamptz, timestamptz, bigint)
from public, anon, authenticated, service_role;

-- file: sql/journal/unread_reputation_events.sql
create or replace function wingman.unread_reputation_events(reader text, max_events bigint default null)
returns setof wingman.reputation_events
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
    _reader wingman.readers;
    -- no transaction that this statement sees has a greater id
    _end xid8 := greatest(pg_snapshot_xmax(pg_current_snapshot()), pg_current_xact_id_if_assigned());
    _found bigint := bigint '0';
    _more bigint := bigint '0';
begin
    select r.* into strict _reader
    from wingman.readers as r
    where r.name = unread_reputation_events.reader and r.source = 'ledger';

    if wingman.is_of_another_cluster(_reader.cluster_id, _reader.target) then
        return query
        select e.*
        from wingman.reputation_events as e
        where e.id > _reader.first_id
            and wingman.is_unread(
                e.xid, e.id, _reader.seen, _reader.target, _reader.place_xid, _reader.place_id, _reader.last_id
            )
        limit unread_reputation_events.max_events;
        get diagnostics _found = row_count;
    else
        if _reader.place_xid is not null then
            return query
            select u.*
            from (
                -- the rest of the window: from transactions that were open at its start and had finished by its end
                select e.*
                from unnest(wingman.finished_between(_reader.seen, _reader.target)) as o (xid)
                cross join lateral (
                    select f.*
                    from wingman.reputation_events as f
                    where f.xid = o.xid
                        and f.id > case when o.xid = _reader.place_xid then _reader.place_id else _reader.first_id end
                    -- one transaction at a time, as in wingman.unread_events
                    offset 0
                ) as e
                where o.xid >= _reader.place_xid
                union all
                -- … and from those that began in it
                select e.*
                from wingman.reputation_events as e
                where (e.xid, e.id) > (
                        greatest(pg_snapshot_xmax(_reader.seen), _reader.place_xid),
                        case when _reader.place_xid >= pg_snapshot_xmax(_reader.seen) then _reader.place_id else 0 end
                    )
                    and e.xid < pg_snapshot_xmax(_reader.target)
                    and pg_visible_in_snapshot(e.xid, _reader.target)
                    and e.id > _reader.first_id
            ) as u
            limit unread_reputation_events.max_events;
            get diagnostics _found = row_count;
        end if;

        return query
        select u.*
        from (
            -- beyond it: from transactions that were open at its end
            select e.*
            from pg_snapshot_xip(_reader.target) as o (xid)
            cross join lateral (
                select f.*
                from wingman.reputation_events as f
                where f.xid = o.xid and f.id > _reader.first_id
                offset 0
            ) as e
            union all
            -- … and from those that began after it
            select e.*
            from wingman.reputation_events as e
            where e.xid >= pg_snapshot_xmax(_reader.target)
                and e.xid <= _end
                and e.id > _reader.first_id
        ) as u
        limit unread_reputation_events.max_events - _found;
        get diagnostics _more = row_count;
    end if;
    if not exists (select from wingman.reader_backlogs as b where b.reader = unread_reputation_events.reader) then
        return;
    end if;

    -- from another cluster, which is rare: searches everything that has been written
    return query
    select e.*
    from wingman.reader_backlogs as b
    inner join wingman.reputation_events as e
        on e.id > b.first_id
        and e.id <= b.last_id
        and (e.xid, e.id) > (b.read_xid, b.read_id)
        and wingman.is_unread(e.xid, e.id, b.seen, b.target, b.place_xid, b.place_id, b.target_id)
    where b.reader = unread_reputation_events.reader
    limit unread_reputation_events.max_events - _found - _more;
end
$$;

comment on function wingman.unread_reputation_events(text, bigint) is
'What a reader of the ledger has not read, like wingman.unread_events';
revoke all on function wingman.unread_reputation_events(text, bigint) from public, anon, authenticated, service_role;

-- file: sql/journal/has_unread.sql
create or replace function wingman.has_unread(reader text)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return case (select r.source from wingman.readers as r where r.name = has_unread.reader)
        when 'journal' then exists (select from wingman.unread_events(has_unread.reader, max_events => 1))
        when 'ledger' then exists (select from wingman.unread_reputation_events(has_unread.reader, max_events => 1))
    end;
end
$$;

comment on function wingman.has_unread(text) is
'Whether a reader has anything left to read; null if there is no such reader';
revoke all on function wingman.has_unread(text) from public, anon, authenticated, service_role;

-- file: sql/journal/is_read_by_all.sql
create or replace function wingman.is_read_by_all(occurred_from timestamptz, occurred_until timestamptz)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return not exists (
        select
        from wingman.readers as r
        cross join lateral wingman.unread_events(
            r.name, is_read_by_all.occurred_from, is_read_by_all.occurred_until, 1
        )
        where r.source = 'journal'
    );
end
$$;

comment on function wingman.is_read_by_all(timestamptz, timestamptz) is
'Whether every reader of the journal has read all events of a period, both ends included';
revoke all on function wingman.is_read_by_all(timestamptz, timestamptz) from public, anon, authenticated, service_role;

-- file: sql/journal/reader_lag.sql
create or replace function wingman.reader_lag(reader text, out unread bigint, out unread_since timestamptz)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if (select r.source from wingman.readers as r where r.name = reader_lag.reader) = 'journal' then
        select count(*), min(u.occurred_at) into unread, unread_since
        from wingman.unread_events(reader_lag.reader, max_events => 100000) as u;
    else
        select count(*), min(u.created_at) into unread, unread_since
        from wingman.unread_reputation_events(reader_lag.reader, 100000) as u;
    end if;
end
$$;

comment on function wingman.reader_lag(text) is
'How much a reader has not read, counted up to 100000, and since when the oldest of that has been waiting; null if nothing is
unread';
revoke all on function wingman.reader_lag(text) from public, anon, authenticated, service_role;

-- file: sql/journal/reader_lags.sql
create or replace function wingman.reader_lags()
returns table (name text, source text, unread bigint, unread_since timestamptz, moved_at timestamptz)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select r.name, r.source, g.unread, g.unread_since, r.moved_at
    from wingman.readers as r
    cross join lateral wingman.reader_lag(r.name) as g;
end
$$;

comment on function wingman.reader_lags() is
'What each reader has not read, as wingman_admin.readers and wingman_admin.metrics show it';
revoke all on function wingman.reader_lags() from public, anon, authenticated, service_role;
grant execute on function wingman.reader_lags() to service_role, wingman_admin;

-- file: sql/journal/lock_reader.sql
create or replace function wingman.lock_reader(reader text, source text)
returns wingman.readers
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _reader wingman.readers;
    _now pg_snapshot;
    _last_id bigint;
begin
    if wingman.write_obstacle() is not null then
        -- a standby's snapshot counts open transactions as finished; under another isolation level the snapshot
        -- would be older than the lock
        perform wingman.raise_error(wingman.write_obstacle());
    elsif not exists (
        select from wingman.readers as r where r.name = lock_reader.reader and r.source = lock_reader.source
    ) then
        raise exception using
            errcode = 'no_data_found',
            message = format('No reader of the %s is called %s', lock_reader.source, lock_reader.reader);
    elsif not wingman.has_unread(lock_reader.reader) and not exists (
        select
        from wingman.readers as r
        where r.name = lock_reader.reader
            and (
                wingman.is_of_another_cluster(r.cluster_id, r.target)
                or exists (select from wingman.reader_backlogs as b where b.reader = r.name)
            )
    ) then
        -- without a transaction id, a lock or a line of WAL
        return null;
    end if;

    select r.* into _reader
    from wingman.readers as r
    where r.name = lock_reader.reader and r.source = lock_reader.source
    for update skip locked;
    if not found then
        return null;
    end if;

    if wingman.is_of_another_cluster(_reader.cluster_id, _reader.target) then
        -- once: from here on nobody is writing, so every id assigned so far belongs to a visible row or to none
        if _reader.source = 'journal' then
            lock table wingman.events in share mode;
        else
            lock table wingman.reputation_events in share mode;
        end if;
        select wingman.reader_snapshot() into _now;
        _last_id := wingman.last_id_of(_reader.source);
        insert into wingman.reader_backlogs (
            reader, first_id, last_id, seen, target, place_xid, place_id, target_id
        )
        values (
            _reader.name,
            _reader.first_id,
            _last_id,
            _reader.seen,
            _reader.target,
            coalesce(_reader.place_xid, '0'),
            coalesce(_reader.place_id, 0),
            _reader.last_id
        );
        update wingman.readers as r
        set
            seen = _now,
            target = _now,
            place_xid = null,
            place_id = null,
            first_id = _last_id,
            last_id = _last_id,
            cluster_id = wingman.cluster_id(),
            moved_at = statement_timestamp()
        where r.name = _reader.name
        returning r.* into _reader;
    end if;
    return _reader;
end
$$;

comment on function wingman.lock_reader(text, text) is
'Locks the row of a reader that has something left to read, for the rest of the transaction, and returns it; null if there is
nothing left or another transaction is reading. After the database has moved to another cluster, it waits once for those who are
writing to the source, and sets aside what is unread in wingman.reader_backlogs. source: the reader''s.
Errors: unsupported_isolation, read_only_transaction.';
revoke all on function wingman.lock_reader(text, text) from public, anon, authenticated, service_role;

-- file: sql/journal/move_reader.sql
create or replace function wingman.move_reader(reader wingman.readers)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    update wingman.readers as r
    set
        seen = (move_reader.reader).seen,
        target = (move_reader.reader).target,
        place_xid = (move_reader.reader).place_xid,
        place_id = (move_reader.reader).place_id,
        last_id = (move_reader.reader).last_id,
        moved_at = statement_timestamp()
    where r.name = (move_reader.reader).name;
end
$$;

comment on function wingman.move_reader(wingman.readers) is
'Writes the position of a reader whose row the caller has locked';
revoke all on function wingman.move_reader(wingman.readers) from public, anon, authenticated, service_role;

-- file: sql/journal/read_events.sql
create or replace function wingman.read_events(reader text, max_events integer)
returns setof wingman.events
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
    _reader wingman.readers := wingman.lock_reader(read_events.reader, 'journal');
    _page wingman.events[] := array[]::wingman.events[];
    _part wingman.events[] := array[]::wingman.events[];
    _rest integer := read_events.max_events;
    _is_new boolean;
    _backlog wingman.reader_backlogs;
begin
    if _reader.name is null then
        return;
    end if;

    for _backlog in select b.* from wingman.reader_backlogs as b where b.reader = _reader.name order by b.first_id loop
        exit when _rest = 0;
        _part := array(
            select e
            from wingman.events as e
            where (e.xid, e.id) > (_backlog.read_xid, _backlog.read_id)
                and e.id > _backlog.first_id
                and e.id <= _backlog.last_id
                and wingman.is_unread(
                    e.xid,
                    e.id,
                    _backlog.seen,
                    _backlog.target,
                    _backlog.place_xid,
                    _backlog.place_id,
                    _backlog.target_id
                )
            order by e.xid, e.id
            limit _rest
        );
        if cardinality(_part) < _rest then
            delete from wingman.reader_backlogs as b where b.reader = _reader.name and b.first_id = _backlog.first_id;
        else
            update wingman.reader_backlogs as b
            set read_xid = (_part[_rest]).xid, read_id = (_part[_rest]).id
            where b.reader = _reader.name and b.first_id = _backlog.first_id;
        end if;
        _page := _page || _part;
        _rest := read_events.max_events - cardinality(_page);
    end loop;

    -- the open window, and a new one if that is not enough
    while _rest > 0 loop
        _is_new := _reader.place_xid is null;
        if _is_new then
            -- a separate statement: the one that took the lock may have begun before the last reader ended
            select wingman.reader_snapshot() into _reader.target;
            -- after the snapshot, so that no row it sees has a greater id
            _reader.last_id := wingman.last_id_of(_reader.source);
            _reader.place_xid := '0'::xid8;
            _reader.place_id := bigint '0';
        end if;
        _part := array(
            select u.event
            from (
                -- from transactions that were open at the start of the window and finished by its end: these come first
                (
                    select e.event, e.xid, e.id
                    from unnest(wingman.finished_between(_reader.seen, _reader.target)) as o (xid)
                    cross join lateral (
                        select f as event, f.xid, f.id
                        from wingman.events as f
                        where f.xid = o.xid
                            and f.id > case when o.xid = _reader.place_xid then _reader.place_id else _reader.first_id end
                        order by f.id
                        limit _rest
                    ) as e
                    where o.xid >= _reader.place_xid
                    order by e.xid, e.id
                    limit _rest
                )
                union all
                -- from those that began in it
                (
                    select e as event, e.xid, e.id
                    from wingman.events as e
                    where (e.xid, e.id) > (
                            greatest(pg_snapshot_xmax(_reader.seen), _reader.place_xid),
                            case when _reader.place_xid >= pg_snapshot_xmax(_reader.seen) then _reader.place_id else 0 end
                        )
                        and e.xid < pg_snapshot_xmax(_reader.target)
                        and pg_visible_in_snapshot(e.xid, _reader.target)
                        and e.id > _reader.first_id
                    order by e.xid, e.id
                    limit _rest
                )
            ) as u
            order by u.xid, u.id
            limit _rest
        );
        if cardinality(_part) < _rest then
            _reader.seen := _reader.target;
            _reader.place_xid := null;
            _reader.place_id := null;
        else
            _reader.place_xid := (_part[_rest]).xid;
            _reader.place_id := (_part[_rest]).id;
        end if;
        _page := _page || _part;
        _rest := read_events.max_events - cardinality(_page);
        exit when _is_new;
    end loop;
    perform wingman.move_reader(_reader);
    return query select e.* from unnest(_page) as e order by e.id;
end
$$;

comment on function wingman.read_events(text, integer) is
'Returns the next events that a reader of the journal has not read, at most max_events, in the order of id, and moves the reader
on. Each event comes exactly once if you commit your work on it in the same transaction. Fewer than max_events means that there
are no more for now; none can also mean that another transaction is reading. Store the events in a variable and work on them in
later
statements: the one that calls this function does not see all rows that they refer to.
Errors: unsupported_isolation, read_only_transaction; no_data_found if there is no such reader.';
revoke all on function wingman.read_events(text, integer) from public, anon, authenticated, service_role;

-- file: sql/journal/read_reputation_events.sql
create or replace function wingman.read_reputation_events(reader text, max_events integer)
returns setof wingman.reputation_events
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
    _reader wingman.readers := wingman.lock_reader(read_reputation_events.reader, 'ledger');
    _page wingman.reputation_events[] := array[]::wingman.reputation_events[];
    _part wingman.reputation_events[] := array[]::wingman.reputation_events[];
    _rest integer := read_reputation_events.max_events;
    _is_new boolean;
    _backlog wingman.reader_backlogs;
begin
    if _reader.name is null then
        return;
    end if;

    for _backlog in select b.* from wingman.reader_backlogs as b where b.reader = _reader.name order by b.first_id loop
        exit when _rest = 0;
        _part := array(
            select e
            from wingman.reputation_events as e
            where (e.xid, e.id) > (_backlog.read_xid, _backlog.read_id)
                and e.id > _backlog.first_id
                and e.id <= _backlog.last_id
                and wingman.is_unread(
                    e.xid,
                    e.id,
                    _backlog.seen,
                    _backlog.target,
                    _backlog.place_xid,
                    _backlog.place_id,
                    _backlog.target_id
                )
            order by e.xid, e.id
            limit _rest
        );
        if cardinality(_part) < _rest then
            delete from wingman.reader_backlogs as b where b.reader = _reader.name and b.first_id = _backlog.first_id;
        else
            update wingman.reader_backlogs as b
            set read_xid = (_part[_rest]).xid, read_id = (_part[_rest]).id
            where b.reader = _reader.name and b.first_id = _backlog.first_id;
        end if;
        _page := _page || _part;
        _rest := read_reputation_events.max_events - cardinality(_page);
    end loop;

    -- the open window, and a new one if that is not enough
    while _rest > 0 loop
        _is_new := _reader.place_xid is null;
        if _is_new then
            -- a separate statement: the one that took the lock may have begun before the last reader ended
            select wingman.reader_snapshot() into _reader.target;
            -- after the snapshot, so that no row it sees has a greater id
            _reader.last_id := wingman.last_id_of(_reader.source);
            _reader.place_xid := '0'::xid8;
            _reader.place_id := bigint '0';
        end if;
        _part := array(
            select u.event
            from (
                -- from transactions that were open at the start of the window and finished by its end: these come first
                (
                    select e.event, e.xid, e.id
                    from unnest(wingman.finished_between(_reader.seen, _reader.target)) as o (xid)
                    cross join lateral (
                        select f as event, f.xid, f.id
                        from wingman.reputation_events as f
                        where f.xid = o.xid
                            and f.id > case when o.xid = _reader.place_xid then _reader.place_id else _reader.first_id end
                        order by f.id
                        limit _rest
                    ) as e
                    where o.xid >= _reader.place_xid
                    order by e.xid, e.id
                    limit _rest
                )
                union all
                -- from those that began in it
                (
                    select e as event, e.xid, e.id
                    from wingman.reputation_events as e
                    where (e.xid, e.id) > (
                            greatest(pg_snapshot_xmax(_reader.seen), _reader.place_xid),
                            case when _reader.place_xid >= pg_snapshot_xmax(_reader.seen) then _reader.place_id else 0 end
                        )
                        and e.xid < pg_snapshot_xmax(_reader.target)
                        and pg_visible_in_snapshot(e.xid, _reader.target)
                        and e.id > _reader.first_id
                    order by e.xid, e.id
                    limit _rest
                )
            ) as u
            order by u.xid, u.id
            limit _rest
        );
        if cardinality(_part) < _rest then
            _reader.seen := _reader.target;
            _reader.place_xid := null;
            _reader.place_id := null;
        else
            _reader.place_xid := (_part[_rest]).xid;
            _reader.place_id := (_part[_rest]).id;
        end if;
        _page := _page || _part;
        _rest := read_reputation_events.max_events - cardinality(_page);
        exit when _is_new;
    end loop;
    perform wingman.move_reader(_reader);
    return query select e.* from unnest(_page) as e order by e.id;
end
$$;

comment on function wingman.read_reputation_events(text, integer) is
'Returns the next entries that a reader of the ledger has not read, and moves it on, like wingman.read_events';
revoke all on function wingman.read_reputation_events(text, integer) from public, anon, authenticated, service_role;

-- file: sql/journal/session_statistics.sql
-- derived: counted from the journal
create table wingman.session_statistics (
    held_at timestamptz not null,
    outcome text not null,
    sessions bigint not null,
    constraint session_statistics_pkey primary key (held_at, outcome)
);

comment on table wingman.session_statistics is
'How many sessions there are by time and outcome, as far as the reader statistics has read the journal.
wingman.session_counts() adds the rest';
comment on column wingman.session_statistics.held_at is
'Their time; for days before yesterday, in UTC, the start of the day';
comment on column wingman.session_statistics.outcome is
'completed, cancelled or no_show; reverted: completed or no_show, then taken back; not_settled: none of these yet';
comment on column wingman.session_statistics.sessions is 'How many';

revoke all on table wingman.session_statistics from public, anon, authenticated, service_role;

-- file: sql/journal/outcome_statistics.sql
-- derived: counted from the journal
create table wingman.outcome_statistics (
    happened_at timestamptz not null,
    outcome text not null,
    sessions bigint not null,
    constraint outcome_statistics_pkey primary key (happened_at, outcome)
);

comment on table wingman.outcome_statistics is
'How many sessions were completed or marked as a no-show at each moment of the last two days, as far as the reader statistics has
read the journal. wingman.outcome_counts() adds the rest';
comment on column wingman.outcome_statistics.happened_at is 'The moment';
comment on column wingman.outcome_statistics.outcome is 'completed or no_show, reverted or not';
comment on column wingman.outcome_statistics.sessions is 'How many';

revoke all on table wingman.outcome_statistics from public, anon, authenticated, service_role;

-- file: sql/journal/match_progress.sql
-- derived: counted from the journal
create table wingman.match_progress (
    match_id uuid constraint match_progress_pkey primary key,
    offered_on date,
    offered integer not null,
    accepted integer not null,
    ended integer not null,
    sessions integer not null,
    completed integer not null
) with (fillfactor = 80);

comment on table wingman.match_progress is
'How far each match has come, as far as the reader statistics has read the journal, and the day under which it is counted';
comment on column wingman.match_progress.match_id is 'The match';
comment on column wingman.match_progress.offered_on is
'The day, in UTC, under which it is counted; null, and not counted, if its row was gone when the reader reached it';
comment on column wingman.match_progress.offered is '1: it was offered';
comment on column wingman.match_progress.accepted is '1: and accepted';
comment on column wingman.match_progress.ended is '1: and ended afterwards';
comment on column wingman.match_progress.sessions is 'How many sessions it has, whatever their outcome';
comment on column wingman.match_progress.completed is 'How many of these both people confirmed, without reverted ones';

revoke all on table wingman.match_progress from public, anon, authenticated, service_role;

-- file: sql/journal/match_statistics.sql
-- derived: counted from the journal
create table wingman.match_statistics (
    offered_on date constraint match_statistics_pkey primary key,
    offered bigint not null,
    accepted bigint not null,
    ended bigint not null,
    scheduled bigint not null,
    completed bigint not null
);

comment on table wingman.match_statistics is
'The outcomes of the matches of each day, as far as the reader statistics has read the journal. wingman.match_counts() adds the
rest';
comment on column wingman.match_statistics.offered_on is 'The day, in UTC, of the offer';
comment on column wingman.match_statistics.offered is 'Matches made';
comment on column wingman.match_statistics.accepted is 'Of these, accepted, ended ones included';
comment on column wingman.match_statistics.ended is 'Of these, accepted and ended';
comment on column wingman.match_statistics.scheduled is 'Of these, with a session, whatever its outcome';
comment on column wingman.match_statistics.completed is
'Of these, with a session that both people confirmed and that was not reverted';

revoke all on table wingman.match_statistics from public, anon, authenticated, service_role;

-- file: sql/journal/reputation_statistics.sql
-- derived: counted from the ledger
create table wingman.reputation_statistics (
    score integer constraint reputation_statistics_pkey primary key,
    people bigint not null
);

comment on table wingman.reputation_statistics is
'How many people have each reputation, as far as the readers statistics (who has come) and reputations (what the ledger says) have
read. The two move independently, so a number here may be too small for a while, and even negative: wingman.reputation_counts()
adds the rest of both';
comment on column wingman.reputation_statistics.score is 'The reputation, -5 to 20';
comment on column wingman.reputation_statistics.people is 'How many';

revoke all on table wingman.reputation_statistics from public, anon, authenticated, service_role;

-- file: sql/journal/session_outcome.sql
create or replace function wingman.session_outcome(status text, is_reverted boolean)
returns text
language sql
immutable
return case
    when is_reverted then 'reverted'
    when wingman.is_active_session(status) then 'not_settled'
    else status
end;

comment on function wingman.session_outcome(text, boolean) is
'The outcome of a session: completed, cancelled, no_show, reverted or not_settled';
revoke all on function wingman.session_outcome(text, boolean) from public, anon, authenticated, service_role;

-- file: sql/journal/session_changes.sql
create or replace function wingman.session_changes(events wingman.events[])
returns table (
    match_id uuid,
    held_at timestamptz,
    status text,
    is_reverted boolean,
    settled_at timestamptz,
    change integer
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- look up each of a few rows, never scan a whole table
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
begin
    return query
    with told as (
        select
            e.kind,
            e.match_id,
            e.occurred_at,
            e.details,
            -- the time never changes after a session has ended, so the row, or once it is deleted what was kept of it, still
            -- says it
            coalesce(s.scheduled_time, (g.before ->> 'scheduled_time')::timestamptz) as scheduled_time,
            coalesce(s.status, g.before ->> 'status') as status,
            coalesce(s.completed_at, (g.before ->> 'completed_at')::timestamptz) as completed_at,
            -- for a session that was deleted afterwards
            case when e.kind = 'session_deleted' and e.details -> 'before' ->> 'status' = 'no_show' then (
                select n.occurred_at
                from wingman.events as n
                where n.match_id = e.match_id
                    and n.session_id = e.session_id
                    and (n.kind = 'session_no_show' or (n.kind = 'changed_by_hand' and n.details -> 'after' ->> 'status' = 'no_show'))
                order by n.id
                limit 1
            ) end as marked_at
        from unnest(session_changes.events) as e
        left join public.wingman_sessions as s
            on e.session_id = s.id
            and e.kind in ('session_completed', 'session_cancelled', 'session_no_show', 'session_reverted', 'changed_by_hand')
        left join lateral (
            select d.details -> 'before' as before
            from wingman.events as d
            where s.id is null
                and e.kind in ('session_completed', 'session_cancelled', 'session_no_show', 'session_reverted', 'changed_by_hand')
                and d.match_id = e.match_id
                and d.session_id = e.session_id
                and d.kind = 'session_deleted'
        ) as g on true
        where e.session_id is not null and e.kind not in ('session_started', 'session_confirmed')
    )

    select t.match_id, c.held_at, c.status, c.is_reverted, c.settled_at, c.change
    from told as t
    cross join lateral (
        select
            t.details -> 'before' as before,
            t.details -> 'after' as after
    ) as d
    cross join lateral (
        -- the state before, for every kind but the first
        select
            case t.kind
                when 'session_moved' then (t.details ->> 'scheduled_time_before')::timestamptz
                when 'changed_by_hand' then (d.before ->> 'scheduled_time')::timestamptz
                when 'session_deleted' then (d.before ->> 'scheduled_time')::timestamptz
                else t.scheduled_time
            end as held_at,
            case
                when t.kind in ('changed_by_hand', 'session_deleted') then d.before ->> 'status'
                when t.kind = 'session_reverted' then t.status
                else 'scheduled'
            end as status,
            d.before ->> 'reverted_at' is not null as is_reverted,
            case when t.kind = 'session_deleted' then
                case d.before ->> 'status' when 'completed' then (d.before ->> 'completed_at')::timestamptz when 'no_show' then t.marked_at end
            end as settled_at,
            -1 as change
        where t.kind <> 'session_scheduled'
        union all
        -- the state afterwards, for every kind but the last
        select
            case
                when t.kind in ('session_scheduled', 'session_moved') then (t.details ->> 'scheduled_time')::timestamptz
                when t.kind = 'changed_by_hand' then (d.after ->> 'scheduled_time')::timestamptz
                else t.scheduled_time
            end,
            case
                when t.kind = 'changed_by_hand' then d.after ->> 'status'
                when t.kind = 'session_reverted' then t.status
                when t.kind in ('session_completed', 'session_cancelled', 'session_no_show') then substr(t.kind, 9)
                else 'scheduled'
            end,
            t.kind = 'session_reverted' or d.after ->> 'reverted_at' is not null,
            case
                when t.kind = 'session_completed' then t.completed_at
                when t.kind = 'session_no_show' then t.occurred_at
                when t.kind = 'changed_by_hand' and d.before ->> 'status' <> d.after ->> 'status' then
                    case d.after ->> 'status' when 'completed' then t.completed_at when 'no_show' then t.occurred_at end
            end,
            1
        where t.kind <> 'session_deleted'
    ) as c;
end
$$;

comment on function wingman.session_changes(wingman.events[]) is
'What events change about sessions: for each event, minus the state before and plus the state after; the order of events does not
matter for the sums. match_id: the session''s match; held_at, status, is_reverted: its time, status, and whether that was taken
back;
settled_at: for an event that completes a session, marks a no-show or deletes such a session, when it was settled; else null';
revoke all on function wingman.session_changes(wingman.events[]) from public, anon, authenticated, service_role;

-- file: sql/journal/match_progress_after.sql
create or replace function wingman.match_progress_after(events wingman.events[])
returns setof wingman.match_progress
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- look up each of a few rows, never scan a whole table
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
begin
    return query
    with changes as (
        select
            e.match_id,
            case e.kind when 'match_offered' then 1 when 'match_deleted' then -1 else 0 end as offered,
            (e.kind = 'match_accepted' or coalesce(e.details -> 'after' ->> 'status' = 'accepted', false))::integer
            - coalesce(e.details -> 'before' ->> 'status' = 'accepted', false)::integer as accepted,
            (e.kind = 'match_ended' or e.details -> 'after' ->> 'ended_at' is not null)::integer
            - (e.details -> 'before' ->> 'ended_at' is not null)::integer as ended,
            0 as sessions,
            0 as completed
        from unnest(match_progress_after.events) as e
        where e.match_id is not null and e.session_id is null
        union all
        select
            c.match_id,
            0 as offered,
            0 as accepted,
            0 as ended,
            c.change as sessions,
            case when c.status = 'completed' and not c.is_reverted then c.change else 0 end as completed
        from wingman.session_changes(match_progress_after.events) as c
    ),

    sums as (
        select
            c.match_id,
            sum(c.offered)::integer as offered,
            sum(c.accepted)::integer as accepted,
            sum(c.ended)::integer as ended,
            sum(c.sessions)::integer as sessions,
            sum(c.completed)::integer as completed
        from changes as c
        group by c.match_id
    )

    select
        c.match_id,
        -- the only value that is as of now and not as of the last event: it only says on which day the match is counted,
        -- and any change to it is an event of this match, with which the match is counted again
        (m.created_at at time zone 'UTC')::date,
        coalesce(p.offered, 0) + c.offered,
        coalesce(p.accepted, 0) + c.accepted,
        coalesce(p.ended, 0) + c.ended,
        coalesce(p.sessions, 0) + c.sessions,
        coalesce(p.completed, 0) + c.completed
    from sums as c
    left join wingman.match_progress as p on c.match_id = p.match_id
    left join public.wingman_matches as m on c.match_id = m.id;
end
$$;

comment on function wingman.match_progress_after(wingman.events[]) is
'The rows that wingman.match_progress would have, for the matches of these events, once the reader statistics has counted them';
revoke all on function wingman.match_progress_after(wingman.events[]) from public, anon, authenticated, service_role;

-- file: sql/journal/match_changes.sql
create or replace function wingman.match_changes(after wingman.match_progress[])
returns table (offered_on date, offered bigint, accepted bigint, ended bigint, scheduled bigint, completed bigint)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- look up each of a few rows, never scan a whole table
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
begin
    return query
    select
        c.offered_on,
        sum(c.change * c.offered),
        sum(c.change * c.accepted),
        sum(c.change * c.ended),
        sum(c.change * (c.sessions > 0)::integer),
        sum(c.change * (c.completed > 0)::integer)
    from (
        select 1 as change, a.*
        from unnest(match_changes.after) as a
        union all
        select -1 as change, p.*
        from unnest(match_changes.after) as a
        inner join wingman.match_progress as p on a.match_id = p.match_id
    ) as c
    where c.offered_on is not null
    group by c.offered_on;
end
$$;

comment on function wingman.match_changes(wingman.match_progress[]) is
'What wingman.match_statistics gains and loses when rows of wingman.match_progress become these';
revoke all on function wingman.match_changes(wingman.match_progress[]) from public, anon, authenticated, service_role;

-- file: sql/journal/reputation_changes.sql
create or replace function wingman.reputation_changes(entries wingman.reputation_events[])
returns table (score integer, people bigint)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- look up each of a few rows, never scan a whole table
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
begin
    return query
    select c.score, sum(c.people)
    from unnest(reputation_changes.entries) as e
    -- entries of one person are written one at a time, so the previous one was there first and never changes
    left join lateral (
        select b.kind, b.completed_sessions, b.no_shows
        from wingman.reputation_events as b
        where b.user_id = e.user_id and b.id < e.id
        order by b.id desc
        limit 1
    ) as p on true
    cross join lateral (
        select
            case
                when p.kind <> 'departed' then wingman.reputation_score(p.completed_sessions, p.no_shows)
                else wingman.reputation_score(0, 0)
            end as score,
            -1 as people
        union all
        select wingman.reputation_score(e.completed_sessions, e.no_shows), 1
        where e.kind <> 'departed'
    ) as c
    group by c.score;
end
$$;

comment on function wingman.reputation_changes(wingman.reputation_events[]) is
'How entries of the ledger change the number of people with each reputation: each takes one from the reputation after the
person''s previous entry, or that of a new person, and adds one to the reputation after this entry. The order of entries does not
matter';
revoke all on function wingman.reputation_changes(wingman.reputation_events[]) from public, anon, authenticated, service_role;

-- file: sql/journal/session_counts.sql
create or replace function wingman.session_counts(held_until timestamptz)
returns table (held_on date, outcome text, sessions bigint)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select c.held_on, c.outcome, sum(c.sessions)::bigint
    from (
        select (k.held_at at time zone 'UTC')::date as held_on, k.outcome, k.sessions
        from wingman.session_statistics as k
        where k.held_at <= session_counts.held_until
        union all
        select (u.held_at at time zone 'UTC')::date, wingman.session_outcome(u.status, u.is_reverted), u.change
        from wingman.session_changes(array(select e from wingman.unread_events('statistics') as e)) as u
        where u.held_at <= session_counts.held_until
    ) as c
    group by c.held_on, c.outcome
    having sum(c.sessions) <> 0;
end
$$;

comment on function wingman.session_counts(timestamptz) is
'How many sessions were due on each day, in UTC, up to a moment of today, by outcome: what the reader statistics has counted, and
what it has not read yet';
revoke all on function wingman.session_counts(timestamptz) from public, anon, authenticated, service_role;
grant execute on function wingman.session_counts(timestamptz) to service_role, wingman_admin;

-- file: sql/journal/outcome_counts.sql
create or replace function wingman.outcome_counts(settled_after timestamptz)
returns table (outcome text, sessions bigint)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select c.outcome, sum(c.sessions)::bigint
    from (
        select k.outcome, k.sessions
        from wingman.outcome_statistics as k
        where k.happened_at > outcome_counts.settled_after
        union all
        select u.status, u.change
        from wingman.session_changes(array(select e from wingman.unread_events('statistics') as e)) as u
        where u.settled_at > outcome_counts.settled_after
    ) as c
    group by c.outcome;
end
$$;

comment on function wingman.outcome_counts(timestamptz) is
'How many sessions were completed or marked as a no-show since a moment within the last day: what the reader statistics has
counted, and what it has not read yet';
revoke all on function wingman.outcome_counts(timestamptz) from public, anon, authenticated, service_role;
grant execute on function wingman.outcome_counts(timestamptz) to service_role, wingman_admin;

-- file: sql/journal/match_counts.sql
create or replace function wingman.match_counts()
returns table (offered_on date, offered bigint, accepted bigint, ended bigint, scheduled bigint, completed bigint)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select
        c.offered_on,
        sum(c.offered)::bigint,
        sum(c.accepted)::bigint,
        sum(c.ended)::bigint,
        sum(c.scheduled)::bigint,
        sum(c.completed)::bigint
    from (
        select k.*
        from wingman.match_statistics as k
        union all
        select u.*
        from wingman.match_changes(array(
            select p
            from wingman.match_progress_after(array(select e from wingman.unread_events('statistics') as e)) as p
        )) as u
    ) as c
    group by c.offered_on
    having sum(c.offered) > 0;
end
$$;

comment on function wingman.match_counts() is
'The outcomes of the matches offered on each day, in UTC: what the reader statistics has counted, and what it has not read yet';
revoke all on function wingman.match_counts() from public, anon, authenticated, service_role;
grant execute on function wingman.match_counts() to service_role, wingman_admin;

-- file: sql/journal/reputation_counts.sql
create or replace function wingman.reputation_counts()
returns table (score integer, people bigint)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select c.score, sum(c.people)::bigint
    from (
        select k.score, k.people
        from wingman.reputation_statistics as k
        union all
        select wingman.reputation_score(0, 0), count(*)
        from wingman.unread_events('statistics') as e
        where e.kind = 'profile_created'
        union all
        select u.score, u.people
        from wingman.reputation_changes(array(select e from wingman.unread_reputation_events('reputations') as e)) as u
    ) as c
    group by c.score
    having sum(c.people) <> 0;
end
$$;

comment on function wingman.reputation_counts() is
'How many people have each reputation, according to the ledger: what the readers statistics and reputations have counted, and what
they have not read yet';
revoke all on function wingman.reputation_counts() from public, anon, authenticated, service_role;
grant execute on function wingman.reputation_counts() to service_role, wingman_admin;

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

-- file: sql/journal/count_reputation_events.sql
create or replace function wingman.count_reputation_events(max_events integer)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _entries wingman.reputation_events[];
begin
    _entries := array(
        select e from wingman.read_reputation_events('reputations', count_reputation_events.max_events) as e
    );
    insert into wingman.reputation_statistics as k (score, people)
    select c.score, c.people
    from wingman.reputation_changes(_entries) as c
    where c.people <> 0
    order by c.score
    on conflict on constraint reputation_statistics_pkey do update set people = k.people + excluded.people;
    return cardinality(_entries);
end
$$;

comment on function wingman.count_reputation_events(integer) is
'Counts what the reader reputations has not read yet, at most max_events, into wingman.reputation_statistics. Returns how many';
revoke all on function wingman.count_reputation_events(integer) from public, anon, authenticated, service_role;

-- file: sql/journal/first_readers.sql
do $$
begin
    perform wingman.open_reader('statistics', 'journal');
    perform wingman.open_reader('reputations', 'ledger');
end
$$;

-- file: sql/journal/history_start.sql
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
'How far back the operators'' views look: thirty whole days in UTC, and today. However long the history is, they read only this
much of it.';
revoke all on function wingman.history_start() from public, anon, authenticated, service_role;
grant execute on function wingman.history_start() to service_role, wingman_admin;

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
    _settings wingman.settings;
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
        select t.* into strict _settings from wingman.settings as t;
        _me := wingman.consume_rate_limit(_me, 'profile', _settings.profile_cost, _settings.profile_burst);
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

-- file: sql/profiles/get_profile.sql
create or replace function wingman.get_profile(user_id uuid)
returns public.profile_details
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.profile_details_of(wingman.require_profile(wingman.acting_user_id(get_profile.user_id)));
end
$$;

comment on function wingman.get_profile(uuid) is 'Engine of public.get_profile';
revoke all on function wingman.get_profile(uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.get_profile(uuid) to authenticated, service_role, wingman_admin;

-- file: sql/matching/search/create_automatic_match.sql
create or replace function wingman.create_automatic_match(max_radius_miles integer, user_id uuid, idempotency_key text)
returns public.automatic_match
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
set plan_cache_mode = 'force_generic_plan'
-- a plan made while the tables were small must not scan them whole until the next analyze
set enable_seqscan = off
-- an index scan takes the ids of two people in order, which is the lock order, and costs less than a bitmap and a sort
set enable_bitmapscan = off
as $$
declare
    _call wingman.guarded_call;
    _me uuid;
    _own record;
    _seeker wingman.matchmaking_pool;
    -- whether the caller's own row is the only lock held
    _may_wait boolean := true;
    _radius integer;
    _search wingman.search_outcome;
begin
    _call := wingman.begin_call(
        'create_automatic_match',
        create_automatic_match.user_id,
        create_automatic_match.idempotency_key,
        row(create_automatic_match.max_radius_miles)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.automatic_match, _call.response);
    end if;
    _me := _call.user_id;

    if not wingman.is_valid_radius(create_automatic_match.max_radius_miles) then
        perform wingman.require_profile(_me);
        perform wingman.raise_error('invalid_radius');
    end if;

    -- locks the caller's row and reads everything else that is needed, in one statement
    select
        s as seeker,
        (select t from wingman.search_terms as t) as settings,
        exists (select from wingman.due_matches) as has_due_matches
    into _own
    from wingman.matchmaking_pool as s
    where s.user_id = _me
    for no key update of s;
    if not found then
        perform wingman.require_profile(_me);
        perform wingman.raise_error('profile_incomplete');
    end if;
    _seeker := _own.seeker;

    if _seeker.pending_until > statement_timestamp() then
        _search.offer := wingman.pending_offer(_me);
        return wingman.end_call(_call, row(
            true,
            'You already have a pending wingman match',
            (_search.offer).match_id,
            (_search.offer).buddy_user_id,
            (_search.offer).buddy_profile,
            (_search.offer).distance_miles
        )::public.automatic_match);
    elsif _seeker.paused or _seeker.pending_match_id is not null then
        if _seeker.paused and not _seeker.paused_automatically then
            perform wingman.raise_error('matching_paused');
        elsif _seeker.pending_match_id is not null then
            _may_wait := false;
            -- rows are locked by user_id: never wait for a buddy who comes before the caller
            if _seeker.pending_buddy_id > _me then
                perform wingman.lock_seekers(_seeker.pending_buddy_id);
            else
                perform
                from wingman.matchmaking_pool as s
                where s.user_id = _seeker.pending_buddy_id
                for no key update skip locked;
                if not found then
                    perform wingman.raise_error('busy');
                end if;
            end if;
            perform wingman.expire_match(_seeker.pending_match_id);
        end if;
        -- this expiry may have caused an automatic pause: a search ends that one as well
        _seeker := wingman.end_automatic_pause(_me);
    end if;
    _me := wingman.consume_rate_limit(
        _me, 'automatic_match', (_own.settings).automatic_match_cost, (_own.settings).automatic_match_burst
    );
    if _own.has_due_matches and (wingman.settle_due_matches((_own.settings).settle_limit)).tried > 0 then
        _may_wait := false;
    end if;

    _radius := coalesce(create_automatic_match.max_radius_miles, _seeker.max_travel_miles);
    _search := wingman.match_nearest(_seeker, _radius, _may_wait, _own.settings);

    if (_search.offer).match_id is not null then
        return wingman.end_call(_call, row(
            true,
            'Wingman buddy match created successfully!',
            (_search.offer).match_id,
            (_search.offer).buddy_user_id,
            (_search.offer).buddy_profile,
            (_search.offer).distance_miles
        )::public.automatic_match);
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

-- file: sql/matching/matches/respond_to_match.sql
create or replace function wingman.respond_to_match(match_id uuid, action text, user_id uuid, idempotency_key text)
returns public.match_response
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
set plan_cache_mode = 'force_generic_plan'
-- a plan made while the tables were small must not scan them whole until the next analyze
set enable_seqscan = off
-- an index scan takes the ids of two people in order, which is the lock order, and costs less than a bitmap and a sort
set enable_bitmapscan = off
as $$
declare
    _call wingman.guarded_call;
    _me uuid;
    _answer text := case respond_to_match.action when 'accept' then 'accepted' when 'decline' then 'declined' end;
    _own record;
    _next wingman.offer;
begin
    _call := wingman.begin_call(
        'respond_to_match',
        respond_to_match.user_id,
        respond_to_match.idempotency_key,
        row(respond_to_match.match_id, respond_to_match.action)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.match_response, _call.response);
    end if;
    _me := _call.user_id;

    -- both seekers by user_id, as wingman.lock_seekers does, found and locked in one statement
    perform
    from wingman.matchmaking_pool as s
    where s.user_id = any((
        select array[m.user1_id, m.user2_id]
        from public.wingman_matches as m
        where m.id = respond_to_match.match_id and _me in (m.user1_id, m.user2_id)
    )::uuid[])
    order by s.user_id
    for no key update;

    -- This locks the match, checks and writes in one statement. Only when it finds nothing do we ask why.
    update public.wingman_matches as m
    set status = _answer, responded_by = _me, responded_at = statement_timestamp()
    where m.id = respond_to_match.match_id
        and _answer is not null
        and _me in (m.user1_id, m.user2_id)
        and wingman.match_status_at(m.status, m.expires_at, statement_timestamp()) = 'pending';

    if not found then
        _next := wingman.refuse_response(respond_to_match.match_id, respond_to_match.action, _answer, _me);
    else
        select wingman.consume_rate_limit(_me, 'respond', t.respond_cost, t.respond_burst) as user_id, t as settings
        into _own
        from wingman.search_terms as t;
    end if;
    if _answer = 'accepted' then
        return wingman.end_call(
            _call,
            row(
                true, 'Match accepted! You can now schedule a session with your wingman buddy.', _answer, null
            )::public.match_response
        );
    elsif found then
        _next := wingman.offer_next_match(_me, _own.settings);
    end if;
    return wingman.end_call(_call, row(
        true,
        case
            when _next.match_id is null then 'Match declined.'
            else 'Match declined. Here''s your next potential wingman buddy!'
        end,
        _answer,
        case
            when _next.match_id is not null
                then row(_next.match_id, _next.buddy_user_id, _next.buddy_profile)::public.next_match
        end
    )::public.match_response);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.respond_to_match(uuid, text, uuid, text) is 'Engine of public.respond_to_match';
revoke all on function wingman.respond_to_match(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.respond_to_match(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/matching/matches/end_match.sql
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
    _call := wingman.begin_call('end_match', end_match.user_id, end_match.idempotency_key, row(end_match.match_id));
    if _call.response is not null then
        return jsonb_populate_record(null::public.match_details, _call.response);
    end if;
    _me := wingman.require_profile(_call.user_id);
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

-- file: sql/matching/matches/get_match.sql
create or replace function wingman.get_match(match_id uuid, user_id uuid)
returns public.match_details
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.require_profile(wingman.acting_user_id(get_match.user_id));
begin
    perform wingman.require_argument('match_id', get_match.match_id is not null);
    perform wingman.match_buddy(get_match.match_id, _me);
    return wingman.match_details_of(get_match.match_id, _me);
end
$$;

comment on function wingman.get_match(uuid, uuid) is 'Engine of public.get_match';
revoke all on function wingman.get_match(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.get_match(uuid, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/matching/matches/list_matches.sql
create or replace function wingman.list_matches(status text, before uuid, page_size integer, user_id uuid)
returns setof public.match_details
language plpgsql
stable
security definer
rows 20
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.require_profile(wingman.acting_user_id(list_matches.user_id), or_null => true);
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

-- file: sql/matching/matches/get_match_history.sql
create or replace function wingman.get_match_history(match_id uuid, user_id uuid)
returns setof public.match_event
language plpgsql
stable
security definer
rows 10
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.require_profile(wingman.acting_user_id(get_match_history.user_id));
    _match public.wingman_matches;
begin
    perform wingman.require_argument('match_id', get_match_history.match_id is not null);
    perform wingman.match_buddy(get_match_history.match_id, _me);
    select m.* into strict _match from public.wingman_matches as m where m.id = get_match_history.match_id;

    return query
    select e.occurred_at, e.kind, e.session_id, e.user_id = _me
    from wingman.events as e
    inner join wingman.event_kinds() as k on k.kind = e.kind
    where e.match_id = _match.id and k.visible_to = 'participants'
    order by e.id;

    -- when it lapsed, not when somebody settled it
    if wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp()) = 'expired' then
        return next row(_match.expires_at, 'match_expired', null, null)::public.match_event;
    end if;
end
$$;

comment on function wingman.get_match_history(uuid, uuid) is 'Engine of public.get_match_history';
revoke all on function wingman.get_match_history(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.get_match_history(uuid, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/matching/pool/pause_matching.sql
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
    _call := wingman.begin_call('pause_matching', pause_matching.user_id, pause_matching.idempotency_key, row());
    if _call.response is not null then
        return jsonb_populate_record(null::public.acknowledgement, _call.response);
    end if;
    _me := wingman.require_profile(_call.user_id);

    perform wingman.lock_seekers(_me);
    update wingman.matchmaking_pool as s
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

-- file: sql/matching/pool/resume_matching.sql
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
    _call := wingman.begin_call('resume_matching', resume_matching.user_id, resume_matching.idempotency_key, row());
    if _call.response is not null then
        return jsonb_populate_record(null::public.acknowledgement, _call.response);
    end if;
    _me := wingman.require_profile(_call.user_id);

    perform wingman.lock_seekers(_me);
    update wingman.matchmaking_pool as s
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

-- file: sql/matching/explain/explain_match.sql
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
    _facts jsonb;
    _rules public.match_rule[] := '{}'::public.match_rule[];
    _searched_by_me boolean;
begin
    _me := wingman.require_profile(wingman.acting_user_id(explain_match.user_id));
    perform wingman.require_argument('match_id', explain_match.match_id is not null);
    perform wingman.match_buddy(explain_match.match_id, _me);

    select m.* into strict _match from public.wingman_matches as m where m.id = explain_match.match_id;
    select h.* into _search from wingman.match_searches as h where h.match_id = explain_match.match_id;
    _searched_by_me := _match.searched_by = _me;

    if _search.match_id is not null then
        _facts := to_jsonb(_search) || jsonb_build_object(
            'distance_miles', _match.distance_miles, 'rematch_hours', round(extract(epoch from _search.rematch_after) / 3600)
        );
        _rules := array(
            select row(
                v.rule,
                case v.rule
                    when 'level' then _search.level_difference <= _search.level_tolerance
                    when 'exposure' then _search.candidate_exposures < _search.exposure_limit
                    -- without it there would be no match
                    else true
                end,
                wingman.fill_in(
                    case when _searched_by_me then v.searcher_detail else coalesce(v.found_detail, v.searcher_detail) end, _facts
                )
            )::public.match_rule
            from wingman.matching_rules() with ordinality as v (
                obstacle, rule, counted_as, searcher_detail, found_detail, place
            )
            where v.searcher_detail is not null
            order by v.place
        );
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

-- file: sql/matching/explain/why_no_match.sql
create or replace function wingman.why_no_match(max_radius_miles integer, user_id uuid)
returns public.no_match_explanation
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
-- a plan made while the tables were small must not scan them whole until the next analyze
set enable_seqscan = off
as $$
declare
    _me uuid;
    _seeker wingman.matchmaking_pool;
    _radius integer;
    _near bigint;
    _removed public.people_count[];
begin
    _me := wingman.require_profile(wingman.acting_user_id(why_no_match.user_id));
    if not wingman.is_valid_radius(why_no_match.max_radius_miles) then
        perform wingman.raise_error('invalid_radius');
    end if;
    select s.* into _seeker from wingman.matchmaking_pool as s where s.user_id = _me;
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
        select v.counted_as as rule, sum(o.people)::bigint as people
        from wingman.obstacles_near(_me, _radius) as o
        left join wingman.matching_rules() as v on v.obstacle = o.obstacle
        group by v.counted_as
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

-- file: sql/sessions/create_session.sql
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
    _session record;
begin
    _call := wingman.begin_call(
        'create_session',
        create_session.user_id,
        create_session.idempotency_key,
        row(
            create_session.match_id,
            create_session.scheduled_time at time zone 'UTC',
            create_session.venue_name,
            create_session.notes
        )
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.session_details, _call.response);
    end if;
    _me := _call.user_id;

    -- The trigger guard_insert locks the match and checks, and a unique index knows of active sessions. What kept them from it is
    -- asked below.
    insert into public.wingman_sessions as s (match_id, scheduled_time, venue_name, notes, created_by)
    values (
        create_session.match_id,
        create_session.scheduled_time,
        create_session.venue_name,
        create_session.notes,
        _me
    )
    returning wingman.session_details_of(s, _me) as details into _session;
    select wingman.consume_rate_limit(_me, 'create_session', t.create_session_cost, t.create_session_burst) into _me
    from wingman.settings as t
    where wingman.schedule_violation(create_session.scheduled_time, t.session_horizon) is null;
    if not found then
        raise integrity_constraint_violation;
    end if;
    return wingman.end_call(_call, _session.details);
exception
    when integrity_constraint_violation then
        perform wingman.refuse_new_session(
            create_session.match_id, create_session.scheduled_time, create_session.venue_name, create_session.notes, _call.user_id
        );
        return null;
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

-- file: sql/sessions/start_session.sql
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
    _session record;
begin
    _call := wingman.begin_call(
        'start_session',
        start_session.user_id,
        start_session.idempotency_key,
        row(start_session.session_id)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.session_details, _call.response);
    end if;
    _me := _call.user_id;

    -- This locks the session, checks and writes in one statement. Only when it finds nothing do we ask why.
    update public.wingman_sessions as s
    set status = 'in_progress', started_by = _me
    where s.id = start_session.session_id
        and _me in (s.user1_id, s.user2_id)
        and s.status = 'scheduled'
        and s.scheduled_time <= statement_timestamp() + (select t.session_start_lead from wingman.settings as t)
    returning wingman.session_details_of(s, _me) as details into _session;
    if not found then
        return wingman.end_call(_call, wingman.refuse_session_change(start_session.session_id, 'started', _me));
    end if;
    return wingman.end_call(_call, _session.details);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.start_session(uuid, uuid, text) is 'Engine of public.start_session';
revoke all on function wingman.start_session(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.start_session(uuid, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/sessions/cancel_session.sql
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
    _session record;
begin
    _call := wingman.begin_call(
        'cancel_session',
        cancel_session.user_id,
        cancel_session.idempotency_key,
        row(cancel_session.session_id, cancel_session.reason)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.session_details, _call.response);
    end if;
    _me := _call.user_id;

    -- If the reason is valid, this locks, checks and writes in one statement. Only when it finds nothing do we ask why.
    update public.wingman_sessions as s
    set status = 'cancelled', cancelled_by = _me, cancellation_reason = cancel_session.reason
    where s.id = cancel_session.session_id
        and _me in (s.user1_id, s.user2_id)
        and s.is_active
        and wingman.session_violation(null, null, cancel_session.reason) is null
    returning wingman.session_details_of(s, _me) as details into _session;
    if not found then
        perform wingman.require_profile(_me);
        perform wingman.require_argument('session_id', cancel_session.session_id is not null);
        perform wingman.refuse_violation(wingman.session_violation(null, null, cancel_session.reason));
        return wingman.end_call(_call, wingman.refuse_session_change(cancel_session.session_id, 'cancelled', _me));
    end if;
    return wingman.end_call(_call, _session.details);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.cancel_session(uuid, text, uuid, text) is 'Engine of public.cancel_session';
revoke all on function wingman.cancel_session(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.cancel_session(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/sessions/confirm_session_completion.sql
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
        row(confirm_session_completion.session_id, confirm_session_completion.buddy_user_id)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.session_confirmation, _call.response);
    end if;
    _me := _call.user_id;

    -- This locks the session, checks and writes in one statement. Only when it finds nothing do we ask why.
    update public.wingman_sessions as s
    set
        user1_completed_confirmed_by_user2 = s.user1_completed_confirmed_by_user2 or s.user2_id = _me,
        user2_completed_confirmed_by_user1 = s.user2_completed_confirmed_by_user1 or s.user1_id = _me,
        status = case
            when s.user1_completed_confirmed_by_user2 or s.user2_completed_confirmed_by_user1 then 'completed'
            else s.status
        end,
        completed_at = case
            when s.user1_completed_confirmed_by_user2 or s.user2_completed_confirmed_by_user1
                then statement_timestamp()
        end
    where s.id = confirm_session_completion.session_id
        and wingman.confirmation_obstacle(
            s.user1_id,
            s.user2_id,
            s.user1_completed_confirmed_by_user2,
            s.user2_completed_confirmed_by_user1,
            s.status,
            s.scheduled_time,
            _me,
            confirm_session_completion.buddy_user_id
        ) is null
    returning
        s.status,
        s.user1_id,
        s.user2_id,
        (select row(t.confirm_cost, t.confirm_burst)::wingman.rate_limit from wingman.settings as t) as rate_limit
    into _session;
    if not found then
        perform wingman.refuse_confirmation(
            confirm_session_completion.session_id, confirm_session_completion.buddy_user_id, _me
        );
    end if;
    _me := wingman.consume_rate_limit(
        _me, 'confirm', (_session.rate_limit).cost, (_session.rate_limit).burst
    );

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

    return wingman.end_call(
        _call,
        row(
            wingman.record_reputation(
                confirm_session_completion.session_id,
                'completed',
                _session.user1_id,
                _session.user2_id,
                both_people => true
            ) is not null,
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

-- file: sql/sessions/get_session.sql
create or replace function wingman.get_session(session_id uuid, user_id uuid)
returns public.session_details
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.require_profile(wingman.acting_user_id(get_session.user_id));
    _session public.wingman_sessions;
begin
    perform wingman.require_argument('session_id', get_session.session_id is not null);
    perform wingman.session_buddy(get_session.session_id, _me);
    select s.* into strict _session from public.wingman_sessions as s where s.id = get_session.session_id;
    return wingman.session_details_of(_session, _me);
end
$$;

comment on function wingman.get_session(uuid, uuid) is 'Engine of public.get_session';
revoke all on function wingman.get_session(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.get_session(uuid, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/sessions/list_sessions.sql
create or replace function wingman.list_sessions(status text, before uuid, page_size integer, user_id uuid)
returns setof public.session_details
language plpgsql
stable
security definer
rows 20
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.require_profile(wingman.acting_user_id(list_sessions.user_id), or_null => true);
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
        select s
        from public.wingman_matches as m
        inner join public.wingman_sessions as s on s.match_id = m.id
        where (m.user1_id = _me or m.user2_id = _me)
            and (list_sessions.before is null or s.id < list_sessions.before)
            and (list_sessions.status is null or s.status = list_sessions.status)
        order by s.id desc
        limit list_sessions.page_size
    ) as page (session)
    cross join lateral wingman.session_details_of(page.session, _me) as d
    order by d.id desc;
end
$$;

comment on function wingman.list_sessions(text, uuid, integer, uuid) is 'Engine of public.list_sessions';
revoke all on function wingman.list_sessions(text, uuid, integer, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.list_sessions(text, uuid, integer, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/reputation/get_reputation.sql
create or replace function wingman.get_reputation(subject_id uuid, user_id uuid)
returns public.reputation
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.require_profile(wingman.acting_user_id(get_reputation.user_id));
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

-- file: sql/safety/separate_pair.sql
create or replace function wingman.separate_pair(user_id uuid, other_id uuid)
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
        where m.user1_id = least(separate_pair.user_id, separate_pair.other_id)
            and m.user2_id = greatest(separate_pair.user_id, separate_pair.other_id)
            and m.ended_at is null
            and m.status in ('pending', 'accepted')
        order by m.id
        for no key update
    loop
        if _match.status = 'accepted' then
            perform wingman.end_accepted_match(_match.id, separate_pair.user_id);
        elsif wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp()) = 'expired' then
            perform wingman.expire_match(_match.id);
        else
            perform wingman.decline_match(_match.id, separate_pair.user_id);
        end if;
    end loop;
end
$$;

comment on function wingman.separate_pair(uuid, uuid) is
'Separates two people, whose seekers the caller has locked, on behalf of user_id: their pending match is declined (or expires, if
it has lapsed), their accepted one ends and its active session is cancelled.';
revoke all on function wingman.separate_pair(uuid, uuid) from public, anon, authenticated, service_role;

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
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.unblock_user(uuid, uuid, text) is 'Engine of public.unblock_user';
revoke all on function wingman.unblock_user(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.unblock_user(uuid, uuid, text) to authenticated, service_role, wingman_admin;

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
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.report_user(uuid, text, uuid, text) is 'Engine of public.report_user';
revoke all on function wingman.report_user(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.report_user(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/maintenance/maintenance.sql
create type wingman.maintenance as (
    expired_matches integer,
    purged_keys integer,
    purged_limits integer,
    made_partitions integer,
    dropped_partitions integer,
    counted_events integer,
    counted_reputation_events integer
);

comment on type wingman.maintenance is 'What a run of wingman.run_maintenance did';
comment on column wingman.maintenance.expired_matches is 'Lapsed matches that it settled';
comment on column wingman.maintenance.purged_keys is 'Idempotency keys past settings.idempotency_retention that it removed';
comment on column wingman.maintenance.purged_limits is 'Rate limits that it removed because they were full again';
comment on column wingman.maintenance.made_partitions is 'Monthly partitions that it created in the journal';
comment on column wingman.maintenance.dropped_partitions is
'Monthly partitions past settings.journal_retention_months that it dropped there';
comment on column wingman.maintenance.counted_events is 'Events of the journal that it counted for the operators'' views';
comment on column wingman.maintenance.counted_reputation_events is 'Entries of the ledger that it counted for these views';

-- file: sql/maintenance/run_maintenance.sql
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

    -- these two may wait, so they run before anything is locked
    _done.made_partitions := wingman.make_event_partitions();
    _done.dropped_partitions := wingman.drop_event_partitions();

    -- after the drop, which depends on what earlier transactions have read; but not after a real drop, while nobody can write
    _done.counted_events := 0;
    _done.counted_reputation_events := 0;
    if _done.dropped_partitions = 0 then
        _done.counted_events := wingman.count_events(run_maintenance.max_rows);
        _done.counted_reputation_events := wingman.count_reputation_events(run_maintenance.max_rows);
    end if;

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

    -- no index: each call would have to maintain it, and the table holds only users who called within a day
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
'Tidies up: settles lapsed matches, removes old idempotency keys and rate limits that are full again, creates and drops monthly
partitions of the journal, and counts what happened for the operators'' views. No call depends on it. max_rows: the most rows of
each kind to process, 1 to 100000. Several runs can overlap: each skips what another holds.
Errors: missing_argument, invalid_argument, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman.run_maintenance(integer) from public, anon, authenticated, service_role;
grant execute on function wingman.run_maintenance(integer) to wingman_admin, service_role;

-- file: sql/admin/schema.sql
-- What operators look at and do. Like wingman it is never exposed over HTTP.
set local role none;

create schema wingman_admin authorization wingman_owner;

set local role wingman_owner;

comment on schema wingman_admin is 'Views and functions for the operators of WingmanMatch, never exposed';
revoke all on schema wingman_admin from public, anon, authenticated, service_role;
grant usage on schema wingman_admin to wingman_admin, service_role;

-- file: sql/admin/user_reports.sql
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

-- file: sql/admin/readers.sql
create or replace view wingman_admin.readers as
select
    r.name,
    r.source,
    r.unread,
    r.unread_since,
    r.moved_at
from wingman.reader_lags() as r;

comment on view wingman_admin.readers is
'Who follows the journal or the ledger, and how far behind each is. A month of the journal is dropped only once all of them have
read it; remove an abandoned reader with wingman_admin.remove_reader';
comment on column wingman_admin.readers.name is 'The reader';
comment on column wingman_admin.readers.source is 'journal: wingman.events; ledger: wingman.reputation_events';
comment on column wingman_admin.readers.unread is 'How many events it has not read, counted up to 100000';
comment on column wingman_admin.readers.unread_since is 'When the oldest of these happened; null if there are none';
comment on column wingman_admin.readers.moved_at is 'When it last read something';

revoke all on table wingman_admin.readers from public, anon, authenticated, service_role;
grant select on table wingman_admin.readers to wingman_admin, service_role;

-- file: sql/admin/remove_reader.sql
create or replace function wingman_admin.remove_reader(name text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
begin
    perform wingman.begin_operation('remove_reader');
    perform wingman.require_argument('name', remove_reader.name is not null);
    if remove_reader.name in ('statistics', 'reputations') then
        perform wingman.refuse_violation(row('name', 'must not be one that the views of operators need')::wingman.violation);
    end if;
    delete from wingman.readers as r where r.name = remove_reader.name;
    if not found then
        perform wingman.refuse_violation(row('name', 'must be that of a reader')::wingman.violation);
    end if;
    perform wingman.end_operation();
    return row(true, 'Reader removed: the journal is not kept for it any more.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.remove_reader(text) is
'Removes an abandoned reader, so that old months of the journal need not be kept for it. What it has counted so far stays.
Errors: missing_argument, invalid_argument, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.remove_reader(text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.remove_reader(text) to wingman_admin, service_role;

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

-- file: sql/admin/match_explanations.sql
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
'What the search behind each match was based on; for a match written by hand, nulls from radius_miles on';
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
comment on column wingman_admin.match_explanations.candidate_waiting_since is 'When the wait of the person found began';
comment on column wingman_admin.match_explanations.candidate_exposures is
'How often they had been found within the exposure window';
comment on column wingman_admin.match_explanations.exposure_limit is 'How often they could be found within that window';
comment on column wingman_admin.match_explanations.rematch_after is 'How long pairs were kept apart at that time';
comment on column wingman_admin.match_explanations.last_met_at is 'When the two were last matched before that; null: never';

revoke all on table wingman_admin.match_explanations from public, anon, authenticated, service_role;
grant select on table wingman_admin.match_explanations to wingman_admin, service_role;

-- file: sql/admin/why_no_match.sql
create or replace function wingman_admin.why_no_match(user_id uuid, max_radius_miles integer default null)
returns table (obstacle text, people bigint, nearest_miles integer)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.require_profile(wingman.acting_user_id(why_no_match.user_id));
    _seeker wingman.matchmaking_pool;
begin
    if not wingman.is_valid_radius(why_no_match.max_radius_miles) then
        perform wingman.raise_error('invalid_radius');
    end if;
    select s.* into _seeker from wingman.matchmaking_pool as s where s.user_id = _me;
    if not found then
        perform wingman.raise_error('profile_incomplete');
    end if;

    return query
    select o.obstacle, o.people, o.nearest_miles
    from wingman.obstacles_near(_me, coalesce(why_no_match.max_radius_miles, _seeker.max_travel_miles)) as o;
end
$$;

comment on function wingman_admin.why_no_match(uuid, integer) is
'Counts exactly how many people near a user each rule of matching removes. obstacle: a name of wingman.matching_rules(), null:
they fit; max_radius_miles: null: the user''s max_travel_miles.
Errors: missing_argument, user_not_found, profile_incomplete, invalid_radius.';
revoke all on function wingman_admin.why_no_match(uuid, integer) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.why_no_match(uuid, integer) to wingman_admin, service_role;

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
    _session public.wingman_sessions;
begin
    perform wingman.begin_operation('mark_no_show');
    perform wingman.require_argument('session_id', mark_no_show.session_id is not null);
    perform wingman.require_argument('absent_user_id', mark_no_show.absent_user_id is not null);
    perform wingman.require_argument('reason', mark_no_show.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(mark_no_show.reason));
    perform wingman.session_buddy(mark_no_show.session_id, mark_no_show.absent_user_id);
    _session := wingman.lock_session(mark_no_show.session_id);

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

-- file: sql/admin/reconcile_reputation.sql
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
        -- read again: another transaction may have changed the counters before the lock was granted
        select d.* into user_id, completed_sessions, no_shows, ledger_completed_sessions, ledger_no_shows
        from wingman.reputation_differences as d
        where d.user_id = _user_id;
        continue when not found;

        update public.user_profiles as p
        set
            completed_sessions = reconcile_reputation.ledger_completed_sessions,
            no_shows = reconcile_reputation.ledger_no_shows,
            reputation_score = wingman.reputation_score(
                reconcile_reputation.ledger_completed_sessions, reconcile_reputation.ledger_no_shows
            ),
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
'Lists every profile whose counters differ from the ledger, with both values; there are none unless somebody bypassed the
triggers.
fix: sets the counters to the ledger''s sums and returns their old values. Reads the whole ledger. Exact even while people keep
confirming.
Errors: missing_argument; with fix busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.reconcile_reputation(boolean) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.reconcile_reputation(boolean) to wingman_admin, service_role;

-- file: sql/admin/completion_rate_by_day.sql
create or replace view wingman_admin.completion_rate_by_day as
select
    c.held_on,
    sum(c.sessions)::bigint as sessions,
    coalesce(sum(c.sessions) filter (where c.outcome = 'completed'), 0)::bigint as completed,
    coalesce(sum(c.sessions) filter (where c.outcome = 'cancelled'), 0)::bigint as cancelled,
    coalesce(sum(c.sessions) filter (where c.outcome = 'no_show'), 0)::bigint as no_shows,
    coalesce(sum(c.sessions) filter (where c.outcome = 'reverted'), 0)::bigint as reverted,
    coalesce(sum(c.sessions) filter (where c.outcome = 'not_settled'), 0)::bigint as not_settled,
    round(coalesce(sum(c.sessions) filter (where c.outcome = 'completed'), 0) / sum(c.sessions), 3) as completion_rate
from wingman.session_counts(statement_timestamp()) as c
group by c.held_on;

comment on view wingman_admin.completion_rate_by_day is
'The outcomes of the sessions of each day, over all time. Reads what the reader statistics has counted and the events that it has
not read yet, never the whole history';
comment on column wingman_admin.completion_rate_by_day.held_on is 'The day, in UTC, for which they were scheduled';
comment on column wingman_admin.completion_rate_by_day.sessions is 'How many were due up to now';
comment on column wingman_admin.completion_rate_by_day.completed is 'Both people confirmed; not reverted';
comment on column wingman_admin.completion_rate_by_day.cancelled is 'Cancelled';
comment on column wingman_admin.completion_rate_by_day.no_shows is 'Somebody did not come; not reverted';
comment on column wingman_admin.completion_rate_by_day.reverted is 'Completions and no-shows that operators took back';
comment on column wingman_admin.completion_rate_by_day.not_settled is 'Still scheduled or in progress';
comment on column wingman_admin.completion_rate_by_day.completion_rate is 'completed / sessions, from 0 to 1';

revoke all on table wingman_admin.completion_rate_by_day from public, anon, authenticated, service_role;
grant select on table wingman_admin.completion_rate_by_day to wingman_admin, service_role;

-- file: sql/admin/reputation_distribution.sql
create or replace view wingman_admin.reputation_distribution as
select
    c.score,
    c.people
from wingman.reputation_counts() as c;

comment on view wingman_admin.reputation_distribution is
'How many people have each reputation, according to the ledger. Reads what the readers statistics and reputations have counted
and what they have not read yet, neither the whole history nor the profiles';
comment on column wingman_admin.reputation_distribution.score is 'Reputation, -5 to 20';
comment on column wingman_admin.reputation_distribution.people is 'How many have it';

revoke all on table wingman_admin.reputation_distribution from public, anon, authenticated, service_role;
grant select on table wingman_admin.reputation_distribution to wingman_admin, service_role;

-- file: sql/admin/match_funnel.sql
create or replace view wingman_admin.match_funnel as
select
    c.offered_on,
    c.offered,
    c.accepted,
    c.scheduled,
    c.completed
from wingman.match_counts() as c;

comment on view wingman_admin.match_funnel is
'The outcomes of the matches offered on each day, over all time. Reads what the reader statistics has counted and the events that
it has not read yet, never the whole history';
comment on column wingman_admin.match_funnel.offered_on is 'The day, in UTC, of the offer';
comment on column wingman_admin.match_funnel.offered is 'Matches made';
comment on column wingman_admin.match_funnel.accepted is 'Of these, accepted by now, ended ones included';
comment on column wingman_admin.match_funnel.scheduled is 'Of these, with a session, whatever its outcome';
comment on column wingman_admin.match_funnel.completed is
'Of these, with a session that both people confirmed and that was not reverted';

revoke all on table wingman_admin.match_funnel from public, anon, authenticated, service_role;
grant select on table wingman_admin.match_funnel to wingman_admin, service_role;

-- file: sql/admin/waiting_seekers.sql
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
    from wingman.matchmaking_pool as s
    cross join wingman.settings as t
    where s.pending_match_id is null and not s.paused
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
'How long those who could be matched now have been waiting, and how often they have been found meanwhile. Reads every seeker once
and no history, so its cost grows with the number of people';
comment on column wingman_admin.waiting_seekers.waiting is 'up to an hour, up to a day, up to a week, longer';
comment on column wingman_admin.waiting_seekers.people is 'How many are free and have waited that long';
comment on column wingman_admin.waiting_seekers.longest is 'The longest wait among them';
comment on column wingman_admin.waiting_seekers.exposures is
'How often the searches of others found them, within settings.exposure_window';
comment on column wingman_admin.waiting_seekers.never_found is 'How many were not found at all within that time';
comment on column wingman_admin.waiting_seekers.at_exposure_limit is
'How many cannot be found now because they were found settings.exposure_limit times';

revoke all on table wingman_admin.waiting_seekers from public, anon, authenticated, service_role;
grant select on table wingman_admin.waiting_seekers to wingman_admin, service_role;

-- file: sql/admin/open_matches_and_sessions.sql
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
from wingman.matchmaking_pool as p
inner join public.wingman_matches as m on p.pending_match_id = m.id
where p.pending_until > statement_timestamp() and p.user_id < p.pending_buddy_id
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
        where m.id = s.match_id and s.is_active and wingman.is_active_session(s.status)
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
where s.is_active and wingman.is_active_session(s.status);

comment on view wingman_admin.open_matches_and_sessions is
'What is open now: matches that wait for an answer, found by the index of due ones; accepted matches without an active session,
made within thirty days, by the primary key; active sessions, by the index of active ones';
comment on column wingman_admin.open_matches_and_sessions.state is 'offered, accepted, scheduled or in_progress';
comment on column wingman_admin.open_matches_and_sessions.match_id is 'The match';
comment on column wingman_admin.open_matches_and_sessions.user1_id is 'The participant with the smaller id';
comment on column wingman_admin.open_matches_and_sessions.user2_id is 'The participant with the larger id';
comment on column wingman_admin.open_matches_and_sessions.since is
'When this state began: when the match was offered or accepted, or the session was created';
comment on column wingman_admin.open_matches_and_sessions.expires_at is 'When the offer lapses';
comment on column wingman_admin.open_matches_and_sessions.session_id is 'The active session';
comment on column wingman_admin.open_matches_and_sessions.scheduled_time is 'When they meet';

revoke all on table wingman_admin.open_matches_and_sessions from public, anon, authenticated, service_role;
grant select on table wingman_admin.open_matches_and_sessions to wingman_admin, service_role;

-- file: sql/admin/overdue_sessions.sql
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
where s.is_active and wingman.is_active_session(s.status) and s.scheduled_time < statement_timestamp() - interval '24 hours';

comment on view wingman_admin.overdue_sessions is
'Sessions whose time was more than a day ago and that are not completed, cancelled or marked as a no-show. Uses the index of
active sessions and reads no others';
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

-- file: sql/admin/metrics.sql
-- noqa: disable=LT02
create or replace view wingman_admin.metrics as
with today as (
    select (statement_timestamp() at time zone 'UTC')::date as today
),

offered as (
    select count(*) as amount
    from wingman.matchmaking_pool as p
    where p.pending_until > statement_timestamp() and p.user_id < p.pending_buddy_id
),

active as (
    select
        count(*) filter (where s.status = 'scheduled') as scheduled,
        count(*) filter (where s.status = 'in_progress') as in_progress,
        -- sessions of matches that wingman.match_counts() counts as accepted and not ended
        count(*) filter (
            where m.status = 'accepted' and m.ended_at is null and m.created_at >= wingman.history_start()
        ) as of_accepted
    from public.wingman_sessions as s
    inner join public.wingman_matches as m on s.match_id = m.id
    where s.is_active and wingman.is_active_session(s.status)
),

matches as (
    select
        sum(c.accepted - c.ended) as open,
        sum(c.offered) filter (where c.offered_on > t.today - 7) as offered,
        sum(c.accepted) filter (where c.offered_on > t.today - 7) as accepted,
        sum(c.scheduled) filter (where c.offered_on > t.today - 7) as scheduled,
        sum(c.completed) filter (where c.offered_on > t.today - 7) as completed
    from wingman.match_counts() as c
    cross join today as t
    where c.offered_on >= (wingman.history_start() at time zone 'UTC')::date
),

seekers as (
    select
        count(*) filter (where s.pending_match_id is null and not s.paused) as free,
        count(*) filter (where s.pending_match_id is not null) as offered,
        count(*) filter (where s.paused) as paused
    from wingman.matchmaking_pool as s
),

sessions as (
    select
        sum(d.completed) as completed,
        sum(d.cancelled) as cancelled,
        sum(d.no_shows) as no_shows,
        sum(d.reverted) as reverted,
        sum(d.not_settled) as not_settled
    from wingman_admin.completion_rate_by_day as d
    where d.held_on >= (wingman.history_start() at time zone 'UTC')::date
),

last_day as (
    select
        sum(c.sessions) filter (where c.outcome = 'completed') as completed,
        sum(c.sessions) filter (where c.outcome = 'no_show') as no_shows
    from wingman.outcome_counts(statement_timestamp() - interval '24 hours') as c
),

overdue as (
    select count(*) as amount from wingman_admin.overdue_sessions
),

due as (
    select count(*) as amount
    from wingman.due_matches
),

keys as (
    select count(*) as amount from wingman.idempotency_keys
),

unplaced as (
    select count(*) as amount from wingman.events_default
),

lags as (
    select
        r.name,
        r.unread,
        r.unread_since
    from wingman.reader_lags() as r
)

select
    v.metric,
    v.state,
    coalesce(v.amount, 0)::bigint as amount
from offered as o
cross join active as i
cross join seekers as s
cross join sessions as d
cross join last_day as l
cross join matches as f
cross join overdue as e
cross join due as u
cross join keys as k
cross join unplaced as a
cross join lateral (
    values
    ('open', 'offered', o.amount),
    ('open', 'accepted', f.open - i.of_accepted),
    ('open', 'scheduled', i.scheduled),
    ('open', 'in_progress', i.in_progress),
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
    ('journal_default_rows', null, a.amount)
) as v (metric, state, amount)
union all
select
    'reader_events' as metric,
    g.name as state,
    g.unread as amount
from lags as g
union all
select
    'reader_seconds' as metric,
    g.name as state,
    -- before PostgreSQL 17, infinity cannot be subtracted from anything
    case
        when isfinite(g.unread_since)
            then greatest(extract(epoch from statement_timestamp() - g.unread_since), 0)::bigint
        else 0
    end as amount
from lags as g;

comment on view wingman_admin.metrics is
'Everything that wingman metrics shows, one number per row. It never reads the whole history: for the past it takes what the
readers have counted and what they have not read yet. Seekers and idempotency keys are counted one by one';
comment on column wingman_admin.metrics.metric is
'open: matches and sessions in progress; seekers: people who can be matched; sessions: those of the last thirty days by
outcome; last_day: completions and no-shows of the last 24 hours; funnel: matches offered within seven days, and
how far they have come; overdue_sessions; due_matches: lapsed and not settled; idempotency_keys; journal_default_rows: rows of
the journal outside every monthly partition, which should be 0; reader_events: what each reader has not read, counted up to
100000; reader_seconds: how long the oldest of that has been waiting';
comment on column wingman_admin.metrics.state is 'Which of them, or which reader; null if there is only one number';
comment on column wingman_admin.metrics.amount is 'How many';

revoke all on table wingman_admin.metrics from public, anon, authenticated, service_role;
grant select on table wingman_admin.metrics to wingman_admin, service_role;

-- file: sql/api/complete_profile.sql
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
'Replaces the caller''s profile and location, and makes the caller matchable.
Arguments that are left out take their defaults; waiting time and pause stay.
first_name: 1 to 80 characters.
experience_level: one of experience_level.
lat: latitude in degrees, WGS 84, north positive.
lng: longitude in degrees, east positive.
city: at most 100 characters, required for city_only.
bio: at most 400 characters.
photo_url: https, at most 500 characters.
confidence_archetype: at most 100 characters.
max_travel_miles: 1 to 100, the furthest buddy to meet.
privacy_mode: one of privacy_mode, how coarse the grid is that distances are computed from.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the profile as it now is.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, invalid_argument, unsupported_isolation,
read_only_transaction, idempotency_key_reused, idempotency_key_invalid, rate_limited, busy.';
revoke all on function public.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid, text
) from public, anon, authenticated, service_role;
grant execute on function public.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid, text
) to authenticated, service_role, wingman_admin;

-- file: sql/api/get_profile.sql
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
'Reads the caller''s own profile with location and settings.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: one profile.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete.';
revoke all on function public.get_profile(uuid) from public, anon, authenticated, service_role;
grant execute on function public.get_profile(uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/create_automatic_match.sql
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
'Finds the nearest compatible buddy and creates a pending match, or returns the caller''s pending match.
Compatible: experience levels at most one apart, within both people''s distances, not matched with each other in the last 7
days, no accepted match between them that has not ended, no block between them; people whom others have found too often lately
are left out, see wingman.settings. Closest first; ties: longer waiting, then smaller id. A search ends an automatic pause; during
a pause that the caller chose it is refused.
max_radius_miles: 1 to 100 whole miles; null: the caller''s max_travel_miles.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the pending match; success is false, without a match, when nobody was found, which is not an error.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_radius,
matching_paused, unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid, rate_limited,
busy.';
revoke all on function public.create_automatic_match(integer, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.create_automatic_match(integer, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/api/respond_to_match.sql
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
'Accepts or declines a pending match; one answer by either person decides.
A decline also looks for the caller''s next match, in the same transaction. Repeating the answer changes nothing and returns the
current state.
match_id: a match of the caller.
action: one of match_answer: accept, decline.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the status of the match and, after a decline, the caller''s next match or null.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_action,
match_not_found, not_match_participant, match_expired, match_already_resolved, unsupported_isolation, read_only_transaction,
idempotency_key_reused, idempotency_key_invalid, rate_limited, busy.';
revoke all on function public.respond_to_match(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.respond_to_match(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/api/end_match.sql
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
'Ends an accepted match and cancels its active session.
Ending it again changes nothing. The two can be matched again 7 days after they were matched.
match_id: a match of the caller.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the match.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, match_not_found,
not_match_participant, match_not_accepted, unsupported_isolation, read_only_transaction, idempotency_key_reused,
idempotency_key_invalid, busy.';
revoke all on function public.end_match(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.end_match(uuid, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/api/get_match.sql
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
'Reads one match of the caller, with its status as of now.
match_id: a match of the caller.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: the match.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, match_not_found,
not_match_participant.';
revoke all on function public.get_match(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.get_match(uuid, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/list_matches.sql
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
'Reads a page of the caller''s matches, newest first.
status: one of match_status, as of now; null: all.
before: the last id of the previous page.
page_size: 1 to 100 rows.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: a page of matches; empty for a user without a profile.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, invalid_argument.';
revoke all on function public.list_matches(text, uuid, integer, uuid) from public, anon, authenticated, service_role;
grant execute on function public.list_matches(text, uuid, integer, uuid)
to authenticated, service_role, wingman_admin;

-- file: sql/api/get_match_history.sql
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
'Reads what happened to one match of the caller and to its sessions, oldest first, as far back as the journal is kept.
match_id: a match of the caller.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: what happened, when, and which of the two did it.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, match_not_found,
not_match_participant.';
revoke all on function public.get_match_history(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.get_match_history(uuid, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/pause_matching.sql
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
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, unsupported_isolation,
read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.pause_matching(uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.pause_matching(uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/api/resume_matching.sql
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
'Ends the caller''s pause, chosen or automatic.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, unsupported_isolation,
read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.resume_matching(uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.resume_matching(uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/api/explain_match.sql
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
'Explains why a match was made: each rule with its outcome at that time, and why this person came first.
match_id: a match of the caller.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: the explanation as the caller may see it.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, match_not_found,
not_match_participant.';
revoke all on function public.explain_match(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.explain_match(uuid, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/why_no_match.sql
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
'Explains why a search finds nobody: how many people are near, how many of them each rule removes, and what would help.
The answer is too coarse to locate or recognise anybody: numbers are rounded up to a multiple of three, and a block looks like
any other absence.
max_radius_miles: 1 to 100 whole miles; null: the caller''s max_travel_miles.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: the counts and suggestions.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_radius.';
revoke all on function public.why_no_match(integer, uuid) from public, anon, authenticated, service_role;
grant execute on function public.why_no_match(integer, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/create_session.sql
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
match_id: an accepted match of the caller that has not ended.
scheduled_time: in the future, at most 90 days ahead.
venue_name: 1 to 200 characters.
notes: at most 2000 characters.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the session.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
invalid_schedule, match_not_found, not_match_participant, match_not_accepted, active_session_exists, unsupported_isolation,
read_only_transaction, idempotency_key_reused, idempotency_key_invalid, rate_limited, busy.';
revoke all on function public.create_session(uuid, timestamptz, text, text, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function public.create_session(uuid, timestamptz, text, text, uuid, text)
to authenticated, service_role, wingman_admin;

-- file: sql/api/start_session.sql
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
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the session.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, session_not_found,
not_session_participant, invalid_session_state, too_early, unsupported_isolation, read_only_transaction,
idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.start_session(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.start_session(uuid, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/api/cancel_session.sql
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
session_id: a session of the caller.
reason: at most 500 characters.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the session.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
session_not_found, not_session_participant, invalid_session_state, unsupported_isolation, read_only_transaction,
idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.cancel_session(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.cancel_session(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/api/confirm_session_completion.sql
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
'Confirms that the caller''s buddy completed the session, from its scheduled time on.
The second of the two confirmations completes the session and raises both reputations, once.
session_id: a session of the caller.
buddy_user_id: the buddy, if you want the id checked.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the status after the call and what the caller gained. The detail of already_confirmed carries the session under state.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, session_not_found,
not_session_participant, self_confirmation, buddy_not_in_session, already_confirmed, session_not_confirmable,
session_not_started, unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid,
rate_limited, busy.';
revoke all on function public.confirm_session_completion(uuid, uuid, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function public.confirm_session_completion(uuid, uuid, uuid, text)
to authenticated, service_role, wingman_admin;

-- file: sql/api/get_session.sql
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
'Reads one session of the caller.
session_id: a session of the caller.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: the session.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, session_not_found,
not_session_participant.';
revoke all on function public.get_session(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.get_session(uuid, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/list_sessions.sql
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
'Reads a page of the caller''s sessions, newest first.
status: one of session_status; null: all.
before: the last id of the previous page.
page_size: 1 to 100 rows.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: a page of sessions; empty for a user without a profile.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, invalid_argument.';
revoke all on function public.list_sessions(text, uuid, integer, uuid) from public, anon, authenticated, service_role;
grant execute on function public.list_sessions(text, uuid, integer, uuid)
to authenticated, service_role, wingman_admin;

-- file: sql/api/get_reputation.sql
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
'Reads the reputation of the caller or of a current partner.
subject_id: the person; null: the caller.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: score, counters and badge.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, reputation_not_visible.';
revoke all on function public.get_reputation(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.get_reputation(uuid, uuid) to authenticated, service_role, wingman_admin;

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

-- file: sql/api/report_user.sql
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
'Reports another user to the operators. A report does not block; use block_user for that.
subject_id: the user to report.
reason: what happened, 1 to 2000 characters.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.report_user(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.report_user(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;
