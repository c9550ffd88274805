create table wingman.achievements (
    name text constraint achievements_pkey primary key,
    title text not null,
    description text not null,
    metric text not null,
    threshold integer not null,
    evaluated_to uuid default '00000000-0000-0000-0000-000000000000',
    constraint achievements_check check (
        wingman.achievement_violation(name, title, description, metric, threshold) is null
    )
);

-- not awarded backwards: the reader begins with the first entry of the ledger
insert into wingman.achievements (name, title, description, metric, threshold, evaluated_to)
values
('first_session', 'First session', 'Complete your first session.', 'completed_sessions', 1, null),
('sessions_5', 'Five sessions', 'Complete 5 sessions.', 'completed_sessions', 5, null),
('sessions_10', 'Ten sessions', 'Complete 10 sessions.', 'completed_sessions', 10, null),
('sessions_25', '25 sessions', 'Complete 25 sessions.', 'completed_sessions', 25, null),
('sessions_50', '50 sessions', 'Complete 50 sessions.', 'completed_sessions', 50, null),
('sessions_100', '100 sessions', 'Complete 100 sessions.', 'completed_sessions', 100, null),
('buddies_3', 'Three buddies', 'Complete sessions with 3 different buddies.', 'different_buddies', 3, null),
('buddies_10', 'Ten buddies', 'Complete sessions with 10 different buddies.', 'different_buddies', 10, null),
('buddies_25', '25 buddies', 'Complete sessions with 25 different buddies.', 'different_buddies', 25, null),
('weeks_4', 'Four weeks in a row', 'Complete a session in each of 4 weeks in a row.', 'weeks_in_a_row', 4, null),
('weeks_12', 'Twelve weeks in a row', 'Complete a session in each of 12 weeks in a row.', 'weeks_in_a_row', 12, null),
(
    'mentor',
    'Mentor',
    'Complete 5 sessions with a beginner as the more experienced of the two.',
    'sessions_with_beginners',
    5,
    null
);

comment on table wingman.achievements is
'What people can earn. wingman_admin.add_achievement adds one, which the reader achievements then awards to everybody who has
reached it already';
comment on column wingman.achievements.name is 'What it is called in calls and in the journal; it never changes';
comment on column wingman.achievements.title is 'What people read, 1 to 80 characters';
comment on column wingman.achievements.description is 'What one has to do for it, 1 to 200 characters';
comment on column wingman.achievements.metric is 'What it counts: a word of wingman.achievement_metrics()';
comment on column wingman.achievements.threshold is 'It is earned when the metric has reached this number';
comment on column wingman.achievements.evaluated_to is
'How far it has been awarded backwards: to people with ids up to this one; null once that is done';

revoke all on table wingman.achievements from public, anon, authenticated, service_role;
