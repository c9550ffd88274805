-- refuse to lose the rows of public.user_blocks
lock table public.user_blocks in access exclusive mode;
do $$ begin
    if exists (select from public.user_blocks) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of public.user_blocks',
            hint = 'Save and delete them first, if they are to go.';
    end if;
end $$;

-- refuse to lose the rows of wingman.user_reports
lock table wingman.user_reports in access exclusive mode;
do $$ begin
    if exists (select from wingman.user_reports) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of wingman.user_reports',
            hint = 'Save and delete them first, if they are to go.';
    end if;
end $$;

-- refuse to lose the rows of wingman.match_searches
lock table wingman.match_searches in access exclusive mode;
do $$ begin
    if exists (select from wingman.match_searches) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of wingman.match_searches',
            hint = 'Save and delete them first, if they are to go.';
    end if;
end $$;

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

-- file: sql/api/report_user.sql
drop function public.report_user(uuid, text, uuid);

-- file: sql/api/unblock_user.sql
drop function public.unblock_user(uuid, uuid);

-- file: sql/api/block_user.sql
drop function public.block_user(uuid, uuid);

-- file: sql/api/why_no_match.sql
drop function public.why_no_match(integer, uuid);

-- file: sql/api/explain_match.sql
drop function public.explain_match(uuid, uuid);

-- file: sql/api/resume_matching.sql
drop function public.resume_matching(uuid);

-- file: sql/api/pause_matching.sql
drop function public.pause_matching(uuid);

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

-- file: sql/admin/why_no_match.sql
drop function wingman_admin.why_no_match(uuid, integer);

-- file: sql/admin/match_explanations.sql
drop view wingman_admin.match_explanations;

-- file: sql/admin/user_reports.sql
drop view wingman_admin.user_reports;

-- file: sql/admin/schema.sql
drop schema wingman_admin;

-- file: sql/safety/report_user.sql
drop function wingman.report_user(uuid, text, uuid);

-- file: sql/safety/unblock_user.sql
drop function wingman.unblock_user(uuid, uuid);

-- file: sql/safety/block_user.sql
drop function wingman.block_user(uuid, uuid);

-- file: sql/safety/part_pair.sql
drop function wingman.part_pair(uuid, uuid);

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

-- file: sql/matching/why_no_match.sql
drop function wingman.why_no_match(integer, uuid);

-- file: sql/matching/explain_match.sql
drop function wingman.explain_match(uuid, uuid);

-- file: sql/matching/resume_matching.sql
drop function wingman.resume_matching(uuid);

-- file: sql/matching/pause_matching.sql
drop function wingman.pause_matching(uuid);

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

-- file: sql/safety/policies.sql
drop policy operators on public.user_blocks;
drop policy own on public.user_blocks;

-- file: sql/reputation/record_completion.sql
drop function wingman.record_completion(uuid, uuid, uuid);
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

-- file: sql/reputation/triggers.sql
drop trigger count_events on wingman.reputation_events;
drop trigger refuse_change on wingman.reputation_events;
drop trigger refuse_truncate on wingman.reputation_events;
create trigger count_event after insert on wingman.reputation_events
for each row execute function wingman.count_event();

create trigger refuse_change before update or delete on wingman.reputation_events
for each row execute function wingman.refuse_change();

create trigger refuse_truncate before truncate on wingman.reputation_events
for each statement execute function wingman.refuse_change();

-- file: sql/reputation/count_events.sql
drop function wingman.count_events();

-- file: sql/reputation/reputation_events.sql
alter table wingman.reputation_events
drop constraint reputation_events_pkey,
drop constraint reputation_events_kind_check,
add constraint reputation_events_kind_check check (kind in ('completed')),
add constraint reputation_events_delta_check check (kind <> 'completed' or delta = 1),
add column id uuid default wingman.new_id() constraint reputation_events_pkey primary key,
add constraint reputation_events_once_key unique (session_id, user_id, kind);

comment on column wingman.reputation_events.id is 'UUID version 7: newer events sort later';

-- file: sql/matching/triggers.sql
drop trigger guard_match on public.wingman_matches;
drop trigger track_match on public.wingman_matches;
drop trigger track_match_status on public.wingman_matches;
drop trigger guard_new_seeker on wingman.match_seekers;
drop trigger guard_pending_match on wingman.match_seekers;
drop trigger guard_old_seeker on wingman.match_seekers;
drop trigger occupy_cell on wingman.match_seekers;
drop trigger occupy_new_cell on wingman.match_seekers;
drop trigger vacate_cell on wingman.match_seekers;
drop trigger vacate_old_cell on wingman.match_seekers;
drop trigger place_seeker on public.user_locations;
drop trigger unplace_seeker on public.user_locations;
drop trigger level_seeker on public.user_profiles;
drop trigger settle_departure on public.user_profiles;
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

-- file: sql/matching/vacate_cell.sql
drop function wingman.vacate_cell();

-- file: sql/matching/occupy_cell.sql
drop function wingman.occupy_cell();

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

-- file: sql/sessions/refuse_confirmation.sql
drop function wingman.refuse_confirmation(uuid, uuid, uuid);

-- file: sql/sessions/confirmation_obstacle.sql
drop function wingman.confirmation_obstacle(public.wingman_sessions, public.wingman_matches, uuid, uuid);

-- file: sql/sessions/triggers.sql
drop trigger guard_session on public.wingman_sessions;
drop trigger check_session on public.wingman_sessions;
create trigger guard_session before insert or update on public.wingman_sessions
for each row execute function wingman.guard_session();

-- file: sql/sessions/check_session.sql
drop function wingman.check_session();

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

-- file: sql/sessions/wingman_sessions.sql
alter table public.wingman_sessions
add constraint wingman_sessions_time_check check (isfinite(scheduled_time)),
add constraint wingman_sessions_status_check check (
    status in ('scheduled', 'in_progress', 'completed', 'cancelled', 'no_show')
),
add constraint wingman_sessions_rules check (
    wingman.session_violation(venue_name, notes, cancellation_reason) is null
),
add constraint wingman_sessions_completion_check check (
    (status = 'completed') = (user1_completed_confirmed_by_user2 and user2_completed_confirmed_by_user1)
    and (status = 'completed') = (completed_at is not null)
),
add constraint wingman_sessions_cancellation_check check (
    status = 'cancelled' or (cancelled_by is null and cancellation_reason is null)
);

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

-- file: sql/matching/match_suggestions.sql
drop function wingman.match_suggestions(wingman.match_seekers, integer, public.people_count[]);

-- file: sql/matching/coarse_count.sql
drop function wingman.coarse_count(bigint);

-- file: sql/matching/obstacles_near.sql
drop function wingman.obstacles_near(uuid, integer);

-- file: sql/matching/end_automatic_pause.sql
drop function wingman.end_automatic_pause(uuid);

-- file: sql/matching/repeat_response.sql
drop function wingman.repeat_response(uuid, text, text, uuid);

-- file: sql/matching/match_response_of.sql
drop function wingman.match_response_of(uuid, text, public.wingman_matches);
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

-- file: sql/matching/automatic_match_of.sql
drop function wingman.automatic_match_of(public.wingman_matches, uuid, text);
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

-- file: sql/matching/next_match_of.sql
drop function wingman.next_match_of(public.wingman_matches, uuid);
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

-- file: sql/matching/match_again.sql
drop function wingman.match_again(uuid);
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

-- file: sql/matching/match_nearest.sql
drop function wingman.match_nearest(wingman.match_seekers, integer, boolean, wingman.settings);
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

-- file: sql/matching/create_match.sql
drop function wingman.create_match(
    wingman.match_seekers, wingman.match_seekers, double precision, integer, wingman.settings
);
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

-- file: sql/matching/find_candidate.sql
drop function wingman.find_candidate(wingman.match_seekers, integer, wingman.settings, uuid[]);

-- file: sql/matching/first_in_cell.sql
drop function wingman.first_in_cell(
    wingman.match_seekers, integer, integer, double precision, integer, wingman.settings, uuid[]
);

-- file: sql/matching/cells_near.sql
drop function wingman.cells_near(integer, integer, integer, integer);

-- file: sql/matching/match_obstacle.sql
drop function wingman.match_obstacle(
    wingman.match_seekers, wingman.match_seekers, double precision, integer, wingman.settings
);

-- file: sql/matching/recent_exposures.sql
drop function wingman.recent_exposures(timestamptz[], interval);

-- file: sql/matching/level_tolerance.sql
drop function wingman.level_tolerance(timestamptz, timestamptz, interval);

-- file: sql/matching/search_outcome.sql
drop type wingman.search_outcome;

-- file: sql/matching/found_candidate.sql
drop type wingman.found_candidate;

-- file: sql/matching/settle_due_matches.sql
drop function wingman.settle_due_matches(integer);
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

-- file: sql/matching/lock_pending_match.sql
drop function wingman.lock_pending_match(wingman.match_seekers);
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

-- file: sql/matching/pair_obstacle.sql
drop function wingman.pair_obstacle(uuid, uuid, interval);

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

-- file: sql/matching/no_match_explanation.sql
drop type public.no_match_explanation;

-- file: sql/matching/people_count.sql
drop type public.people_count;

-- file: sql/matching/match_explanation.sql
drop type public.match_explanation;

-- file: sql/matching/match_rule.sql
drop type public.match_rule;

-- file: sql/matching/match_searches.sql
drop table wingman.match_searches;

-- file: sql/matching/wingman_matches.sql
alter table public.wingman_matches
drop column searched_by,
alter column user1_id reset (n_distinct),
alter column user2_id reset (n_distinct),
add constraint wingman_matches_status_check check (status in ('pending', 'accepted', 'declined', 'expired')),
add constraint wingman_matches_distance_check check (distance_miles >= 1),
add constraint wingman_matches_user_order_check check (user1_id < user2_id),
add constraint wingman_matches_response_check check (
    (status in ('accepted', 'declined')) = (responded_by is not null)
    and (responded_by is null) = (responded_at is null)
    and responded_by in (user1_id, user2_id)
),
add constraint wingman_matches_ended_check check (ended_at is null or status = 'accepted'),
add constraint wingman_matches_expiry_check check (expires_at > created_at);

-- file: sql/matching/match_seekers.sql
drop index wingman.match_seekers_cell_idx;

alter table wingman.match_seekers
drop constraint match_seekers_cell_fkey,
drop constraint match_seekers_pause_check,
drop column is_free,
drop column exposures,
drop column unanswered_offers,
drop column paused_automatically,
reset (
    fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_cost_delay, autovacuum_analyze_scale_factor
);

create index match_seekers_free_idx on wingman.match_seekers (grid_lat, grid_lng)
where pending_match_id is null and not paused;

comment on column wingman.match_seekers.grid_lng is 'Longitude of the grid point, in hundredths of a degree';

-- file: sql/matching/occupied_cells.sql
drop table wingman.occupied_cells;

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

-- file: sql/safety/known_subject_id.sql
drop function wingman.known_subject_id(uuid, uuid);

-- file: sql/safety/user_reports.sql
drop index wingman.user_reports_subject_idx;
drop table wingman.user_reports;

-- file: sql/safety/report_violation.sql
drop function wingman.report_violation(text);

-- file: sql/safety/user_blocks.sql
drop index public.user_blocks_blocked_idx;
drop table public.user_blocks;

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

-- file: sql/profiles/known_user_id.sql
drop function wingman.known_user_id(uuid, boolean);

-- file: sql/profiles/triggers.sql
drop trigger guard_profile on public.user_profiles;
drop trigger set_updated_at on public.user_locations;
create trigger set_updated_at before update on public.user_profiles
for each row execute function wingman.set_updated_at();

create trigger set_updated_at before update on public.user_locations
for each row execute function wingman.set_updated_at();

-- file: sql/profiles/guard_profile.sql
drop function wingman.guard_profile();

-- file: sql/profiles/user_profiles.sql
alter table public.user_profiles add constraint user_profiles_rules check (
    wingman.profile_violation(first_name, experience_level, bio, photo_url, confidence_archetype) is null
);

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

-- file: sql/kernel/caller_id.sql
drop function wingman.caller_id(uuid, boolean);
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

-- file: sql/kernel/settings.sql
alter table wingman.settings
drop column level_relaxation,
drop column exposure_limit,
drop column exposure_window,
drop column ghosting_limit;

-- file: sql/kernel/acknowledgement.sql
drop type public.acknowledgement;
