create table wingman.suspensions (
    user_id uuid constraint suspensions_pkey primary key,
    ends_at timestamptz constraint suspensions_ends_at_check check (isfinite(ends_at)),
    created_at timestamptz not null default statement_timestamp()
);

comment on table wingman.suspensions is
'Who is suspended; a suspension whose end has passed counts for nothing. Without foreign key: it outlives the account';
comment on column wingman.suspensions.user_id is 'The user';
comment on column wingman.suspensions.ends_at is 'Until when; null for without end';
comment on column wingman.suspensions.created_at is 'Since when the user is suspended';

revoke all on table wingman.suspensions from public, anon, authenticated, service_role;
