-- file: sql/platform/roles.sql
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

-- file: sql/platform/auth.sql
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

-- file: sql/kernel/schemas.sql
-- Who may look into which schema. wingman is never exposed over HTTP; callers need USAGE to reach the few functions
-- in it that the front door calls.
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
'Refuses a page size, in rows, that a list does not serve. Errors: missing_argument, invalid_argument.';
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
    constraint settings_settle_limit check (settle_limit between 0 and 100)
);

insert into wingman.settings default values;

comment on table wingman.settings is 'The one row of settings; operators change it by UPDATE';
comment on column wingman.settings.id is 'Always true: there is one row';
comment on column wingman.settings.match_lifetime is 'How long a pending match waits for an answer';
comment on column wingman.settings.rematch_after is 'How long a pair is kept apart after it was matched';
comment on column wingman.settings.session_start_lead is 'How long before its time a session may be started';
comment on column wingman.settings.session_horizon is 'How far ahead a session may be scheduled';
comment on column wingman.settings.settle_limit is 'How many lapsed matches of others a search or a decline settles on its way';
revoke all on table wingman.settings from public, anon, authenticated, service_role;

-- file: sql/kernel/new_id.sql
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

-- file: sql/kernel/set_updated_at.sql
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

-- file: sql/kernel/assert_writable.sql
create or replace function wingman.assert_writable()
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- lock, then check, needs a new snapshot for every statement
    if current_setting('transaction_isolation') <> 'read committed' then
        perform wingman.raise_error('unsupported_isolation');
    end if;
    if current_setting('transaction_read_only') = 'on' then
        perform wingman.raise_error('read_only_transaction');
    end if;
end
$$;

comment on function wingman.assert_writable() is
'First statement of every writing entry point. Errors: unsupported_isolation, read_only_transaction.';
revoke all on function wingman.assert_writable() from public, anon, authenticated, service_role;

-- file: sql/kernel/caller_role.sql
create or replace function wingman.caller_role()
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- inside a definer current_user is the owner; only the GUC still tells who called
    return coalesce(nullif(current_setting('role'), 'none'), session_user);
end
$$;

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
    return (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid;
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

-- file: sql/kernel/caller_id.sql
create or replace function wingman.caller_id(user_id uuid)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _role text := wingman.caller_role();
    _token_user_id uuid;
begin
    if _role = 'service_role' or pg_has_role(_role, 'wingman_admin', 'member') then
        perform wingman.require_argument('user_id', caller_id.user_id is not null);
        return caller_id.user_id;
    end if;

    if _role = 'authenticated' then
        _token_user_id := wingman.current_user_id();
    end if;
    if _token_user_id is null then
        perform wingman.raise_error('not_authenticated');
    elsif caller_id.user_id <> _token_user_id then
        perform wingman.raise_error('acting_for_another');
    end if;
    return _token_user_id;
end
$$;

comment on function wingman.caller_id(uuid) is
'Whom this call acts for. authenticated acts as its token''s sub and may name nobody else; service_role and members of
wingman_admin must name user_id. Of the claims only sub is believed, never their role.
Errors: not_authenticated, acting_for_another, missing_argument.';
revoke all on function wingman.caller_id(uuid) from public, anon, authenticated, service_role;

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
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return is_valid_radius.miles between 1 and 100;
end
$$;

comment on function wingman.is_valid_radius(integer) is
'Whether a search radius or a travel distance, in whole miles, is one that we allow; null for null';
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
'The first rule that a profile''s texts break, or null. The table''s constraint and complete_profile both ask here.';
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
'The first rule that a location breaks, or null. The table''s constraint and complete_profile both ask here.';
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
    completed_sessions integer not null default 0
    constraint user_profiles_completed_sessions_check check (completed_sessions >= 0),
    no_shows integer not null default 0
    constraint user_profiles_no_shows_check check (no_shows >= 0),
    reputation_score integer not null
    generated always as (least(greatest(completed_sessions - no_shows, -5), 20)) stored,
    created_at timestamptz not null default statement_timestamp(),
    updated_at timestamptz not null default statement_timestamp(),
    constraint user_profiles_rules check (
        wingman.profile_violation(first_name, experience_level, bio, photo_url, confidence_archetype) is null
    )
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

-- file: sql/profiles/triggers.sql
create trigger set_updated_at before update on public.user_profiles
for each row execute function wingman.set_updated_at();

create trigger set_updated_at before update on public.user_locations
for each row execute function wingman.set_updated_at();

-- file: sql/profiles/buddy_profile.sql
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

-- file: sql/profiles/known_caller_id.sql
create or replace function wingman.known_caller_id(user_id uuid, or_null boolean default false)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _id uuid := wingman.caller_id(known_caller_id.user_id);
begin
    if exists (select from public.user_profiles as p where p.id = _id) then
        return _id;
    end if;

    if wingman.caller_role() <> 'authenticated' then
        perform wingman.raise_error('user_not_found');
    elsif not known_caller_id.or_null then
        perform wingman.raise_error('profile_incomplete');
    end if;
    return null;
end
$$;

comment on function wingman.known_caller_id(uuid, boolean) is
'Whom this call acts for, who must have a profile. or_null: answer null, for empty lists, where a user has none.
Errors: those of wingman.caller_id, profile_incomplete (a user without a profile), user_not_found (named by another).';
revoke all on function wingman.known_caller_id(uuid, boolean) from public, anon, authenticated, service_role;

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

comment on function wingman.buddy_profile_of(uuid) is 'What a call tells about this user to a partner; null without a profile';
revoke all on function wingman.buddy_profile_of(uuid) from public, anon, authenticated, service_role;

-- file: sql/matching/distance_miles.sql
create or replace function wingman.distance_miles(lat1 integer, lng1 integer, lat2 integer, lng2 integer)
returns double precision
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- haversine; least() because rounding may lift antipodes a hair above 1. Rounded to a millionth of a mile, or people equally
    -- near across the antimeridian or at a pole would be told apart by the noise of the last digits
    return round(1000000 * 2 * 3958.7613 * asin(least(1, sqrt(
        power(sin(radians((lat2 - lat1) / 100.0::double precision) / 2), 2)
        + cos(radians(lat1 / 100.0::double precision)) * cos(radians(lat2 / 100.0::double precision))
        * power(sin(radians((lng2 - lng1) / 100.0::double precision) / 2), 2)
    )))) / 1000000;
end
$$;

comment on function wingman.distance_miles(integer, integer, integer, integer) is
'Great-circle distance in statute miles between two grid points in hundredths of a degree; earth radius 3958.7613 miles. Never
leaves the database as it is: see wingman.shown_miles.';
revoke all on function wingman.distance_miles(integer, integer, integer, integer)
from public, anon, authenticated, service_role;

-- file: sql/matching/shown_miles.sql
create or replace function wingman.shown_miles(miles double precision)
returns integer
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return greatest(1, ceil(shown_miles.miles))::integer;
end
$$;

comment on function wingman.shown_miles(double precision) is
'A distance as people may know it: whole miles, rounded up, at least 1';
revoke all on function wingman.shown_miles(double precision) from public, anon, authenticated, service_role;

-- file: sql/matching/snap_to_grid.sql
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

-- file: sql/matching/match_seekers.sql
create table wingman.match_seekers (
    user_id uuid constraint match_seekers_pkey primary key
    constraint match_seekers_user_id_fkey references public.user_profiles (id) on delete cascade,
    grid_lat integer not null,
    grid_lng integer not null,
    level smallint not null,
    max_travel_miles integer not null,
    waiting_since timestamptz not null default statement_timestamp(),
    paused boolean not null default false,
    pending_match_id uuid
);

create index match_seekers_free_idx on wingman.match_seekers (grid_lat, grid_lng)
where pending_match_id is null and not paused;

comment on table wingman.match_seekers is
'One row for everybody who can be matched; its lock is the first one of every call that changes a match';
comment on column wingman.match_seekers.user_id is 'The user';
comment on column wingman.match_seekers.grid_lat is 'Latitude of the grid point, in hundredths of a degree';
comment on column wingman.match_seekers.grid_lng is 'Longitude of the grid point, in hundredths of a degree';
comment on column wingman.match_seekers.level is 'wingman.experience_rank of the profile';
comment on column wingman.match_seekers.max_travel_miles is 'The furthest buddy this person will meet, in miles';
comment on column wingman.match_seekers.waiting_since is
'Start of the wait for a buddy: of two equally near people the longer waiting one is matched first';
comment on column wingman.match_seekers.paused is 'Left out of matching for now';
comment on column wingman.match_seekers.pending_match_id is
'The one pending match of this person; written by the trigger on wingman_matches alone';

revoke all on table wingman.match_seekers from public, anon, authenticated, service_role;

-- file: sql/matching/wingman_matches.sql
create table public.wingman_matches (
    id uuid constraint wingman_matches_pkey primary key default wingman.new_id(),
    user1_id uuid not null,
    user2_id uuid not null,
    status text not null default 'pending'
    constraint wingman_matches_status_check check (status in ('pending', 'accepted', 'declined', 'expired')),
    user1_reputation integer not null,
    user2_reputation integer not null,
    distance_miles integer not null constraint wingman_matches_distance_check check (distance_miles >= 1),
    responded_by uuid,
    responded_at timestamptz,
    expires_at timestamptz not null,
    ended_at timestamptz,
    created_at timestamptz not null default statement_timestamp(),
    updated_at timestamptz not null default statement_timestamp(),
    constraint wingman_matches_user_order_check check (user1_id < user2_id),
    constraint wingman_matches_response_check check (
        (status in ('accepted', 'declined')) = (responded_by is not null)
        and (responded_by is null) = (responded_at is null)
        and responded_by in (user1_id, user2_id)
    ),
    constraint wingman_matches_ended_check check (ended_at is null or status = 'accepted'),
    constraint wingman_matches_expiry_check check (expires_at > created_at)
);

create index wingman_matches_user1_idx on public.wingman_matches (user1_id, id);
create index wingman_matches_user2_idx on public.wingman_matches (user2_id, id);
create index wingman_matches_pair_idx on public.wingman_matches (user1_id, user2_id, created_at);
create index wingman_matches_due_idx on public.wingman_matches (expires_at) where status = 'pending';

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
comment on column public.wingman_matches.responded_by is 'Who accepted or declined';
comment on column public.wingman_matches.responded_at is 'When that was';
comment on column public.wingman_matches.expires_at is 'From this moment on nobody can respond any more';
comment on column public.wingman_matches.ended_at is 'When an accepted match was ended';
comment on column public.wingman_matches.created_at is 'When the match was made';
comment on column public.wingman_matches.updated_at is 'When any column last changed';

revoke all on table public.wingman_matches from public, anon, authenticated, service_role;
grant select on table public.wingman_matches to authenticated, service_role, wingman_admin;

-- file: sql/matching/next_match.sql
create type public.next_match as (
    match_id uuid,
    buddy_user_id uuid,
    buddy_profile public.buddy_profile
);

comment on type public.next_match is 'The match that follows a declined one';
comment on column public.next_match.match_id is 'The new pending match';
comment on column public.next_match.buddy_user_id is 'The other person';
comment on column public.next_match.buddy_profile is 'What the caller may know of that person';

-- file: sql/matching/match_response.sql
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

-- file: sql/matching/automatic_match.sql
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

-- file: sql/matching/match_details.sql
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

-- file: sql/matching/match_status_at.sql
create or replace function wingman.match_status_at(status text, expires_at timestamptz, moment timestamptz)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if match_status_at.status = 'pending' and match_status_at.expires_at <= match_status_at.moment then
        return 'expired';
    end if;
    return match_status_at.status;
end
$$;

comment on function wingman.match_status_at(text, timestamptz, timestamptz) is
'Effective status of a match at a moment: pending reads as expired from expires_at on, settled or not';
revoke all on function wingman.match_status_at(text, timestamptz, timestamptz) from public, anon, authenticated, service_role;

-- file: sql/matching/is_current_match.sql
create or replace function wingman.is_current_match(
    status text,
    expires_at timestamptz,
    ended_at timestamptz,
    moment timestamptz
)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return is_current_match.ended_at is null
        and wingman.match_status_at(is_current_match.status, is_current_match.expires_at, is_current_match.moment)
        in ('pending', 'accepted');
end
$$;

comment on function wingman.is_current_match(text, timestamptz, timestamptz, timestamptz) is
'Whether a match makes its two people current partners: pending and unexpired, or accepted and not ended';
revoke all on function wingman.is_current_match(text, timestamptz, timestamptz, timestamptz)
from public, anon, authenticated, service_role;

-- file: sql/matching/match_buddy.sql
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

-- file: sql/matching/partners_of.sql
create or replace function wingman.partners_of(user_id uuid)
returns setof uuid
language plpgsql
stable
rows 5
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select case when m.user1_id = partners_of.user_id then m.user2_id else m.user1_id end
    from public.wingman_matches as m
    where (m.user1_id = partners_of.user_id or m.user2_id = partners_of.user_id)
        and wingman.is_current_match(m.status, m.expires_at, m.ended_at, statement_timestamp());
end
$$;

comment on function wingman.partners_of(uuid) is
'Current partners of a user: the people of their current matches, see wingman.is_current_match';
revoke all on function wingman.partners_of(uuid) from public, anon, authenticated, service_role;

-- file: sql/matching/partner_ids.sql
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

-- file: sql/matching/lock_seekers.sql
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

-- file: sql/matching/lock_match.sql
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

-- file: sql/matching/pending_match_of.sql
create or replace function wingman.pending_match_of(user_id uuid)
returns public.wingman_matches
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches;
begin
    select m.* into _match
    from wingman.match_seekers as s
    inner join public.wingman_matches as m on m.id = s.pending_match_id
    where s.user_id = pending_match_of.user_id;

    return _match;
end
$$;

comment on function wingman.pending_match_of(uuid) is
'The pending match of a user, lapsed or not, or a row of nulls. Exact while the caller holds the user''s seeker: nobody else can
then give or take one.';
revoke all on function wingman.pending_match_of(uuid) from public, anon, authenticated, service_role;

-- file: sql/matching/lock_pending_match.sql
create or replace function wingman.lock_pending_match(user_id uuid)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _seen public.wingman_matches := wingman.pending_match_of(lock_pending_match.user_id);
begin
    if _seen.id is null then
        perform wingman.lock_seekers(lock_pending_match.user_id);
        return null;
    end if;

    perform wingman.lock_seekers(_seen.user1_id, _seen.user2_id);
    perform wingman.lock_match(_seen.id);
    return _seen.id;
end
$$;

comment on function wingman.lock_pending_match(uuid) is
'Locks a user''s seeker and, where a pending match is seen before the wait, the partner''s seeker and that match. Returns that
match, or null when the own seeker is the only row locked. Read wingman.pending_match_of again: a match that came while waiting is
another one, and its partner is not locked.';
revoke all on function wingman.lock_pending_match(uuid) from public, anon, authenticated, service_role;

-- file: sql/matching/accept_match.sql
create or replace function wingman.accept_match(match_id uuid, accepted_by uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.wingman_matches as m
    set
        status = 'accepted',
        responded_by = accept_match.accepted_by,
        responded_at = statement_timestamp()
    where m.id = accept_match.match_id;
end
$$;

comment on function wingman.accept_match(uuid, uuid) is
'Accepts a pending match whose seekers and row the caller has locked';
revoke all on function wingman.accept_match(uuid, uuid) from public, anon, authenticated, service_role;

-- file: sql/matching/decline_match.sql
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

-- file: sql/matching/expire_match.sql
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

-- file: sql/matching/settle_due_matches.sql
create or replace function wingman.settle_due_matches()
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _due record;
    _seekers integer;
    _tried integer := 0;
begin
    for _due in
        select m.id, m.user1_id, m.user2_id
        from public.wingman_matches as m
        where m.status = 'pending' and m.expires_at <= statement_timestamp()
        order by m.expires_at
        limit (select t.settle_limit from wingman.settings as t)
    loop
        _tried := _tried + 1;

        perform
        from wingman.match_seekers as s
        where s.user_id in (_due.user1_id, _due.user2_id)
        order by s.user_id
        for no key update skip locked;
        get diagnostics _seekers = row_count;
        continue when _seekers < 2;

        perform
        from public.wingman_matches as m
        where m.id = _due.id and m.status = 'pending'
        for no key update skip locked;
        continue when not found;

        perform wingman.expire_match(_due.id);
    end loop;
    return _tried;
end
$$;

comment on function wingman.settle_due_matches() is
'Expires a few lapsed matches of anybody on the way, settings.settle_limit at most, without ever waiting. Returns how many it
tried: from then on the caller may hold their locks and must wait for nothing.';
revoke all on function wingman.settle_due_matches() from public, anon, authenticated, service_role;

-- file: sql/matching/is_pair_open.sql
create or replace function wingman.is_pair_open(user_id uuid, other_id uuid)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return not exists (
        select
        from public.wingman_matches as m
        cross join wingman.settings as t
        where m.user1_id = least(is_pair_open.user_id, is_pair_open.other_id)
            and m.user2_id = greatest(is_pair_open.user_id, is_pair_open.other_id)
            and (
                m.created_at > statement_timestamp() - t.rematch_after
                or (m.status = 'accepted' and m.ended_at is null)
            )
    );
end
$$;

comment on function wingman.is_pair_open(uuid, uuid) is
'Whether two people may be matched as a pair: not matched within settings.rematch_after, whatever became of it, and no accepted
match between them that has not ended';
revoke all on function wingman.is_pair_open(uuid, uuid) from public, anon, authenticated, service_role;

-- file: sql/matching/find_candidates.sql
create or replace function wingman.find_candidates(seeker wingman.match_seekers, radius_miles integer)
returns table (candidate wingman.match_seekers, miles double precision)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    -- 69 miles are a little less than a degree of latitude
    _reach integer := ceil(find_candidates.radius_miles / 69.0 * 100)::integer;
    _seeker wingman.match_seekers := find_candidates.seeker;
begin
    return query
    select s, d.miles
    from wingman.match_seekers as s
    cross join lateral (
        select wingman.distance_miles(_seeker.grid_lat, _seeker.grid_lng, s.grid_lat, s.grid_lng)
    ) as d (miles)
    where s.pending_match_id is null
        and not s.paused
        and s.grid_lat between _seeker.grid_lat - _reach and _seeker.grid_lat + _reach
        and s.user_id <> _seeker.user_id
        and abs(s.level - _seeker.level) <= 1
        and d.miles <= least(find_candidates.radius_miles, s.max_travel_miles)
    order by d.miles, s.waiting_since, s.user_id;
end
$$;

comment on function wingman.find_candidates(wingman.match_seekers, integer) is
'Everybody free within the radius and their own travel distance, at most one experience level apart: closest first, then longer
waiting, then smaller id. Locks nothing; wingman.is_pair_open is asked by the caller, one by one.';
revoke all on function wingman.find_candidates(wingman.match_seekers, integer) from public, anon, authenticated, service_role;

-- file: sql/matching/create_match.sql
create or replace function wingman.create_match(user_id uuid, buddy_id uuid, miles double precision)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _match_id uuid;
begin
    insert into public.wingman_matches as m (
        user1_id, user2_id, user1_reputation, user2_reputation, distance_miles, expires_at
    )
    select
        p1.id,
        p2.id,
        p1.reputation_score,
        p2.reputation_score,
        wingman.shown_miles(create_match.miles),
        statement_timestamp() + t.match_lifetime
    from public.user_profiles as p1
    cross join public.user_profiles as p2
    cross join wingman.settings as t
    where p1.id = least(create_match.user_id, create_match.buddy_id)
        and p2.id = greatest(create_match.user_id, create_match.buddy_id)
    returning m.id into _match_id;

    return _match_id;
end
$$;

comment on function wingman.create_match(uuid, uuid, double precision) is
'Writes a pending match between two people whose seekers the caller has locked';
revoke all on function wingman.create_match(uuid, uuid, double precision) from public, anon, authenticated, service_role;

-- file: sql/matching/match_nearest.sql
create or replace function wingman.match_nearest(
    user_id uuid,
    radius_miles integer,
    may_wait boolean,
    out match_id uuid,
    out contended boolean
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.match_seekers;
    _found record;
    _fresh wingman.match_seekers;
    _may_wait boolean := match_nearest.may_wait;
    _wait_for uuid;
    _moved boolean;
begin
    select s.* into _seeker from wingman.match_seekers as s where s.user_id = match_nearest.user_id;

    for _attempt in 1..4 loop
        contended := false;
        _wait_for := null;
        _moved := false;

        for _found in
            select (f.candidate).user_id, f.candidate, f.miles
            from wingman.find_candidates(_seeker, match_nearest.radius_miles) as f
        loop
            continue when not wingman.is_pair_open(_seeker.user_id, _found.user_id);

            select s.* into _fresh
            from wingman.match_seekers as s
            where s.user_id = _found.user_id
            for no key update skip locked;
            if not found then
                contended := true;
                if _found.user_id > _seeker.user_id then
                    _wait_for := least(_wait_for, _found.user_id);
                end if;
                continue;
            end if;

            -- a row is held now besides the own one: waiting could close a circle
            _may_wait := false;
            if _fresh is not distinct from _found.candidate then
                match_id := wingman.create_match(_seeker.user_id, _found.user_id, _found.miles);
                contended := false;
                return;
            end if;
            -- taken since the search: the next one; changed in any other way: the order may be another
            _moved := _fresh.pending_match_id is null and not _fresh.paused;
            exit when _moved;
        end loop;

        if not _moved then
            exit when _wait_for is null or not _may_wait;
            -- everybody eligible is locked: wait for one above us, so that no two seekers wait for each other
            perform wingman.lock_seekers(_wait_for);
            _may_wait := false;
        end if;
    end loop;

    contended := contended or _moved;
end
$$;

comment on function wingman.match_nearest(uuid, integer, boolean) is
'Matches a user, whose seeker row the caller has locked, with the nearest person eligible. may_wait: the own row is the only lock
held, so that it may wait for another. match_id: null when nobody was found; contended: then somebody eligible was locked
by another call, and "none" would be a guess.';
revoke all on function wingman.match_nearest(uuid, integer, boolean) from public, anon, authenticated, service_role;

-- file: sql/matching/match_again.sql
create or replace function wingman.match_again(user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.match_seekers;
begin
    select s.* into _seeker from wingman.match_seekers as s where s.user_id = match_again.user_id;
    if not found or _seeker.paused then
        return;
    end if;

    perform wingman.settle_due_matches();
    -- both seekers of the declined match are held: wait for nobody, and take "none" and "busy" alike
    perform wingman.match_nearest(match_again.user_id, _seeker.max_travel_miles, may_wait => false);
end
$$;

comment on function wingman.match_again(uuid) is
'Tries to give a user, who has just declined, the next match within their own travel distance. Never fails.';
revoke all on function wingman.match_again(uuid) from public, anon, authenticated, service_role;

-- file: sql/matching/next_match_of.sql
create or replace function wingman.next_match_of(user_id uuid)
returns public.next_match
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches := wingman.pending_match_of(next_match_of.user_id);
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

comment on function wingman.next_match_of(uuid) is 'The pending, unexpired match of a user, or null';
revoke all on function wingman.next_match_of(uuid) from public, anon, authenticated, service_role;

-- file: sql/matching/automatic_match_of.sql
create or replace function wingman.automatic_match_of(user_id uuid, message text)
returns public.automatic_match
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _next public.next_match := wingman.next_match_of(automatic_match_of.user_id);
    _distance integer;
begin
    select m.distance_miles into strict _distance from public.wingman_matches as m where m.id = _next.match_id;

    return row(
        true,
        automatic_match_of.message,
        _next.match_id,
        _next.buddy_user_id,
        _next.buddy_profile,
        _distance
    )::public.automatic_match;
end
$$;

comment on function wingman.automatic_match_of(uuid, text) is
'The pending match of a user as the successful answer of create_automatic_match';
revoke all on function wingman.automatic_match_of(uuid, text) from public, anon, authenticated, service_role;

-- file: sql/matching/match_response_of.sql
create or replace function wingman.match_response_of(user_id uuid, match_status text)
returns public.match_response
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _next public.next_match;
    _message text := 'Match accepted! You can now schedule a session with your wingman buddy.';
begin
    if match_response_of.match_status = 'declined' then
        _next := wingman.next_match_of(match_response_of.user_id);
        _message := case
            when _next is null then 'Match declined.'
            else 'Match declined. Here''s your next potential wingman buddy!'
        end;
    end if;
    return row(true, _message, match_response_of.match_status, _next)::public.match_response;
end
$$;

comment on function wingman.match_response_of(uuid, text) is
'The answer of respond_to_match to a user whose match now has this status, first or repeated';
revoke all on function wingman.match_response_of(uuid, text) from public, anon, authenticated, service_role;

-- file: sql/matching/match_details_of.sql
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

-- file: sql/sessions/is_active_session.sql
create or replace function wingman.is_active_session(status text)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return is_active_session.status in ('scheduled', 'in_progress');
end
$$;

comment on function wingman.is_active_session(text) is
'Whether a session in this status is still going to happen or happening: it can be confirmed and cancelled, and its match cannot
have another one';
revoke all on function wingman.is_active_session(text) from public, anon, authenticated, service_role;

-- file: sql/sessions/wingman_sessions.sql
create table public.wingman_sessions (
    id uuid constraint wingman_sessions_pkey primary key default wingman.new_id(),
    match_id uuid not null
    constraint wingman_sessions_match_id_fkey references public.wingman_matches (id),
    venue_name text not null,
    scheduled_time timestamptz not null constraint wingman_sessions_time_check check (isfinite(scheduled_time)),
    notes text,
    status text not null default 'scheduled'
    constraint wingman_sessions_status_check check (
        status in ('scheduled', 'in_progress', 'completed', 'cancelled', 'no_show')
    ),
    user1_completed_confirmed_by_user2 boolean not null default false,
    user2_completed_confirmed_by_user1 boolean not null default false,
    completed_at timestamptz,
    cancelled_by uuid,
    cancellation_reason text,
    created_at timestamptz not null default statement_timestamp(),
    updated_at timestamptz not null default statement_timestamp(),
    constraint wingman_sessions_rules check (
        wingman.session_violation(venue_name, notes, cancellation_reason) is null
    ),
    constraint wingman_sessions_completion_check check (
        (status = 'completed') = (user1_completed_confirmed_by_user2 and user2_completed_confirmed_by_user1)
        and (status = 'completed') = (completed_at is not null)
    ),
    constraint wingman_sessions_cancellation_check check (
        status = 'cancelled' or (cancelled_by is null and cancellation_reason is null)
    )
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
comment on column public.wingman_sessions.created_at is 'When it was scheduled';
comment on column public.wingman_sessions.updated_at is 'When any column last changed';

revoke all on table public.wingman_sessions from public, anon, authenticated, service_role;
grant select on table public.wingman_sessions to authenticated, service_role, wingman_admin;

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

-- file: sql/sessions/session_confirmation.sql
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

-- file: sql/sessions/guard_session.sql
create or replace function wingman.guard_session()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'INSERT' then
        if new.status <> 'scheduled' then
            raise exception using
                errcode = 'check_violation',
                constraint = 'wingman_sessions_transition',
                message = 'A session begins as scheduled, not as ' || new.status;
        elsif new.user1_completed_confirmed_by_user2 or new.user2_completed_confirmed_by_user1 then
            raise exception using
                errcode = 'check_violation',
                constraint = 'wingman_sessions_confirmation',
                message = 'A session begins unconfirmed';
        end if;
        return new;
    end if;

    if (new.id, new.match_id) is distinct from (old.id, old.match_id) then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_match',
            message = 'The match of a session never changes';
    end if;
    if new.status <> old.status
        and (not wingman.is_active_session(old.status) or new.status = 'scheduled')
    then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_transition',
            message = 'A session cannot go from ' || old.status || ' to ' || new.status;
    end if;
    if (old.user1_completed_confirmed_by_user2 and not new.user1_completed_confirmed_by_user2)
        or (old.user2_completed_confirmed_by_user1 and not new.user2_completed_confirmed_by_user1)
    then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_confirmation',
            message = 'A confirmation is never taken back';
    end if;
    if not wingman.is_active_session(old.status)
        and (new.user1_completed_confirmed_by_user2, new.user2_completed_confirmed_by_user1, new.completed_at)
        is distinct from
        (old.user1_completed_confirmed_by_user2, old.user2_completed_confirmed_by_user1, old.completed_at)
    then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_confirmation',
            message = 'A session that is over is not confirmed any more';
    end if;

    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.guard_session() is
'Trigger: scheduled to in_progress, both to completed, cancelled or no_show, these three terminal; confirmations are only given,
only while the session is active. Holds for direct SQL.';
revoke all on function wingman.guard_session() from public, anon, authenticated, service_role;

-- file: sql/sessions/triggers.sql
create trigger guard_session before insert or update on public.wingman_sessions
for each row execute function wingman.guard_session();

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
    where s.match_id = cancel_active_session.match_id and wingman.is_active_session(s.status);
end
$$;

comment on function wingman.cancel_active_session(uuid, uuid, text) is 'Cancels the active session of a match, if it has one';
revoke all on function wingman.cancel_active_session(uuid, uuid, text) from public, anon, authenticated, service_role;

-- file: sql/matching/end_accepted_match.sql
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

-- file: sql/matching/leave_pending_match.sql
create or replace function wingman.leave_pending_match(user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _pending public.wingman_matches;
begin
    perform wingman.lock_pending_match(leave_pending_match.user_id);
    _pending := wingman.pending_match_of(leave_pending_match.user_id);
    if _pending.id is null then
        return;
    elsif wingman.match_status_at(_pending.status, _pending.expires_at, statement_timestamp()) = 'expired' then
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

-- file: sql/matching/guard_match.sql
create or replace function wingman.guard_match()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'INSERT' then
        if new.status <> 'pending' then
            raise exception using
                errcode = 'check_violation',
                constraint = 'wingman_matches_transition',
                message = 'A match begins as pending, not as ' || new.status;
        end if;
        return new;
    end if;

    if (new.id, new.user1_id, new.user2_id) is distinct from (old.id, old.user1_id, old.user2_id) then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_matches_participants',
            message = 'The participants of a match never change';
    end if;
    if new.status <> old.status and old.status <> 'pending' then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_matches_transition',
            message = 'A match cannot go from ' || old.status || ' to ' || new.status;
    end if;
    if old.status <> 'pending'
        and (new.responded_by, new.responded_at) is distinct from (old.responded_by, old.responded_at)
    then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_matches_response',
            message = 'A match is answered once';
    end if;
    if new.ended_at is distinct from old.ended_at and (old.ended_at is not null or old.status <> 'accepted') then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_matches_ended',
            message = 'Only an accepted match ends, and only once';
    end if;

    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.guard_match() is
'Trigger: pending to accepted, declined or expired, all three terminal; an accepted match may end once. Holds for direct SQL.';
revoke all on function wingman.guard_match() from public, anon, authenticated, service_role;

-- file: sql/matching/track_pending_match.sql
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
        set pending_match_id = new.id
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

    -- the side that was declined keeps its waiting time; everybody else has been served and waits anew
    update wingman.match_seekers as s
    set
        pending_match_id = null,
        waiting_since = case
            when tg_op = 'DELETE' or (new.status = 'declined' and new.responded_by <> s.user_id) then s.waiting_since
            else statement_timestamp()
        end
    where s.user_id in (old.user1_id, old.user2_id) and s.pending_match_id = old.id;
    return null;
end
$$;

comment on function wingman.track_pending_match() is
'Trigger: keeps match_seekers.pending_match_id, so that nobody ever has two pending matches, direct SQL included, and starts
waiting times anew: for the decliner, for both after an acceptance or an expiry.';
revoke all on function wingman.track_pending_match() from public, anon, authenticated, service_role;

-- file: sql/matching/guard_seeker.sql
create or replace function wingman.guard_seeker()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- truth is in wingman_matches: a write that agrees with it comes from its trigger
    if tg_op <> 'INSERT' and old.pending_match_id is not null then
        if exists (
            select
            from public.wingman_matches as m
            where m.id = old.pending_match_id and m.status = 'pending'
        ) then
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
        if not exists (
            select
            from public.wingman_matches as m
            where m.id = new.pending_match_id
                and m.status = 'pending'
                and new.user_id in (m.user1_id, m.user2_id)
        ) then
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

-- file: sql/matching/place_seeker.sql
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
        wingman.snap_to_grid(new.lat, new.privacy_mode),
        wingman.snap_to_grid(new.lng, new.privacy_mode),
        wingman.experience_rank(p.experience_level),
        new.max_travel_miles
    from public.user_profiles as p
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

-- file: sql/matching/unplace_seeker.sql
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

-- file: sql/matching/level_seeker.sql
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

-- file: sql/matching/settle_departure.sql
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

-- file: sql/matching/triggers.sql
create trigger guard_match before insert or update on public.wingman_matches
for each row execute function wingman.guard_match();

create trigger track_match after insert or delete on public.wingman_matches
for each row execute function wingman.track_pending_match();

create trigger track_match_status after update of status on public.wingman_matches
for each row when (new.status <> old.status) execute function wingman.track_pending_match();

create trigger guard_new_seeker before insert on wingman.match_seekers
for each row when (new.pending_match_id is not null) execute function wingman.guard_seeker();

create trigger guard_pending_match before update of user_id, pending_match_id on wingman.match_seekers
for each row when ((new.user_id, new.pending_match_id) is distinct from (old.user_id, old.pending_match_id))
execute function wingman.guard_seeker();

create trigger guard_old_seeker before delete on wingman.match_seekers
for each row when (old.pending_match_id is not null) execute function wingman.guard_seeker();

create trigger place_seeker after insert or update on public.user_locations
for each row execute function wingman.place_seeker();

create trigger unplace_seeker after delete on public.user_locations
for each row execute function wingman.unplace_seeker();

create trigger level_seeker after update of experience_level on public.user_profiles
for each row when (new.experience_level <> old.experience_level) execute function wingman.level_seeker();

create trigger settle_departure before delete on public.user_profiles
for each row execute function wingman.settle_departure();

-- file: sql/reputation/reputation_events.sql
create table wingman.reputation_events (
    id uuid constraint reputation_events_pkey primary key default wingman.new_id(),
    session_id uuid not null
    constraint reputation_events_session_id_fkey references public.wingman_sessions (id),
    user_id uuid not null,
    kind text not null constraint reputation_events_kind_check check (kind in ('completed')),
    delta integer not null,
    created_at timestamptz not null default statement_timestamp(),
    constraint reputation_events_once_key unique (session_id, user_id, kind),
    constraint reputation_events_delta_check check (kind <> 'completed' or delta = 1)
);

create index reputation_events_user_idx on wingman.reputation_events (user_id);

comment on table wingman.reputation_events is
'Append-only ledger of reputation; the counters of user_profiles are its sums. Bare user ids: it outlives accounts';
comment on column wingman.reputation_events.id is 'UUID version 7: newer events sort later';
comment on column wingman.reputation_events.session_id is 'The session that it comes from';
comment on column wingman.reputation_events.user_id is 'Whose reputation';
comment on column wingman.reputation_events.kind is 'completed: both people confirmed the session';
comment on column wingman.reputation_events.delta is 'What it adds to the reputation';
comment on column wingman.reputation_events.created_at is 'When it happened';

revoke all on table wingman.reputation_events from public, anon, authenticated, service_role;

-- file: sql/reputation/reputation.sql
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

-- file: sql/reputation/refuse_change.sql
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

-- file: sql/reputation/count_event.sql
create or replace function wingman.count_event()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.user_profiles as p
    set completed_sessions = p.completed_sessions + new.delta
    where p.id = new.user_id;
    return null;
end
$$;

comment on function wingman.count_event() is 'Trigger: keeps the counters of user_profiles equal to the sums of the ledger';
revoke all on function wingman.count_event() from public, anon, authenticated, service_role;

-- file: sql/reputation/triggers.sql
create trigger count_event after insert on wingman.reputation_events
for each row execute function wingman.count_event();

create trigger refuse_change before update or delete on wingman.reputation_events
for each row execute function wingman.refuse_change();

create trigger refuse_truncate before truncate on wingman.reputation_events
for each statement execute function wingman.refuse_change();

-- file: sql/reputation/record_completion.sql
create or replace function wingman.record_completion(session_id uuid, user_id uuid, buddy_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    -- profiles by id, the last rows of the lock order, before the ledger's trigger writes them
    perform
    from public.user_profiles as p
    where p.id in (record_completion.user_id, record_completion.buddy_id)
    order by p.id
    for no key update;

    insert into wingman.reputation_events as e (session_id, user_id, kind, delta)
    values
    (record_completion.session_id, record_completion.user_id, 'completed', 1),
    (record_completion.session_id, record_completion.buddy_id, 'completed', 1);
end
$$;

comment on function wingman.record_completion(uuid, uuid, uuid) is
'Writes what a completed session, whose row the caller has locked, gives to both of its people';
revoke all on function wingman.record_completion(uuid, uuid, uuid) from public, anon, authenticated, service_role;

-- file: sql/profiles/policies.sql
-- (select ...) and array(select ...) run once per query, and leave the indexes usable
create policy own_or_partner on public.user_profiles for select to authenticated
using (id = (select wingman.current_user_id()) or id = any(array(select wingman.partner_ids())));

create policy operators on public.user_profiles for select to wingman_admin using (true);

create policy own on public.user_locations for select to authenticated
using (user_id = (select wingman.current_user_id()));

-- file: sql/matching/policies.sql
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
    left join wingman.match_seekers as s on s.user_id = p.id
    where p.id = profile_details_of.user_id;

    return _details;
end
$$;

comment on function wingman.profile_details_of(uuid) is 'Profile, location and settings of one user, for that user alone';
revoke all on function wingman.profile_details_of(uuid) from public, anon, authenticated, service_role;

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
    perform wingman.assert_writable();
    _me := wingman.caller_id(complete_profile.user_id);

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

-- file: sql/profiles/get_profile.sql
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

-- file: sql/matching/create_automatic_match.sql
create or replace function wingman.create_automatic_match(max_radius_miles integer, user_id uuid)
returns public.automatic_match
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _me uuid;
    _locked_id uuid;
    _pending public.wingman_matches;
    _seeker wingman.match_seekers;
    _radius integer;
    _tried integer;
    _search record;
begin
    perform wingman.assert_writable();
    _me := wingman.known_caller_id(create_automatic_match.user_id);
    if not wingman.is_valid_radius(create_automatic_match.max_radius_miles) then
        perform wingman.raise_error('invalid_radius');
    end if;

    _locked_id := wingman.lock_pending_match(_me);
    _pending := wingman.pending_match_of(_me);
    select s.* into _seeker from wingman.match_seekers as s where s.user_id = _me;
    if not found then
        perform wingman.raise_error('profile_incomplete');
    end if;

    if wingman.match_status_at(_pending.status, _pending.expires_at, statement_timestamp()) = 'pending' then
        return wingman.automatic_match_of(_me, 'You already have a pending wingman match');
    elsif _seeker.paused then
        perform wingman.raise_error('matching_paused');
    end if;

    if _pending.id is not null and _pending.id is distinct from _locked_id then
        -- came and lapsed while this call waited: its partner is not locked
        perform wingman.raise_error('busy');
    elsif _pending.id is not null then
        perform wingman.expire_match(_pending.id);
    end if;
    _tried := wingman.settle_due_matches();

    _radius := coalesce(create_automatic_match.max_radius_miles, _seeker.max_travel_miles);
    select n.match_id, n.contended
    into strict _search
    from wingman.match_nearest(_me, _radius, may_wait => _locked_id is null and _tried = 0) as n;

    if _search.match_id is not null then
        return wingman.automatic_match_of(_me, 'Wingman buddy match created successfully!');
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

-- file: sql/matching/respond_to_match.sql
create or replace function wingman.respond_to_match(match_id uuid, action text, user_id uuid)
returns public.match_response
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _me uuid;
    _answer text;
    _match public.wingman_matches;
    _status text;
begin
    perform wingman.assert_writable();
    _me := wingman.known_caller_id(respond_to_match.user_id);
    perform wingman.require_argument('match_id', respond_to_match.match_id is not null);
    perform wingman.require_argument('action', respond_to_match.action is not null);
    _answer := case respond_to_match.action when 'accept' then 'accepted' when 'decline' then 'declined' end;
    if _answer is null then
        perform wingman.raise_error('invalid_action');
    end if;

    perform wingman.lock_seekers(_me, wingman.match_buddy(respond_to_match.match_id, _me));
    _match := wingman.lock_match(respond_to_match.match_id);
    _status := wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp());

    if _status = 'expired' then
        perform wingman.raise_error('match_expired');
    elsif _status = 'pending' and _answer = 'accepted' then
        perform wingman.accept_match(_match.id, _me);
    elsif _status = 'pending' then
        perform wingman.decline_match(_match.id, _me);
        perform wingman.match_again(_me);
    elsif _status <> _answer then
        perform wingman.raise_error('match_already_resolved', jsonb_build_object('status', _status));
    end if;
    return wingman.match_response_of(_me, _answer);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.respond_to_match(uuid, text, uuid) is 'Engine of public.respond_to_match';
revoke all on function wingman.respond_to_match(uuid, text, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.respond_to_match(uuid, text, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/matching/end_match.sql
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
    perform wingman.assert_writable();
    _me := wingman.known_caller_id(end_match.user_id);
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

-- file: sql/matching/get_match.sql
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

-- file: sql/matching/list_matches.sql
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

-- file: sql/sessions/create_session.sql
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
    perform wingman.assert_writable();
    _me := wingman.known_caller_id(create_session.user_id);

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

-- file: sql/sessions/start_session.sql
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
    perform wingman.assert_writable();
    _me := wingman.known_caller_id(start_session.user_id);
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

-- file: sql/sessions/cancel_session.sql
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
    perform wingman.assert_writable();
    _me := wingman.known_caller_id(cancel_session.user_id);
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

-- file: sql/sessions/confirm_session_completion.sql
create or replace function wingman.confirm_session_completion(session_id uuid, buddy_user_id uuid, user_id uuid)
returns public.session_confirmation
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _me uuid;
    _buddy_id uuid;
    _is_user1 boolean;
    _session public.wingman_sessions;
    _details public.session_details;
begin
    perform wingman.assert_writable();
    _me := wingman.known_caller_id(confirm_session_completion.user_id);
    perform wingman.require_argument('session_id', confirm_session_completion.session_id is not null);

    _buddy_id := wingman.session_buddy(confirm_session_completion.session_id, _me);
    if confirm_session_completion.buddy_user_id = _me then
        perform wingman.raise_error('self_confirmation');
    elsif confirm_session_completion.buddy_user_id <> _buddy_id then
        perform wingman.raise_error('buddy_not_in_session');
    end if;

    _session := wingman.lock_session(confirm_session_completion.session_id);
    _details := wingman.session_details_of(_session.id, _me);
    if _details.i_confirmed_buddy then
        perform wingman.raise_error('already_confirmed', jsonb_build_object('state', to_jsonb(_details)));
    elsif not wingman.is_active_session(_session.status) then
        perform wingman.raise_error('session_not_confirmable', jsonb_build_object('status', _session.status));
    elsif statement_timestamp() < _session.scheduled_time then
        perform wingman.raise_error(
            'session_not_started', jsonb_build_object('time', wingman.utc_text(_session.scheduled_time))
        );
    end if;

    -- ids in order are the order of user1 and user2
    _is_user1 := _me < _buddy_id;
    update public.wingman_sessions as s
    set
        user1_completed_confirmed_by_user2 = s.user1_completed_confirmed_by_user2 or not _is_user1,
        user2_completed_confirmed_by_user1 = s.user2_completed_confirmed_by_user1 or _is_user1,
        status = case when _details.buddy_confirmed_me then 'completed' else s.status end,
        completed_at = case when _details.buddy_confirmed_me then statement_timestamp() end
    where s.id = _session.id;

    if not _details.buddy_confirmed_me then
        return row(
            true,
            'Completion confirmation recorded. Waiting for your buddy to confirm.',
            _session.status,
            false,
            false,
            0
        )::public.session_confirmation;
    end if;

    perform wingman.record_completion(_session.id, _me, _buddy_id);
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

-- file: sql/sessions/get_session.sql
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

-- file: sql/reputation/get_reputation.sql
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
'The caller''s own profile with location and settings.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: one profile.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete.';
revoke all on function public.get_profile(uuid) from public, anon, authenticated, service_role;
grant execute on function public.get_profile(uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/create_automatic_match.sql
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
accepted match between them that has not ended. Closest first; ties: longer waiting, then smaller id.
max_radius_miles: 1 to 100 whole miles; null: the caller''s max_travel_miles.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: success false and no match when nobody was found, which is not an error.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_radius,
matching_paused, unsupported_isolation, read_only_transaction, busy.';
revoke all on function public.create_automatic_match(integer, uuid) from public, anon, authenticated, service_role;
grant execute on function public.create_automatic_match(integer, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/respond_to_match.sql
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

-- file: sql/api/end_match.sql
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
'One match of the caller, with its status as of now.
match_id: a match of the caller.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
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
'The caller''s matches, newest first.
status: pending, accepted, declined or expired, as of now; null: all. before: the last id of the page before. page_size: 1 to 100 rows.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: a page of matches; none for a user without a profile.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, invalid_argument.';
revoke all on function public.list_matches(text, uuid, integer, uuid) from public, anon, authenticated, service_role;
grant execute on function public.list_matches(text, uuid, integer, uuid)
to authenticated, service_role, wingman_admin;

-- file: sql/api/create_session.sql
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

-- file: sql/api/start_session.sql
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

-- file: sql/api/cancel_session.sql
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

-- file: sql/api/confirm_session_completion.sql
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
'One session of the caller.
session_id: a session of the caller.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: the session.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete,
session_not_found, not_session_participant.';
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
'The caller''s sessions, newest first.
status: scheduled, in_progress, completed, cancelled or no_show; null: all. before: the last id of the page before. page_size: 1 to 100
rows.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: a page of sessions; none for a user without a profile.
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
'The reputation of the caller or of a current partner.
subject_id: whose; null: the caller''s own.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: score, counters and badge.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete,
reputation_not_visible.';
revoke all on function public.get_reputation(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.get_reputation(uuid, uuid) to authenticated, service_role, wingman_admin;
