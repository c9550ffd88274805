-- The tables of the seed's document, "Session Confirm Completion", with its indexes and
-- those that its statements need, and none of our triggers. The same people, pairs and sessions as in the world itself.
create schema seed_design;
grant usage on schema seed_design to authenticator;

create table seed_design.user_profiles (
    id uuid primary key,
    first_name text not null,
    completed_sessions integer not null default 0
);
create index on seed_design.user_profiles (completed_sessions);

create table seed_design.wingman_matches (
    id uuid primary key,
    user1_id uuid not null,
    user2_id uuid not null,
    status text not null
);
create index on seed_design.wingman_matches (user1_id);
create index on seed_design.wingman_matches (user2_id);

create table seed_design.wingman_sessions (
    id uuid primary key,
    match_id uuid not null references seed_design.wingman_matches (id),
    venue_name text not null,
    scheduled_time timestamptz not null,
    status text not null default 'scheduled',
    user1_completed_confirmed_by_user2 boolean not null default false,
    user2_completed_confirmed_by_user1 boolean not null default false,
    completed_at timestamptz
);
create index on seed_design.wingman_sessions (match_id);

insert into seed_design.user_profiles (id, first_name)
select p.id, p.first_name from public.user_profiles as p order by p.id;

insert into seed_design.wingman_matches (id, user1_id, user2_id, status)
select m.id, m.user1_id, m.user2_id, m.status from public.wingman_matches as m order by m.id;

insert into seed_design.wingman_sessions (id, match_id, venue_name, scheduled_time, status)
select s.id, s.match_id, s.venue_name, s.scheduled_time, s.status from public.wingman_sessions as s order by s.id;

grant select, update on all tables in schema seed_design to authenticator;

vacuum (freeze, analyze) seed_design.user_profiles, seed_design.wingman_matches, seed_design.wingman_sessions;
