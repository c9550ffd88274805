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
