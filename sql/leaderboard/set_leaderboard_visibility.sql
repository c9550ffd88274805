create or replace function wingman.set_leaderboard_visibility(visibility text, user_id uuid, idempotency_key text)
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
    _before text;
begin
    _call := wingman.begin_call(
        'set_leaderboard_visibility',
        set_leaderboard_visibility.user_id,
        set_leaderboard_visibility.idempotency_key,
        row(set_leaderboard_visibility.visibility)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.acknowledgement, _call.response);
    end if;
    _me := wingman.require_profile(_call.user_id);
    perform wingman.require_argument('visibility', set_leaderboard_visibility.visibility is not null);
    if set_leaderboard_visibility.visibility <> all(wingman.leaderboard_visibilities()) then
        perform wingman.refuse_violation(
            row('visibility', 'must be ' || wingman.alternatives(wingman.leaderboard_visibilities()))::wingman.violation
        );
    end if;

    -- one change at a time; an erasure waits, or there is no profile any more
    perform pg_advisory_xact_lock(wingman.profile_lock(_me));
    _before := coalesce((select o.visibility from wingman.leaderboard_members as o where o.user_id = _me), 'off');
    if _before <> set_leaderboard_visibility.visibility then
        select wingman.consume_rate_limit(_me, 'profile', t.profile_cost, t.profile_burst) into strict _me
        from wingman.settings as t;
    end if;
    -- also if the account is being deleted, or a location is inserted by hand: neither takes the advisory lock. And where nothing
    -- changes: a lock makes the answer wait for the standby, which may not have the earlier change yet
    perform from public.user_profiles as p where p.id = _me for update;
    if not found then
        perform wingman.require_profile(_me);
    end if;
    if _before <> set_leaderboard_visibility.visibility then
        -- whoever changes the city by hand sees the row below, or the review below sees the city
        perform from public.user_locations as l where l.user_id = _me for share;
        insert into wingman.leaderboard_members as o (user_id, visibility)
        values (_me, set_leaderboard_visibility.visibility)
        on conflict on constraint leaderboard_members_pkey do update
        set visibility = excluded.visibility, updated_at = excluded.updated_at;
        if 'off' in (_before, set_leaderboard_visibility.visibility) then
            insert into wingman.leaderboard_reviews (user_id) values (_me);
        end if;
    end if;
    return wingman.end_call(_call, row(
        true,
        case set_leaderboard_visibility.visibility
            when 'named' then 'You are on the leaderboard, with your first name.'
            when 'nameless' then 'You are on the leaderboard, without your name.'
            else 'You are not on the leaderboard.'
        end
    )::public.acknowledgement);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('set_leaderboard_visibility', coalesce(_call.user_id, set_leaderboard_visibility.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.set_leaderboard_visibility(text, uuid, text) is 'Engine of public.set_leaderboard_visibility';
revoke all on function wingman.set_leaderboard_visibility(text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.set_leaderboard_visibility(text, uuid, text) to authenticated, service_role, wingman_admin;
