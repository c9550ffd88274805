create type wingman.candidate as (
    user_id uuid,
    level smallint,
    max_travel_miles integer,
    waiting_since timestamptz,
    exposures timestamptz []
);

comment on type wingman.candidate is
'Whom a search has found and locked: what a match needs of the row of the pool. The whole row would cost a search more';
comment on column wingman.candidate.user_id is 'Who was found (nullable)';
comment on column wingman.candidate.level is 'wingman.experience_rank: 1 beginner, 2 intermediate, 3 advanced (nullable)';
comment on column wingman.candidate.max_travel_miles is 'How far this person goes (nullable)';
comment on column wingman.candidate.waiting_since is 'Start of the wait for a buddy (nullable)';
comment on column wingman.candidate.exposures is 'When the searches of others found this person, oldest first (nullable)';
