create type wingman.found_candidate as (
    candidate wingman.matchmaking_pool,
    miles double precision
);

comment on type wingman.found_candidate is 'The person whom wingman.find_candidate found';
comment on column wingman.found_candidate.candidate is 'The seeker to offer (nullable)';
comment on column wingman.found_candidate.miles is 'How far away, between grid points (nullable)';
