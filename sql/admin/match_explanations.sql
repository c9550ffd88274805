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
'What the search behind each match was based on; for a match written by hand, nulls from radius_miles on';
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
comment on column wingman_admin.match_explanations.candidate_waiting_since is 'When the wait of the person found began';
comment on column wingman_admin.match_explanations.candidate_exposures is
'How often they had been found within the exposure window';
comment on column wingman_admin.match_explanations.exposure_limit is 'How often they could be found within that window';
comment on column wingman_admin.match_explanations.rematch_after is 'How long pairs were kept apart at that time';
comment on column wingman_admin.match_explanations.last_met_at is 'When the two were last matched before that; null: never';

revoke all on table wingman_admin.match_explanations from public, anon, authenticated, service_role;
grant select on table wingman_admin.match_explanations to wingman_admin, service_role;
