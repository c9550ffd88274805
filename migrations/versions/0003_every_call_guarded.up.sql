-- All of it in one transaction: who calls meanwhile waits, and finds the new functions with the grants of the old ones.
-- Partitions have no identity columns before PostgreSQL 17; the indexes are those of new tables.
-- squawk-ignore-file ban-drop-function, ban-drop-constraint, constraint-missing-not-valid, prefer-identity
-- squawk-ignore-file require-concurrent-index-creation

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

-- file: sql/kernel/settings.sql sha256:db58a9305702cb9c883155c9216d9bfc8563df6f459d58764e6255680d361395
alter table wingman.settings
add column automatic_match_limit integer not null default 20
constraint settings_automatic_match_limit check (automatic_match_limit between 1 and 1000000),
add column automatic_match_period interval not null default interval '1 hour'
constraint settings_automatic_match_period check (
    wingman.is_clock_interval(automatic_match_period, '1 second', '8760 hours')
),
add column respond_limit integer not null default 60
constraint settings_respond_limit check (respond_limit between 1 and 1000000),
add column respond_period interval not null default interval '1 hour'
constraint settings_respond_period check (wingman.is_clock_interval(respond_period, '1 second', '8760 hours')),
add column confirm_limit integer not null default 30
constraint settings_confirm_limit check (confirm_limit between 1 and 1000000),
add column confirm_period interval not null default interval '1 hour'
constraint settings_confirm_period check (wingman.is_clock_interval(confirm_period, '1 second', '8760 hours')),
add column create_session_limit integer not null default 20
constraint settings_create_session_limit check (create_session_limit between 1 and 1000000),
add column create_session_period interval not null default interval '24 hours'
constraint settings_create_session_period check (wingman.is_clock_interval(create_session_period, '1 second', '8760 hours')),
add column profile_limit integer not null default 10
constraint settings_profile_limit check (profile_limit between 1 and 1000000),
add column profile_period interval not null default interval '24 hours'
constraint settings_profile_period check (wingman.is_clock_interval(profile_period, '1 second', '8760 hours')),
add column idempotency_retention interval not null default interval '72 hours'
constraint settings_idempotency_retention check (wingman.is_clock_interval(idempotency_retention, '1 minute', '8760 hours')),
add column audit_retention_months integer not null default 24
constraint settings_audit_retention_months check (audit_retention_months between 1 and 1200);

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
'The smallest id that wingman.new_id() could have made at a moment, to the millisecond: ids from there on were made since then.
So a primary key finds the rows of a time.';
revoke all on function wingman.first_id_at(timestamptz) from public, anon, authenticated, service_role;
grant execute on function wingman.first_id_at(timestamptz) to service_role, wingman_admin;

-- file: sql/kernel/write_obstacle.sql
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
'The answers to calls that came with an idempotency key, kept for settings.idempotency_retention. Bare user ids';
comment on column wingman.idempotency_keys.user_id is 'Whom the call acted for: a key counts for its user alone';
comment on column wingman.idempotency_keys.idempotency_key is 'The key, 1 to 255 characters';
comment on column wingman.idempotency_keys.fingerprint is 'SHA-256 of the function''s name and arguments, in hexadecimal';
comment on column wingman.idempotency_keys.response is 'The answer, which a replay gives again';
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
'How much of each rate limit a user has spent, by the generic cell rate algorithm; no row, or one of the past: nothing';
comment on column wingman.rate_limits.user_id is 'Whom the calls act for';
comment on column wingman.rate_limits.bucket is 'automatic_match, respond, confirm, create_session or profile';
comment on column wingman.rate_limits.spent_until is 'When all that was spent has come back: the theoretical arrival time';

revoke all on table wingman.rate_limits from public, anon, authenticated, service_role;

-- file: sql/guards/guarded_call.sql
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

-- file: sql/guards/call_function.sql
create or replace function wingman.call_function()
returns text
language sql
stable
return nullif(split_part(current_setting('wingman.call', true), ' ', 1), '');

comment on function wingman.call_function() is
'The function that is writing, of those of wingman.begin_call and wingman.begin_operation; null for direct SQL';
revoke all on function wingman.call_function() from public, anon, authenticated, service_role;

-- file: sql/guards/call_user_id.sql
create or replace function wingman.call_user_id()
returns text
language sql
stable
return nullif(split_part(current_setting('wingman.call', true), ' ', 2), '');

comment on function wingman.call_user_id() is
'Whom the function of wingman.call_function() acts for, by id; null for direct SQL and for operators, who act for nobody. Text,
since a login with SQL may have set it to anything, which a refusal must outlive';
revoke all on function wingman.call_user_id() from public, anon, authenticated, service_role;

-- file: sql/guards/call_request_id.sql
create or replace function wingman.call_request_id()
returns text
language sql
stable
-- the rest after a word, a space, the 36 characters of an id and a space; a pattern would take ten times as long
return nullif(substr(current_setting('wingman.call', true), length(wingman.call_function()) + 39), '');

comment on function wingman.call_request_id() is
'The request id that came with the call of wingman.call_function(): the header x-request-id, else its idempotency key; or null';
revoke all on function wingman.call_request_id() from public, anon, authenticated, service_role;

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
'A header of the HTTP request, by its name in lower case, as PostgREST hands it on; null without one';
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
    -- whoever set the headers to something else has no use for the mark
    when data_exception then
        null;
end
$$;

comment on function wingman.mark_replay(boolean) is
'Adds the header Idempotency-Replayed to those that PostgREST sends with the answer, or takes it away';
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
    perform set_config('wingman.call', begin_operation.function, true);
end
$$;

comment on function wingman.begin_operation(text) is
'The guard before every function of operators that writes, who act for nobody. function: its name, for the audit trail until
wingman.end_operation.
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
'What follows in this transaction is not of wingman.begin_operation''s function any more';
revoke all on function wingman.end_operation() from public, anon, authenticated, service_role;

-- file: sql/guards/begin_call.sql
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

-- file: sql/guards/spend.sql
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
'The first rule that a profile''s texts break, or null. The table''s trigger and complete_profile both ask here.';
revoke all on function wingman.profile_violation(text, text, text, text, text) from public, anon, authenticated, service_role;

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

comment on function wingman.guard_profile() is
'Trigger: the rules of a profile''s texts, and updated_at, when they are written; wingman.count_events stamps the counters';
revoke all on function wingman.guard_profile() from public, anon, authenticated, service_role;

-- file: sql/matching/match_event.sql
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

-- drop: sql/matching/settle_due_matches.sql
drop function wingman.settle_due_matches(integer);

-- file: sql/matching/settle_due_matches.sql
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
        offset 0
    ) as d (miles)
    where d.miles > cells_near.further_than and d.miles <= cells_near.up_to
    order by d.miles;
end
$$;

comment on function wingman.cells_near(integer, integer, integer, integer) is
'The occupied cells further than so many miles from a grid point, and up to so many, nearest first';
revoke all on function wingman.cells_near(integer, integer, integer, integer) from public, anon, authenticated, service_role;

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
'The first rule that a session''s texts break, or null. The table''s trigger, create_session and cancel_session ask here.';
revoke all on function wingman.session_violation(text, text, text) from public, anon, authenticated, service_role;

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
-- whoever reads a view of wingman_admin plans with it
grant execute on function wingman.is_active_session(text) to service_role, wingman_admin;

-- file: sql/sessions/wingman_sessions.sql sha256:15dbeb3fe3c483b215472187532ea0af47e5b8e34bd1df78bb3378526483676e
alter table public.wingman_sessions add column reverted_at timestamptz;

comment on column public.wingman_sessions.reverted_at is
'When an operator took back what a completed session or a no-show gave to reputations; its status stays';

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
mark_no_show ask here.';
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
'What operators decided about sessions, and why; append-only. What it did to reputations stands in reputation_events';
comment on column wingman.session_decisions.session_id is 'The session';
comment on column wingman.session_decisions.decision is 'no_show: mark_no_show; reverted: revert_completion';
comment on column wingman.session_decisions.reason is 'Why, in the operator''s words, 1 to 500 characters';
comment on column wingman.session_decisions.decided_by is 'The login of the operator';
comment on column wingman.session_decisions.created_at is 'When it was decided';

revoke all on table wingman.session_decisions from public, anon, authenticated, service_role;

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

-- file: sql/reputation/reputation_events.sql sha256:854aeed99edee0392d3fa9eb95fd6790ca758430b54bfd13e090aaf9d990725c
alter table wingman.reputation_events
drop constraint reputation_events_kind_check,
add constraint reputation_events_kind_check check (
    (delta = 1 and kind in ('completed', 'no_show_reverted')) or (delta = -1 and kind in ('no_show', 'completion_reverted'))
);

comment on column wingman.reputation_events.kind is
'completed: both people confirmed the session; no_show: an operator found that this one did not come; completion_reverted,
no_show_reverted: an operator took it back';

-- file: sql/reputation/completions_in.sql
create or replace function wingman.completions_in(kind text, delta integer)
returns integer
language sql
immutable
return case when kind in ('completed', 'completion_reverted') then delta else 0 end;

comment on function wingman.completions_in(text, integer) is
'What an event of the ledger adds to completed_sessions. All else that it takes from the reputation, it adds to no_shows';
revoke all on function wingman.completions_in(text, integer) from public, anon, authenticated, service_role;

-- file: sql/reputation/reputation_differences.sql
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

-- drop: sql/reputation/triggers.sql
drop trigger count_events on wingman.reputation_events;
drop trigger refuse_change on wingman.reputation_events;
drop trigger refuse_truncate on wingman.reputation_events;

-- file: sql/reputation/triggers.sql
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

-- file: sql/guards/audit_log.sql
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

-- file: sql/guards/audit_log_default.sql
create table wingman.audit_log_default (like wingman.audit_log including all);

comment on table wingman.audit_log_default is
'What is of no month with a partition of its own; empty as long as somebody calls wingman.make_audit_partitions in time';

alter table wingman.audit_log attach partition wingman.audit_log_default default; -- noqa: PRS

revoke all on table wingman.audit_log_default from public, anon, authenticated, service_role;

-- file: sql/guards/match_state.sql
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

-- file: sql/guards/session_state.sql
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

-- file: sql/guards/audit_match.sql
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

-- file: sql/guards/audit_session.sql
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

-- file: sql/guards/audit_reputation.sql
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

-- file: sql/guards/audit_block.sql
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

-- file: sql/guards/audit_profile.sql
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

-- file: sql/guards/audit_seeker.sql
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

-- file: sql/guards/audit_settings.sql
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

-- file: sql/guards/triggers.sql sha256:67b208d9589a03806188788113fd0ff7d14c84cefa48ee2353951b13b13c1df5
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

-- the trail of what is there already begins with its present state, at the time when it was made; the partitions come below
insert into wingman.audit_log (occurred_at, entity, entity_id, match_id, after, call)
select
    m.created_at,
    'match',
    m.id,
    m.id,
    wingman.match_state(m)
    || jsonb_build_object('user1_id', m.user1_id, 'user2_id', m.user2_id, 'searched_by', m.searched_by),
    'upgrade'
from public.wingman_matches as m
order by m.id;

insert into wingman.audit_log (occurred_at, entity, entity_id, match_id, after, call)
select s.created_at, 'session', s.id, s.match_id, wingman.session_state(s), 'upgrade'
from public.wingman_sessions as s
order by s.id;

-- file: sql/guards/make_audit_partitions.sql
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

-- file: sql/guards/drop_audit_partitions.sql
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

-- file: sql/guards/first_audit_partitions.sql
do $$
begin
    perform wingman.make_audit_partitions();
end
$$;

-- drop: sql/profiles/complete_profile.sql
drop function wingman.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid
);

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

-- drop: sql/matching/create_automatic_match.sql
drop function wingman.create_automatic_match(integer, uuid);

-- file: sql/matching/create_automatic_match.sql
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

-- drop: sql/matching/respond_to_match.sql
drop function wingman.respond_to_match(uuid, text, uuid);

-- file: sql/matching/respond_to_match.sql
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

-- drop: sql/matching/end_match.sql
drop function wingman.end_match(uuid, uuid);

-- file: sql/matching/end_match.sql
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

-- file: sql/matching/get_match_history.sql
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

-- drop: sql/matching/pause_matching.sql
drop function wingman.pause_matching(uuid);

-- file: sql/matching/pause_matching.sql
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

-- drop: sql/matching/resume_matching.sql
drop function wingman.resume_matching(uuid);

-- file: sql/matching/resume_matching.sql
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

-- drop: sql/sessions/create_session.sql
drop function wingman.create_session(uuid, timestamptz, text, text, uuid);

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

-- drop: sql/sessions/start_session.sql
drop function wingman.start_session(uuid, uuid);

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

-- drop: sql/sessions/cancel_session.sql
drop function wingman.cancel_session(uuid, text, uuid);

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

-- drop: sql/sessions/confirm_session_completion.sql
drop function wingman.confirm_session_completion(uuid, uuid, uuid);

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

-- drop: sql/safety/block_user.sql
drop function wingman.block_user(uuid, uuid);

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

-- drop: sql/safety/unblock_user.sql
drop function wingman.unblock_user(uuid, uuid);

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

-- drop: sql/safety/report_user.sql
drop function wingman.report_user(uuid, text, uuid);

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

-- file: sql/admin/audit_log.sql
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

-- file: sql/admin/history_start.sql
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

-- file: sql/admin/completion_rate_by_day.sql
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

-- file: sql/admin/reputation_distribution.sql
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

-- file: sql/admin/match_funnel.sql
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

-- file: sql/admin/metrics.sql
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

-- file: sql/admin/maintenance.sql
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

-- file: sql/admin/run_maintenance.sql
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

-- drop: sql/api/complete_profile.sql
drop function public.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid
);

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

-- drop: sql/api/create_automatic_match.sql
drop function public.create_automatic_match(integer, uuid);

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

-- drop: sql/api/respond_to_match.sql
drop function public.respond_to_match(uuid, text, uuid);

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

-- drop: sql/api/end_match.sql
drop function public.end_match(uuid, uuid);

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
'The story of one match of the caller and of its sessions, oldest first, as far back as the audit trail is kept.
match_id: a match of the caller.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: what happened, when, and which of the two did it.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, match_not_found,
not_match_participant.';
revoke all on function public.get_match_history(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.get_match_history(uuid, uuid) to authenticated, service_role, wingman_admin;

-- drop: sql/api/pause_matching.sql
drop function public.pause_matching(uuid);

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
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
idempotency_key: the same one sent again gets the first answer again, and nothing is done twice.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, unsupported_isolation,
read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.pause_matching(uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.pause_matching(uuid, text) to authenticated, service_role, wingman_admin;

-- drop: sql/api/resume_matching.sql
drop function public.resume_matching(uuid);

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
'Ends a pause of the caller''s, chosen or automatic.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
idempotency_key: the same one sent again gets the first answer again, and nothing is done twice.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, unsupported_isolation,
read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.resume_matching(uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.resume_matching(uuid, text) to authenticated, service_role, wingman_admin;

-- drop: sql/api/create_session.sql
drop function public.create_session(uuid, timestamptz, text, text, uuid);

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

-- drop: sql/api/start_session.sql
drop function public.start_session(uuid, uuid);

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
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
idempotency_key: the same one sent again gets the first answer again, and nothing is done twice.
Result: the session.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, session_not_found,
not_session_participant, invalid_session_state, too_early, unsupported_isolation, read_only_transaction,
idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.start_session(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.start_session(uuid, uuid, text) to authenticated, service_role, wingman_admin;

-- drop: sql/api/cancel_session.sql
drop function public.cancel_session(uuid, text, uuid);

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
session_id: a session of the caller. reason: at most 500 characters.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
idempotency_key: the same one sent again gets the first answer again, and nothing is done twice.
Result: the session.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
session_not_found, not_session_participant, invalid_session_state, unsupported_isolation, read_only_transaction,
idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.cancel_session(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.cancel_session(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;

-- drop: sql/api/confirm_session_completion.sql
drop function public.confirm_session_completion(uuid, uuid, uuid);

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

-- drop: sql/api/block_user.sql
drop function public.block_user(uuid, uuid);

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
'Blocks another user, for both directions: no match, no profile, no reputation between the two from now on. A pending match
between them is declined, an accepted one ends and its active session is cancelled. Blocking again changes nothing. The other one is not told.
subject_id: whom to block. user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
idempotency_key: the same one sent again gets the first answer again, and nothing is done twice.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.block_user(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.block_user(uuid, uuid, text) to authenticated, service_role, wingman_admin;

-- drop: sql/api/unblock_user.sql
drop function public.unblock_user(uuid, uuid);

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
'Takes the caller''s block of another user back; what it ended stays ended. Without a block nothing changes.
subject_id: whom to unblock. user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
idempotency_key: the same one sent again gets the first answer again, and nothing is done twice.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.unblock_user(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.unblock_user(uuid, uuid, text) to authenticated, service_role, wingman_admin;

-- drop: sql/api/report_user.sql
drop function public.report_user(uuid, text, uuid);

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
'Reports another user to the operators. It does not block: block_user does.
subject_id: whom. reason: what happened, 1 to 2000 characters. user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
idempotency_key: the same one sent again gets the first answer again, and nothing is done twice.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.report_user(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.report_user(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;
