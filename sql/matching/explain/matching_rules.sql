create or replace function wingman.matching_rules()
returns table (obstacle text, rule text, counted_as text, searcher_detail text, found_detail text)
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
rows 10
as $$
begin
    return query
    values
    ('paused', 'available', 'unavailable', 'Both of you were free and not paused', null),
    ('has_pending_match', 'available', 'unavailable', null, null),
    -- like a block, a suspension must look like any other absence
    ('suspended', 'available', 'unavailable', null, null),
    (
        'too_far',
        'distance',
        null,
        -- each person sees only their own limit
        'At most {distance_miles} miles apart, within your {radius_miles} miles and as far as your buddy goes',
        'At most {distance_miles} miles apart, within your {candidate_travel_miles} miles and as far as your buddy goes'
    ),
    ('too_far_for_them', 'distance', 'too_far_for_them', null, null),
    ('level', 'level', 'level', 'Experience levels {level_difference} apart, {level_tolerance} allowed', null),
    (
        'found_often',
        'exposure',
        'unavailable',
        'Your buddy had not been found by too many others lately',
        'You had been found {candidate_exposures} times lately, at most {exposure_limit} are allowed'
    ),
    (
        'met_recently',
        'met_recently',
        'met_recently',
        'You two had not been matched in the {rematch_hours} hours before',
        null
    ),
    ('partners', 'partners', 'partners', 'You two had no accepted match that was still open', null),
    -- a block must look like any other absence
    ('blocked', 'blocked', 'unavailable', 'Neither of you had blocked the other', null);
end
$$;

comment on function wingman.matching_rules() is
'The vocabulary of the rules that keep people from being matched. obstacle: the name that wingman.candidate_obstacle and
wingman.pair_obstacle give a rule; rule: its name in explain_match, one of matching_rule: distance, level, exposure, met_recently,
partners, blocked, available; counted_as: its name in why_no_match, one of removal_rule: unavailable, too_far_for_them, level,
met_recently, partners; null if it counts nobody; searcher_detail: what explain_match tells the person who searched, with {columns} of
wingman.match_searches, null if another obstacle of the same rule says it; found_detail: what it tells the person found, null for the
same.';
revoke all on function wingman.matching_rules() from public, anon, authenticated, service_role;
