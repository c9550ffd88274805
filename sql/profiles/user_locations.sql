create table public.user_locations (
    user_id uuid constraint user_locations_pkey primary key
    constraint user_locations_user_id_fkey references public.user_profiles (id) on delete cascade,
    lat double precision not null,
    lng double precision not null,
    city text,
    privacy_mode text not null,
    max_travel_miles integer not null,
    created_at timestamptz not null default statement_timestamp(),
    updated_at timestamptz not null default statement_timestamp(),
    constraint user_locations_rules check (
        wingman.location_violation(lat, lng, city, privacy_mode, max_travel_miles) is null
    )
);

-- for the operators' search and the leaderboard of a city
create index user_locations_city_idx on public.user_locations (wingman.normalized_city(city) text_pattern_ops);

alter table public.user_locations enable row level security;

comment on table public.user_locations is 'Where people say they are; nobody else can ever read it';
comment on column public.user_locations.user_id is 'The user';
comment on column public.user_locations.lat is 'Latitude in degrees, WGS 84';
comment on column public.user_locations.lng is 'Longitude in degrees, WGS 84';
comment on column public.user_locations.city is 'Name of the city, at most 100 characters; required for city_only';
comment on column public.user_locations.privacy_mode is
'One of privacy_mode: precise, city_only. Precise is matched on a grid of 0.01 degrees, city_only on one of 0.1 degrees';
comment on column public.user_locations.max_travel_miles is 'The furthest buddy this person will meet, 1 to 100 miles';
comment on column public.user_locations.created_at is 'When the location was first given';
comment on column public.user_locations.updated_at is 'When any column last changed';

revoke all on table public.user_locations from public, anon, authenticated, service_role;
grant select on table public.user_locations to authenticated;

create or replace trigger set_updated_at before update on public.user_locations
for each row execute function wingman.tg_any__set_updated_at();
