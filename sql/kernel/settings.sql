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
    constraint settings_ghosting_limit check (ghosting_limit between 1 and 100),
    automatic_match_limit integer not null default 20
    constraint settings_automatic_match_limit check (automatic_match_limit between 1 and 1000000),
    automatic_match_period interval not null default interval '1 hour'
    constraint settings_automatic_match_period check (
        wingman.is_clock_interval(automatic_match_period, '1 second', '8760 hours')
    ),
    automatic_match_cost interval not null generated always as (automatic_match_period / automatic_match_limit) stored,
    automatic_match_burst interval not null generated always as (
        automatic_match_period / automatic_match_limit * (automatic_match_limit - 1)
    ) stored,
    respond_limit integer not null default 60
    constraint settings_respond_limit check (respond_limit between 1 and 1000000),
    respond_period interval not null default interval '1 hour'
    constraint settings_respond_period check (wingman.is_clock_interval(respond_period, '1 second', '8760 hours')),
    respond_cost interval not null generated always as (respond_period / respond_limit) stored,
    respond_burst interval not null generated always as (respond_period / respond_limit * (respond_limit - 1)) stored,
    confirm_limit integer not null default 30
    constraint settings_confirm_limit check (confirm_limit between 1 and 1000000),
    confirm_period interval not null default interval '1 hour'
    constraint settings_confirm_period check (wingman.is_clock_interval(confirm_period, '1 second', '8760 hours')),
    confirm_cost interval not null generated always as (confirm_period / confirm_limit) stored,
    confirm_burst interval not null generated always as (confirm_period / confirm_limit * (confirm_limit - 1)) stored,
    create_session_limit integer not null default 20
    constraint settings_create_session_limit check (create_session_limit between 1 and 1000000),
    create_session_period interval not null default interval '24 hours'
    constraint settings_create_session_period check (wingman.is_clock_interval(create_session_period, '1 second', '8760 hours')),
    create_session_cost interval not null generated always as (create_session_period / create_session_limit) stored,
    create_session_burst interval not null generated always as (
        create_session_period / create_session_limit * (create_session_limit - 1)
    ) stored,
    profile_limit integer not null default 10
    constraint settings_profile_limit check (profile_limit between 1 and 1000000),
    profile_period interval not null default interval '24 hours'
    constraint settings_profile_period check (wingman.is_clock_interval(profile_period, '1 second', '8760 hours')),
    profile_cost interval not null generated always as (profile_period / profile_limit) stored,
    profile_burst interval not null generated always as (profile_period / profile_limit * (profile_limit - 1)) stored,
    idempotency_retention interval not null default interval '72 hours'
    constraint settings_idempotency_retention check (wingman.is_clock_interval(idempotency_retention, '1 minute', '8760 hours')),
    journal_retention_months integer not null default 24
    constraint settings_journal_retention_months check (journal_retention_months between 1 and 1200),
    journal_drop_limit integer not null default 3
    constraint settings_journal_drop_limit check (journal_drop_limit between 1 and 1200),
    acceptance text not null default 'either'
    constraint settings_acceptance check (acceptance in ('either', 'both')),
    needs_both boolean not null generated always as (acceptance = 'both') stored,
    session_spacing interval not null default interval '1 hour'
    constraint settings_session_spacing check (wingman.is_clock_interval(session_spacing, '0', '24 hours')),
    no_show_grace interval not null default interval '30 minutes'
    constraint settings_no_show_grace check (wingman.is_clock_interval(no_show_grace, '0', '24 hours')),
    no_show_window interval not null default interval '72 hours'
    constraint settings_no_show_window check (wingman.is_clock_interval(no_show_window, '1 minute', '8760 hours')),
    no_show_answer_within interval not null default interval '48 hours'
    constraint settings_no_show_answer_within check (wingman.is_clock_interval(no_show_answer_within, '1 minute', '8760 hours')),
    no_show_decide_within interval not null default interval '336 hours'
    constraint settings_no_show_decide_within check (
        wingman.is_clock_interval(no_show_decide_within, '1 minute', '8760 hours')
        and no_show_decide_within > no_show_answer_within
    ),
    no_show_memory interval not null default interval '2160 hours'
    constraint settings_no_show_memory check (wingman.is_clock_interval(no_show_memory, '1 hour', '87600 hours')),
    cooldown_steps interval[] not null default '{0, 24 hours, 72 hours, 168 hours}'
    constraint settings_cooldown_steps check (wingman.are_clock_intervals(cooldown_steps, '0', '8760 hours')),
    report_limit integer not null default 10
    constraint settings_report_limit check (report_limit between 1 and 1000000),
    report_period interval not null default interval '24 hours'
    constraint settings_report_period check (wingman.is_clock_interval(report_period, '1 second', '8760 hours')),
    report_cost interval not null generated always as (report_period / report_limit) stored,
    report_burst interval not null generated always as (report_period / report_limit * (report_limit - 1)) stored,
    match_expiring_before interval not null default interval '12 hours'
    constraint settings_match_expiring_before check (wingman.is_clock_interval(match_expiring_before, '0', '8760 hours')),
    session_reminder_before interval not null default interval '24 hours'
    constraint settings_session_reminder_before check (wingman.is_clock_interval(session_reminder_before, '0', '8760 hours')),
    session_reminder_again interval not null default interval '1 hour'
    constraint settings_session_reminder_again check (wingman.is_clock_interval(session_reminder_again, '0', '8760 hours')),
    agreement_reminder_before interval not null default interval '12 hours'
    constraint settings_agreement_reminder_before check (wingman.is_clock_interval(agreement_reminder_before, '0', '8760 hours')),
    confirmation_reminder_after interval not null default interval '12 hours'
    constraint settings_confirmation_reminder_after check (
        wingman.is_clock_interval(confirmation_reminder_after, '0', '8760 hours')
    ),
    notifications_per_day integer not null default 20
    constraint settings_notifications_per_day check (notifications_per_day between 1 and 1000),
    notification_retention interval not null default interval '2160 hours'
    constraint settings_notification_retention check (wingman.is_clock_interval(notification_retention, '1 hour', '87600 hours')),
    email_limit integer not null default 3
    constraint settings_email_limit check (email_limit between 1 and 1000000),
    email_period interval not null default interval '24 hours'
    constraint settings_email_period check (wingman.is_clock_interval(email_period, '1 second', '8760 hours')),
    email_cost interval not null generated always as (email_period / email_limit) stored,
    email_burst interval not null generated always as (email_period / email_limit * (email_limit - 1)) stored,
    email_confirmation_lifetime interval not null default interval '72 hours'
    constraint settings_email_confirmation_lifetime check (
        wingman.is_clock_interval(email_confirmation_lifetime, '1 hour', '8760 hours')
    ),
    push_hosts text[] not null default
    '{fcm.googleapis.com,updates.push.services.mozilla.com,web.push.apple.com,*.notify.windows.com}'
    constraint settings_push_hosts check (wingman.are_host_names(push_hosts)),
    delivery_time_limit interval not null default interval '15 seconds'
    constraint settings_delivery_time_limit check (wingman.is_clock_interval(delivery_time_limit, '1 second', '5 minutes')),
    delivery_retries interval[] not null default
    '{5 seconds,5 minutes,30 minutes,2 hours,5 hours,10 hours,14 hours,20 hours,24 hours}'
    constraint settings_delivery_retries check (wingman.are_clock_intervals(delivery_retries, '1 second', '168 hours')),
    delivery_retention interval not null default interval '168 hours'
    constraint settings_delivery_retention check (wingman.is_clock_interval(delivery_retention, '1 hour', '87600 hours')),
    realtime boolean not null default false,
    leaderboard_city_minimum integer not null default 5
    constraint settings_leaderboard_city_minimum check (leaderboard_city_minimum between 1 and 1000)
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
'Once one of two people has waited this long, they may be one more experience level apart, so that nobody waits for ever; null:
never';
comment on column wingman.settings.exposure_limit is
'How often a person may be found by the searches of others within exposure_window';
comment on column wingman.settings.exposure_window is 'The time over which exposure_limit counts';
comment on column wingman.settings.ghosting_limit is
'A person who leaves this many offers in a row to expire is paused until their next search';
comment on column wingman.settings.automatic_match_limit is
'How many searches a user can make at once; capacity refills evenly over automatic_match_period';
comment on column wingman.settings.automatic_match_period is 'The time in which automatic_match_limit refills';
comment on column wingman.settings.automatic_match_cost is
'automatic_match_period / automatic_match_limit: the time in which one call refills';
comment on column wingman.settings.automatic_match_burst is
'How far ahead of the clock a user may have spent before the next call: the period less one call';
comment on column wingman.settings.respond_limit is
'How many matches a user can answer at once; capacity refills evenly over respond_period';
comment on column wingman.settings.respond_period is 'The time in which respond_limit refills';
comment on column wingman.settings.respond_cost is
'respond_period / respond_limit: the time in which one call refills';
comment on column wingman.settings.respond_burst is
'How far ahead of the clock a user may have spent before the next call: the period less one call';
comment on column wingman.settings.confirm_limit is
'How many completions a user can confirm at once; capacity refills evenly over confirm_period';
comment on column wingman.settings.confirm_period is 'The time in which confirm_limit refills';
comment on column wingman.settings.confirm_cost is
'confirm_period / confirm_limit: the time in which one call refills';
comment on column wingman.settings.confirm_burst is
'How far ahead of the clock a user may have spent before the next call: the period less one call';
comment on column wingman.settings.create_session_limit is
'How many sessions a user can schedule at once; capacity refills evenly over create_session_period';
comment on column wingman.settings.create_session_period is 'The time in which create_session_limit refills';
comment on column wingman.settings.create_session_cost is
'create_session_period / create_session_limit: the time in which one call refills';
comment on column wingman.settings.create_session_burst is
'How far ahead of the clock a user may have spent before the next call: the period less one call';
comment on column wingman.settings.profile_limit is
'How many times a user can change profile or location at once; capacity refills evenly over profile_period';
comment on column wingman.settings.profile_period is 'The time in which profile_limit refills';
comment on column wingman.settings.profile_cost is
'profile_period / profile_limit: the time in which one call refills';
comment on column wingman.settings.profile_burst is
'How far ahead of the clock a user may have spent before the next call: the period less one call';
comment on column wingman.settings.idempotency_retention is 'How long the answer to a call with an idempotency key is kept';
comment on column wingman.settings.journal_retention_months is 'How many whole months of the journal, wingman.events, are kept';
comment on column wingman.settings.journal_drop_limit is
'How many months of the journal a run of maintenance may drop; while more are due it drops none, since the clock may be wrong';
comment on column wingman.settings.acceptance is
'either: one accept makes the two people partners; both: it takes an accept of each. A match keeps the rule by which it was made';
comment on column wingman.settings.needs_both is 'Whether acceptance is both';
comment on column wingman.settings.session_spacing is
'How far apart two sessions of one person must begin; each person''s own diary is looked at and nobody else''s';
comment on column wingman.settings.no_show_grace is 'How long after its time a session can first be reported as a no-show';
comment on column wingman.settings.no_show_window is 'How long from then on a no-show can be reported';
comment on column wingman.settings.no_show_answer_within is
'How long the person reported has for an answer before operators may decide; a later answer counts until they do';
comment on column wingman.settings.no_show_decide_within is
'How long after it was made a report of a no-show lapses if nobody has decided it';
comment on column wingman.settings.no_show_memory is 'How far back no-shows count for the length of a cooldown';
comment on column wingman.settings.cooldown_steps is
'How long somebody cannot search after the first, second, … no-show within no_show_memory; the last one repeats';
comment on column wingman.settings.report_limit is
'How many reports, of people and of no-shows, a user can make at once; capacity refills evenly over report_period';
comment on column wingman.settings.report_period is 'The time in which report_limit refills';
comment on column wingman.settings.report_cost is 'report_period / report_limit: the time in which one call refills';
comment on column wingman.settings.report_burst is
'How far ahead of the clock a user may have spent before the next call: the period less one call';
comment on column wingman.settings.match_expiring_before is
'How long before a match expires people who have not answered are reminded; 0: never';
comment on column wingman.settings.session_reminder_before is
'How long before a session those who proposed it or agreed to it are reminded; 0: never';
comment on column wingman.settings.session_reminder_again is 'How long before a session they are reminded again; 0: never';
comment on column wingman.settings.agreement_reminder_before is
'How long before a session the one who has not agreed to it is reminded; 0: never';
comment on column wingman.settings.confirmation_reminder_after is
'How long after the time of a session those who have not confirmed it are reminded';
comment on column wingman.settings.notifications_per_day is
'How often in 24 hours one person is told what another did; after that, they are told once that there was more';
comment on column wingman.settings.notification_retention is 'How long a notification is kept';
comment on column wingman.settings.email_limit is
'How many addresses a user can have confirmation messages sent to at once; capacity refills evenly over email_period';
comment on column wingman.settings.email_period is 'The time in which email_limit refills';
comment on column wingman.settings.email_cost is
'email_period / email_limit: the time in which the capacity for one message refills';
comment on column wingman.settings.email_burst is
'How far ahead of the clock a user may have spent before the next message: the period less the cost of one message';
comment on column wingman.settings.email_confirmation_lifetime is
'How long the link to confirm an e-mail address is valid; no other is sent to the address before that';
comment on column wingman.settings.push_hosts is
'The push services whose addresses users may register; *.name stands for all hosts below name';
comment on column wingman.settings.delivery_time_limit is
'How long one attempt to send a message may take; after twice this time another worker tries';
comment on column wingman.settings.delivery_retries is
'How long a message that could not be sent waits before each further attempt; after the last one it is dead';
comment on column wingman.settings.delivery_retention is 'How long messages are kept after they were sent, dropped or given up';
comment on column wingman.settings.realtime is 'Whether notifications are also sent through Supabase Realtime';
comment on column wingman.settings.leaderboard_city_minimum is
'From how many people on the leaderboard of a city on anybody is shown it';
revoke all on table wingman.settings from public, anon, authenticated, service_role;
