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
    -- seconds; a lock is gone in a moment
    _retry_after text := coalesce(_detail ->> 'retry_after', case raise_error.name when 'busy' then '1' end);
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

    if _retry_after is not null and current_setting('request.method', true) <> '' then
        -- the form that lets PostgREST send a header
        raise exception using
            errcode = 'PGRST',
            message = jsonb_build_object(
                'code', 'PT' || _error.status, 'message', _message, 'details', _detail::text, 'hint', _error.hint
            ),
            detail = jsonb_build_object(
                'status', _error.status, 'headers', jsonb_build_object('Retry-After', _retry_after)
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
DETAIL. Raises SQLSTATE PT<status> with DETAIL {"error": name, ...context}; under PostgREST, for busy and where context has
retry_after in seconds, SQLSTATE PGRST, which adds the header Retry-After.';
revoke all on function wingman.raise_error(text, jsonb) from public, anon, authenticated, service_role;

-- file: sql/kernel/has_visible_character.sql
create or replace function wingman.has_visible_character(string text)
returns boolean
language sql
immutable
-- The code points that show nothing or a blank are listed: what [[:space:]] stands for depends on the locale.
return string ~ (
    e'[^\\u0001-\\u0020\\u007f-\\u00a0\\u00ad\\u034f\\u061c\\u115f\\u1160\\u1680\\u17b4\\u17b5\\u180b-\\u180f\\u2000-\\u200f'
    || e'\\u2028-\\u202f\\u205f-\\u206f\\u2800\\u3000\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff9-\\ufffb\\U000e0000-\\U000e0fff]'
);

comment on function wingman.has_visible_character(text) is
'Whether a text shows anything: whether it has a character besides blanks, controls, fillers and other invisible ones';
revoke all on function wingman.has_visible_character(text) from public, anon, authenticated, service_role;

-- file: sql/kernel/has_control_character.sql
create or replace function wingman.has_control_character(string text)
returns boolean
language sql
immutable
-- also those that change the direction of writing: they can make a name show as another one
return string ~ (
    e'[\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069'
    || e'\\ufff9-\\ufffb]'
);

comment on function wingman.has_control_character(text) is
'Whether a text has a control character other than tab and line break';
revoke all on function wingman.has_control_character(text) from public, anon, authenticated, service_role;

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
        -- PostgREST reads bytes beyond ASCII as one and the same character where they are no UTF-8: two keys would become one
        when octet_length(_header) > char_length(_header) then ''
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
        -- the commit then waits for a synchronous standby, to which the first answer may not have come yet
        perform pg_logical_emit_message(true, 'wingman', '');
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
        -- nobody can have spent more than all: the clock was ahead then
        update wingman.rate_limits as r
        set spent_until = statement_timestamp() + consume_rate_limit.cost + consume_rate_limit.burst
        where r.user_id = consume_rate_limit.user_id
            and r.bucket = consume_rate_limit.bucket
            and r.spent_until > statement_timestamp() + consume_rate_limit.cost + consume_rate_limit.burst;
        if not found then
            perform wingman.raise_error('rate_limited', (
                select jsonb_build_object('retry_after', ceil(extract(
                    epoch from r.spent_until - (statement_timestamp() + consume_rate_limit.burst)
                )))
                from wingman.rate_limits as r
                where r.user_id = consume_rate_limit.user_id and r.bucket = consume_rate_limit.bucket
            ));
        end if;
    end if;
    return consume_rate_limit.user_id;
end
$$;

comment on function wingman.consume_rate_limit(uuid, text, interval, interval) is
'Takes one call from a user''s rate limit (generic cell rate algorithm). A call that is refused afterwards takes nothing. A
user who has spent more than there is, because the clock was ahead, has spent everything just now.
bucket: see wingman.rate_limits; cost and burst: the bucket''s columns of wingman.settings, which the caller reads in a
statement that it needs anyway. Returns user_id: an assignment costs less than PERFORM.
Errors: rate_limited, whose context retry_after is in seconds.';
revoke all on function wingman.consume_rate_limit(uuid, text, interval, interval) from public, anon, authenticated, service_role;

-- file: sql/guards/tg_settings__forget_rate_limits.sql
create or replace function wingman.tg_settings__forget_rate_limits()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _old jsonb := to_jsonb(old);
    _new jsonb := to_jsonb(new);
begin
    delete from wingman.rate_limits as r
    where (_new ->> (r.bucket || '_limit'), _new ->> (r.bucket || '_period'))
        is distinct from (_old ->> (r.bucket || '_limit'), _old ->> (r.bucket || '_period'));
    return null;
end
$$;

comment on function wingman.tg_settings__forget_rate_limits() is
'Trigger: a rate limit whose settings change starts anew for everybody, since what was spent is kept as a time, which only the old
settings can tell in calls';
revoke all on function wingman.tg_settings__forget_rate_limits() from public, anon, authenticated, service_role;

create or replace trigger forget_rate_limits after update on wingman.settings
for each row execute function wingman.tg_settings__forget_rate_limits();

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
    if not wingman.has_visible_character(profile_violation.first_name) or char_length(profile_violation.first_name) > 80 then
        return row('first_name', 'must be 1 to 80 characters')::wingman.violation;
    elsif wingman.has_control_character(profile_violation.first_name) then
        return row('first_name', 'must not contain control characters')::wingman.violation;
    elsif wingman.experience_rank(profile_violation.experience_level) is null then
        return row('experience_level', 'must be beginner, intermediate or advanced')::wingman.violation;
    elsif char_length(profile_violation.bio) > 400 then
        return row('bio', 'must be at most 400 characters')::wingman.violation;
    elsif wingman.has_control_character(profile_violation.bio) then
        return row('bio', 'must not contain control characters')::wingman.violation;
    -- no blanks, which are listed because [[:space:]] depends on the locale, and no controls
    elsif profile_violation.photo_url
        !~ e'^https://[^\\u0001-\\u0020\\u007f-\\u00a0\\u1680\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u3000\\u3164\\ufeff]+$'
        or char_length(profile_violation.photo_url) > 500 then
        return row('photo_url', 'must be an https URL of at most 500 characters')::wingman.violation;
    elsif char_length(profile_violation.confidence_archetype) > 100 then
        return row('confidence_archetype', 'must be at most 100 characters')::wingman.violation;
    elsif wingman.has_control_character(profile_violation.confidence_archetype) then
        return row('confidence_archetype', 'must not contain control characters')::wingman.violation;
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
    elsif wingman.has_control_character(location_violation.city) then
        return row('city', 'must not contain control characters')::wingman.violation;
    elsif location_violation.privacy_mode not in ('precise', 'city_only') then
        return row('privacy_mode', 'must be precise or city_only')::wingman.violation;
    elsif location_violation.privacy_mode = 'city_only' and wingman.has_visible_character(location_violation.city) is not true then
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

-- file: sql/profiles/profile_lock.sql
create or replace function wingman.profile_lock(user_id uuid)
returns bigint
language sql
immutable
return hashtextextended('complete_profile ' || user_id, 0);

comment on function wingman.profile_lock(uuid) is
'The key of the advisory lock on a user''s profile, also of one that is not there yet: exclusive for who makes, changes or erases
it, shared for who needs it to stay';
revoke all on function wingman.profile_lock(uuid) from public, anon, authenticated, service_role;

-- file: sql/safety/report_violation.sql
create or replace function wingman.report_violation(reason text)
returns wingman.violation
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if not wingman.has_visible_character(report_violation.reason) or char_length(report_violation.reason) > 2000 then
        return row('reason', 'must be 1 to 2000 characters')::wingman.violation;
    elsif wingman.has_control_character(report_violation.reason) then
        return row('reason', 'must not contain control characters')::wingman.violation;
    end if;
    return null;
end
$$;

comment on function wingman.report_violation(text) is
'The rule that the reason of a report breaks, or null. The table''s constraint and report_user both use this.';
revoke all on function wingman.report_violation(text) from public, anon, authenticated, service_role;

-- file: sql/safety/user_reports_reporter_idx.sql
-- squawk-ignore require-concurrent-index-creation
create index user_reports_reporter_idx on wingman.user_reports (reporter_id, id);

-- file: sql/sessions/session_violation.sql
create or replace function wingman.session_violation(venue_name text, notes text, cancellation_reason text)
returns wingman.violation
language sql
immutable
return case
    when not wingman.has_visible_character(venue_name) or char_length(venue_name) > 200
        then wingman.violation '(venue_name,"must be 1 to 200 characters")'
    when wingman.has_control_character(venue_name)
        then wingman.violation '(venue_name,"must not contain control characters")'
    when char_length(notes) > 2000 then wingman.violation '(notes,"must be at most 2000 characters")'
    when wingman.has_control_character(notes) then wingman.violation '(notes,"must not contain control characters")'
    when char_length(cancellation_reason) > 500 then wingman.violation '(reason,"must be at most 500 characters")'
    when wingman.has_control_character(cancellation_reason)
        then wingman.violation '(reason,"must not contain control characters")'
end;

comment on function wingman.session_violation(text, text, text) is
'The first rule that a session''s texts break, or null. The table''s trigger, create_session and cancel_session use this.';
revoke all on function wingman.session_violation(text, text, text) from public, anon, authenticated, service_role;

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
'The rule that the reason of an operator''s decision breaks, or null. The constraints of session_decisions and operator_decisions,
record_decision, revert_completion and mark_no_show use this.';
revoke all on function wingman.decision_violation(text) from public, anon, authenticated, service_role;

-- file: sql/privacy/data_inventory.sql
create or replace view wingman.data_inventory as
select
    i.table_name,
    c.column_name,
    i.whose,
    i.withheld,
    i.at_erasure,
    i.reason
from (
    values
    ('public.user_blocks', array['blocker_id', 'blocked_id', 'created_at'], 'own', 'the person blocked', 'deleted', null),
    (
        'public.user_locations',
        array['user_id', 'city', 'privacy_mode', 'max_travel_miles', 'created_at', 'updated_at'],
        'own', null, 'deleted', null
    ),
    ('public.user_locations', array['lat', 'lng'], 'own', 'operators: exact places are for their owners alone', 'deleted', null),
    (
        'public.user_profiles',
        array[
            'id', 'first_name', 'bio', 'photo_url', 'experience_level', 'confidence_archetype', 'completed_sessions',
            'no_shows', 'reputation_score', 'created_at', 'updated_at'
        ],
        'own', null, 'deleted', null
    ),
    (
        'public.wingman_matches',
        array[
            'id', 'user1_id', 'user2_id', 'status', 'distance_miles', 'responded_by', 'responded_at', 'expires_at',
            'ended_at', 'ended_by', 'created_at', 'updated_at', 'searched_by'
        ],
        'own', null, 'kept', 'the partner''s history'
    ),
    (
        'public.wingman_matches',
        array['user1_reputation', 'user2_reputation', 'user1_level', 'user2_level'],
        'own', 'the other one of the two: it is about this one', 'kept', 'the partner''s history'
    ),
    (
        'public.wingman_sessions',
        array[
            'id', 'match_id', 'user1_id', 'user2_id', 'venue_name', 'scheduled_time', 'status',
            'user1_completed_confirmed_by_user2', 'user2_completed_confirmed_by_user1', 'completed_at', 'created_by',
            'started_by', 'cancelled_by', 'created_at', 'updated_at', 'reverted_at'
        ],
        'own', null, 'kept', 'the partner''s history'
    ),
    ('public.wingman_sessions', array['notes'], 'own', 'the one who did not write them', 'deleted', null),
    ('public.wingman_sessions', array['is_active'], 'impersonal', null, 'kept', 'follows from the status'),
    ('public.wingman_sessions', array['cancellation_reason'], 'own', 'the one who did not write it', 'deleted', null),
    ('wingman.alembic_version', array['version_num'], 'impersonal', null, 'kept', 'says nothing about anybody'),
    ('wingman.events', array['xid', 'id'], 'impersonal', null, 'kept', 'says nothing about anybody'),
    (
        'wingman.events',
        array['occurred_at', 'kind', 'match_id', 'session_id', 'user_id', 'details'],
        'own', null, 'kept', 'the journal, which holds ids and states and nothing personal'
    ),
    (
        'wingman.events',
        array['source'],
        'another', 'names a login, which may be an operator''s',
        'kept', 'the journal, which holds ids and states and nothing personal'
    ),
    ('wingman.idempotency_keys', array['user_id', 'idempotency_key', 'created_at'], 'own', null, 'deleted', null),
    ('wingman.idempotency_keys', array['fingerprint'], 'impersonal', null, 'deleted', null),
    (
        'wingman.idempotency_keys',
        array['response'],
        'another', 'repeats what stands elsewhere, and what buddies wrote',
        'pseudonymised', 'own replies go; those of partners lose what they say about the person, not their keys and fingerprints'
    ),
    (
        'wingman.match_progress',
        array['match_id', 'offered_on', 'offered', 'accepted', 'ended', 'sessions', 'completed'],
        'impersonal', null, 'kept', 'says nothing about anybody'
    ),
    ('wingman.match_searches', array['match_id', 'level_difference'], 'own', null, 'deleted', null),
    ('wingman.match_searches', array['radius_miles'], 'own', 'the person found: it is about who searched', 'deleted', null),
    (
        'wingman.match_searches',
        array['candidate_travel_miles', 'candidate_waiting_since', 'candidate_exposures'],
        'own', 'who searched: it is about the person found', 'deleted', null
    ),
    ('wingman.match_searches', array['exposure_limit', 'level_tolerance', 'rematch_after'], 'impersonal', null, 'deleted', null),
    (
        'wingman.match_statistics',
        array['offered_on', 'offered', 'accepted', 'ended', 'scheduled', 'completed'],
        'impersonal', null, 'kept', 'says nothing about anybody'
    ),
    (
        'wingman.matchmaking_pool',
        array[
            'user_id', 'level', 'max_travel_miles', 'waiting_since', 'paused', 'pending_match_id', 'pending_buddy_id',
            'pending_until', 'paused_automatically', 'unanswered_offers', 'exposures'
        ],
        'own', null, 'deleted', null
    ),
    (
        'wingman.matchmaking_pool',
        array['grid_lat', 'grid_lng'],
        'own', 'operators: exact places are for their owners alone', 'deleted', null
    ),
    ('wingman.occupied_cells', array['grid_lat', 'grid_lng'], 'impersonal', null, 'deleted', null),
    (
        'wingman.operator_decisions',
        array['id', 'decided_at', 'kind', 'subject_id'],
        'own', null, 'kept', 'operators answer for what they decide'
    ),
    (
        'wingman.operator_decisions',
        array['login'],
        'another', 'names an operator', 'kept', 'operators answer for what they decide'
    ),
    (
        'wingman.operator_decisions',
        array['reason', 'details'],
        'another', 'an operator''s words', 'kept', 'operators answer for what they decide'
    ),
    (
        'wingman.outcome_statistics',
        array['happened_at', 'outcome', 'sessions'],
        'impersonal', null, 'kept', 'says nothing about anybody'
    ),
    ('wingman.rate_limits', array['user_id', 'bucket', 'spent_until'], 'own', null, 'deleted', null),
    (
        'wingman.reader_backlogs',
        array[
            'reader', 'first_id', 'last_id', 'seen', 'target', 'place_xid', 'place_id', 'target_id', 'read_xid', 'read_id'
        ],
        'impersonal', null, 'kept', 'says nothing about anybody'
    ),
    (
        'wingman.readers',
        array[
            'name', 'source', 'seen', 'target', 'place_xid', 'place_id', 'first_id', 'last_id', 'cluster_id', 'moved_at'
        ],
        'impersonal', null, 'kept', 'says nothing about anybody'
    ),
    ('wingman.reputation_events', array['xid', 'id'], 'impersonal', null, 'kept', 'says nothing about anybody'),
    (
        'wingman.reputation_events',
        array['created_at', 'session_id', 'user_id', 'buddy_id', 'kind', 'delta', 'completed_sessions', 'no_shows'],
        'own', null, 'kept', 'who comes back by the same id begins from the sums of the ledger'
    ),
    ('wingman.reputation_statistics', array['score', 'people'], 'impersonal', null, 'kept', 'says nothing about anybody'),
    (
        'wingman.session_decisions',
        array['session_id', 'decision', 'created_at'],
        'own', null, 'kept', 'operators answer for what they decide'
    ),
    (
        'wingman.session_decisions',
        array['reason'],
        'another', 'an operator''s words', 'kept', 'operators answer for what they decide'
    ),
    (
        'wingman.session_decisions',
        array['decided_by'],
        'another', 'names an operator', 'kept', 'operators answer for what they decide'
    ),
    (
        'wingman.session_statistics',
        array['held_at', 'outcome', 'sessions'],
        'impersonal', null, 'kept', 'says nothing about anybody'
    ),
    (
        'wingman.settings',
        array[
            'id', 'match_lifetime', 'rematch_after', 'session_start_lead', 'session_horizon', 'settle_limit',
            'level_relaxation', 'exposure_limit', 'exposure_window', 'ghosting_limit', 'automatic_match_limit',
            'automatic_match_period', 'automatic_match_cost', 'automatic_match_burst', 'respond_limit', 'respond_period',
            'respond_cost', 'respond_burst', 'confirm_limit', 'confirm_period', 'confirm_cost', 'confirm_burst',
            'create_session_limit', 'create_session_period', 'create_session_cost', 'create_session_burst',
            'profile_limit', 'profile_period', 'profile_cost', 'profile_burst', 'idempotency_retention',
            'journal_retention_months'
        ],
        'impersonal', null, 'kept', 'says nothing about anybody'
    ),
    (
        'wingman.user_reports',
        array['id', 'reporter_id', 'subject_id', 'reason', 'created_at'],
        'own', 'the person reported', 'kept', 'reports protect others, and operators have yet to decide'
    )
) as i (table_name, column_names, whose, withheld, at_erasure, reason)
cross join lateral unnest(i.column_names) as c (column_name);

comment on view wingman.data_inventory is
'Every column of every table: whose data it holds, and what becomes of it when somebody''s data is erased. Exports and erasures
do what stands here; a column that does not stand here fails a test';
comment on column wingman.data_inventory.table_name is 'The table, with its schema';
comment on column wingman.data_inventory.column_name is 'The column';
comment on column wingman.data_inventory.whose is
'own: the person''s, who can export it; another: about the person, but someone else''s, and in no export; impersonal: about
nobody';
comment on column wingman.data_inventory.withheld is
'own: whom it is kept from, null for nobody; another: why it is in no export; impersonal: null';
comment on column wingman.data_inventory.at_erasure is
'deleted; pseudonymised: what it says about the person goes, and an id stays, which then leads to nobody; kept';
comment on column wingman.data_inventory.reason is 'Why it is kept, or how it is pseudonymised; null if it is deleted';

revoke all on table wingman.data_inventory from public, anon, authenticated, service_role;

-- file: sql/privacy/data_export.sql
create type public.data_export as (
    exported_at timestamptz,
    data jsonb
);

comment on type public.data_export is 'What WingmanMatch holds about a person';
comment on column public.data_export.exported_at is 'When it was read, all of it at once';
comment on column public.data_export.data is
'An object with an array for each table of which people have rows; the objects in it are the rows, by the names of their columns.
docs/privacy.md lists them';

-- file: sql/privacy/redacted_reply.sql
create or replace function wingman.redacted_reply(response jsonb, user_id uuid)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if redacted_reply.response #>> '{next_match,buddy_user_id}' = redacted_reply.user_id::text then
        -- as if nobody had been found
        return redacted_reply.response || '{"message": "Match declined.", "next_match": null}'::jsonb;
    elsif (redacted_reply.response ->> 'buddy_user_id' = redacted_reply.user_id::text) is not true then
        return redacted_reply.response;
    elsif jsonb_exists(redacted_reply.response, 'buddy_profile') then
        return jsonb_set(redacted_reply.response, '{buddy_profile}', 'null');
    elsif exists (
        select
        from public.wingman_sessions as s
        where s.id = (redacted_reply.response ->> 'id')::uuid
            and coalesce(s.created_by, redacted_reply.user_id) = redacted_reply.user_id
    ) then
        return jsonb_set(redacted_reply.response, '{notes}', 'null');
    end if;
    return redacted_reply.response;
end
$$;

comment on function wingman.redacted_reply(jsonb, uuid) is
'A buddy''s kept answer without what it says about a person: without the profile, and without the notes of a session that this
person, or nobody known, scheduled. All else stays, so that the answer keeps its type.';
revoke all on function wingman.redacted_reply(jsonb, uuid) from public, anon, authenticated, service_role;

-- file: sql/privacy/settle_departure.sql
create or replace function wingman.settle_departure(user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := settle_departure.user_id;
    _match record;
    _matches uuid[] := '{}'::uuid[];
begin
    perform wingman.leave_pending_match(_me);

    -- Also those that have ended: a call that answers with this person's profile holds one of these rows, so its answer is kept
    -- before this goes on.
    for _match in
        select m.id, m.ended_at
        from public.wingman_matches as m
        where (m.user1_id = _me or m.user2_id = _me) and m.status = 'accepted'
        order by m.id
        for no key update
    loop
        _matches := _matches || _match.id;
        if _match.ended_at is null then
            perform wingman.end_accepted_match(_match.id, _me);
        end if;
    end loop;

    -- so do all calls about a session, this person's own as well
    perform
    from public.wingman_sessions as s
    where s.match_id = any(_matches)
    order by s.id
    for no key update;
    -- a text whose author is not known may be this person's
    update public.wingman_sessions as s
    set
        notes = case when coalesce(s.created_by, _me) <> _me then s.notes end,
        cancellation_reason = case when coalesce(s.cancelled_by, _me) <> _me then s.cancellation_reason end
    where s.match_id = any(_matches)
        and (
            (s.notes is not null and coalesce(s.created_by, _me) = _me)
            or (s.cancellation_reason is not null and coalesce(s.cancelled_by, _me) = _me)
        );

    delete from wingman.rate_limits as r where r.user_id = _me;
end
$$;

comment on function wingman.settle_departure(uuid) is
'The first part of an erasure, in the lock order: settles the person''s pending match, ends the accepted ones and cancels their
sessions, removes the notes and reasons that the person wrote, and the rate limits.';
revoke all on function wingman.settle_departure(uuid) from public, anon, authenticated, service_role;

-- file: sql/privacy/erase_replies.sql
create or replace function wingman.erase_replies(user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := erase_replies.user_id;
    _buddies uuid[] := array(
        select distinct case m.user1_id when _me then m.user2_id else m.user1_id end
        from public.wingman_matches as m
        where m.user1_id = _me or m.user2_id = _me
    );
begin
    -- in this order, so that two people who leave at once do not wait for each other
    perform
    from wingman.idempotency_keys as k
    where k.user_id = any(_buddies || _me)
    order by k.user_id, k.idempotency_key
    for update;

    delete from wingman.idempotency_keys as k where k.user_id = _me;

    update wingman.idempotency_keys as k
    set response = wingman.redacted_reply(k.response, _me)
    where k.user_id = any(_buddies) and wingman.redacted_reply(k.response, _me) <> k.response;
end
$$;

comment on function wingman.erase_replies(uuid) is
'Deletes the answers kept under a person''s idempotency keys, and takes what those of buddies say about this person out of them;
their keys and fingerprints stay. The last to lock anything: whoever waits for one of these rows has done all else.';
revoke all on function wingman.erase_replies(uuid) from public, anon, authenticated, service_role;

-- file: sql/privacy/erase_person.sql
create or replace function wingman.erase_person(user_id uuid)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pg_advisory_xact_lock(wingman.profile_lock(erase_person.user_id));
    -- The trigger settle_departure does so as well. Here it comes before the lock on the profile, which is the last of the lock order.
    perform wingman.settle_departure(erase_person.user_id);
    delete from public.user_profiles as p where p.id = erase_person.user_id;
    return found;
end
$$;

comment on function wingman.erase_person(uuid) is
'Erases a person''s data, as wingman.data_inventory says: what deleting the row of auth.users does, except that the account stays.
Returns whether there was a profile.';
revoke all on function wingman.erase_person(uuid) from public, anon, authenticated, service_role;

-- file: sql/privacy/personal_data.sql
create or replace function wingman.personal_data(user_id uuid, with_exact_place boolean)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := personal_data.user_id;
    _matches uuid[] := array(select m.id from public.wingman_matches as m where m.user1_id = _me or m.user2_id = _me);
    _not_given text[] := case when personal_data.with_exact_place then '{}' else '{lat,lng,grid_lat,grid_lng}' end::text[];
    _data jsonb;
begin
    _data := jsonb_build_object(
        'user_profiles', (
            select jsonb_agg(to_jsonb(o) order by o.id)
            from (
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
                    p.created_at,
                    p.updated_at
                from public.user_profiles as p
                where p.id = _me
            ) as o
        ),
        'user_locations', (
            select jsonb_agg(to_jsonb(o) - _not_given order by o.user_id)
            from (
                select
                    l.user_id,
                    l.lat,
                    l.lng,
                    l.city,
                    l.privacy_mode,
                    l.max_travel_miles,
                    l.created_at,
                    l.updated_at
                from public.user_locations as l
                where l.user_id = _me
            ) as o
        ),
        'matchmaking_pool', (
            select jsonb_agg(to_jsonb(o) - _not_given order by o.user_id)
            from (
                select
                    s.user_id,
                    s.grid_lat,
                    s.grid_lng,
                    s.level,
                    s.max_travel_miles,
                    s.waiting_since,
                    s.paused,
                    s.pending_match_id,
                    s.pending_buddy_id,
                    s.pending_until,
                    s.paused_automatically,
                    s.unanswered_offers,
                    s.exposures
                from wingman.matchmaking_pool as s
                where s.user_id = _me
            ) as o
        ),
        'rate_limits', (
            select jsonb_agg(to_jsonb(o) order by o.bucket)
            from (
                select
                    r.user_id,
                    r.bucket,
                    r.spent_until
                from wingman.rate_limits as r
                where r.user_id = _me
            ) as o
        ),
        'idempotency_keys', (
            select jsonb_agg(to_jsonb(o) order by o.created_at, o.idempotency_key)
            from (
                select
                    k.user_id,
                    k.idempotency_key,
                    k.created_at
                from wingman.idempotency_keys as k
                where k.user_id = _me
            ) as o
        )
    );

    _data := _data || jsonb_build_object(
        'wingman_matches', (
            select jsonb_agg(to_jsonb(o) order by o.id)
            from (
                select
                    m.id,
                    m.user1_id,
                    m.user2_id,
                    m.status,
                    case m.user1_id when _me then m.user1_reputation end as user1_reputation,
                    case m.user2_id when _me then m.user2_reputation end as user2_reputation,
                    case m.user1_id when _me then m.user1_level end as user1_level,
                    case m.user2_id when _me then m.user2_level end as user2_level,
                    m.distance_miles,
                    m.searched_by,
                    m.responded_by,
                    m.responded_at,
                    m.expires_at,
                    m.ended_at,
                    m.ended_by,
                    m.created_at,
                    m.updated_at
                from public.wingman_matches as m
                where m.id = any(_matches)
            ) as o
        ),
        'match_searches', (
            select jsonb_agg(to_jsonb(o) order by o.match_id)
            from (
                select
                    h.match_id,
                    h.level_difference,
                    case when m.searched_by = _me then h.radius_miles end as radius_miles,
                    case when m.searched_by <> _me then h.candidate_travel_miles end as candidate_travel_miles,
                    case when m.searched_by <> _me then h.candidate_waiting_since end as candidate_waiting_since,
                    case when m.searched_by <> _me then h.candidate_exposures end as candidate_exposures
                from wingman.match_searches as h
                inner join public.wingman_matches as m on m.id = h.match_id
                where h.match_id = any(_matches)
            ) as o
        ),
        'wingman_sessions', (
            select jsonb_agg(to_jsonb(o) order by o.id)
            from (
                select
                    s.id,
                    s.match_id,
                    s.user1_id,
                    s.user2_id,
                    s.venue_name,
                    s.scheduled_time,
                    case s.created_by when _me then s.notes end as notes,
                    s.status,
                    s.user1_completed_confirmed_by_user2,
                    s.user2_completed_confirmed_by_user1,
                    s.completed_at,
                    s.created_by,
                    s.started_by,
                    s.cancelled_by,
                    case s.cancelled_by when _me then s.cancellation_reason end as cancellation_reason,
                    s.created_at,
                    s.updated_at,
                    s.reverted_at
                from public.wingman_sessions as s
                where s.match_id = any(_matches)
            ) as o
        ),
        'session_decisions', (
            select jsonb_agg(to_jsonb(o) order by o.created_at, o.session_id)
            from (
                select
                    d.session_id,
                    d.decision,
                    d.created_at
                from public.wingman_sessions as s
                inner join wingman.session_decisions as d on d.session_id = s.id
                where s.match_id = any(_matches)
            ) as o
        ),
        'events', (
            select jsonb_agg(to_jsonb(o))
            from (
                select
                    e.occurred_at,
                    e.kind,
                    e.match_id,
                    e.session_id,
                    e.user_id,
                    e.details
                from wingman.events as e
                where e.match_id = any(_matches) and e.user_id = _me
                order by e.id
            ) as o
        ),
        'reputation_events', (
            select jsonb_agg(to_jsonb(o))
            from (
                select
                    g.created_at,
                    g.session_id,
                    g.user_id,
                    g.buddy_id,
                    g.kind,
                    g.delta,
                    g.completed_sessions,
                    g.no_shows
                from wingman.reputation_events as g
                where g.user_id = _me
                order by g.id
            ) as o
        )
    );

    _data := _data || jsonb_build_object(
        'user_blocks', (
            select jsonb_agg(to_jsonb(o) order by o.created_at, o.blocked_id)
            from (
                select
                    b.blocker_id,
                    b.blocked_id,
                    b.created_at
                from public.user_blocks as b
                where b.blocker_id = _me
            ) as o
        ),
        'user_reports', (
            select jsonb_agg(to_jsonb(o) order by o.id)
            from (
                select
                    r.id,
                    r.reporter_id,
                    r.subject_id,
                    r.reason,
                    r.created_at
                from wingman.user_reports as r
                where r.reporter_id = _me
            ) as o
        ),
        'operator_decisions', (
            select jsonb_agg(to_jsonb(o) order by o.id)
            from (
                select
                    d.id,
                    d.decided_at,
                    d.kind,
                    d.subject_id
                from wingman.operator_decisions as d
                where d.subject_id = _me
            ) as o
        )
    );
    return (
        select jsonb_object_agg(t.name, coalesce(nullif(t.rows, 'null'), '[]'))
        from jsonb_each(_data) as t (name, rows)
    );
end
$$;

comment on function wingman.personal_data(uuid, boolean) is
'What is a person''s own by wingman.data_inventory, as data_export.data gives it: all rows of one snapshot. What such a row says
about somebody else is null in it. with_exact_place: for the person alone. Events are found by their matches: those of profile,
blocks and pauses, which tell of rows that are here themselves, would need an index that every call would pay for.';
revoke all on function wingman.personal_data(uuid, boolean) from public, anon, authenticated, service_role;

-- drop: sql/matching/matches/tg_user_profiles__depart.sql
drop trigger settle_departure on public.user_profiles;

-- file: sql/matching/matches/tg_user_profiles__depart.sql
create or replace function wingman.tg_user_profiles__depart()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform wingman.settle_departure(old.id);
    delete from wingman.match_searches as h
    where h.match_id = any(array(
        select m.id from public.wingman_matches as m where m.user1_id = old.id or m.user2_id = old.id
    ));
    -- not by wingman.record_reputation, which would change the row that is being deleted
    insert into wingman.reputation_events (user_id, kind, delta, completed_sessions, no_shows)
    values (old.id, 'departed', wingman.reputation_delta('departed'), old.completed_sessions, old.no_shows);
    perform wingman.erase_replies(old.id);
    return old;
end
$$;

comment on function wingman.tg_user_profiles__depart() is
'Trigger: whoever deletes a profile, by hand or with the account, erases what there is of the person, as wingman.data_inventory
says. The pending match is settled, accepted ones end and their sessions are cancelled. History and partners'' reputation stay, and
the ledger says that this person has gone.';
revoke all on function wingman.tg_user_profiles__depart() from public, anon, authenticated, service_role;

create or replace trigger settle_departure before delete on public.user_profiles
for each row execute function wingman.tg_user_profiles__depart();

-- file: sql/reputation/reputation_delta.sql
create or replace function wingman.reputation_delta(kind text)
returns integer
language sql
immutable
-- one operator: each costs a look-up in every call
return (array[1, -1, -1, 1, 0, 0])[array_position(
    array['completed', 'no_show', 'completion_reverted', 'no_show_reverted', 'departed', 'returned'], kind
)];

comment on function wingman.reputation_delta(text) is
'What an entry of the ledger adds to a reputation, by its kind; null for a kind that does not exist';
revoke all on function wingman.reputation_delta(text) from public, anon, authenticated, service_role;

-- file: sql/reputation/reputation_events.sql sha256:1e6cc82296e3395e7efa87ede586d8c7cc96eb9d85a641061f96595ee3853cb3
comment on table wingman.reputation_events is
'Append-only ledger of reputation, kept for ever: the counters of user_profiles are its sums. wingman.record_reputation writes it;
wingman.tg_user_profiles__depart writes departures, wingman.tg_user_profiles__return returns. User and session ids have no foreign
keys: it outlives accounts';
comment on column wingman.reputation_events.session_id is 'The session that it comes from; null for a departure or a return';
comment on column wingman.reputation_events.buddy_id is 'The other person of the session; null for a departure or a return';
comment on column wingman.reputation_events.kind is
'completed: both people confirmed the session; no_show: an operator found that this one did not come; completion_reverted,
no_show_reverted: an operator took it back; departed: the profile was deleted; returned: the same
user made a profile again, which begins from the sums';

-- what was left of people whose profiles are gone
update public.wingman_sessions as s
set
    notes = case when exists (select from public.user_profiles as p where p.id = s.created_by) then s.notes end,
    cancellation_reason = case
        when exists (select from public.user_profiles as p where p.id = s.cancelled_by) then s.cancellation_reason
    end
where (s.notes is not null or s.cancellation_reason is not null)
    and (
        not exists (select from public.user_profiles as p where p.id = s.user1_id)
        or not exists (select from public.user_profiles as p where p.id = s.user2_id)
    );

delete from wingman.match_searches as h
using public.wingman_matches as m
where m.id = h.match_id
    and (
        not exists (select from public.user_profiles as p where p.id = m.user1_id)
        or not exists (select from public.user_profiles as p where p.id = m.user2_id)
    );

delete from wingman.rate_limits as r
where not exists (select from public.user_profiles as p where p.id = r.user_id);

delete from wingman.idempotency_keys as k
where not exists (select from public.user_profiles as p where p.id = k.user_id);

update wingman.idempotency_keys as k
set response = jsonb_set(k.response, '{buddy_profile}', 'null')
where jsonb_exists(k.response, 'buddy_profile')
    and not exists (select from public.user_profiles as p where p.id::text = k.response ->> 'buddy_user_id');

update wingman.idempotency_keys as k
set response = k.response || '{"message": "Match declined.", "next_match": null}'
where k.response #>> '{next_match,buddy_user_id}' is not null
    and not exists (
        select from public.user_profiles as p where p.id::text = k.response #>> '{next_match,buddy_user_id}'
    );

update wingman.idempotency_keys as k
set response = jsonb_set(k.response, '{notes}', 'null')
where k.response ->> 'notes' is not null
    and exists (
        select from public.wingman_sessions as s where s.id::text = k.response ->> 'id' and s.notes is null
    );

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
    -- two rows compared beside an "or" come back from a dump with other parentheses
    p.completed_sessions is distinct from coalesce(e.completions, 0)
    or p.no_shows is distinct from coalesce(e.no_shows, 0)
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
-- with a table that is scanned whole after all, the plan would seem dear enough to be compiled at each call
set jit = off
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

-- file: sql/reputation/tg_user_profiles__return.sql
create or replace function wingman.tg_user_profiles__return()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _sums record;
begin
    select d.ledger_completed_sessions, d.ledger_no_shows
    into _sums
    from wingman.reputation_differences as d
    where d.user_id = new.id and (d.ledger_completed_sessions, d.ledger_no_shows) <> (0, 0);
    if not found then
        return null;
    end if;

    update public.user_profiles as p
    set
        completed_sessions = _sums.ledger_completed_sessions,
        no_shows = _sums.ledger_no_shows,
        reputation_score = wingman.reputation_score(_sums.ledger_completed_sessions, _sums.ledger_no_shows)
    where p.id = new.id;
    insert into wingman.reputation_events (user_id, kind, delta, completed_sessions, no_shows)
    values (new.id, 'returned', wingman.reputation_delta('returned'), _sums.ledger_completed_sessions, _sums.ledger_no_shows);

    -- while this person was away, there was no profile from which to take back what operators reverted
    perform wingman.record_reputation(
        g.session_id,
        case g.kind when 'completed' then 'completion_reverted' else 'no_show_reverted' end,
        g.user_id,
        g.buddy_id,
        both_people => false
    )
    from wingman.reputation_events as g
    inner join public.wingman_sessions as s on s.id = g.session_id and s.reverted_at is not null
    where g.user_id = new.id and g.kind in ('completed', 'no_show') and not exists (
        select
        from wingman.reputation_events as r
        where r.user_id = new.id and r.session_id = g.session_id and r.kind in ('completion_reverted', 'no_show_reverted')
    )
    order by g.id;
    return null;
end
$$;

comment on function wingman.tg_user_profiles__return() is
'Trigger: whoever comes back by the same id begins from the sums of the ledger, which says so, less what operators took back
meanwhile';
revoke all on function wingman.tg_user_profiles__return() from public, anon, authenticated, service_role;

create or replace trigger begin_from_ledger after insert on public.user_profiles
for each row execute function wingman.tg_user_profiles__return();

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
    perform pg_advisory_xact_lock(wingman.profile_lock(_me));
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
-- with a table that is scanned whole after all, the plan would seem dear enough to be compiled at each call
set jit = off
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
-- with a table that is scanned whole after all, the plan would seem dear enough to be compiled at each call
set jit = off
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

-- file: sql/matching/explain/why_no_match.sql
create or replace function wingman.why_no_match(max_radius_miles integer, user_id uuid)
returns public.no_match_explanation
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
-- a plan made while the tables were small must not scan them whole until the next analyze
set enable_seqscan = off
-- with a table that is scanned whole after all, the plan would seem dear enough to be compiled at each call
set jit = off
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

    -- who erases one of the two waits, or is waited for: that call locks the pool before the profile
    perform pg_advisory_xact_lock_shared(wingman.profile_lock(least(_me, _subject_id)));
    perform pg_advisory_xact_lock_shared(wingman.profile_lock(greatest(_me, _subject_id)));
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

    -- an erasure of the caller waits for this report and its answer, or the report finds nobody
    perform from public.user_profiles as p where p.id = _me for key share;
    if not found then
        perform wingman.require_profile(_me);
    end if;
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

-- file: sql/privacy/export_my_data.sql
create or replace function wingman.export_my_data(user_id uuid)
returns public.data_export
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.acting_user_id(export_my_data.user_id);
begin
    -- what is kept of somebody whose profile is gone is theirs as well
    perform wingman.require_profile(_me, or_null => true);
    return row(statement_timestamp(), wingman.personal_data(_me, with_exact_place => true))::public.data_export;
end
$$;

comment on function wingman.export_my_data(uuid) is 'Engine of public.export_my_data';
revoke all on function wingman.export_my_data(uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.export_my_data(uuid) to authenticated, service_role, wingman_admin;

-- file: sql/privacy/erase_my_account.sql
create or replace function wingman.erase_my_account(confirmation text, user_id uuid, idempotency_key text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
begin
    _call := wingman.begin_call(
        'erase_my_account',
        erase_my_account.user_id,
        erase_my_account.idempotency_key,
        row(erase_my_account.confirmation)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.acknowledgement, _call.response);
    end if;
    -- a user without a profile has nothing that could be erased, and is told so: the answer to an earlier call may be lost
    perform wingman.require_profile(_call.user_id, or_null => true);
    perform wingman.require_argument('confirmation', erase_my_account.confirmation is not null);
    if erase_my_account.confirmation <> 'erase' then
        perform wingman.refuse_violation(row('confirmation', 'must be erase')::wingman.violation);
    end if;

    if not wingman.erase_person(_call.user_id) then
        -- the commit then waits for a synchronous standby, to which the erasure may not have come yet
        perform pg_logical_emit_message(true, 'wingman', '');
    end if;
    -- the key of this very call is kept, after all others have gone: the answer says nothing about anybody
    return wingman.end_call(_call, row(true, 'Your data has been erased.')::public.acknowledgement);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.erase_my_account(text, uuid, text) is 'Engine of public.erase_my_account';
revoke all on function wingman.erase_my_account(text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.erase_my_account(text, uuid, text) to authenticated, service_role, wingman_admin;

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
    return _id;
end
$$;

comment on function wingman.record_decision(text, uuid, jsonb, text) is
'Writes what an operator decides, and why, to wingman.operator_decisions, and returns the id of the decision. kind: a word of
wingman.decision_kinds(); subject_id: whom or what it concerns, or null; details: what these do not say, or null; reason: why, 1 to
500 characters.
Errors: missing_argument, invalid_argument.';
revoke all on function wingman.record_decision(text, uuid, jsonb, text) from public, anon, authenticated, service_role;

-- file: sql/admin/export_user.sql
create or replace function wingman_admin.export_user(user_id uuid, reason text)
returns public.data_export
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _data jsonb;
begin
    perform wingman.begin_operation('export_user');
    perform wingman.require_argument('user_id', export_user.user_id is not null);
    perform wingman.record_decision('user_exported', export_user.user_id, null, export_user.reason);
    _data := wingman.personal_data(export_user.user_id, with_exact_place => false);
    -- of somebody whose profile is gone, what is kept
    if not exists (select from public.user_profiles as p where p.id = export_user.user_id)
        and not exists (select from wingman.reputation_events as g where g.user_id = export_user.user_id)
    then
        perform wingman.raise_error('user_not_found');
    end if;
    perform wingman.end_operation();
    return row(statement_timestamp(), _data)::public.data_export;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.export_user(uuid, text) is
'Everything that WingmanMatch holds about a user, as public.export_my_data gives it, but without the exact place. Of a user
whose data was erased, what is kept. reason: why, 1 to 500 characters, kept with the operator''s login in
wingman.operator_decisions.
Errors: missing_argument, invalid_argument, user_not_found, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.export_user(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.export_user(uuid, text) to wingman_admin, service_role;

-- file: sql/admin/erase_user.sql
create or replace function wingman_admin.erase_user(user_id uuid, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
begin
    perform wingman.begin_operation('erase_user');
    perform wingman.require_argument('user_id', erase_user.user_id is not null);
    perform wingman.record_decision('user_erased', erase_user.user_id, null, erase_user.reason);
    if not wingman.erase_person(erase_user.user_id) then
        perform wingman.raise_error('user_not_found');
    end if;
    perform wingman.end_operation();
    return row(true, 'The user''s data has been erased.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.erase_user(uuid, text) is
'Erases a user''s data, as public.erase_my_account does; the account of the sign-in service stays. reason: why, 1 to 500
characters, kept with the operator''s login in wingman.operator_decisions, so it should say nothing personal.
Errors: missing_argument, invalid_argument, user_not_found, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.erase_user(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.erase_user(uuid, text) to wingman_admin, service_role;

-- file: sql/admin/erasures.sql
create or replace view wingman_admin.erasures as
select
    g.user_id,
    g.created_at as erased_at,
    p.id is not null as has_returned
from wingman.reputation_events as g
left join public.user_profiles as p on g.user_id = p.id
where g.kind = 'departed';

comment on view wingman_admin.erasures is
'Whose data was erased, and when: by the user, an operator, or with the account. Keep a copy outside the database: an older
backup that is restored does not know of them. Reads the whole ledger';
comment on column wingman_admin.erasures.user_id is 'The user';
comment on column wingman_admin.erasures.erased_at is 'When';
comment on column wingman_admin.erasures.has_returned is 'Whether the same user has a profile again';

revoke all on table wingman_admin.erasures from public, anon, authenticated, service_role;
grant select on table wingman_admin.erasures to wingman_admin, service_role;

-- file: sql/api/export_my_data.sql
create or replace function public.export_my_data(user_id uuid default null)
returns public.data_export
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.export_my_data(export_my_data.user_id);
end
$$;

comment on function public.export_my_data(uuid) is
'Reads everything that WingmanMatch holds about the caller, also what is left of it after an erasure.
It names nobody who reported or blocked the caller, and has no texts of others.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: one export.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found.';
revoke all on function public.export_my_data(uuid) from public, anon, authenticated, service_role;
grant execute on function public.export_my_data(uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/erase_my_account.sql
create or replace function public.erase_my_account(
    confirmation text,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.erase_my_account(
        erase_my_account.confirmation,
        erase_my_account.user_id,
        erase_my_account.idempotency_key
    );
end
$$;

comment on function public.erase_my_account(text, uuid, text) is
'Erases everything that WingmanMatch holds about the caller, at once and for good, except for what docs/privacy.md lists.
Profile, place, texts, settings and kept answers go. A pending match is declined, accepted ones end, and their sessions are
cancelled. The account of the sign-in service stays; deleting that erases the same. Erasing again does nothing.
confirmation: the word erase, so that nobody calls this by mistake.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, invalid_argument, unsupported_isolation,
read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.erase_my_account(text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.erase_my_account(text, uuid, text) to authenticated, service_role, wingman_admin;
