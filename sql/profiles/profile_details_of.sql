create or replace function wingman.profile_details_of(user_id uuid)
returns public.profile_details
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- a plan made while the tables were small must not scan them whole until the next analyze
set enable_seqscan = off
-- with a table that is scanned whole after all, the plan would seem dear enough to be compiled at each call
set jit = off
as $$
declare
    _details public.profile_details;
begin
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
        l.lat,
        l.lng,
        l.city,
        l.privacy_mode,
        l.max_travel_miles,
        coalesce(s.paused, false),
        p.created_at,
        greatest(p.updated_at, l.updated_at),
        case when s.cooldown_until > statement_timestamp() then s.cooldown_until end,
        b.user_id is not null,
        b.ends_at
    into _details
    from public.user_profiles as p
    left join public.user_locations as l on l.user_id = p.id
    left join wingman.matchmaking_pool as s on s.user_id = p.id
    left join wingman.suspensions as b on b.user_id = p.id and (b.ends_at is null or b.ends_at > statement_timestamp())
    where p.id = profile_details_of.user_id;

    return _details;
end
$$;

comment on function wingman.profile_details_of(uuid) is 'Profile, location and settings of one user, for that user alone';
revoke all on function wingman.profile_details_of(uuid) from public, anon, authenticated, service_role;
