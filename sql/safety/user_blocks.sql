create table public.user_blocks (
    blocker_id uuid not null
    constraint user_blocks_blocker_id_fkey references public.user_profiles (id) on delete cascade,
    blocked_id uuid not null,
    created_at timestamptz not null default statement_timestamp(),
    constraint user_blocks_pkey primary key (blocker_id, blocked_id),
    constraint user_blocks_two_people_check check (blocker_id <> blocked_id)
);

create index user_blocks_blocked_idx on public.user_blocks (blocked_id);

-- as for wingman_matches: a pair is found by the key, not among all who blocked the same person
alter table public.user_blocks alter column blocked_id set (n_distinct = -0.05);

alter table public.user_blocks enable row level security;

comment on table public.user_blocks is
'Who has blocked whom; a block applies to both people. Only the blocker can see it. blocked_id has no foreign key: a block
outlives the profile of the person blocked, who may come back by the same id';
comment on column public.user_blocks.blocker_id is 'Who blocked';
comment on column public.user_blocks.blocked_id is 'Who is blocked';
comment on column public.user_blocks.created_at is 'Since when';

revoke all on table public.user_blocks from public, anon, authenticated, service_role;
grant select on table public.user_blocks to authenticated, service_role, wingman_admin;
