create table wingman.reputation_events (
    session_id uuid not null
    constraint reputation_events_session_id_fkey references public.wingman_sessions (id),
    user_id uuid not null,
    kind text not null,
    delta integer not null,
    created_at timestamptz not null default statement_timestamp(),
    constraint reputation_events_pkey primary key (session_id, user_id, kind),
    constraint reputation_events_kind_check check (
        (delta = 1 and kind in ('completed', 'no_show_reverted')) or (delta = -1 and kind in ('no_show', 'completion_reverted'))
    )
);

create index reputation_events_user_idx on wingman.reputation_events (user_id);

comment on table wingman.reputation_events is
'Append-only ledger of reputation; the counters of user_profiles are its sums. Bare user ids: it outlives accounts';
comment on column wingman.reputation_events.session_id is 'The session that it comes from';
comment on column wingman.reputation_events.user_id is 'Whose reputation';
comment on column wingman.reputation_events.kind is
'completed: both people confirmed the session; no_show: an operator found that this one did not come; completion_reverted,
no_show_reverted: an operator took it back';
comment on column wingman.reputation_events.delta is 'What it adds to the reputation';
comment on column wingman.reputation_events.created_at is 'When it happened';

revoke all on table wingman.reputation_events from public, anon, authenticated, service_role;
