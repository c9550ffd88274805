create table public.wingman_matches (
    id uuid constraint wingman_matches_pkey primary key default wingman.new_id(),
    user1_id uuid not null,
    user2_id uuid not null,
    status text not null default 'pending',
    user1_reputation integer not null,
    user2_reputation integer not null,
    user1_level smallint not null,
    user2_level smallint not null,
    distance_miles integer not null,
    responded_by uuid,
    responded_at timestamptz,
    expires_at timestamptz not null,
    ended_at timestamptz,
    ended_by uuid,
    created_at timestamptz not null default statement_timestamp(),
    updated_at timestamptz not null default statement_timestamp(),
    searched_by uuid,
    needs_both boolean not null default false,
    first_accepted_by uuid,
    first_accepted_at timestamptz
) with (fillfactor = 80);

-- none contains status or any other column that an answer changes, so an answer is a HOT update, which writes no index
create index wingman_matches_user1_idx on public.wingman_matches (user1_id, id);
create index wingman_matches_user2_idx on public.wingman_matches (user2_id, id);
create index wingman_matches_pair_idx on public.wingman_matches (user1_id, user2_id, created_at);

-- a few people have thousands of matches: since most have one, the planner would read all of theirs to find a pair
alter table public.wingman_matches alter column user1_id set (n_distinct = -0.05);
alter table public.wingman_matches alter column user2_id set (n_distinct = -0.05);

alter table public.wingman_matches enable row level security;

comment on table public.wingman_matches is
'Every pair ever offered to each other. User ids without foreign keys: a deleted account leaves its partners'' history intact';
comment on column public.wingman_matches.id is 'UUID version 7: newer matches sort later';
comment on column public.wingman_matches.user1_id is 'The participant with the smaller id';
comment on column public.wingman_matches.user2_id is 'The participant with the larger id';
comment on column public.wingman_matches.status is
'One of match_status: pending, accepted, declined, expired. A pending match past expires_at counts as expired';
comment on column public.wingman_matches.user1_reputation is 'Reputation of user1 when the match was made';
comment on column public.wingman_matches.user2_reputation is 'Reputation of user2 when the match was made';
comment on column public.wingman_matches.user1_level is
'wingman.experience_rank of user1 when the match was made: 1 beginner, 2 intermediate, 3 advanced';
comment on column public.wingman_matches.user2_level is
'wingman.experience_rank of user2 when the match was made: 1 beginner, 2 intermediate, 3 advanced';
comment on column public.wingman_matches.distance_miles is 'Whole miles, rounded up, at least 1, when the match was made';
comment on column public.wingman_matches.searched_by is
'Whose search found the other one; null for a match that was written by hand';
comment on column public.wingman_matches.needs_both is
'Whether it takes an accept of each of the two, by settings.acceptance when the match was made; otherwise one accept is enough';
comment on column public.wingman_matches.first_accepted_by is
'Who accepted first, where it takes both; the match stays pending until the other one accepts or one of them declines';
comment on column public.wingman_matches.first_accepted_at is 'When that was';
comment on column public.wingman_matches.responded_by is 'Who accepted or declined; where it takes both accepts, the second one';
comment on column public.wingman_matches.responded_at is 'When that was';
comment on column public.wingman_matches.expires_at is 'From this moment on nobody can respond';
comment on column public.wingman_matches.ended_at is 'When an accepted match was ended';
comment on column public.wingman_matches.ended_by is
'Which of the two ended it, blocked the other one or deleted the account; null if it was ended by hand';
comment on column public.wingman_matches.created_at is 'When the match was made';
comment on column public.wingman_matches.updated_at is 'When any column last changed';

revoke all on table public.wingman_matches from public, anon, authenticated, service_role;
grant select on table public.wingman_matches to authenticated, service_role, wingman_admin;
