create table wingman.leaderboard_members (
    user_id uuid constraint leaderboard_members_pkey primary key,
    visibility text not null constraint leaderboard_members_visibility_check check (
        visibility = any(wingman.leaderboard_visibilities())
    ),
    seniority bigint not null generated always as identity (increment by -1),
    created_at timestamptz not null default statement_timestamp(),
    updated_at timestamptz not null default statement_timestamp()
);

comment on table wingman.leaderboard_members is
'Who has ever opted in to the leaderboard, and how they are shown. Without foreign key, which would cost every call that counts a
completion in the profile: wingman.tg_user_profiles__depart deletes the row. wingman.set_leaderboard_visibility is its only writer
besides';
comment on column wingman.leaderboard_members.user_id is 'The user';
comment on column wingman.leaderboard_members.visibility is 'off, nameless or named';
comment on column wingman.leaderboard_members.seniority is
'Among people with the same count, who opted in first comes first: the greater number. Never shown to anybody';
comment on column wingman.leaderboard_members.created_at is 'When the user first opted in';
comment on column wingman.leaderboard_members.updated_at is 'When the visibility last changed';

revoke all on table wingman.leaderboard_members from public, anon, authenticated, service_role;
