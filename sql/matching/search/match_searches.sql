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
'What the search behind a match was based on, for explain_match; a match written by hand has no row';
comment on column wingman.match_searches.match_id is 'The match';
comment on column wingman.match_searches.radius_miles is 'How far the search looked, in miles';
comment on column wingman.match_searches.candidate_travel_miles is 'How far the person found would travel, in miles';
comment on column wingman.match_searches.candidate_waiting_since is 'When the wait of the person found began';
comment on column wingman.match_searches.candidate_exposures is
'How often the person found had been found by others within settings.exposure_window';
comment on column wingman.match_searches.exposure_limit is 'settings.exposure_limit at that time';
comment on column wingman.match_searches.level_difference is 'Experience levels between the two';
comment on column wingman.match_searches.level_tolerance is 'Experience levels apart that were allowed';
comment on column wingman.match_searches.rematch_after is 'settings.rematch_after at that time';

revoke all on table wingman.match_searches from public, anon, authenticated, service_role;
