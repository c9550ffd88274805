-- All of it in one transaction, and what is dropped lies in schema wingman, where no client looks. The tables are locked while they
-- are written anew: a second for each few hundred thousand people.
-- squawk-ignore-file ban-drop-function, ban-drop-constraint, ban-drop-column, constraint-missing-not-valid
-- squawk-ignore-file adding-serial-primary-key-field, adding-foreign-key-constraint, require-concurrent-index-creation
-- squawk-ignore-file require-concurrent-index-deletion, adding-field-with-default, disallowed-unique-constraint

-- file: sql/kernel/acknowledgement.sql
create type public.acknowledgement as (
    success boolean,
    message text
);

comment on type public.acknowledgement is 'The answer of a call that has nothing else to tell';
comment on column public.acknowledgement.success is 'Always true: a refusal is an error';
comment on column public.acknowledgement.message is 'What was done, for people';

-- file: sql/kernel/settings.sql sha256:4c0edc963082a33a308b25074c5cd74a64b24dc31adbce50eeb44dc94f30d193
alter table wingman.settings
add column level_relaxation interval
constraint settings_level_relaxation check (wingman.is_clock_interval(level_relaxation, '1 minute', '8760 hours')),
add column exposure_limit integer not null default 10
constraint settings_exposure_limit check (exposure_limit between 1 and 1000),
add column exposure_window interval not null default interval '24 hours'
constraint settings_exposure_window check (wingman.is_clock_interval(exposure_window, '1 minute', '8760 hours')),
add column ghosting_limit integer not null default 3
constraint settings_ghosting_limit check (ghosting_limit between 1 and 100);

comment on column wingman.settings.level_relaxation is
'After each such wait one more experience level apart is allowed, so that nobody starves; null: never';
comment on column wingman.settings.exposure_limit is
'How often a person may be found by the searches of others within exposure_window';
comment on column wingman.settings.exposure_window is 'The time over which exposure_limit counts';
comment on column wingman.settings.ghosting_limit is
'After how many offers in a row left to expire a person is paused until their next search';

-- file: sql/kernel/caller_role.sql
create or replace function wingman.caller_role()
returns text
language sql
stable
-- inside a definer current_user is the owner; only the GUC still tells who called
return coalesce(nullif(current_setting('role'), 'none'), session_user);

comment on function wingman.caller_role() is 'The role that made the call, also inside SECURITY DEFINER functions';
revoke all on function wingman.caller_role() from public, anon, authenticated, service_role;

-- file: sql/kernel/current_user_id.sql
create or replace function wingman.current_user_id()
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- PostgREST leaves '' behind on a connection that was used before
    return (nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub')::uuid;
exception
    when data_exception or program_limit_exceeded then
        return null;
end
$$;

comment on function wingman.current_user_id() is
'The user of the access token: claim sub of the GUC request.jwt.claims; null where it is absent or malformed. Policies use
it as (select wingman.current_user_id()).';
revoke all on function wingman.current_user_id() from public, anon, authenticated, service_role;
grant execute on function wingman.current_user_id() to authenticated;

-- drop: sql/kernel/caller_id.sql
drop function wingman.caller_id(uuid);

-- file: sql/kernel/caller_id.sql
create or replace function wingman.caller_id(user_id uuid, writes boolean default false)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _role text := wingman.caller_role();
    _token_user_id uuid;
    _refusal text := case
        when not caller_id.writes then null
        -- lock, then check, needs a new snapshot for every statement
        when current_setting('transaction_isolation') <> 'read committed' then 'unsupported_isolation'
        when current_setting('transaction_read_only') = 'on' then 'read_only_transaction'
    end;
begin
    if _refusal is not null then
        perform wingman.raise_error(_refusal);
    elsif _role = 'authenticated' then
        _token_user_id := wingman.current_user_id();
        if caller_id.user_id <> _token_user_id then
            perform wingman.raise_error('acting_for_another');
        elsif _token_user_id is not null then
            return _token_user_id;
        end if;
    elsif _role = 'service_role' or pg_has_role(_role, 'wingman_admin', 'member') then
        perform wingman.require_argument('user_id', caller_id.user_id is not null);
        return caller_id.user_id;
    end if;

    perform wingman.raise_error('not_authenticated');
    return null;
end
$$;

comment on function wingman.caller_id(uuid, boolean) is
'Whom this call acts for: first of all in every entry point. authenticated acts as its token''s sub and may name nobody else;
service_role and members of wingman_admin must name user_id. Of the claims only sub is believed, never their role. writes: the
call writes, and needs a transaction that can.
Errors: not_authenticated, acting_for_another, missing_argument; for writes unsupported_isolation, read_only_transaction.';
revoke all on function wingman.caller_id(uuid, boolean) from public, anon, authenticated, service_role;

-- file: sql/profiles/is_valid_radius.sql
create or replace function wingman.is_valid_radius(miles integer)
returns boolean
language sql
immutable
return miles between 1 and 100;

comment on function wingman.is_valid_radius(integer) is
'Whether a search radius or a travel distance, in whole miles, is one that we allow; null for null';
revoke all on function wingman.is_valid_radius(integer) from public, anon, authenticated, service_role;

-- file: sql/profiles/user_profiles.sql sha256:112a7d23282c5f6c873e875ee970ff0e041b3878739aeccfd6db902916a20f75
-- the rules are in guard_profile
alter table public.user_profiles drop constraint user_profiles_rules;

-- file: sql/profiles/guard_profile.sql
create or replace function wingman.guard_profile()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if wingman.profile_violation(
        new.first_name, new.experience_level, new.bio, new.photo_url, new.confidence_archetype
    ) is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'user_profiles_rules',
            message = 'A text of this profile breaks a rule';
    end if;
    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.guard_profile() is 'Trigger: the rules of a profile''s texts, when they are written';
revoke all on function wingman.guard_profile() from public, anon, authenticated, service_role;

-- drop: sql/profiles/triggers.sql
drop trigger set_updated_at on public.user_profiles;
drop trigger set_updated_at on public.user_locations;

-- file: sql/profiles/triggers.sql
create trigger guard_profile
before insert or update of first_name, experience_level, bio, photo_url, confidence_archetype on public.user_profiles
for each row execute function wingman.guard_profile();

create trigger set_updated_at before update on public.user_locations
for each row execute function wingman.set_updated_at();

-- file: sql/profiles/known_user_id.sql
create or replace function wingman.known_user_id(user_id uuid, or_null boolean default false)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (select from public.user_profiles as p where p.id = known_user_id.user_id) then
        return known_user_id.user_id;
    end if;

    if wingman.caller_role() <> 'authenticated' then
        perform wingman.raise_error('user_not_found');
    elsif not known_user_id.or_null then
        perform wingman.raise_error('profile_incomplete');
    end if;
    return null;
end
$$;

comment on function wingman.known_user_id(uuid, boolean) is
'The user whom a call acts for, who must have a profile. or_null: answer null where a user who calls has none.
Errors: profile_incomplete (the user calls), user_not_found (named by another).';
revoke all on function wingman.known_user_id(uuid, boolean) from public, anon, authenticated, service_role;

-- file: sql/profiles/known_caller_id.sql
create or replace function wingman.known_caller_id(user_id uuid, or_null boolean default false)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.known_user_id(wingman.caller_id(known_caller_id.user_id), known_caller_id.or_null);
end
$$;

comment on function wingman.known_caller_id(uuid, boolean) is
'Whom a reading call acts for, who must have a profile. or_null: answer null, for empty lists, where a user has none.
Errors: those of wingman.caller_id and wingman.known_user_id.';
revoke all on function wingman.known_caller_id(uuid, boolean) from public, anon, authenticated, service_role;

-- file: sql/safety/user_blocks.sql
create table public.user_blocks (
    blocker_id uuid not null
    constraint user_blocks_blocker_id_fkey references public.user_profiles (id) on delete cascade,
    blocked_id uuid not null
    constraint user_blocks_blocked_id_fkey references public.user_profiles (id) on delete cascade,
    created_at timestamptz not null default statement_timestamp(),
    constraint user_blocks_pkey primary key (blocker_id, blocked_id),
    constraint user_blocks_two_people_check check (blocker_id <> blocked_id)
);

create index user_blocks_blocked_idx on public.user_blocks (blocked_id);

-- as for wingman_matches: a pair is found by the key, not among all who blocked the same person
alter table public.user_blocks alter column blocked_id set (n_distinct = -0.05);

alter table public.user_blocks enable row level security;

comment on table public.user_blocks is 'Who wants nothing to do with whom; binds both. The blocker alone can see it';
comment on column public.user_blocks.blocker_id is 'Who blocked';
comment on column public.user_blocks.blocked_id is 'Who is blocked';
comment on column public.user_blocks.created_at is 'Since when';

revoke all on table public.user_blocks from public, anon, authenticated, service_role;
grant select on table public.user_blocks to authenticated, service_role, wingman_admin;

-- file: sql/safety/report_violation.sql
create or replace function wingman.report_violation(reason text)
returns wingman.violation
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if report_violation.reason !~ '[^[:space:]]' or char_length(report_violation.reason) > 2000 then
        return row('reason', 'must be 1 to 2000 characters')::wingman.violation;
    end if;
    return null;
end
$$;

comment on function wingman.report_violation(text) is
'The rule that the reason of a report breaks, or null. The table''s constraint and report_user both ask here.';
revoke all on function wingman.report_violation(text) from public, anon, authenticated, service_role;

-- file: sql/safety/user_reports.sql
create table wingman.user_reports (
    id uuid constraint user_reports_pkey primary key default wingman.new_id(),
    reporter_id uuid not null,
    subject_id uuid not null,
    reason text not null constraint user_reports_reason_check check (wingman.report_violation(reason) is null),
    created_at timestamptz not null default statement_timestamp(),
    constraint user_reports_two_people_check check (reporter_id <> subject_id)
);

create index user_reports_subject_idx on wingman.user_reports (subject_id, id);

comment on table wingman.user_reports is 'What people report about others, for operators. Bare user ids: it outlives accounts';
comment on column wingman.user_reports.id is 'UUID version 7: newer reports sort later';
comment on column wingman.user_reports.reporter_id is 'Who reports';
comment on column wingman.user_reports.subject_id is 'About whom';
comment on column wingman.user_reports.reason is 'What happened, in the reporter''s words, 1 to 2000 characters';
comment on column wingman.user_reports.created_at is 'When it was reported';

revoke all on table wingman.user_reports from public, anon, authenticated, service_role;

-- file: sql/safety/known_subject_id.sql
create or replace function wingman.known_subject_id(subject_id uuid, user_id uuid)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    perform wingman.require_argument('subject_id', known_subject_id.subject_id is not null);
    if known_subject_id.subject_id = known_subject_id.user_id then
        perform wingman.raise_error(
            'invalid_argument', jsonb_build_object('argument', 'subject_id', 'rule', 'must be somebody else')
        );
    elsif not exists (select from public.user_profiles as p where p.id = known_subject_id.subject_id) then
        perform wingman.raise_error('user_not_found');
    end if;
    return known_subject_id.subject_id;
end
$$;

comment on function wingman.known_subject_id(uuid, uuid) is
'The other person whom a call is about, who must have a profile. Errors: missing_argument, invalid_argument (oneself),
user_not_found.';
revoke all on function wingman.known_subject_id(uuid, uuid) from public, anon, authenticated, service_role;

-- file: sql/matching/distance_miles.sql
create or replace function wingman.distance_miles(lat1 integer, lng1 integer, lat2 integer, lng2 integer)
returns double precision
language sql
immutable
-- haversine; least() because rounding may lift antipodes a hair above 1. Rounded to a millionth of a mile, or people equally
-- near across the antimeridian or at a pole would be told apart by the noise of the last digits
return round(1000000 * 2 * 3958.7613 * asin(least(1, sqrt(
    power(sin(radians((lat2 - lat1) / 100.0::double precision) / 2), 2)
    + cos(radians(lat1 / 100.0::double precision)) * cos(radians(lat2 / 100.0::double precision))
    * power(sin(radians((lng2 - lng1) / 100.0::double precision) / 2), 2)
)))) / 1000000;

comment on function wingman.distance_miles(integer, integer, integer, integer) is
'Great-circle distance in statute miles between two grid points in hundredths of a degree; earth radius 3958.7613 miles. Never
leaves the database as it is: see wingman.shown_miles.';
revoke all on function wingman.distance_miles(integer, integer, integer, integer)
from public, anon, authenticated, service_role;

-- file: sql/matching/shown_miles.sql
create or replace function wingman.shown_miles(miles double precision)
returns integer
language sql
immutable
return greatest(1, ceil(miles))::integer;

comment on function wingman.shown_miles(double precision) is
'A distance as people may know it: whole miles, rounded up, at least 1';
revoke all on function wingman.shown_miles(double precision) from public, anon, authenticated, service_role;

-- file: sql/matching/occupied_cells.sql
create table wingman.occupied_cells (
    grid_lat integer not null,
    grid_lng integer not null,
    constraint occupied_cells_pkey primary key (grid_lat, grid_lng)
);

comment on table wingman.occupied_cells is
'The grid points where anybody is: the search walks them nearest first. Kept by the triggers of match_seekers; an empty one does
no harm.';
comment on column wingman.occupied_cells.grid_lat is 'Latitude, in hundredths of a degree';
comment on column wingman.occupied_cells.grid_lng is 'Longitude, in hundredths of a degree';

revoke all on table wingman.occupied_cells from public, anon, authenticated, service_role;

-- file: sql/matching/match_seekers.sql sha256:bc366f3241503defa7dbec30c3d1e784e24d4abf3246cb00bbcf5ab05ec33184
-- one place, one cell: at the poles, and where east meets west
update wingman.match_seekers as s
set grid_lng = case when abs(s.grid_lat) = 9000 then 0 else 18000 end
where abs(s.grid_lat) = 9000 or s.grid_lng = -18000;

insert into wingman.occupied_cells (grid_lat, grid_lng)
select distinct
    s.grid_lat,
    s.grid_lng
from wingman.match_seekers as s;

drop index wingman.match_seekers_free_idx;

-- every row is written anew for is_free; nobody can be matched meanwhile, since the whole upgrade is one transaction
alter table wingman.match_seekers
add column paused_automatically boolean not null default false,
add column unanswered_offers integer not null default 0
constraint match_seekers_unanswered_offers_check check (unanswered_offers >= 0),
add column exposures timestamptz[] not null default '{}',
add column is_free boolean not null generated always as (pending_match_id is null and not paused) stored,
add constraint match_seekers_pause_check check (paused or not paused_automatically),
add constraint match_seekers_cell_fkey foreign key (grid_lat, grid_lng)
references wingman.occupied_cells (grid_lat, grid_lng),
set (
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_cost_delay = 0,
    autovacuum_analyze_scale_factor = 0.05
);

create index match_seekers_cell_idx on wingman.match_seekers (grid_lat, grid_lng, is_free, waiting_since, user_id);

comment on column wingman.match_seekers.grid_lng is
'Longitude of the grid point, in hundredths of a degree; 0 at the poles, 18000 for -18000';
comment on column wingman.match_seekers.paused_automatically is
'Paused because settings.ghosting_limit offers in a row were left to expire: the next own search ends it';
comment on column wingman.match_seekers.unanswered_offers is
'Offers left to expire since the last one that this person answered';
comment on column wingman.match_seekers.exposures is
'When the searches of others found this person, oldest first, as far back as settings.exposure_window reaches';
comment on column wingman.match_seekers.is_free is 'Neither paused nor in a pending match: can be found';

-- file: sql/matching/wingman_matches.sql sha256:568aa1f87831c54ee498b498aafc817102a59106303e688b80b5244de3d82915
alter table public.wingman_matches
add column searched_by uuid,
-- a few people have thousands of matches: where most have one, the planner would read all of theirs to find a pair
alter column user1_id set (n_distinct = -0.05),
alter column user2_id set (n_distinct = -0.05),
-- the rules are in guard_match
drop constraint wingman_matches_status_check,
drop constraint wingman_matches_distance_check,
drop constraint wingman_matches_user_order_check,
drop constraint wingman_matches_response_check,
drop constraint wingman_matches_ended_check,
drop constraint wingman_matches_expiry_check;

comment on column public.wingman_matches.searched_by is
'Whose search found the other one; null for a match that was written by hand';

-- file: sql/matching/match_searches.sql
create table wingman.match_searches (
    match_id uuid constraint match_searches_pkey primary key,
    radius_miles integer not null,
    candidate_travel_miles integer not null,
    candidate_waiting_since timestamptz not null,
    candidate_exposures integer not null,
    exposure_limit integer not null,
    level_difference integer not null,
    level_tolerance integer not null,
    rematch_after interval not null
);

comment on table wingman.match_searches is
'What the search that made a match went by, for explain_match; no row for a match that was written by hand';
comment on column wingman.match_searches.match_id is 'The match';
comment on column wingman.match_searches.radius_miles is 'How far the search looked, in miles';
comment on column wingman.match_searches.candidate_travel_miles is 'How far the person found would travel, in miles';
comment on column wingman.match_searches.candidate_waiting_since is 'Since when the person found had been waiting';
comment on column wingman.match_searches.candidate_exposures is
'How often the person found had been found by others within settings.exposure_window';
comment on column wingman.match_searches.exposure_limit is 'settings.exposure_limit at that time';
comment on column wingman.match_searches.level_difference is 'Experience levels between the two';
comment on column wingman.match_searches.level_tolerance is 'Experience levels apart that were allowed';
comment on column wingman.match_searches.rematch_after is 'settings.rematch_after at that time';

revoke all on table wingman.match_searches from public, anon, authenticated, service_role;

-- file: sql/matching/match_rule.sql
create type public.match_rule as (
    rule text,
    passed boolean,
    detail text
);

comment on type public.match_rule is 'One rule of matching and how a match came out of it';
comment on column public.match_rule.rule is
'distance, level, exposure, met_recently, partners, blocked or available';
comment on column public.match_rule.passed is 'Whether the two people met the rule when the match was made';
comment on column public.match_rule.detail is 'The same with its numbers, for people';

-- file: sql/matching/match_explanation.sql
create type public.match_explanation as (
    match_id uuid,
    created_at timestamptz,
    searched_by_me boolean,
    distance_miles integer,
    level_difference integer,
    rules public.match_rule [],
    came_first_because text
);

comment on type public.match_explanation is 'Why two people were matched, as it was when the match was made';
comment on column public.match_explanation.match_id is 'The match';
comment on column public.match_explanation.created_at is 'When it was made';
comment on column public.match_explanation.searched_by_me is
'Whether the caller searched and the buddy was found, or the other way round (nullable)';
comment on column public.match_explanation.distance_miles is 'Whole miles, rounded up, at least 1';
comment on column public.match_explanation.level_difference is 'Experience levels between the two (nullable)';
comment on column public.match_explanation.rules is 'Every rule with its outcome; empty for a match that no search made';
comment on column public.match_explanation.came_first_because is 'Why this person and nobody else (nullable)';

-- file: sql/matching/people_count.sql
create type public.people_count as (
    rule text,
    people integer
);

comment on type public.people_count is 'How many people a rule of matching removed';
comment on column public.people_count.rule is
'unavailable (busy, paused or otherwise not to be had), too_far_for_them, level, met_recently or partners';
comment on column public.people_count.people is 'How many, rounded up to a multiple of three';

-- file: sql/matching/no_match_explanation.sql
create type public.no_match_explanation as (
    radius_miles integer,
    people_near integer,
    removed public.people_count [],
    suggestions text []
);

comment on type public.no_match_explanation is 'Why a search finds nobody, in numbers too coarse to point at anybody';
comment on column public.no_match_explanation.radius_miles is 'The radius looked at';
comment on column public.no_match_explanation.people_near is
'How many people are within it, rounded up to a multiple of three; of more than 1000 the nearest 1000';
comment on column public.no_match_explanation.removed is 'How many of them each rule removed';
comment on column public.no_match_explanation.suggestions is 'What would help, for people; empty when nothing would';

-- file: sql/matching/match_status_at.sql
create or replace function wingman.match_status_at(status text, expires_at timestamptz, moment timestamptz)
returns text
language sql
immutable
return case when status = 'pending' and expires_at <= moment then 'expired' else status end;

comment on function wingman.match_status_at(text, timestamptz, timestamptz) is
'Effective status of a match at a moment: pending reads as expired from expires_at on, settled or not';
revoke all on function wingman.match_status_at(text, timestamptz, timestamptz) from public, anon, authenticated, service_role;

-- file: sql/matching/is_current_match.sql
create or replace function wingman.is_current_match(
    status text,
    expires_at timestamptz,
    ended_at timestamptz,
    moment timestamptz
)
returns boolean
language sql
immutable
return ended_at is null and wingman.match_status_at(status, expires_at, moment) in ('pending', 'accepted');

comment on function wingman.is_current_match(text, timestamptz, timestamptz, timestamptz) is
'Whether a match makes its two people current partners: pending and unexpired, or accepted and not ended';
revoke all on function wingman.is_current_match(text, timestamptz, timestamptz, timestamptz)
from public, anon, authenticated, service_role;

-- file: sql/matching/pair_obstacle.sql
create or replace function wingman.pair_obstacle(user_id uuid, other_id uuid, rematch_after interval)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _pair record;
begin
    select
        max(m.created_at) as last_met_at,
        bool_or(m.status = 'accepted' and m.ended_at is null) as are_partners,
        -- two look-ups: an "or" needs a bitmap, which the callers forbid
        exists (
            select
            from public.user_blocks as b
            where b.blocker_id = pair_obstacle.user_id and b.blocked_id = pair_obstacle.other_id
        )
        or exists (
            select
            from public.user_blocks as b
            where b.blocker_id = pair_obstacle.other_id and b.blocked_id = pair_obstacle.user_id
        ) as are_apart
    into _pair
    from public.wingman_matches as m
    where m.user1_id = least(pair_obstacle.user_id, pair_obstacle.other_id)
        and m.user2_id = greatest(pair_obstacle.user_id, pair_obstacle.other_id);

    return case
        when _pair.are_apart then 'blocked'
        when _pair.are_partners then 'partners'
        when _pair.last_met_at > statement_timestamp() - pair_obstacle.rematch_after then 'met_recently'
    end;
end
$$;

comment on function wingman.pair_obstacle(uuid, uuid, interval) is
'What the history of two people has against matching them: blocked (either has blocked the other), partners (an accepted match
that has not ended), met_recently (matched within rematch_after, whatever became of it); null: nothing. Exact while one of
their seekers is locked.';
revoke all on function wingman.pair_obstacle(uuid, uuid, interval) from public, anon, authenticated, service_role;

-- file: sql/matching/partners_of.sql
create or replace function wingman.partners_of(user_id uuid)
returns setof uuid
language plpgsql
stable
rows 5
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select b.id
    from public.wingman_matches as m
    cross join lateral (
        select case when m.user1_id = partners_of.user_id then m.user2_id else m.user1_id end
    ) as b (id)
    where (m.user1_id = partners_of.user_id or m.user2_id = partners_of.user_id)
        and wingman.is_current_match(m.status, m.expires_at, m.ended_at, statement_timestamp())
        and wingman.pair_obstacle(partners_of.user_id, b.id, null) is distinct from 'blocked';
end
$$;

comment on function wingman.partners_of(uuid) is
'Current partners of a user: the people of their current matches, see wingman.is_current_match, with no block
between them';
revoke all on function wingman.partners_of(uuid) from public, anon, authenticated, service_role;

-- file: sql/matching/pending_match_of.sql
create or replace function wingman.pending_match_of(user_id uuid)
returns public.wingman_matches
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _match_id uuid;
    _match public.wingman_matches;
begin
    select s.pending_match_id into _match_id from wingman.match_seekers as s where s.user_id = pending_match_of.user_id;
    if _match_id is not null then
        select m.* into _match from public.wingman_matches as m where m.id = _match_id;
    end if;
    return _match;
end
$$;

comment on function wingman.pending_match_of(uuid) is
'The pending match of a user, lapsed or not, or a row of nulls. Exact while the caller holds the user''s seeker: nobody else can
then give or take one.';
revoke all on function wingman.pending_match_of(uuid) from public, anon, authenticated, service_role;

-- drop: sql/matching/lock_pending_match.sql
drop function wingman.lock_pending_match(uuid);

-- file: sql/matching/lock_pending_match.sql
create or replace function wingman.lock_pending_match(seen wingman.match_seekers)
returns wingman.match_seekers
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches;
    _seeker wingman.match_seekers;
begin
    if lock_pending_match.seen.pending_match_id is not null then
        select m.* into strict _match
        from public.wingman_matches as m
        where m.id = lock_pending_match.seen.pending_match_id;
        perform wingman.lock_seekers(_match.user1_id, _match.user2_id);
        perform wingman.lock_match(_match.id);
    end if;

    select s.* into _seeker
    from wingman.match_seekers as s
    where s.user_id = lock_pending_match.seen.user_id
    for no key update;
    return _seeker;
end
$$;

comment on function wingman.lock_pending_match(wingman.match_seekers) is
'Locks a seeker, read before without a lock, and where it has a pending match, its partner''s seeker and that match. Returns the
seeker as it is now, nulls when it has gone. A pending match that came while waiting is another one, and its partner is not
locked.';
revoke all on function wingman.lock_pending_match(wingman.match_seekers) from public, anon, authenticated, service_role;

-- drop: sql/matching/settle_due_matches.sql
drop function wingman.settle_due_matches();

-- file: sql/matching/settle_due_matches.sql
create or replace function wingman.settle_due_matches(max_matches integer)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _due record;
    _status text;
    _seekers integer;
    _tried integer := 0;
begin
    for _due in
        select m.id, m.user1_id, m.user2_id
        from public.wingman_matches as m
        where m.status = 'pending' and m.expires_at <= statement_timestamp()
        order by m.expires_at
        limit settle_due_matches.max_matches
    loop
        _tried := _tried + 1;

        perform
        from wingman.match_seekers as s
        where s.user_id in (_due.user1_id, _due.user2_id)
        order by s.user_id
        for no key update skip locked;
        get diagnostics _seekers = row_count;
        continue when _seekers < 2;

        select m.status into _status
        from public.wingman_matches as m
        where m.id = _due.id
        for no key update skip locked;
        if _status = 'pending' then
            perform wingman.expire_match(_due.id);
        end if;
    end loop;
    return _tried;
end
$$;

comment on function wingman.settle_due_matches(integer) is
'Expires a few lapsed matches of anybody on the way, max_matches at most, without ever waiting. Returns how many it
tried: from then on the caller may hold their locks and must wait for nothing.';
revoke all on function wingman.settle_due_matches(integer) from public, anon, authenticated, service_role;

-- file: sql/matching/found_candidate.sql
create type wingman.found_candidate as (
    candidate wingman.match_seekers,
    miles double precision
);

comment on type wingman.found_candidate is 'Whom wingman.find_candidate found';
comment on column wingman.found_candidate.candidate is 'The seeker to offer (nullable)';
comment on column wingman.found_candidate.miles is 'How far away, between grid points (nullable)';

-- file: sql/matching/search_outcome.sql
create type wingman.search_outcome as (
    match public.wingman_matches,
    contended boolean
);

comment on type wingman.search_outcome is 'What a search came to';
comment on column wingman.search_outcome.match is 'The match made; nulls when nobody was found (nullable)';
comment on column wingman.search_outcome.contended is
'Nobody was found, but somebody eligible was locked by another call, so that "none" would be a guess';

-- file: sql/matching/level_tolerance.sql
create or replace function wingman.level_tolerance(waiting_since timestamptz, moment timestamptz, relaxation interval)
returns integer
language sql
immutable
return 1 + greatest(0, floor(extract(epoch from moment - waiting_since) / extract(epoch from relaxation)))::integer;

comment on function wingman.level_tolerance(timestamptz, timestamptz, interval) is
'How many experience levels apart a buddy may be at a moment, after waiting since another: 1, and one more for each
settings.level_relaxation of it. relaxation null: always 1.';
revoke all on function wingman.level_tolerance(timestamptz, timestamptz, interval)
from public, anon, authenticated, service_role;

-- file: sql/matching/recent_exposures.sql
create or replace function wingman.recent_exposures(exposures timestamptz[], exposure_window interval)
returns timestamptz[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _first integer := 1;
begin
    -- the oldest come first, and few lapse from one call to the next
    while recent_exposures.exposures[_first] <= statement_timestamp() - recent_exposures.exposure_window loop
        _first := _first + 1;
    end loop;
    return recent_exposures.exposures[_first:];
end
$$;

comment on function wingman.recent_exposures(timestamptz[], interval) is
'Those of a person''s exposures, oldest first, that lie within the window. One as old as the window does not count any more.';
revoke all on function wingman.recent_exposures(timestamptz[], interval) from public, anon, authenticated, service_role;

-- file: sql/matching/match_obstacle.sql
create or replace function wingman.match_obstacle(
    seeker wingman.match_seekers,
    candidate wingman.match_seekers,
    miles double precision,
    radius_miles integer,
    settings wingman.settings
)
returns text
language sql
stable
return case
    when (candidate).paused then 'paused'
    when (candidate).pending_match_id is not null then 'has_pending_match'
    when miles > radius_miles::double precision then 'too_far'
    when miles > (candidate).max_travel_miles::double precision then 'too_far_for_them'
    when abs((seeker).level - (candidate).level) > wingman.level_tolerance(
        least((seeker).waiting_since, (candidate).waiting_since), statement_timestamp(), (settings).level_relaxation
    ) then 'level'
    when
        cardinality((candidate).exposures) >= (settings).exposure_limit
        and cardinality(wingman.recent_exposures((candidate).exposures, (settings).exposure_window))
        >= (settings).exposure_limit
        then 'found_often'
    else wingman.pair_obstacle((seeker).user_id, (candidate).user_id, (settings).rematch_after)
end;

comment on function wingman.match_obstacle(
    wingman.match_seekers, wingman.match_seekers, double precision, integer, wingman.settings
) is
'The first rule that keeps a candidate, so many miles away, from being offered to a seeker who searches within a radius; null when
none does. Every rule of matching stands here: paused, has_pending_match, too_far, too_far_for_them, level, found_often
(settings.exposure_limit), and those of wingman.pair_obstacle. Exact for a candidate while both rows are locked.';
revoke all on function wingman.match_obstacle(
    wingman.match_seekers, wingman.match_seekers, double precision, integer, wingman.settings
) from public, anon, authenticated, service_role;

-- file: sql/matching/cells_near.sql
create or replace function wingman.cells_near(
    from_lat integer,
    from_lng integer,
    further_than integer,
    up_to integer
)
returns table (grid_lat integer, grid_lng integer, miles double precision)
language plpgsql
stable
rows 50
set search_path = pg_catalog, pg_temp
as $$
declare
    -- a little wider than the circle, so that rounding leaves nobody out
    _angle double precision := (cells_near.up_to + 0.001::double precision) / 3958.7613::double precision;
    _latitude double precision := radians(cells_near.from_lat / 100.0::double precision);
    _rows integer := ceil(degrees(_angle) * 100)::integer;
    _width integer := 36000;
    _turns integer[] := array[0];
begin
    -- with a pole inside, all meridians are near
    if abs(_latitude) + _angle < pi() / 2 then
        _width := ceil(degrees(asin(sin(_angle) / cos(_latitude))) * 100)::integer;
    end if;
    -- the same once more across the antimeridian
    if _width < 18000 and abs(cells_near.from_lng) + _width >= 18000 then
        _turns := array[0, -36000 * sign(cells_near.from_lng)::integer];
    end if;

    -- one short index scan for each row of cells; offset 0 leaves the planner no other choice
    return query
    select k.grid_lat, k.grid_lng, d.miles
    from unnest(_turns) as t (turn)
    cross join generate_series(
        greatest(cells_near.from_lat - _rows, -9000), least(cells_near.from_lat + _rows, 9000)
    ) as r (grid_lat)
    cross join lateral (
        select c.grid_lat, c.grid_lng
        from wingman.occupied_cells as c
        where c.grid_lat = r.grid_lat
            and c.grid_lng between cells_near.from_lng + t.turn - _width and cells_near.from_lng + t.turn + _width
        offset 0
    ) as k
    cross join lateral (
        select wingman.distance_miles(cells_near.from_lat, cells_near.from_lng, k.grid_lat, k.grid_lng)
    ) as d (miles)
    where d.miles > cells_near.further_than and d.miles <= cells_near.up_to
    order by d.miles;
end
$$;

comment on function wingman.cells_near(integer, integer, integer, integer) is
'The occupied cells further than so many miles from a grid point, and up to so many, nearest first';
revoke all on function wingman.cells_near(integer, integer, integer, integer) from public, anon, authenticated, service_role;

-- file: sql/matching/first_in_cell.sql
create or replace function wingman.first_in_cell(
    seeker wingman.match_seekers,
    grid_lat integer,
    grid_lng integer,
    miles double precision,
    radius_miles integer,
    settings wingman.settings,
    passed_over uuid[]
)
returns wingman.match_seekers
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- the index holds the people of a cell in order: sorting them would mean to read them all
set enable_bitmapscan = off
set enable_sort = off
as $$
declare
    _seeker wingman.match_seekers := first_in_cell.seeker;
    _first wingman.match_seekers;
begin
    select s.* into _first
    from wingman.match_seekers as s
    where s.grid_lat = first_in_cell.grid_lat
        and s.grid_lng = first_in_cell.grid_lng
        and s.is_free
        and s.user_id <> _seeker.user_id
        and s.user_id <> all(first_in_cell.passed_over)
        and wingman.match_obstacle(_seeker, s, first_in_cell.miles, first_in_cell.radius_miles, first_in_cell.settings) is null
    order by s.waiting_since, s.user_id
    limit 1;

    return _first;
end
$$;

comment on function wingman.first_in_cell(
    wingman.match_seekers, integer, integer, double precision, integer, wingman.settings, uuid[]
) is
'Of the people at a grid point, so many miles from a seeker, without a wingman.match_obstacle the longest waiting one, then the
one with the smallest id; nulls when there is none. passed_over: people to leave out. Reads only who waits longer than the one found.';
revoke all on function wingman.first_in_cell(
    wingman.match_seekers, integer, integer, double precision, integer, wingman.settings, uuid[]
) from public, anon, authenticated, service_role;

-- file: sql/matching/find_candidate.sql
create or replace function wingman.find_candidate(
    seeker wingman.match_seekers,
    radius_miles integer,
    settings wingman.settings,
    passed_over uuid[]
)
returns wingman.found_candidate
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.match_seekers := find_candidate.seeker;
    _radius integer := find_candidate.radius_miles;
    -- the ring of cells looked at: further than _inner, up to _outer miles
    _inner integer := 0;
    _outer integer := 2;
    _cell record;
    _first wingman.match_seekers;
    _candidate wingman.match_seekers;
    _miles double precision;
begin
    _candidate := wingman.first_in_cell(
        _seeker, _seeker.grid_lat, _seeker.grid_lng, 0, _radius, find_candidate.settings, find_candidate.passed_over
    );
    if _candidate.user_id is not null then
        _miles := 0;
    end if;

    while _candidate.user_id is null and _inner < _radius loop
        _outer := least(_outer, _radius);
        for _cell in
            select k.grid_lat, k.grid_lng, k.miles
            from wingman.cells_near(_seeker.grid_lat, _seeker.grid_lng, _inner, _outer) as k
        loop
            -- cells come nearest first: only one equally near can still hold somebody who waits longer
            exit when _candidate.user_id is not null and _cell.miles > _miles;

            _first := wingman.first_in_cell(
                _seeker,
                _cell.grid_lat,
                _cell.grid_lng,
                _cell.miles,
                _radius,
                find_candidate.settings,
                find_candidate.passed_over
            );
            if (_first.waiting_since, _first.user_id) < (_candidate.waiting_since, _candidate.user_id)
                or (_candidate.user_id is null and _first.user_id is not null)
            then
                _candidate := _first;
                _miles := _cell.miles;
            end if;
        end loop;
        _inner := _outer;
        _outer := 4 * _outer;
    end loop;
    return row(_candidate, _miles)::wingman.found_candidate;
end
$$;

comment on function wingman.find_candidate(wingman.match_seekers, integer, wingman.settings, uuid[]) is
'The person to offer to a seeker within a radius: of all without a wingman.match_obstacle the closest, then longest waiting, then
smallest id; nulls when there is none. passed_over: people to leave out. Looks at rings of cells, each four times as wide as
the one before, until somebody is found, and reads only people who are nearer or wait longer than that one. Locks nothing.';
revoke all on function wingman.find_candidate(wingman.match_seekers, integer, wingman.settings, uuid[])
from public, anon, authenticated, service_role;

-- drop: sql/matching/create_match.sql
drop function wingman.create_match(uuid, uuid, double precision);

-- file: sql/matching/create_match.sql
create or replace function wingman.create_match(
    seeker wingman.match_seekers,
    candidate wingman.match_seekers,
    miles double precision,
    radius_miles integer,
    settings wingman.settings
)
returns public.wingman_matches
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.match_seekers := create_match.seeker;
    _candidate wingman.match_seekers := create_match.candidate;
    _settings wingman.settings := create_match.settings;
    _id uuid := wingman.new_id();
    _match public.wingman_matches;
begin
    with search as (
        insert into wingman.match_searches (
            match_id,
            radius_miles,
            candidate_travel_miles,
            candidate_waiting_since,
            candidate_exposures,
            exposure_limit,
            level_difference,
            level_tolerance,
            rematch_after
        )
        values (
            _id,
            create_match.radius_miles,
            _candidate.max_travel_miles,
            _candidate.waiting_since,
            cardinality(wingman.recent_exposures(_candidate.exposures, _settings.exposure_window)),
            _settings.exposure_limit,
            abs(_seeker.level - _candidate.level),
            wingman.level_tolerance(
                least(_seeker.waiting_since, _candidate.waiting_since), statement_timestamp(), _settings.level_relaxation
            ),
            _settings.rematch_after
        )
    )

    insert into public.wingman_matches as m (
        id, user1_id, user2_id, user1_reputation, user2_reputation, distance_miles, searched_by, expires_at
    )
    select
        _id,
        p1.id,
        p2.id,
        p1.reputation_score,
        p2.reputation_score,
        wingman.shown_miles(create_match.miles),
        _seeker.user_id,
        statement_timestamp() + _settings.match_lifetime
    from public.user_profiles as p1
    cross join public.user_profiles as p2
    where p1.id = least(_seeker.user_id, _candidate.user_id) and p2.id = greatest(_seeker.user_id, _candidate.user_id)
    returning m.* into _match;

    return _match;
end
$$;

comment on function wingman.create_match(
    wingman.match_seekers, wingman.match_seekers, double precision, integer, wingman.settings
) is
'Writes a pending match between a seeker and the candidate whom its search found, both rows locked by the caller, and what the
search went by. Returns the match.';
revoke all on function wingman.create_match(
    wingman.match_seekers, wingman.match_seekers, double precision, integer, wingman.settings
) from public, anon, authenticated, service_role;

-- drop: sql/matching/match_nearest.sql
drop function wingman.match_nearest(uuid, integer, boolean);

-- file: sql/matching/match_nearest.sql
create or replace function wingman.match_nearest(
    seeker wingman.match_seekers,
    radius_miles integer,
    may_wait boolean,
    settings wingman.settings
)
returns wingman.search_outcome
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.match_seekers := match_nearest.seeker;
    _found wingman.found_candidate;
    _locked wingman.match_seekers;
    _passed_over uuid[] := '{}'::uuid[];
    _may_wait boolean := match_nearest.may_wait;
    _wait_for uuid;
    _outcome wingman.search_outcome;
begin
    loop
        _found := wingman.find_candidate(
            _seeker, match_nearest.radius_miles, match_nearest.settings, _passed_over
        );

        if (_found.candidate).user_id is null then
            _outcome.contended := _passed_over <> '{}';
            exit when _wait_for is null or not _may_wait;
            -- everybody eligible is locked: wait for one above us, so that no two seekers wait for each other
            perform wingman.lock_seekers(_wait_for);
            _may_wait := false;
            _passed_over := '{}';
            continue;
        end if;

        select s.* into _locked
        from wingman.match_seekers as s
        where s.user_id = (_found.candidate).user_id
        for no key update skip locked;
        if not found then
            _passed_over := _passed_over || (_found.candidate).user_id;
            if (_found.candidate).user_id > _seeker.user_id then
                _wait_for := least(_wait_for, (_found.candidate).user_id);
            end if;
            continue;
        end if;

        -- a row is held now besides the own one: waiting could close a circle
        _may_wait := false;
        if _locked is not distinct from _found.candidate then
            _outcome := row(
                wingman.create_match(_seeker, _locked, _found.miles, match_nearest.radius_miles, match_nearest.settings),
                false
            );
            exit;
        end if;
        -- changed since the search, but not any more: the next search sees it as it is
    end loop;
    return _outcome;
end
$$;

comment on function wingman.match_nearest(wingman.match_seekers, integer, boolean, wingman.settings) is
'Matches a seeker, whose row the caller has locked and read since, with the nearest person eligible. may_wait: the own row is the
only lock held, so that it may wait for another.';
revoke all on function wingman.match_nearest(wingman.match_seekers, integer, boolean, wingman.settings)
from public, anon, authenticated, service_role;

-- drop: sql/matching/match_again.sql
drop function wingman.match_again(uuid);

-- file: sql/matching/match_again.sql
create or replace function wingman.match_again(user_id uuid)
returns public.wingman_matches
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.match_seekers;
    _settings wingman.settings;
begin
    select s.* into _seeker from wingman.match_seekers as s where s.user_id = match_again.user_id;
    if not found or _seeker.paused then
        return null;
    end if;

    select t.* into strict _settings from wingman.settings as t;
    perform wingman.settle_due_matches(_settings.settle_limit);
    -- both seekers of the declined match are held: wait for nobody, and take "none" and "busy" alike
    return (wingman.match_nearest(_seeker, _seeker.max_travel_miles, false, _settings)).match;
end
$$;

comment on function wingman.match_again(uuid) is
'Tries to give a user, who has just declined, the next match within their own travel distance; nulls where there is none. Never
fails.';
revoke all on function wingman.match_again(uuid) from public, anon, authenticated, service_role;

-- drop: sql/matching/next_match_of.sql
drop function wingman.next_match_of(uuid);

-- file: sql/matching/next_match_of.sql
create or replace function wingman.next_match_of(match public.wingman_matches, user_id uuid)
returns public.next_match
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches := next_match_of.match;
    _buddy_id uuid;
begin
    if _match.id is null
        or wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp()) = 'expired'
    then
        return null;
    end if;

    _buddy_id := case when _match.user1_id = next_match_of.user_id then _match.user2_id else _match.user1_id end;
    return row(_match.id, _buddy_id, wingman.buddy_profile_of(_buddy_id))::public.next_match;
end
$$;

comment on function wingman.next_match_of(public.wingman_matches, uuid) is
'The pending match of a user, as wingman.pending_match_of gives it, as this user sees it; null without one and for a lapsed one';
revoke all on function wingman.next_match_of(public.wingman_matches, uuid) from public, anon, authenticated, service_role;

-- drop: sql/matching/automatic_match_of.sql
drop function wingman.automatic_match_of(uuid, text);

-- file: sql/matching/automatic_match_of.sql
create or replace function wingman.automatic_match_of(match public.wingman_matches, user_id uuid, message text)
returns public.automatic_match
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _next public.next_match := wingman.next_match_of(automatic_match_of.match, automatic_match_of.user_id);
begin
    return row(
        true,
        automatic_match_of.message,
        _next.match_id,
        _next.buddy_user_id,
        _next.buddy_profile,
        automatic_match_of.match.distance_miles
    )::public.automatic_match;
end
$$;

comment on function wingman.automatic_match_of(public.wingman_matches, uuid, text) is
'The pending match of a user as the successful answer of create_automatic_match';
revoke all on function wingman.automatic_match_of(public.wingman_matches, uuid, text)
from public, anon, authenticated, service_role;

-- drop: sql/matching/match_response_of.sql
drop function wingman.match_response_of(uuid, text);

-- file: sql/matching/match_response_of.sql
create or replace function wingman.match_response_of(
    user_id uuid,
    match_status text,
    next_match public.wingman_matches default null
)
returns public.match_response
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _next public.next_match := wingman.next_match_of(match_response_of.next_match, match_response_of.user_id);
begin
    return row(
        true,
        case
            when match_response_of.match_status = 'accepted'
                then 'Match accepted! You can now schedule a session with your wingman buddy.'
            when _next is null then 'Match declined.'
            else 'Match declined. Here''s your next potential wingman buddy!'
        end,
        match_response_of.match_status,
        _next
    )::public.match_response;
end
$$;

comment on function wingman.match_response_of(uuid, text, public.wingman_matches) is
'The answer of respond_to_match to a user whose match now has this status, first or repeated. next_match: the pending match of
that user after a decline.';
revoke all on function wingman.match_response_of(uuid, text, public.wingman_matches)
from public, anon, authenticated, service_role;

-- file: sql/matching/repeat_response.sql
create or replace function wingman.repeat_response(match_id uuid, action text, answer text, user_id uuid)
returns public.wingman_matches
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches;
    _status text;
begin
    perform wingman.known_user_id(repeat_response.user_id);
    perform wingman.require_argument('match_id', repeat_response.match_id is not null);
    perform wingman.require_argument('action', repeat_response.action is not null);
    if repeat_response.answer is null then
        perform wingman.raise_error('invalid_action');
    end if;

    perform wingman.match_buddy(repeat_response.match_id, repeat_response.user_id);
    _match := wingman.lock_match(repeat_response.match_id);
    _status := wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp());
    case _status
        when repeat_response.answer then
            null;
        when 'expired' then
            perform wingman.raise_error('match_expired');
        when 'pending' then
            -- came while this call waited
            perform wingman.raise_error('busy');
        else
            perform wingman.raise_error('match_already_resolved', jsonb_build_object('status', _status));
    end case;

    if _status = 'declined' then
        return wingman.pending_match_of(repeat_response.user_id);
    end if;
    return null;
end
$$;

comment on function wingman.repeat_response(uuid, text, text, uuid) is
'What respond_to_match does for a match that cannot be answered any more: nothing when the answer is the one it has. Returns the
caller''s pending match after a decline, else nulls. answer: the status that action asks for, null for none.
Errors: profile_incomplete, user_not_found, missing_argument, invalid_action, match_not_found, not_match_participant,
match_expired, match_already_resolved, busy.';
revoke all on function wingman.repeat_response(uuid, text, text, uuid) from public, anon, authenticated, service_role;

-- file: sql/matching/end_automatic_pause.sql
create or replace function wingman.end_automatic_pause(user_id uuid)
returns wingman.match_seekers
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.match_seekers;
begin
    update wingman.match_seekers as s
    set paused = false, paused_automatically = false, unanswered_offers = 0
    where s.user_id = end_automatic_pause.user_id and s.paused_automatically;

    select s.* into strict _seeker from wingman.match_seekers as s where s.user_id = end_automatic_pause.user_id;
    return _seeker;
end
$$;

comment on function wingman.end_automatic_pause(uuid) is
'Ends an automatic pause, if there is one, of a user whose seeker the caller has locked. Returns the seeker as it is then.';
revoke all on function wingman.end_automatic_pause(uuid) from public, anon, authenticated, service_role;

-- file: sql/matching/obstacles_near.sql
create or replace function wingman.obstacles_near(user_id uuid, radius_miles integer)
returns table (obstacle text, people bigint, nearest_miles integer)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.match_seekers;
    _settings wingman.settings;
begin
    select s.* into strict _seeker from wingman.match_seekers as s where s.user_id = obstacles_near.user_id;
    select t.* into strict _settings from wingman.settings as t;

    return query
    select o.obstacle, count(*), wingman.shown_miles(min(o.miles))
    from (
        select
            n.miles,
            -- a block comes before all else, as a pause does: whom it keeps out cannot tell the one from the other
            case wingman.pair_obstacle(_seeker.user_id, (n.candidate).user_id, null)
                when 'blocked' then 'blocked'
                else wingman.match_obstacle(_seeker, n.candidate, n.miles, obstacles_near.radius_miles, _settings)
            end as obstacle
        from (
            -- cell by cell, so that nobody behind the last one counted is read
            select p.candidate, c.miles
            from (
                select k.grid_lat, k.grid_lng, k.miles
                from wingman.cells_near(_seeker.grid_lat, _seeker.grid_lng, -1, obstacles_near.radius_miles) as k
                order by k.miles
                offset 0
            ) as c
            cross join lateral (
                select s as candidate
                from wingman.match_seekers as s
                where s.grid_lat = c.grid_lat and s.grid_lng = c.grid_lng and s.user_id <> _seeker.user_id
                offset 0
            ) as p
            order by c.miles
            limit 1000
        ) as n
    ) as o
    group by o.obstacle
    order by count(*) desc, o.obstacle;
end
$$;

comment on function wingman.obstacles_near(uuid, integer) is
'How many people within a radius each wingman.match_obstacle keeps from being offered to a user, who must have a seeker, and how
near the nearest of them is; obstacle null: nothing does. Counts the 1000 nearest people at most.';
revoke all on function wingman.obstacles_near(uuid, integer) from public, anon, authenticated, service_role;

-- file: sql/matching/coarse_count.sql
create or replace function wingman.coarse_count(people bigint)
returns integer
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return ((coarse_count.people + 2) / 3 * 3)::integer;
end
$$;

comment on function wingman.coarse_count(bigint) is
'A number of people as anybody may know it: rounded up to a multiple of three, so that no single person shows';
revoke all on function wingman.coarse_count(bigint) from public, anon, authenticated, service_role;

-- file: sql/matching/match_suggestions.sql
create or replace function wingman.match_suggestions(
    seeker wingman.match_seekers,
    radius_miles integer,
    removed public.people_count[]
)
returns text[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _settings wingman.settings;
    _rules text[] := array(select r.rule from unnest(match_suggestions.removed) as r);
    _suggestions text[] := '{}'::text[];
    _miles double precision;
    _wider integer;
    _people bigint;
begin
    select t.* into strict _settings from wingman.settings as t;

    if match_suggestions.seeker.pending_match_id is not null then
        _suggestions := _suggestions || 'Answer your pending match: until then there is no other one'::text;
    end if;
    if match_suggestions.seeker.paused then
        _suggestions := _suggestions || 'Resume matching'::text;
    end if;

    select f.miles into _miles from wingman.find_candidate(match_suggestions.seeker, 100, _settings, '{}') as f;
    if _miles <= match_suggestions.radius_miles then
        return _suggestions || 'Search now: somebody within this radius fits'::text;
    end if;
    if _miles is not null then
        _wider := (wingman.shown_miles(_miles) + 9) / 10 * 10;
        select greatest(1, coalesce(sum(o.people), 0)::bigint)
        into _people
        from wingman.obstacles_near(match_suggestions.seeker.user_id, _wider) as o
        where o.obstacle is null;
        _suggestions := _suggestions
            || format('Search wider: %s people within %s miles', wingman.coarse_count(_people), _wider);
    end if;
    if 'unavailable' = any(_rules) then
        _suggestions := _suggestions || 'Search again later: some people near you are busy at the moment'::text;
    end if;
    if 'met_recently' = any(_rules) then
        _suggestions := _suggestions || format(
            'Search again later: after %s hours you can be matched again with people whom you were matched with',
            round(extract(epoch from _settings.rematch_after) / 3600)
        );
    end if;
    if 'level' = any(_rules) and _settings.level_relaxation is not null then
        _suggestions := _suggestions || format(
            'Keep waiting: every %s hours one more experience level apart is allowed',
            round(extract(epoch from _settings.level_relaxation) / 3600)
        );
    end if;
    return _suggestions;
end
$$;

comment on function wingman.match_suggestions(wingman.match_seekers, integer, public.people_count[]) is
'What would help a seeker who finds nobody within a radius, best first, for people. removed: what wingman.why_no_match counted.';
revoke all on function wingman.match_suggestions(wingman.match_seekers, integer, public.people_count[])
from public, anon, authenticated, service_role;

-- file: sql/sessions/is_active_session.sql
create or replace function wingman.is_active_session(status text)
returns boolean
language sql
immutable
return status in ('scheduled', 'in_progress');

comment on function wingman.is_active_session(text) is
'Whether a session in this status is still going to happen or happening: it can be confirmed and cancelled, and its match cannot
have another one';
revoke all on function wingman.is_active_session(text) from public, anon, authenticated, service_role;

-- file: sql/sessions/wingman_sessions.sql sha256:4cd4a624a952606ab3a0e626e256b6b0a582268ba05481fb0485611a49f7990e
-- the rules are in guard_session and check_session
alter table public.wingman_sessions
drop constraint wingman_sessions_time_check,
drop constraint wingman_sessions_status_check,
drop constraint wingman_sessions_rules,
drop constraint wingman_sessions_completion_check,
drop constraint wingman_sessions_cancellation_check;

-- file: sql/sessions/guard_session.sql
create or replace function wingman.guard_session()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    -- one expression, since every update pays for each
    _broken text := case
        when tg_op = 'INSERT' and new.status <> 'scheduled' then 'transition'
        when tg_op = 'INSERT' and (new.user1_completed_confirmed_by_user2 or new.user2_completed_confirmed_by_user1)
            then 'confirmation'
        when new.id <> old.id or new.match_id <> old.match_id then 'match'
        when new.status <> old.status and (new.status = 'scheduled' or not wingman.is_active_session(old.status))
            then 'transition'
        when old.user1_completed_confirmed_by_user2 > new.user1_completed_confirmed_by_user2
            or old.user2_completed_confirmed_by_user1 > new.user2_completed_confirmed_by_user1
            then 'confirmation'
        when not wingman.is_active_session(old.status)
            and (
                old.user1_completed_confirmed_by_user2 <> new.user1_completed_confirmed_by_user2
                or old.user2_completed_confirmed_by_user1 <> new.user2_completed_confirmed_by_user1
                or old.completed_at is distinct from new.completed_at
            )
            then 'confirmation'
        when (new.status = 'completed') <> (new.user1_completed_confirmed_by_user2 and new.user2_completed_confirmed_by_user1)
            or (new.status = 'completed') <> (new.completed_at is not null)
            then 'completion_check'
        when new.status <> 'cancelled' and (new.cancelled_by is not null or new.cancellation_reason is not null)
            then 'cancellation_check'
        when new.status not in ('scheduled', 'in_progress', 'completed', 'cancelled', 'no_show') then 'status_check'
    end;
begin
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_' || _broken,
            message = case _broken
                when 'match' then 'The match of a session never changes'
                when 'transition' then format('A session cannot go from %s to %s', coalesce(old.status, 'nothing'), new.status)
                when 'confirmation' then 'Confirmations are given while a session is active, and never taken back'
                when 'completion_check' then 'A session is completed by both confirmations, and then says when'
                when 'cancellation_check' then 'Only a cancelled session says who cancelled it and why'
                when 'status_check' then 'A session is scheduled, in_progress, completed, cancelled or no_show'
            end;
    end if;

    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.guard_session() is
'Trigger: every rule of a session but those of its texts. scheduled to in_progress, both to completed, cancelled or no_show, these
three terminal; confirmations are only given, only while the session is active. Holds for direct SQL. No CHECK constraints: an
update would read their text anew each time, at a quarter of the cost of a confirmation.';
revoke all on function wingman.guard_session() from public, anon, authenticated, service_role;

-- file: sql/sessions/check_session.sql
create or replace function wingman.check_session()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if wingman.session_violation(new.venue_name, new.notes, new.cancellation_reason) is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_rules',
            message = 'A text of this session is too short or too long';
    elsif not isfinite(new.scheduled_time) then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_time_check',
            message = 'A session takes place at some time';
    end if;
    return new;
end
$$;

comment on function wingman.check_session() is 'Trigger: the rules of a session''s texts and time, when they are written';
revoke all on function wingman.check_session() from public, anon, authenticated, service_role;

-- drop: sql/sessions/triggers.sql
drop trigger guard_session on public.wingman_sessions;

-- file: sql/sessions/triggers.sql
create trigger guard_session before insert or update on public.wingman_sessions
for each row execute function wingman.guard_session();

create trigger check_session
before insert or update of venue_name, notes, cancellation_reason, scheduled_time on public.wingman_sessions
for each row execute function wingman.check_session();

-- file: sql/sessions/confirmation_obstacle.sql
create or replace function wingman.confirmation_obstacle(
    session public.wingman_sessions,
    match public.wingman_matches,
    user_id uuid,
    buddy_user_id uuid
)
returns text
language sql
stable
return case
    when user_id not in ((match).user1_id, (match).user2_id) then 'not_session_participant'
    when buddy_user_id = user_id then 'self_confirmation'
    when buddy_user_id not in ((match).user1_id, (match).user2_id) then 'buddy_not_in_session'
    when case user_id
        when (match).user1_id then (session).user2_completed_confirmed_by_user1
        else (session).user1_completed_confirmed_by_user2
    end then 'already_confirmed'
    when not wingman.is_active_session((session).status) then 'session_not_confirmable'
    when (session).scheduled_time > statement_timestamp() then 'session_not_started'
end;

comment on function wingman.confirmation_obstacle(public.wingman_sessions, public.wingman_matches, uuid, uuid) is
'What keeps a user from confirming that the buddy completed a session, as the name of the error; null when nothing does.
buddy_user_id: whom the user names, or null. Every rule of confirming stands here. Exact while the session is locked.';
revoke all on function wingman.confirmation_obstacle(public.wingman_sessions, public.wingman_matches, uuid, uuid)
from public, anon, authenticated, service_role;

-- file: sql/sessions/refuse_confirmation.sql
create or replace function wingman.refuse_confirmation(session_id uuid, buddy_user_id uuid, user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _session public.wingman_sessions;
    _obstacle text;
    _context jsonb := '{}'::jsonb;
begin
    perform wingman.known_user_id(refuse_confirmation.user_id);
    perform wingman.require_argument('session_id', refuse_confirmation.session_id is not null);

    _session := wingman.lock_session(refuse_confirmation.session_id);
    if _session.id is null then
        perform wingman.raise_error('session_not_found');
    end if;
    select wingman.confirmation_obstacle(
        _session, m, refuse_confirmation.user_id, refuse_confirmation.buddy_user_id
    )
    into strict _obstacle
    from public.wingman_matches as m
    where m.id = _session.match_id;

    case _obstacle
        when 'already_confirmed' then
            _context := jsonb_build_object(
                'state', wingman.session_details_of(_session.id, refuse_confirmation.user_id)
            );
        when 'session_not_confirmable' then
            _context := jsonb_build_object('status', _session.status);
        when 'session_not_started' then
            _context := jsonb_build_object('time', wingman.utc_text(_session.scheduled_time));
        else
            null;
    end case;
    -- gone while this call waited
    perform wingman.raise_error(coalesce(_obstacle, 'busy'), _context);
end
$$;

comment on function wingman.refuse_confirmation(uuid, uuid, uuid) is
'Raises what kept a user from confirming a session, by wingman.confirmation_obstacle. Errors: profile_incomplete, user_not_found,
missing_argument, session_not_found, not_session_participant, self_confirmation, buddy_not_in_session, already_confirmed,
session_not_confirmable, session_not_started, busy.';
revoke all on function wingman.refuse_confirmation(uuid, uuid, uuid) from public, anon, authenticated, service_role;

-- file: sql/matching/leave_pending_match.sql
create or replace function wingman.leave_pending_match(user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.match_seekers;
    _pending public.wingman_matches;
begin
    select s.* into _seeker from wingman.match_seekers as s where s.user_id = leave_pending_match.user_id;
    _seeker := wingman.lock_pending_match(_seeker);
    if _seeker.pending_match_id is null then
        return;
    end if;

    select m.* into strict _pending from public.wingman_matches as m where m.id = _seeker.pending_match_id;
    if wingman.match_status_at(_pending.status, _pending.expires_at, statement_timestamp()) = 'expired' then
        perform wingman.expire_match(_pending.id);
    else
        perform wingman.decline_match(_pending.id, leave_pending_match.user_id);
    end if;
end
$$;

comment on function wingman.leave_pending_match(uuid) is
'Settles the pending match of somebody who leaves: expired if it has lapsed, else declined by them, so that the partner keeps the
waiting time. Their seeker stays locked.';
revoke all on function wingman.leave_pending_match(uuid) from public, anon, authenticated, service_role;

-- file: sql/matching/guard_match.sql
create or replace function wingman.guard_match()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    -- one expression, since every write pays for each
    _broken text := case
        when tg_op = 'INSERT' and new.status <> 'pending' then 'transition'
        when new.id <> old.id or new.user1_id <> old.user1_id or new.user2_id <> old.user2_id
            or new.searched_by is distinct from old.searched_by and tg_op = 'UPDATE'
            then 'participants'
        when new.status <> old.status and old.status <> 'pending' then 'transition'
        when old.status <> 'pending'
            and (new.responded_by is distinct from old.responded_by or new.responded_at is distinct from old.responded_at)
            then 'response'
        when new.ended_at is distinct from old.ended_at and (old.ended_at is not null or old.status <> 'accepted')
            then 'ended'
        when new.status not in ('pending', 'accepted', 'declined', 'expired') then 'status_check'
        when (new.status in ('accepted', 'declined')) <> (new.responded_by is not null)
            or (new.responded_by is null) <> (new.responded_at is null)
            or new.responded_by not in (new.user1_id, new.user2_id)
            then 'response_check'
        when new.ended_at is not null and new.status <> 'accepted' then 'ended_check'
        when new.user1_id >= new.user2_id then 'user_order_check'
        when new.searched_by not in (new.user1_id, new.user2_id) then 'searched_by_check'
        when new.distance_miles < 1 then 'distance_check'
        when new.expires_at <= new.created_at then 'expiry_check'
    end;
begin
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_matches_' || _broken,
            message = case _broken
                when 'transition' then format('A match cannot go from %s to %s', coalesce(old.status, 'nothing'), new.status)
                when 'participants' then 'The participants of a match never change'
                when 'response' then 'A match is answered once'
                when 'ended' then 'Only an accepted match ends, and only once'
                when 'status_check' then 'A match is pending, accepted, declined or expired'
                when 'response_check' then 'An accepted or declined match says which of the two answered, and when'
                when 'ended_check' then 'Only an accepted match ends'
                when 'user_order_check' then 'The smaller id is user1'
                when 'searched_by_check' then 'One of the two has searched'
                when 'distance_check' then 'Distances are shown as 1 mile or more'
                when 'expiry_check' then 'A match expires after it was made'
            end;
    end if;

    if tg_op = 'UPDATE' then
        new.updated_at := statement_timestamp();
    end if;
    return new;
end
$$;

comment on function wingman.guard_match() is
'Trigger: every rule of a match. pending to accepted, declined or expired, all three terminal; an accepted match may end once.
Holds for direct SQL. No CHECK constraints: a write would read their text anew each time.';
revoke all on function wingman.guard_match() from public, anon, authenticated, service_role;

-- file: sql/matching/track_pending_match.sql
create or replace function wingman.track_pending_match()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _taken integer;
begin
    if tg_op = 'INSERT' then
        update wingman.match_seekers as s
        set
            pending_match_id = new.id,
            exposures = case
                when s.user_id <> new.searched_by
                    then wingman.recent_exposures(s.exposures, t.exposure_window) || statement_timestamp()
                else s.exposures
            end
        from wingman.settings as t
        where s.user_id in (new.user1_id, new.user2_id) and s.pending_match_id is null;
        get diagnostics _taken = row_count;
        if _taken <> 2 then
            raise exception using
                errcode = 'check_violation',
                constraint = 'wingman_matches_one_pending',
                message = 'Both people must be matchable and have no other pending match';
        end if;
        return null;
    end if;

    if tg_op = 'DELETE' then
        update wingman.match_seekers as s
        set pending_match_id = null
        where s.user_id in (old.user1_id, old.user2_id) and s.pending_match_id = old.id;
    elsif new.status = 'expired' then
        update wingman.match_seekers as s
        set
            pending_match_id = null,
            waiting_since = statement_timestamp(),
            unanswered_offers = s.unanswered_offers + 1,
            paused = s.paused or s.unanswered_offers + 1 >= t.ghosting_limit,
            paused_automatically = s.paused_automatically
            or (not s.paused and s.unanswered_offers + 1 >= t.ghosting_limit)
        from wingman.settings as t
        where s.user_id in (old.user1_id, old.user2_id) and s.pending_match_id = old.id;
    else
        -- the side that was declined keeps its waiting time; everybody else has been served
        update wingman.match_seekers as s
        set
            pending_match_id = null,
            waiting_since = case
                when new.status = 'declined' and s.user_id <> new.responded_by then s.waiting_since
                else statement_timestamp()
            end,
            unanswered_offers = case when s.user_id = new.responded_by then 0 else s.unanswered_offers end
        where s.user_id in (old.user1_id, old.user2_id) and s.pending_match_id = old.id;
    end if;
    return null;
end
$$;

comment on function wingman.track_pending_match() is
'Trigger: keeps match_seekers.pending_match_id, so that nobody ever has two pending matches, direct SQL included; counts who was
found by whom; starts waiting times anew: for the decliner, for both after an acceptance or an expiry; pauses who has let
settings.ghosting_limit offers in a row expire.';
revoke all on function wingman.track_pending_match() from public, anon, authenticated, service_role;

-- file: sql/matching/guard_seeker.sql
create or replace function wingman.guard_seeker()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches;
begin
    -- truth is in wingman_matches; its own trigger is not asked. Only the id is searched for: where the table was small once,
    -- a plan for "pending" as well would read all pending matches
    if tg_op <> 'INSERT' and old.pending_match_id is not null then
        select m.* into _match from public.wingman_matches as m where m.id = old.pending_match_id;
        if _match.status = 'pending' then
            raise exception using
                errcode = 'check_violation',
                constraint = 'match_seekers_pending_match',
                message = 'This person still has a pending match';
        end if;
    end if;
    if tg_op = 'DELETE' then
        return old;
    end if;

    if new.pending_match_id is not null then
        select m.* into _match from public.wingman_matches as m where m.id = new.pending_match_id;
        if _match.status is distinct from 'pending' or new.user_id not in (_match.user1_id, _match.user2_id) then
            raise exception using
                errcode = 'check_violation',
                constraint = 'match_seekers_pending_match',
                message = 'This person has no such pending match';
        end if;
    end if;
    return new;
end
$$;

comment on function wingman.guard_seeker() is
'Trigger: pending_match_id can only say what wingman_matches says, and a seeker with a pending match cannot be removed';
revoke all on function wingman.guard_seeker() from public, anon, authenticated, service_role;

-- file: sql/matching/occupy_cell.sql
create or replace function wingman.occupy_cell()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    loop
        insert into wingman.occupied_cells as c (grid_lat, grid_lng)
        values (new.grid_lat, new.grid_lng)
        on conflict on constraint occupied_cells_pkey do nothing;

        -- whoever leaves the cell last may just be taking it away
        perform
        from wingman.occupied_cells as c
        where c.grid_lat = new.grid_lat and c.grid_lng = new.grid_lng
        for key share;
        exit when found;
    end loop;
    return new;
end
$$;

comment on function wingman.occupy_cell() is 'Trigger: the cell of a seeker is one of the occupied cells, and stays so';
revoke all on function wingman.occupy_cell() from public, anon, authenticated, service_role;

-- file: sql/matching/vacate_cell.sql
create or replace function wingman.vacate_cell()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- waiting here could close a circle with somebody on the way in; who comes or goes next tidies up
    perform
    from wingman.occupied_cells as c
    where c.grid_lat = old.grid_lat and c.grid_lng = old.grid_lng
    for update skip locked;
    if not found then
        return null;
    end if;

    -- a statement of its own: it sees everybody who came before the lock
    delete from wingman.occupied_cells as c
    where c.grid_lat = old.grid_lat
        and c.grid_lng = old.grid_lng
        and not exists (
            select
            from wingman.match_seekers as s
            where s.grid_lat = old.grid_lat and s.grid_lng = old.grid_lng
        );
    return null;
end
$$;

comment on function wingman.vacate_cell() is 'Trigger: the last one to leave a cell takes it out of the occupied cells';
revoke all on function wingman.vacate_cell() from public, anon, authenticated, service_role;

-- file: sql/matching/place_seeker.sql
create or replace function wingman.place_seeker()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.match_seekers as s (user_id, grid_lat, grid_lng, level, max_travel_miles)
    select
        new.user_id,
        g.lat,
        -- one place, one cell: at the poles, and where east meets west
        case when abs(g.lat) = 9000 then 0 when g.lng = -18000 then 18000 else g.lng end,
        wingman.experience_rank(p.experience_level),
        new.max_travel_miles
    from public.user_profiles as p
    cross join lateral (
        select wingman.snap_to_grid(new.lat, new.privacy_mode), wingman.snap_to_grid(new.lng, new.privacy_mode)
    ) as g (lat, lng)
    where p.id = new.user_id
    on conflict on constraint match_seekers_pkey do update
    set
        grid_lat = excluded.grid_lat,
        grid_lng = excluded.grid_lng,
        max_travel_miles = excluded.max_travel_miles;
    return null;
end
$$;

comment on function wingman.place_seeker() is
'Trigger: a profile with a location makes its user matchable. A new location keeps waiting time, pause and pending match.';
revoke all on function wingman.place_seeker() from public, anon, authenticated, service_role;

-- drop: sql/matching/triggers.sql
drop trigger guard_match on public.wingman_matches;
drop trigger track_match on public.wingman_matches;
drop trigger track_match_status on public.wingman_matches;
drop trigger guard_new_seeker on wingman.match_seekers;
drop trigger guard_pending_match on wingman.match_seekers;
drop trigger guard_old_seeker on wingman.match_seekers;
drop trigger place_seeker on public.user_locations;
drop trigger unplace_seeker on public.user_locations;
drop trigger level_seeker on public.user_profiles;
drop trigger settle_departure on public.user_profiles;

-- file: sql/matching/triggers.sql
create trigger guard_match before insert or update on public.wingman_matches
for each row execute function wingman.guard_match();

create trigger track_match after insert or delete on public.wingman_matches
for each row execute function wingman.track_pending_match();

create trigger track_match_status after update of status on public.wingman_matches
for each row when (new.status <> old.status) execute function wingman.track_pending_match();

create trigger guard_new_seeker before insert on wingman.match_seekers
for each row when (new.pending_match_id is not null) execute function wingman.guard_seeker();

create trigger guard_pending_match before update of user_id, pending_match_id on wingman.match_seekers
for each row when (
    -- inside track_pending_match, the one writer, there is nothing to ask
    pg_trigger_depth() = 0
    and (new.user_id, new.pending_match_id) is distinct from (old.user_id, old.pending_match_id)
)
execute function wingman.guard_seeker();

create trigger guard_old_seeker before delete on wingman.match_seekers
for each row when (old.pending_match_id is not null) execute function wingman.guard_seeker();

create trigger occupy_cell before insert on wingman.match_seekers
for each row execute function wingman.occupy_cell();

create trigger occupy_new_cell before update of grid_lat, grid_lng on wingman.match_seekers
for each row when ((new.grid_lat, new.grid_lng) is distinct from (old.grid_lat, old.grid_lng))
execute function wingman.occupy_cell();

create trigger vacate_cell after delete on wingman.match_seekers
for each row execute function wingman.vacate_cell();

create trigger vacate_old_cell after update of grid_lat, grid_lng on wingman.match_seekers
for each row when ((new.grid_lat, new.grid_lng) is distinct from (old.grid_lat, old.grid_lng))
execute function wingman.vacate_cell();

create trigger place_seeker after insert or update on public.user_locations
for each row execute function wingman.place_seeker();

create trigger unplace_seeker after delete on public.user_locations
for each row execute function wingman.unplace_seeker();

create trigger level_seeker after update of experience_level on public.user_profiles
for each row when (new.experience_level <> old.experience_level) execute function wingman.level_seeker();

create trigger settle_departure before delete on public.user_profiles
for each row execute function wingman.settle_departure();

-- file: sql/reputation/reputation_events.sql sha256:43e7955afbfb20fa935375cc3dcc8f101a58ac476798b9f3d662cfc33ce85dff
-- nothing points at the id, and the rule of once a session, user and kind is the key
alter table wingman.reputation_events
drop constraint reputation_events_pkey,
drop constraint reputation_events_once_key,
drop column id,
add constraint reputation_events_pkey primary key (session_id, user_id, kind),
drop constraint reputation_events_kind_check,
drop constraint reputation_events_delta_check,
add constraint reputation_events_kind_check check (kind = 'completed' and delta = 1);

-- file: sql/reputation/count_events.sql
create or replace function wingman.count_events()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
-- profiles are locked by id, the last rows of the lock order: events in that order, for each an index scan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
as $$
begin
    update public.user_profiles as p
    set completed_sessions = p.completed_sessions + e.delta, updated_at = statement_timestamp()
    from (
        select n.user_id, sum(n.delta)::integer as delta
        from new_events as n
        group by n.user_id
        order by n.user_id
    ) as e
    where p.id = e.user_id;
    return null;
end
$$;

comment on function wingman.count_events() is
'Trigger: keeps the counters of user_profiles equal to the sums of the ledger. Locks the profiles by id.';
revoke all on function wingman.count_events() from public, anon, authenticated, service_role;

-- drop: sql/reputation/triggers.sql
drop trigger count_event on wingman.reputation_events;
drop trigger refuse_change on wingman.reputation_events;
drop trigger refuse_truncate on wingman.reputation_events;

-- file: sql/reputation/triggers.sql
create trigger count_events after insert on wingman.reputation_events
referencing new table as new_events
for each statement execute function wingman.count_events();

create trigger refuse_change before update or delete on wingman.reputation_events
for each row execute function wingman.refuse_change();

create trigger refuse_truncate before truncate on wingman.reputation_events
for each statement execute function wingman.refuse_change();

-- drop: sql/reputation/record_completion.sql
drop function wingman.record_completion(uuid, uuid, uuid);

-- file: sql/reputation/record_completion.sql
create or replace function wingman.record_completion(session_id uuid, user1_id uuid, user2_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.reputation_events as e (session_id, user_id, kind, delta)
    values
    (record_completion.session_id, record_completion.user1_id, 'completed', 1),
    (record_completion.session_id, record_completion.user2_id, 'completed', 1);
end
$$;

comment on function wingman.record_completion(uuid, uuid, uuid) is
'Writes what a completed session, whose row the caller has locked, gives to both of its people';
revoke all on function wingman.record_completion(uuid, uuid, uuid) from public, anon, authenticated, service_role;

-- file: sql/safety/policies.sql
create policy own on public.user_blocks for select to authenticated
using (blocker_id = (select wingman.current_user_id()));

create policy operators on public.user_blocks for select to wingman_admin using (true);

-- file: sql/profiles/complete_profile.sql
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
    user_id uuid
)
returns public.profile_details
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _me uuid;
    _violated_key text;
begin
    _me := wingman.caller_id(complete_profile.user_id, writes => true);

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

    -- the triggers below write the seeker row, which comes before the profile in the lock order; who has none yet has nothing
    -- else to lock but this
    perform pg_advisory_xact_lock(hashtextextended('complete_profile ' || _me, 0));
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
        confidence_archetype = excluded.confidence_archetype;

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
        max_travel_miles = excluded.max_travel_miles;

    return wingman.profile_details_of(_me);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
    when foreign_key_violation then
        get stacked diagnostics _violated_key = constraint_name;
        if _violated_key <> 'user_profiles_id_fkey' then
            raise;
        end if;
        -- wingman_owner may not read auth.users on Supabase: its foreign key is how we know who exists
        perform wingman.raise_error('user_not_found');
        return null;
end
$$;

comment on function wingman.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid
) is 'Engine of public.complete_profile';
revoke all on function wingman.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid
) from public, anon, authenticated, service_role;
grant execute on function wingman.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid
) to authenticated, service_role, wingman_admin;

-- file: sql/matching/create_automatic_match.sql
create or replace function wingman.create_automatic_match(max_radius_miles integer, user_id uuid)
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
    _me uuid := wingman.caller_id(create_automatic_match.user_id, writes => true);
    _seen wingman.match_seekers;
    _seeker wingman.match_seekers;
    _settings wingman.settings;
    _pending public.wingman_matches;
    _radius integer;
    _tried integer;
    _search wingman.search_outcome;
begin
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
            return wingman.automatic_match_of(_pending, _me, 'You already have a pending wingman match');
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
    _tried := wingman.settle_due_matches(_settings.settle_limit);

    _radius := coalesce(create_automatic_match.max_radius_miles, _seeker.max_travel_miles);
    _search := wingman.match_nearest(_seeker, _radius, _seen.pending_match_id is null and _tried = 0, _settings);

    if (_search.match).id is not null then
        return wingman.automatic_match_of(_search.match, _me, 'Wingman buddy match created successfully!');
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

-- file: sql/matching/respond_to_match.sql
create or replace function wingman.respond_to_match(match_id uuid, action text, user_id uuid)
returns public.match_response
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
    _me uuid := wingman.caller_id(respond_to_match.user_id, writes => true);
    _answer text := case respond_to_match.action when 'accept' then 'accepted' when 'decline' then 'declined' end;
    _next public.wingman_matches;
begin
    perform
    from public.wingman_matches as m
    inner join wingman.match_seekers as s on s.user_id in (m.user1_id, m.user2_id)
    where m.id = respond_to_match.match_id and _me in (m.user1_id, m.user2_id)
    order by s.user_id
    for no key update of s;

    -- locks the match, checks and writes in one; what keeps it from that is asked for only when something did
    update public.wingman_matches as m
    set status = _answer, responded_by = _me, responded_at = statement_timestamp()
    where m.id = respond_to_match.match_id
        and _answer is not null
        and _me in (m.user1_id, m.user2_id)
        and wingman.match_status_at(m.status, m.expires_at, statement_timestamp()) = 'pending';

    if not found then
        _next := wingman.repeat_response(respond_to_match.match_id, respond_to_match.action, _answer, _me);
    elsif _answer = 'declined' then
        _next := wingman.match_again(_me);
    end if;
    return wingman.match_response_of(_me, _answer, _next);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.respond_to_match(uuid, text, uuid) is 'Engine of public.respond_to_match';
revoke all on function wingman.respond_to_match(uuid, text, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.respond_to_match(uuid, text, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/matching/end_match.sql
create or replace function wingman.end_match(match_id uuid, user_id uuid)
returns public.match_details
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _me uuid;
    _match public.wingman_matches;
begin
    _me := wingman.known_user_id(wingman.caller_id(end_match.user_id, writes => true));
    perform wingman.require_argument('match_id', end_match.match_id is not null);

    perform wingman.match_buddy(end_match.match_id, _me);
    _match := wingman.lock_match(end_match.match_id);
    if _match.status <> 'accepted' then
        perform wingman.raise_error('match_not_accepted', jsonb_build_object(
            'status', wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp())
        ));
    elsif _match.ended_at is null then
        perform wingman.end_accepted_match(_match.id, _me);
    end if;
    return wingman.match_details_of(_match.id, _me);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.end_match(uuid, uuid) is 'Engine of public.end_match';
revoke all on function wingman.end_match(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.end_match(uuid, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/matching/pause_matching.sql
create or replace function wingman.pause_matching(user_id uuid)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _me uuid;
begin
    _me := wingman.known_user_id(wingman.caller_id(pause_matching.user_id, writes => true));

    perform wingman.lock_seekers(_me);
    update wingman.match_seekers as s
    set paused = true, paused_automatically = false
    where s.user_id = _me;
    if not found then
        perform wingman.raise_error('profile_incomplete');
    end if;
    return row(true, 'Matching paused. Nobody will be matched with you until you resume it.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.pause_matching(uuid) is 'Engine of public.pause_matching';
revoke all on function wingman.pause_matching(uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.pause_matching(uuid) to authenticated, service_role, wingman_admin;

-- file: sql/matching/resume_matching.sql
create or replace function wingman.resume_matching(user_id uuid)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _me uuid;
begin
    _me := wingman.known_user_id(wingman.caller_id(resume_matching.user_id, writes => true));

    perform wingman.lock_seekers(_me);
    update wingman.match_seekers as s
    set paused = false, paused_automatically = false, unanswered_offers = 0
    where s.user_id = _me;
    if not found then
        perform wingman.raise_error('profile_incomplete');
    end if;
    return row(true, 'Matching resumed.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.resume_matching(uuid) is 'Engine of public.resume_matching';
revoke all on function wingman.resume_matching(uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.resume_matching(uuid) to authenticated, service_role, wingman_admin;

-- file: sql/matching/explain_match.sql
create or replace function wingman.explain_match(match_id uuid, user_id uuid)
returns public.match_explanation
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid;
    _match public.wingman_matches;
    _search wingman.match_searches;
    _rules public.match_rule[] := '{}'::public.match_rule[];
    _searched_by_me boolean;
begin
    _me := wingman.known_caller_id(explain_match.user_id);
    perform wingman.require_argument('match_id', explain_match.match_id is not null);
    perform wingman.match_buddy(explain_match.match_id, _me);

    select m.* into strict _match from public.wingman_matches as m where m.id = explain_match.match_id;
    select h.* into _search from wingman.match_searches as h where h.match_id = explain_match.match_id;
    _searched_by_me := _match.searched_by = _me;

    if _search.match_id is not null then
        _rules := array[
            row('available', true, 'Both of you were free and not paused'),
            -- each sees the own distance only
            row('distance', true, format(
                'At most %s miles apart, within your %s miles and as far as your buddy goes',
                _match.distance_miles,
                case when _searched_by_me then _search.radius_miles else _search.candidate_travel_miles end
            )),
            row('level', _search.level_difference <= _search.level_tolerance, format(
                'Experience levels %s apart, %s allowed', _search.level_difference, _search.level_tolerance
            )),
            row('exposure', _search.candidate_exposures < _search.exposure_limit, case
                when _searched_by_me then 'Your buddy had not been found by too many others lately'
                else format(
                    'You had been found %s times lately, at most %s are allowed',
                    _search.candidate_exposures,
                    _search.exposure_limit
                )
            end),
            row('met_recently', true, format(
                'You two had not been matched in the %s hours before',
                round(extract(epoch from _search.rematch_after) / 3600)
            )),
            row('partners', true, 'You two had no accepted match that was still open'),
            row('blocked', true, 'Neither of you had blocked the other')
        ]::public.match_rule[];
    end if;

    return row(
        _match.id,
        _match.created_at,
        _searched_by_me,
        _match.distance_miles,
        _search.level_difference,
        _rules,
        case
            when _search.match_id is null then null
            when _searched_by_me
                then 'Nobody nearer met all rules; of people equally near, who has waited longest comes first'
            else 'You were the nearest who met all rules of your buddy''s search; of people equally near, who has waited longest '
                || 'comes first'
        end
    )::public.match_explanation;
end
$$;

comment on function wingman.explain_match(uuid, uuid) is 'Engine of public.explain_match';
revoke all on function wingman.explain_match(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.explain_match(uuid, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/matching/why_no_match.sql
create or replace function wingman.why_no_match(max_radius_miles integer, user_id uuid)
returns public.no_match_explanation
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
-- a plan that was made while the tables were small must not read them whole until the next analyze
set enable_seqscan = off
as $$
declare
    _me uuid;
    _seeker wingman.match_seekers;
    _radius integer;
    _near bigint;
    _removed public.people_count[];
begin
    _me := wingman.known_caller_id(why_no_match.user_id);
    if not wingman.is_valid_radius(why_no_match.max_radius_miles) then
        perform wingman.raise_error('invalid_radius');
    end if;
    select s.* into _seeker from wingman.match_seekers as s where s.user_id = _me;
    if not found then
        perform wingman.raise_error('profile_incomplete');
    end if;
    _radius := coalesce(why_no_match.max_radius_miles, _seeker.max_travel_miles);

    select
        coalesce(sum(r.people), 0)::bigint,
        coalesce(
            array_agg(row(r.rule, wingman.coarse_count(r.people))::public.people_count order by r.rule)
            filter (where r.rule is not null),
            '{}'
        )
    into _near, _removed
    from (
        select n.rule, sum(o.people)::bigint as people
        from wingman.obstacles_near(_me, _radius) as o
        cross join lateral (
            -- a block must look like any other absence
            select case
                when o.obstacle in ('paused', 'has_pending_match', 'found_often', 'blocked') then 'unavailable'
                else o.obstacle
            end
        ) as n (rule)
        group by n.rule
    ) as r;

    return row(
        _radius,
        wingman.coarse_count(_near),
        _removed,
        wingman.match_suggestions(_seeker, _radius, _removed)
    )::public.no_match_explanation;
end
$$;

comment on function wingman.why_no_match(integer, uuid) is 'Engine of public.why_no_match';
revoke all on function wingman.why_no_match(integer, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.why_no_match(integer, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/sessions/create_session.sql
create or replace function wingman.create_session(
    match_id uuid,
    scheduled_time timestamptz,
    venue_name text,
    notes text,
    user_id uuid
)
returns public.session_details
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _me uuid;
    _horizon interval;
    _match public.wingman_matches;
    _status text;
    _session_id uuid;
begin
    _me := wingman.known_user_id(wingman.caller_id(create_session.user_id, writes => true));

    perform wingman.require_argument('match_id', create_session.match_id is not null);
    perform wingman.require_argument('scheduled_time', create_session.scheduled_time is not null);
    perform wingman.require_argument('venue_name', create_session.venue_name is not null);
    perform wingman.refuse_violation(wingman.session_violation(create_session.venue_name, create_session.notes, null));
    if create_session.scheduled_time <= statement_timestamp() then
        perform wingman.raise_error('invalid_schedule');
    end if;
    select t.session_horizon into strict _horizon from wingman.settings as t;
    if create_session.scheduled_time > statement_timestamp() + _horizon then
        perform wingman.refuse_violation(row(
            'scheduled_time', 'must be at most ' || extract(epoch from _horizon)::integer / 86400 || ' days ahead'
        )::wingman.violation);
    end if;

    perform wingman.match_buddy(create_session.match_id, _me);
    _match := wingman.lock_match(create_session.match_id);

    _status := wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp());
    if _match.ended_at is not null then
        _status := 'ended';
    end if;
    if _status <> 'accepted' then
        perform wingman.raise_error('match_not_accepted', jsonb_build_object('status', _status));
    end if;

    -- the partial unique index decides: a direct write may hold another active session that is not visible yet
    insert into public.wingman_sessions as s (match_id, scheduled_time, venue_name, notes)
    values (
        create_session.match_id,
        create_session.scheduled_time,
        create_session.venue_name,
        create_session.notes
    )
    on conflict do nothing
    returning s.id into _session_id;
    if _session_id is null then
        perform wingman.raise_error('active_session_exists');
    end if;

    return wingman.session_details_of(_session_id, _me);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.create_session(uuid, timestamptz, text, text, uuid) is 'Engine of public.create_session';
revoke all on function wingman.create_session(uuid, timestamptz, text, text, uuid)
from public, anon, authenticated, service_role;
grant execute on function wingman.create_session(uuid, timestamptz, text, text, uuid)
to authenticated, service_role, wingman_admin;

-- file: sql/sessions/start_session.sql
create or replace function wingman.start_session(session_id uuid, user_id uuid)
returns public.session_details
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _me uuid;
    _session public.wingman_sessions;
    _from timestamptz;
begin
    _me := wingman.known_user_id(wingman.caller_id(start_session.user_id, writes => true));
    perform wingman.require_argument('session_id', start_session.session_id is not null);
    perform wingman.session_buddy(start_session.session_id, _me);
    _session := wingman.lock_session(start_session.session_id);

    if _session.status = 'in_progress' then
        return wingman.session_details_of(_session.id, _me);
    elsif _session.status <> 'scheduled' then
        perform wingman.raise_error(
            'invalid_session_state', jsonb_build_object('verb', 'started', 'status', _session.status)
        );
    end if;

    select _session.scheduled_time - t.session_start_lead into strict _from from wingman.settings as t;
    if statement_timestamp() < _from then
        perform wingman.raise_error('too_early', jsonb_build_object('time', wingman.utc_text(_from)));
    end if;

    update public.wingman_sessions as s set status = 'in_progress' where s.id = _session.id;
    return wingman.session_details_of(_session.id, _me);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.start_session(uuid, uuid) is 'Engine of public.start_session';
revoke all on function wingman.start_session(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.start_session(uuid, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/sessions/cancel_session.sql
create or replace function wingman.cancel_session(session_id uuid, reason text, user_id uuid)
returns public.session_details
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _me uuid;
    _session public.wingman_sessions;
begin
    _me := wingman.known_user_id(wingman.caller_id(cancel_session.user_id, writes => true));
    perform wingman.require_argument('session_id', cancel_session.session_id is not null);
    perform wingman.refuse_violation(wingman.session_violation(null, null, cancel_session.reason));
    perform wingman.session_buddy(cancel_session.session_id, _me);
    _session := wingman.lock_session(cancel_session.session_id);

    if wingman.is_active_session(_session.status) then
        perform wingman.cancel_active_session(_session.match_id, _me, cancel_session.reason);
    elsif _session.status <> 'cancelled' then
        perform wingman.raise_error(
            'invalid_session_state', jsonb_build_object('verb', 'cancelled', 'status', _session.status)
        );
    end if;
    return wingman.session_details_of(_session.id, _me);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.cancel_session(uuid, text, uuid) is 'Engine of public.cancel_session';
revoke all on function wingman.cancel_session(uuid, text, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.cancel_session(uuid, text, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/sessions/confirm_session_completion.sql
create or replace function wingman.confirm_session_completion(session_id uuid, buddy_user_id uuid, user_id uuid)
returns public.session_confirmation
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
set plan_cache_mode = 'force_generic_plan'
as $$
declare
    _me uuid := wingman.caller_id(confirm_session_completion.user_id, writes => true);
    _session record;
begin
    -- locks the session, checks and writes in one; what keeps it from that is asked for only when something did
    update public.wingman_sessions as s
    set
        user1_completed_confirmed_by_user2 = s.user1_completed_confirmed_by_user2 or m.user2_id = _me,
        user2_completed_confirmed_by_user1 = s.user2_completed_confirmed_by_user1 or m.user1_id = _me,
        status = case
            when s.user1_completed_confirmed_by_user2 or s.user2_completed_confirmed_by_user1 then 'completed'
            else s.status
        end,
        completed_at = case
            when s.user1_completed_confirmed_by_user2 or s.user2_completed_confirmed_by_user1
                then statement_timestamp()
        end
    from public.wingman_matches as m, public.user_profiles as p
    where s.id = confirm_session_completion.session_id
        and m.id = s.match_id
        and p.id = _me
        and wingman.confirmation_obstacle(s, m, _me, confirm_session_completion.buddy_user_id) is null
    returning s.status, m.user1_id, m.user2_id into _session;
    if not found then
        perform wingman.refuse_confirmation(
            confirm_session_completion.session_id, confirm_session_completion.buddy_user_id, _me
        );
    end if;

    if _session.status <> 'completed' then
        return row(
            true,
            'Completion confirmation recorded. Waiting for your buddy to confirm.',
            _session.status,
            false,
            false,
            0
        )::public.session_confirmation;
    end if;

    perform wingman.record_completion(confirm_session_completion.session_id, _session.user1_id, _session.user2_id);
    return row(
        true,
        'Session completed! Both participants have confirmed completion and reputation was updated.',
        'completed',
        true,
        true,
        1
    )::public.session_confirmation;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.confirm_session_completion(uuid, uuid, uuid) is 'Engine of public.confirm_session_completion';
revoke all on function wingman.confirm_session_completion(uuid, uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.confirm_session_completion(uuid, uuid, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/safety/part_pair.sql
create or replace function wingman.part_pair(user_id uuid, other_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches;
begin
    for _match in
        select m.*
        from public.wingman_matches as m
        where m.user1_id = least(part_pair.user_id, part_pair.other_id)
            and m.user2_id = greatest(part_pair.user_id, part_pair.other_id)
            and m.ended_at is null
            and m.status in ('pending', 'accepted')
        order by m.id
        for no key update
    loop
        if _match.status = 'accepted' then
            perform wingman.end_accepted_match(_match.id, part_pair.user_id);
        elsif wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp()) = 'expired' then
            perform wingman.expire_match(_match.id);
        else
            perform wingman.decline_match(_match.id, part_pair.user_id);
        end if;
    end loop;
end
$$;

comment on function wingman.part_pair(uuid, uuid) is
'Takes two people, whose seekers the caller has locked, apart for user_id: their pending match is declined (or expires, if it has
lapsed), their accepted one ends and its active session is cancelled.';
revoke all on function wingman.part_pair(uuid, uuid) from public, anon, authenticated, service_role;

-- file: sql/safety/block_user.sql
create or replace function wingman.block_user(subject_id uuid, user_id uuid)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _me uuid;
    _subject_id uuid;
begin
    _me := wingman.known_user_id(wingman.caller_id(block_user.user_id, writes => true));
    _subject_id := wingman.known_subject_id(block_user.subject_id, _me);

    -- the new row will want both profiles, and whoever deletes an account holds its profile before its seeker
    perform
    from public.user_profiles as p
    where p.id in (_me, _subject_id)
    order by p.id
    for key share;
    perform wingman.lock_seekers(_me, _subject_id);
    perform wingman.part_pair(_me, _subject_id);
    insert into public.user_blocks as b (blocker_id, blocked_id)
    values (_me, _subject_id)
    on conflict on constraint user_blocks_pkey do nothing;
    return row(true, 'User blocked. You will not be matched with each other.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
    when foreign_key_violation then
        -- one of the two has just deleted the account
        perform wingman.raise_error('user_not_found');
        return null;
end
$$;

comment on function wingman.block_user(uuid, uuid) is 'Engine of public.block_user';
revoke all on function wingman.block_user(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.block_user(uuid, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/safety/unblock_user.sql
create or replace function wingman.unblock_user(subject_id uuid, user_id uuid)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _me uuid;
    _subject_id uuid;
begin
    _me := wingman.known_user_id(wingman.caller_id(unblock_user.user_id, writes => true));
    _subject_id := wingman.known_subject_id(unblock_user.subject_id, _me);

    perform wingman.lock_seekers(_me, _subject_id);
    delete from public.user_blocks as b where b.blocker_id = _me and b.blocked_id = _subject_id;
    return row(true, 'User unblocked.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.unblock_user(uuid, uuid) is 'Engine of public.unblock_user';
revoke all on function wingman.unblock_user(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.unblock_user(uuid, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/safety/report_user.sql
create or replace function wingman.report_user(subject_id uuid, reason text, user_id uuid)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _me uuid;
    _subject_id uuid;
begin
    _me := wingman.known_user_id(wingman.caller_id(report_user.user_id, writes => true));
    perform wingman.require_argument('subject_id', report_user.subject_id is not null);
    perform wingman.require_argument('reason', report_user.reason is not null);
    perform wingman.refuse_violation(wingman.report_violation(report_user.reason));
    _subject_id := wingman.known_subject_id(report_user.subject_id, _me);

    insert into wingman.user_reports as r (reporter_id, subject_id, reason)
    values (_me, _subject_id, report_user.reason);
    return row(true, 'Report received. To keep this user away from you as well, block them.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.report_user(uuid, text, uuid) is 'Engine of public.report_user';
revoke all on function wingman.report_user(uuid, text, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.report_user(uuid, text, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/admin/schema.sql
-- What operators look at and do. Like wingman it is never exposed over HTTP.
set local role none;

create schema wingman_admin authorization wingman_owner;

set local role wingman_owner;

comment on schema wingman_admin is 'Views and functions for the operators of WingmanMatch, never exposed';
revoke all on schema wingman_admin from public, anon, authenticated, service_role;
grant usage on schema wingman_admin to wingman_admin, service_role;

-- file: sql/admin/user_reports.sql
create or replace view wingman_admin.user_reports as
select
    r.id,
    r.created_at,
    r.reporter_id,
    r.subject_id,
    r.reason,
    count(*) over (partition by r.subject_id) as reports_about_subject
from wingman.user_reports as r;

comment on view wingman_admin.user_reports is 'What people report about others; newer ids sort later';
comment on column wingman_admin.user_reports.id is 'The report, UUID version 7';
comment on column wingman_admin.user_reports.created_at is 'When it was reported';
comment on column wingman_admin.user_reports.reporter_id is 'Who reports';
comment on column wingman_admin.user_reports.subject_id is 'About whom';
comment on column wingman_admin.user_reports.reason is 'What happened, in the reporter''s words';
comment on column wingman_admin.user_reports.reports_about_subject is 'How many reports there are about this person';

revoke all on table wingman_admin.user_reports from public, anon, authenticated, service_role;
grant select on table wingman_admin.user_reports to wingman_admin, service_role;

-- file: sql/admin/match_explanations.sql
create or replace view wingman_admin.match_explanations as
select
    m.id as match_id,
    m.created_at,
    m.status,
    m.searched_by,
    m.distance_miles,
    h.radius_miles,
    h.candidate_travel_miles,
    h.level_difference,
    h.level_tolerance,
    h.candidate_waiting_since,
    h.candidate_exposures,
    h.exposure_limit,
    h.rematch_after,
    case m.searched_by when m.user1_id then m.user2_id when m.user2_id then m.user1_id end as found_id,
    (
        select max(e.created_at)
        from public.wingman_matches as e
        where m.user1_id = e.user1_id and m.user2_id = e.user2_id and m.created_at > e.created_at
    ) as last_met_at
from public.wingman_matches as m
left join wingman.match_searches as h on m.id = h.match_id;

comment on view wingman_admin.match_explanations is
'What the search behind each match went by; nulls from radius_miles on where a match was written by hand';
comment on column wingman_admin.match_explanations.match_id is 'The match';
comment on column wingman_admin.match_explanations.created_at is 'When it was made';
comment on column wingman_admin.match_explanations.status is 'Stored status now';
comment on column wingman_admin.match_explanations.searched_by is 'Who searched';
comment on column wingman_admin.match_explanations.found_id is 'Who was found';
comment on column wingman_admin.match_explanations.distance_miles is 'Whole miles, rounded up, at least 1';
comment on column wingman_admin.match_explanations.radius_miles is 'How far the search looked, in miles';
comment on column wingman_admin.match_explanations.candidate_travel_miles is
'How far the person found would travel, in miles';
comment on column wingman_admin.match_explanations.level_difference is 'Experience levels between the two';
comment on column wingman_admin.match_explanations.level_tolerance is 'Experience levels apart that were allowed';
comment on column wingman_admin.match_explanations.candidate_waiting_since is 'Since when the person found had been waiting';
comment on column wingman_admin.match_explanations.candidate_exposures is
'How often they had been found within the exposure window';
comment on column wingman_admin.match_explanations.exposure_limit is 'How often was allowed';
comment on column wingman_admin.match_explanations.rematch_after is 'How long pairs were kept apart at that time';
comment on column wingman_admin.match_explanations.last_met_at is 'When the two had last been matched before; null: never';

revoke all on table wingman_admin.match_explanations from public, anon, authenticated, service_role;
grant select on table wingman_admin.match_explanations to wingman_admin, service_role;

-- file: sql/admin/why_no_match.sql
create or replace function wingman_admin.why_no_match(user_id uuid, max_radius_miles integer default null)
returns table (obstacle text, people bigint, nearest_miles integer)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.known_caller_id(why_no_match.user_id);
    _seeker wingman.match_seekers;
begin
    if not wingman.is_valid_radius(why_no_match.max_radius_miles) then
        perform wingman.raise_error('invalid_radius');
    end if;
    select s.* into _seeker from wingman.match_seekers as s where s.user_id = _me;
    if not found then
        perform wingman.raise_error('profile_incomplete');
    end if;

    return query
    select o.obstacle, o.people, o.nearest_miles
    from wingman.obstacles_near(_me, coalesce(why_no_match.max_radius_miles, _seeker.max_travel_miles)) as o;
end
$$;

comment on function wingman_admin.why_no_match(uuid, integer) is
'How many people near a user each rule of matching removes, exactly: see wingman.match_obstacle for the names; null: they fit.
max_radius_miles: null: the user''s max_travel_miles. Errors: missing_argument, user_not_found, profile_incomplete, invalid_radius.';
revoke all on function wingman_admin.why_no_match(uuid, integer) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.why_no_match(uuid, integer) to wingman_admin, service_role;

-- file: sql/api/create_automatic_match.sql
create or replace function public.create_automatic_match(max_radius_miles integer default null, user_id uuid default null)
returns public.automatic_match
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.create_automatic_match(
        create_automatic_match.max_radius_miles,
        create_automatic_match.user_id
    );
end
$$;

comment on function public.create_automatic_match(integer, uuid) is
'Finds the nearest compatible buddy and makes a pending match of the two, or returns the pending match that the caller has.
Compatible: experience levels at most one apart, within both people''s distances, not matched with each other in the last 7 days, no
accepted match between them that has not ended, no block between them; who has been found by others often lately is left out, see
wingman.settings. Closest first; ties: longer waiting, then smaller id. The search ends an automatic pause; a chosen one refuses it.
max_radius_miles: 1 to 100 whole miles; null: the caller''s max_travel_miles.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: success false and no match when nobody was found, which is not an error.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_radius,
matching_paused, unsupported_isolation, read_only_transaction, busy.';
revoke all on function public.create_automatic_match(integer, uuid) from public, anon, authenticated, service_role;
grant execute on function public.create_automatic_match(integer, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/pause_matching.sql
create or replace function public.pause_matching(user_id uuid default null)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.pause_matching(pause_matching.user_id);
end
$$;

comment on function public.pause_matching(uuid) is
'Leaves the caller out of matching until resume_matching. A pending match stays and can be answered; the waiting time goes on.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, unsupported_isolation,
read_only_transaction, busy.';
revoke all on function public.pause_matching(uuid) from public, anon, authenticated, service_role;
grant execute on function public.pause_matching(uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/resume_matching.sql
create or replace function public.resume_matching(user_id uuid default null)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.resume_matching(resume_matching.user_id);
end
$$;

comment on function public.resume_matching(uuid) is
'Ends a pause of the caller''s, chosen or automatic.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, unsupported_isolation,
read_only_transaction, busy.';
revoke all on function public.resume_matching(uuid) from public, anon, authenticated, service_role;
grant execute on function public.resume_matching(uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/explain_match.sql
create or replace function public.explain_match(match_id uuid, user_id uuid default null)
returns public.match_explanation
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.explain_match(explain_match.match_id, explain_match.user_id);
end
$$;

comment on function public.explain_match(uuid, uuid) is
'Why a match was made: each rule with its outcome at that time, and why this person came first.
match_id: a match of the caller. user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: the explanation as this one of the two people may see it.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, match_not_found,
not_match_participant.';
revoke all on function public.explain_match(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.explain_match(uuid, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/why_no_match.sql
create or replace function public.why_no_match(max_radius_miles integer default null, user_id uuid default null)
returns public.no_match_explanation
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.why_no_match(why_no_match.max_radius_miles, why_no_match.user_id);
end
$$;

comment on function public.why_no_match(integer, uuid) is
'Why a search finds nobody: how many people are near, how many of them each rule removes, and what would help. Never enough to
locate or to recognise anybody: numbers are rounded up to a multiple of three, and a block looks like any other absence.
max_radius_miles: 1 to 100 whole miles; null: the caller''s max_travel_miles.
user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: the counts and suggestions.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_radius.';
revoke all on function public.why_no_match(integer, uuid) from public, anon, authenticated, service_role;
grant execute on function public.why_no_match(integer, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/block_user.sql
create or replace function public.block_user(subject_id uuid, user_id uuid default null)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.block_user(block_user.subject_id, block_user.user_id);
end
$$;

comment on function public.block_user(uuid, uuid) is
'Blocks another user, for both directions: no match, no profile, no reputation between the two from now on. A pending match
between them is declined, an accepted one ends and its active session is cancelled. Blocking again changes nothing. The other one is not told.
subject_id: whom to block. user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument, unsupported_isolation,
read_only_transaction, busy.';
revoke all on function public.block_user(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.block_user(uuid, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/unblock_user.sql
create or replace function public.unblock_user(subject_id uuid, user_id uuid default null)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.unblock_user(unblock_user.subject_id, unblock_user.user_id);
end
$$;

comment on function public.unblock_user(uuid, uuid) is
'Takes the caller''s block of another user back; what it ended stays ended. Without a block nothing changes.
subject_id: whom to unblock. user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument, unsupported_isolation,
read_only_transaction, busy.';
revoke all on function public.unblock_user(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.unblock_user(uuid, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/report_user.sql
create or replace function public.report_user(subject_id uuid, reason text, user_id uuid default null)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.report_user(
        report_user.subject_id,
        report_user.reason,
        report_user.user_id
    );
end
$$;

comment on function public.report_user(uuid, text, uuid) is
'Reports another user to the operators. It does not block: block_user does.
subject_id: whom. reason: what happened, 1 to 2000 characters. user_id: whom the call acts for; a user may leave it out, service_role and operators must name it.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument, unsupported_isolation,
read_only_transaction, busy.';
revoke all on function public.report_user(uuid, text, uuid) from public, anon, authenticated, service_role;
grant execute on function public.report_user(uuid, text, uuid) to authenticated, service_role, wingman_admin;

-- removed: sql/reputation/count_event.sql
drop function wingman.count_event();

-- removed: sql/matching/find_candidates.sql
drop function wingman.find_candidates(wingman.match_seekers, integer);

-- removed: sql/matching/is_pair_open.sql
drop function wingman.is_pair_open(uuid, uuid);

-- removed: sql/matching/accept_match.sql
drop function wingman.accept_match(uuid, uuid);

-- removed: sql/kernel/assert_writable.sql
drop function wingman.assert_writable();
