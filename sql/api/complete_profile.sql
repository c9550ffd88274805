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
'Replaces the caller''s profile and location, and makes the caller matchable.
Arguments that are left out take their defaults; waiting time and pause stay.
first_name: 1 to 80 characters.
experience_level: one of experience_level.
lat: latitude in degrees, WGS 84, north positive.
lng: longitude in degrees, east positive.
city: at most 100 characters, required for city_only.
bio: at most 400 characters.
photo_url: https, at most 500 characters.
confidence_archetype: at most 100 characters.
max_travel_miles: 1 to 100, the furthest buddy to meet.
privacy_mode: one of privacy_mode, how coarse the grid is that distances are computed from.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the profile as it now is.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, invalid_argument, unsupported_isolation,
read_only_transaction, idempotency_key_reused, idempotency_key_invalid, rate_limited, busy.';
revoke all on function public.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid, text
) from public, anon, authenticated, service_role;
grant execute on function public.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid, text
) to authenticated, service_role, wingman_admin;
