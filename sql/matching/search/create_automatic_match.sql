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
                (select t from wingman.search_settings as t) as settings,
                s.paused
                or s.pending_match_id is not null
                or s.cooldown_until is not null
                or s.suspended
                or s.suspended_until is not null as needs_a_look,
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
            elsif _own.needs_a_look then
                perform wingman.require_not_suspended(_me);
                if _seeker.cooldown_until > statement_timestamp() then
                    perform wingman.raise_error(
                        'matching_cooldown', jsonb_build_object('until', wingman.utc_text(_seeker.cooldown_until))
                    );
                elsif _seeker.paused and not _seeker.paused_automatically then
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
