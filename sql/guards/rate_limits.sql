create table wingman.rate_limits (
    user_id uuid not null,
    bucket text not null,
    spent_until timestamptz not null,
    constraint rate_limits_pkey primary key (user_id, bucket)
) with (fillfactor = 70);

comment on table wingman.rate_limits is
'How much of each rate limit a user has spent, by the generic cell rate algorithm; no row, or one of the past: nothing';
comment on column wingman.rate_limits.user_id is 'Whom the calls act for';
comment on column wingman.rate_limits.bucket is 'automatic_match, respond, confirm, create_session or profile';
comment on column wingman.rate_limits.spent_until is 'When all that was spent has come back: the theoretical arrival time';

revoke all on table wingman.rate_limits from public, anon, authenticated, service_role;
