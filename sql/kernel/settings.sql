create table wingman.settings (
    id boolean constraint settings_pkey primary key default true constraint settings_one_row check (id),
    match_lifetime interval not null default interval '48 hours'
    constraint settings_match_lifetime check (wingman.is_clock_interval(match_lifetime, '1 minute', '8760 hours')),
    rematch_after interval not null default interval '168 hours'
    constraint settings_rematch_after check (wingman.is_clock_interval(rematch_after, '0', '8760 hours')),
    session_start_lead interval not null default interval '30 minutes'
    constraint settings_session_start_lead check (wingman.is_clock_interval(session_start_lead, '0', '24 hours')),
    session_horizon interval not null default interval '2160 hours'
    constraint settings_session_horizon check (wingman.is_clock_interval(session_horizon, '1 hour', '8760 hours')),
    settle_limit integer not null default 2
    constraint settings_settle_limit check (settle_limit between 0 and 100),
    level_relaxation interval
    constraint settings_level_relaxation check (wingman.is_clock_interval(level_relaxation, '1 minute', '8760 hours')),
    exposure_limit integer not null default 10
    constraint settings_exposure_limit check (exposure_limit between 1 and 1000),
    exposure_window interval not null default interval '24 hours'
    constraint settings_exposure_window check (wingman.is_clock_interval(exposure_window, '1 minute', '8760 hours')),
    ghosting_limit integer not null default 3
    constraint settings_ghosting_limit check (ghosting_limit between 1 and 100)
);

insert into wingman.settings default values;

comment on table wingman.settings is 'The one row of settings; operators change it by UPDATE';
comment on column wingman.settings.id is 'Always true: there is one row';
comment on column wingman.settings.match_lifetime is 'How long a pending match waits for an answer';
comment on column wingman.settings.rematch_after is 'How long a pair is kept apart after it was matched';
comment on column wingman.settings.session_start_lead is 'How long before its time a session may be started';
comment on column wingman.settings.session_horizon is 'How far ahead a session may be scheduled';
comment on column wingman.settings.settle_limit is 'How many lapsed matches of others a search or a decline settles on its way';
comment on column wingman.settings.level_relaxation is
'After each such wait one more experience level apart is allowed, so that nobody starves; null: never';
comment on column wingman.settings.exposure_limit is
'How often a person may be found by the searches of others within exposure_window';
comment on column wingman.settings.exposure_window is 'The time over which exposure_limit counts';
comment on column wingman.settings.ghosting_limit is
'After how many offers in a row left to expire a person is paused until their next search';
revoke all on table wingman.settings from public, anon, authenticated, service_role;
