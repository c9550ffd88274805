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
