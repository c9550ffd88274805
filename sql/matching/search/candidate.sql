create type wingman.candidate as (
    user_id uuid,
    level smallint,
    max_travel_miles integer,
    waiting_since timestamptz,
    exposures timestamptz []
);

comment on type wingman.candidate is
'The person whom a search has found and locked: the columns of the pool that a match needs. The whole row would cost more';
comment on column wingman.candidate.user_id is 'The person found (nullable)';
comment on column wingman.candidate.level is 'wingman.experience_rank: 1 beginner, 2 intermediate, 3 advanced (nullable)';
comment on column wingman.candidate.max_travel_miles is 'How far this person will travel (nullable)';
comment on column wingman.candidate.waiting_since is 'When the wait for a buddy began (nullable)';
comment on column wingman.candidate.exposures is 'When the searches of others found this person, oldest first (nullable)';
