create table public.wingman_sessions (
    id uuid constraint wingman_sessions_pkey primary key default wingman.new_id(),
    match_id uuid not null
    constraint wingman_sessions_match_id_fkey references public.wingman_matches (id),
    user1_id uuid not null,
    user2_id uuid not null,
    venue_name text not null,
    scheduled_time timestamptz not null,
    notes text,
    status text not null default 'scheduled',
    is_active boolean not null default true,
    user1_completed_confirmed_by_user2 boolean not null default false,
    user2_completed_confirmed_by_user1 boolean not null default false,
    completed_at timestamptz,
    created_by uuid,
    started_by uuid,
    cancelled_by uuid,
    cancellation_reason text,
    created_at timestamptz not null default statement_timestamp(),
    updated_at timestamptz not null default statement_timestamp(),
    reverted_at timestamptz,
    proposed_by uuid,
    proposed_at timestamptz not null default statement_timestamp(),
    agreed_by uuid,
    agreed_at timestamptz,
    cancelled_at timestamptz,
    no_show_reported boolean not null default false
) with (fillfactor = 80);

create index wingman_sessions_match_idx on public.wingman_sessions (match_id, id);
create unique index wingman_sessions_one_active_idx on public.wingman_sessions (match_id)
where is_active;

alter table public.wingman_sessions enable row level security;

comment on table public.wingman_sessions is 'Meetings of two matched people; each confirms that the other one completed it';
comment on column public.wingman_sessions.id is 'UUID version 7: newer sessions sort later';
comment on column public.wingman_sessions.match_id is 'The match whose two people meet';
comment on column public.wingman_sessions.user1_id is 'user1_id of the match';
comment on column public.wingman_sessions.user2_id is 'user2_id of the match';
comment on column public.wingman_sessions.venue_name is 'Where they meet, 1 to 200 characters';
comment on column public.wingman_sessions.scheduled_time is 'When they meet; confirmations count from then on';
comment on column public.wingman_sessions.notes is 'What they agreed, at most 2000 characters';
comment on column public.wingman_sessions.status is
'One of session_status: scheduled, in_progress, completed, cancelled, no_show';
comment on column public.wingman_sessions.is_active is
'Whether the status is scheduled or in_progress. Stored for the index of active sessions: if it read the status, starting a
session would write every index.';
comment on column public.wingman_sessions.user1_completed_confirmed_by_user2 is 'user2 says that user1 completed the session';
comment on column public.wingman_sessions.user2_completed_confirmed_by_user1 is 'user1 says that user2 completed the session';
comment on column public.wingman_sessions.completed_at is 'When the second confirmation came';
comment on column public.wingman_sessions.created_by is 'Which of the two scheduled it; null if it was written by hand';
comment on column public.wingman_sessions.started_by is 'Which of the two started it; null if nobody did, or it was done by hand';
comment on column public.wingman_sessions.cancelled_by is 'Who cancelled it, ended the match or deleted the account';
comment on column public.wingman_sessions.cancellation_reason is 'Why, at most 500 characters';
comment on column public.wingman_sessions.reverted_at is
'When an operator took back what a completed session or a no-show gave to reputations; its status stays';
comment on column public.wingman_sessions.proposed_by is
'Which of the two proposed its present time and venue; null if it was written by hand';
comment on column public.wingman_sessions.proposed_at is 'When that was';
comment on column public.wingman_sessions.agreed_by is 'Which of the two agreed to what the other one proposed, if that one did';
comment on column public.wingman_sessions.agreed_at is 'When that was';
comment on column public.wingman_sessions.cancelled_at is 'When it was cancelled; null if that was done by hand';
comment on column public.wingman_sessions.no_show_reported is
'Whether one of the two has reported that the other one did not come, whatever became of the report';
comment on column public.wingman_sessions.created_at is 'When it was scheduled';
comment on column public.wingman_sessions.updated_at is 'When any column last changed';

revoke all on table public.wingman_sessions from public, anon, authenticated, service_role;
grant select on table public.wingman_sessions to authenticated, service_role, wingman_admin;
