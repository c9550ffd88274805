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

-- file: sql/kernel/invisible_characters.sql
create or replace function wingman.invisible_characters()
returns text
language sql
immutable
-- The code points are listed: what [[:space:]] stands for depends on the locale.
return (
    e'\\u0001-\\u0020\\u007f-\\u00a0\\u00ad\\u034f\\u061c\\u115f\\u1160\\u1680\\u17b4\\u17b5\\u180b-\\u180f\\u2000-\\u200f'
    || e'\\u2028-\\u202f\\u205f-\\u206f\\u2800\\u3000\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff9-\\ufffb\\U000e0000-\\U000e0fff'
);

comment on function wingman.invisible_characters() is
'The characters that show nothing or a blank: blanks, controls, fillers and other invisible ones, as ranges for the brackets of a
regular expression';
revoke all on function wingman.invisible_characters() from public, anon, authenticated, service_role;

-- file: sql/kernel/has_visible_character.sql
create or replace function wingman.has_visible_character(string text)
returns boolean
language sql
immutable
return string ~ ('[^' || wingman.invisible_characters() || ']');

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

-- file: sql/kernel/settings.sql sha256:7bab7e8d6773f42dcacda64cd972c2c973c6cee1a18210cfa118ce1ad2ae5ee8
alter table wingman.settings
add column journal_drop_limit integer not null default 3
constraint settings_journal_drop_limit check (journal_drop_limit between 1 and 1200);
comment on column wingman.settings.journal_drop_limit is
'How many months of the journal a run of maintenance may drop; while more are due it drops none, since the clock may be wrong';

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
        -- a proxy may have joined several headers by commas; of several that arrive, PostgREST passes on the last
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

-- file: sql/guards/name_call.sql
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
    perform wingman.name_call(begin_operation.function);
end
$$;

comment on function wingman.begin_operation(text) is
'The guard before every operators'' function that writes; operators act for nobody. function: its name, which the journal records
until wingman.end_operation.
Errors: unsupported_isolation, read_only_transaction.';
revoke all on function wingman.begin_operation(text) from public, anon, authenticated, service_role;

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

-- file: sql/guards/lapsed_until.sql
create or replace function wingman.lapsed_until(until timestamptz, newest timestamptz, retention interval)
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if lapsed_until.newest < lapsed_until.until - lapsed_until.retention then
        return lapsed_until.newest - lapsed_until.retention;
    end if;
    return lapsed_until.until;
end
$$;

comment on function wingman.lapsed_until(timestamptz, timestamptz, interval) is
'Up to when rows can be removed that have lapsed. until: what the clock says; newest: the newest row that has lapsed by it, or
null; retention: how long rows count. Usually it is what the clock says. Where no row has lapsed for a whole retention, the clock
may have jumped ahead: the rows of the retention before the newest one are kept until later ones have lapsed.';
revoke all on function wingman.lapsed_until(timestamptz, timestamptz, interval) from public, anon, authenticated, service_role;

-- file: sql/journal/events.sql sha256:80ad53a387c4aa30895289666128700555534462fa9d08d140f9d6825e1292f1
-- A partition that is detached keeps its primary key, and has it for itself when it is attached again; no index is made anew.
do $$
declare
    _parts record;
begin
    select
        array_agg(format('alter table wingman.events detach partition %s', c.oid::regclass)) as detach,
        array_agg(format(
            'alter table wingman.events attach partition %s %s', c.oid::regclass, pg_get_expr(c.relpartbound, c.oid)
        )) as attach
    into _parts
    from pg_inherits as i
    inner join pg_class as c on c.oid = i.inhrelid
    where i.inhparent = 'wingman.events'::regclass;

    for _n in 1..cardinality(_parts.detach) loop
        execute _parts.detach[_n];
    end loop;
    alter table wingman.events drop constraint events_pkey;
    for _n in 1..cardinality(_parts.attach) loop
        execute _parts.attach[_n];
    end loop;
end
$$;

-- file: sql/journal/events_default.sql sha256:45c3f245436fbaf821db21b8abbdd3fe78a3e4e259985067f75078beaaac1f9a
-- it has its primary key since the change of sql/journal/events.sql

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
    elsif profile_violation.photo_url !~ ('^https://[^' || wingman.invisible_characters() || ']+$')
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
'The rule that the reason of a decision about a session breaks, or null. The table''s constraint, revert_completion and
mark_no_show use this.';
revoke all on function wingman.decision_violation(text) from public, anon, authenticated, service_role;

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
            create table wingman.%1$I (like wingman.events_default including all);
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

-- file: sql/journal/newest_event_month.sql
create or replace function wingman.newest_event_month()
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
declare
    _month timestamptz;
begin
    for _month in
        select to_timestamp(right(c.relname, 7), 'YYYY_MM')
        from pg_inherits as i
        inner join pg_class as c on c.oid = i.inhrelid
        where i.inhparent = 'wingman.events'::regclass and c.relname ~ '^events_[0-9]{4}_[0-9]{2}$'
        order by c.relname desc
    loop
        if exists (
            select from wingman.events as e where e.occurred_at >= _month and e.occurred_at < _month + interval '1 month'
        ) then
            return _month;
        end if;
    end loop;
    return null;
end
$$;

comment on function wingman.newest_event_month() is
'The first moment, in UTC, of the newest month that has a partition of wingman.events with rows; null if none has';
revoke all on function wingman.newest_event_month() from public, anon, authenticated, service_role;

-- file: sql/journal/due_event_partitions.sql
create or replace function wingman.due_event_partitions()
returns text[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
declare
    _kept interval := (select make_interval(months => t.journal_retention_months) from wingman.settings as t);
begin
    return array(
        select c.relname::text
        from pg_inherits as i
        inner join pg_class as c on c.oid = i.inhrelid
        where i.inhparent = 'wingman.events'::regclass
            and c.relname ~ '^events_[0-9]{4}_[0-9]{2}$'
            and to_date(right(c.relname, 7), 'YYYY_MM') < date_trunc('month', statement_timestamp()) - _kept
            -- the newest row is asked only for those that are old by the clock
            and to_date(right(c.relname, 7), 'YYYY_MM')
            < least(date_trunc('month', statement_timestamp()), wingman.newest_event_month()) - _kept
        order by c.relname
    );
end
$$;

comment on function wingman.due_event_partitions() is
'The partitions of wingman.events, the oldest first, that are older than the last settings.journal_retention_months whole months,
in UTC. These count back from the clock, or from the newest row if that is older: a clock that is ahead makes nothing old by
itself.';
revoke all on function wingman.due_event_partitions() from public, anon, authenticated, service_role;

-- file: sql/journal/refused_event_partitions.sql
create or replace function wingman.refused_event_partitions(max_months integer default null)
returns integer
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _due integer := cardinality(wingman.due_event_partitions());
begin
    if _due > coalesce(
        refused_event_partitions.max_months, (select t.journal_drop_limit from wingman.settings as t)
    ) then
        return _due;
    end if;
    return 0;
end
$$;

comment on function wingman.refused_event_partitions(integer) is
'How many months of the journal are due to be dropped and are kept, because they are more than max_months, by default
settings.journal_drop_limit; 0 if they are not more';
revoke all on function wingman.refused_event_partitions(integer) from public, anon, authenticated, service_role;

-- drop: sql/journal/drop_event_partitions.sql
drop function wingman.drop_event_partitions();

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
    -- not of the table's type: to compile that would wait for whoever locks the table, outside the exception handler
    _seeker record;
    -- whether the transaction has locked no row yet
    _is_first_write boolean := pg_current_xact_id_if_assigned() is null;
    -- somebody locked, before the caller in the order of locks, for whom the next attempt waits
    _blocker_id uuid;
    -- whether the caller's own row is the only lock held
    _may_wait boolean;
    _radius integer;
    _search wingman.search_outcome;
begin
    for _attempt in 1..3 loop
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
            _may_wait := _blocker_id is null;
            if _blocker_id is not null then
                perform wingman.lock_seekers(_blocker_id, _me);
            end if;

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
                            _blocker_id := _seeker.pending_buddy_id;
                            raise sqlstate 'WM001';
                        end if;
                    end if;
                    perform wingman.expire_match(_seeker.pending_match_id);
                end if;
                -- this expiry may have caused an automatic pause: a search ends that one as well
                _own.seeker := wingman.end_automatic_pause(_me);
                _seeker := _own.seeker;
            end if;
            _me := wingman.consume_rate_limit(
                _me, 'automatic_match', (_own.settings).automatic_match_cost, (_own.settings).automatic_match_burst
            );
            if _own.has_due_matches and (wingman.settle_due_matches((_own.settings).settle_limit)).tried > 0 then
                _may_wait := false;
            end if;

            _radius := coalesce(create_automatic_match.max_radius_miles, _seeker.max_travel_miles);
            _search := wingman.match_nearest(_own.seeker, _radius, _may_wait, _own.settings);

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
                _blocker_id := (wingman.find_candidate(_own.seeker, _radius, _own.settings, '{}')).candidate.user_id;
                raise sqlstate 'WM001';
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
            when sqlstate 'WM001' then
                -- Everybody eligible is locked, and it is not the caller's turn to wait while holding a row. The rollback has let
                -- go of it, unless an earlier statement of the transaction locked it; so the next attempt waits first.
                if not _is_first_write or _attempt = 3 then
                    perform wingman.name_call('create_automatic_match', _call.user_id);
                    perform wingman.raise_error('busy');
                end if;
            when lock_not_available or deadlock_detected then
                perform wingman.name_call('create_automatic_match', coalesce(_call.user_id, create_automatic_match.user_id));
                perform wingman.raise_error('busy');
                return null;
        end;
    end loop;
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
        perform wingman.name_call('respond_to_match', coalesce(_call.user_id, respond_to_match.user_id));
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
    -- not of the table's type: to compile that would wait for whoever locks the table, outside the exception handler
    _match record;
begin
    _call := wingman.begin_call('end_match', end_match.user_id, end_match.idempotency_key, row(end_match.match_id));
    if _call.response is not null then
        return jsonb_populate_record(null::public.match_details, _call.response);
    end if;
    _me := wingman.require_profile(_call.user_id);
    perform wingman.require_argument('match_id', end_match.match_id is not null);

    perform wingman.match_buddy(end_match.match_id, _me);
    select m.* into _match from wingman.lock_match(end_match.match_id) as m;
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
        perform wingman.name_call('end_match', coalesce(_call.user_id, end_match.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.end_match(uuid, uuid, text) is 'Engine of public.end_match';
revoke all on function wingman.end_match(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.end_match(uuid, uuid, text) to authenticated, service_role, wingman_admin;

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
        perform wingman.name_call('pause_matching', coalesce(_call.user_id, pause_matching.user_id));
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
        perform wingman.name_call('resume_matching', coalesce(_call.user_id, resume_matching.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.resume_matching(uuid, text) is 'Engine of public.resume_matching';
revoke all on function wingman.resume_matching(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.resume_matching(uuid, text) to authenticated, service_role, wingman_admin;

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
        perform wingman.name_call('create_session', coalesce(_call.user_id, create_session.user_id));
        perform wingman.refuse_new_session(
            create_session.match_id, create_session.scheduled_time, create_session.venue_name, create_session.notes, _call.user_id
        );
        return null;
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('create_session', coalesce(_call.user_id, create_session.user_id));
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
        perform wingman.name_call('start_session', coalesce(_call.user_id, start_session.user_id));
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
        perform wingman.name_call('cancel_session', coalesce(_call.user_id, cancel_session.user_id));
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
        perform wingman.name_call('confirm_session_completion', coalesce(_call.user_id, confirm_session_completion.user_id));
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

-- file: sql/maintenance/maintenance.sql sha256:7d1eb3b10d3e47a8fc53cc10accfaea874b8877606983ab35c297e609dc02280
alter type wingman.maintenance add attribute refused_partitions integer;
comment on column wingman.maintenance.refused_partitions is
'Monthly partitions that it kept, because more than settings.journal_drop_limit are past their retention at once';

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
    _until timestamptz;
begin
    perform wingman.begin_operation('run_maintenance');
    perform wingman.require_argument('max_rows', run_maintenance.max_rows is not null);
    if run_maintenance.max_rows not between 1 and 100000 then
        perform wingman.refuse_violation(row('max_rows', 'must be 1 to 100000')::wingman.violation);
    end if;

    -- these two may wait, so they run before anything is locked
    _done.made_partitions := wingman.make_event_partitions();
    _done.dropped_partitions := wingman.drop_event_partitions();
    _done.refused_partitions := wingman.refused_event_partitions();

    -- after the drop, which depends on what earlier transactions have read; but not after a real drop, while nobody can write
    _done.counted_events := 0;
    _done.counted_reputation_events := 0;
    if _done.dropped_partitions = 0 then
        _done.counted_events := wingman.count_events(run_maintenance.max_rows);
        _done.counted_reputation_events := wingman.count_reputation_events(run_maintenance.max_rows);
    end if;

    _done.expired_matches := (wingman.settle_due_matches(run_maintenance.max_rows)).expired;

    select t.idempotency_retention into strict _retention from wingman.settings as t;
    _until := wingman.lapsed_until(
        statement_timestamp() - _retention,
        (
            select max(k.created_at)
            from wingman.idempotency_keys as k
            where k.created_at < statement_timestamp() - _retention
        ),
        _retention
    );
    delete from wingman.idempotency_keys as k
    where k.ctid = any(array(
        select o.ctid
        from wingman.idempotency_keys as o
        where o.created_at < _until
        order by o.created_at
        limit run_maintenance.max_rows
        for update skip locked
    ));
    get diagnostics _done.purged_keys = row_count;

    _until := wingman.lapsed_until(
        statement_timestamp(),
        (select max(r.spent_until) from wingman.rate_limits as r where r.spent_until <= statement_timestamp()),
        _retention
    );
    -- no index: each call would have to maintain it, and the table holds only users who called within a day
    delete from wingman.rate_limits as r
    where r.ctid = any(array(
        select o.ctid
        from wingman.rate_limits as o
        where o.spent_until <= _until
        limit run_maintenance.max_rows
        for update skip locked
    ));
    get diagnostics _done.purged_limits = row_count;

    perform wingman.end_operation();
    return _done;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('run_maintenance');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.run_maintenance(integer) is
'Tidies up: settles lapsed matches, removes old idempotency keys and rate limits that are full again, creates and drops monthly
partitions of the journal, and counts what happened for the operators'' views. No call depends on it. max_rows: the most rows of
each kind to process, 1 to 100000. Several runs can overlap: each skips what another holds. A clock that has jumped ahead does not
cost the history: see wingman.drop_event_partitions and wingman.lapsed_until.
Errors: missing_argument, invalid_argument, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman.run_maintenance(integer) from public, anon, authenticated, service_role;
grant execute on function wingman.run_maintenance(integer) to wingman_admin, service_role;

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
        perform wingman.name_call('remove_reader');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.remove_reader(text) is
'Removes an abandoned reader, so that old months of the journal need not be kept for it. What it has counted so far stays.
Errors: missing_argument, invalid_argument, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.remove_reader(text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.remove_reader(text) to wingman_admin, service_role;

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
        perform wingman.name_call('reconcile_reputation');
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
