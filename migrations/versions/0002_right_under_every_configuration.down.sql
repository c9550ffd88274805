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

-- file: sql/api/erase_my_account.sql
drop function public.erase_my_account(text, uuid, text);

-- file: sql/api/export_my_data.sql
drop function public.export_my_data(uuid);

-- file: sql/admin/erasures.sql
drop view wingman_admin.erasures;

-- file: sql/admin/erase_user.sql
drop function wingman_admin.erase_user(uuid, text);

-- file: sql/admin/export_user.sql
drop function wingman_admin.export_user(uuid, text);

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
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.report_user(uuid, text, uuid, text) is 'Engine of public.report_user';
revoke all on function wingman.report_user(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.report_user(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;

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

-- file: sql/reputation/tg_user_profiles__return.sql
drop trigger begin_from_ledger on public.user_profiles;
drop function wingman.tg_user_profiles__return();

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

-- file: sql/safety/user_reports_reporter_idx.sql
drop index wingman.user_reports_reporter_idx;

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

-- file: sql/profiles/profile_lock.sql
drop function wingman.profile_lock(uuid);

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

-- file: sql/guards/tg_settings__forget_rate_limits.sql
drop trigger forget_rate_limits on wingman.settings;
drop function wingman.tg_settings__forget_rate_limits();

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

-- file: sql/kernel/has_control_character.sql
drop function wingman.has_control_character(text);

-- file: sql/kernel/has_visible_character.sql
drop function wingman.has_visible_character(text);

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
