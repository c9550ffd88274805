create table wingman.rate_limits (
    user_id uuid not null,
    bucket text not null,
    spent_until timestamptz not null,
    constraint rate_limits_pkey primary key (user_id, bucket)
) with (fillfactor = 70);

comment on table wingman.rate_limits is
'How much of each rate limit a user has spent, by the generic cell rate algorithm; no row, or a row in the past, means nothing';
comment on column wingman.rate_limits.user_id is 'The user on whose behalf the calls are made';
comment on column wingman.rate_limits.bucket is
'automatic_match, respond, confirm, create_session, profile, report or email';
comment on column wingman.rate_limits.spent_until is 'When the limit is full again: the theoretical arrival time';

revoke all on table wingman.rate_limits from public, anon, authenticated, service_role;
