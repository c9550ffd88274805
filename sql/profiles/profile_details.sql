create type public.profile_details as (
    user_id uuid,
    first_name text,
    bio text,
    photo_url text,
    experience_level text,
    confidence_archetype text,
    completed_sessions integer,
    no_shows integer,
    reputation_score integer,
    lat double precision,
    lng double precision,
    city text,
    privacy_mode text,
    max_travel_miles integer,
    matching_paused boolean,
    created_at timestamptz,
    updated_at timestamptz,
    cooldown_until timestamptz,
    suspended boolean,
    suspended_until timestamptz
);

comment on type public.profile_details is 'A user''s own profile with location and settings';
comment on column public.profile_details.user_id is 'The user';
comment on column public.profile_details.first_name is 'First name';
comment on column public.profile_details.bio is 'A few words about the person (nullable)';
comment on column public.profile_details.photo_url is 'An https URL (nullable)';
comment on column public.profile_details.experience_level is 'One of experience_level';
comment on column public.profile_details.confidence_archetype is
'Style of courage, a free text such as Analyzer or Sprinter (nullable)';
comment on column public.profile_details.completed_sessions is 'Sessions that both people confirmed';
comment on column public.profile_details.no_shows is 'Sessions missed';
comment on column public.profile_details.reputation_score is 'completed_sessions - no_shows, held between -5 and 20';
comment on column public.profile_details.lat is 'Latitude in degrees; null if an operator has removed the location (nullable)';
comment on column public.profile_details.lng is 'Longitude in degrees (nullable)';
comment on column public.profile_details.city is 'Name of the city (nullable)';
comment on column public.profile_details.privacy_mode is 'One of privacy_mode (nullable)';
comment on column public.profile_details.max_travel_miles is 'The furthest buddy this person will meet, in miles (nullable)';
comment on column public.profile_details.matching_paused is 'Whether this person is left out of matching for now';
comment on column public.profile_details.created_at is 'When the profile was first completed';
comment on column public.profile_details.updated_at is 'When the profile or the location last changed';
comment on column public.profile_details.cooldown_until is 'Until when this person cannot search after a no-show (nullable)';
comment on column public.profile_details.suspended is 'Whether operators have suspended this person';
comment on column public.profile_details.suspended_until is 'Until when, if the suspension ends by itself (nullable)';
