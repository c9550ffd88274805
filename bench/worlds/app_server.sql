-- What a team with its rules in an application server would write: the tables that its statements need, with the
-- constraints and indexes that it would rely on, and the same people, pairs and sessions as in the world itself.
create schema app_server;
grant usage on schema app_server to authenticator;

create table app_server.users (
    id uuid primary key,
    first_name text not null,
    completed_sessions integer not null default 0,
    no_shows integer not null default 0,
    updated_at timestamptz not null default now()
);

create table app_server.matches (
    id uuid primary key,
    user1_id uuid not null references app_server.users (id),
    user2_id uuid not null references app_server.users (id),
    status text not null
);
create index on app_server.matches (user1_id);
create index on app_server.matches (user2_id);

create table app_server.sessions (
    id uuid primary key,
    match_id uuid not null references app_server.matches (id),
    scheduled_time timestamptz not null,
    status text not null default 'scheduled',
    confirmed_by_user1 boolean not null default false,
    confirmed_by_user2 boolean not null default false,
    completed_at timestamptz,
    updated_at timestamptz not null default now()
);
create index on app_server.sessions (match_id);

create table app_server.idempotency_keys (
    user_id uuid not null,
    idempotency_key text not null,
    fingerprint text not null,
    response jsonb,
    created_at timestamptz not null default now(),
    primary key (user_id, idempotency_key)
);

create table app_server.rate_limits (
    user_id uuid not null,
    bucket text not null,
    window_start timestamptz not null,
    calls integer not null,
    primary key (user_id, bucket)
);

create table app_server.reputation_events (
    session_id uuid not null references app_server.sessions (id),
    user_id uuid not null references app_server.users (id),
    kind text not null,
    delta integer not null,
    created_at timestamptz not null default now(),
    primary key (session_id, user_id, kind)
);
create index on app_server.reputation_events (user_id);

create table app_server.audit_log (
    id bigint generated always as identity primary key,
    occurred_at timestamptz not null default now(),
    user_id uuid not null,
    action text not null,
    session_id uuid not null,
    state jsonb not null
);
create index on app_server.audit_log (session_id);

insert into app_server.users (id, first_name)
select p.id, p.first_name from public.user_profiles as p order by p.id;

insert into app_server.matches (id, user1_id, user2_id, status)
select m.id, m.user1_id, m.user2_id, m.status from public.wingman_matches as m order by m.id;

insert into app_server.sessions (id, match_id, scheduled_time, status)
select s.id, s.match_id, s.scheduled_time, s.status from public.wingman_sessions as s order by s.id;

grant select, insert, update on all tables in schema app_server to authenticator;
vacuum (freeze, analyze)
app_server.users,
app_server.matches,
app_server.sessions,
app_server.idempotency_keys,
app_server.rate_limits,
app_server.reputation_events,
app_server.audit_log;
