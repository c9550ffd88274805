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
