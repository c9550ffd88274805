create type public.achievement as (
    name text,
    title text,
    description text,
    metric text,
    threshold integer,
    progress integer,
    earned_at timestamptz
);

comment on type public.achievement is 'Something that people can earn by completing sessions, and how far somebody has come';
comment on column public.achievement.name is 'What it is called; it never changes';
comment on column public.achievement.title is 'What people read';
comment on column public.achievement.description is 'What one has to do for it';
comment on column public.achievement.metric is
'One of achievement_metric: completed_sessions, different_buddies, weeks_in_a_row, sessions_with_beginners. What it counts:
completed sessions; people with whom one completed a session; the longest run of weeks, Monday to Sunday in UTC, with a completed
session in each; completed sessions with a beginner while more experienced, by the levels when the two were matched';
comment on column public.achievement.threshold is 'It is earned when the metric has reached this number';
comment on column public.achievement.progress is
'The current number of the caller, which can be greater than threshold; null for a partner (nullable)';
comment on column public.achievement.earned_at is
'When the caller earned it: the time of the completion that reached the threshold; null while it is in progress, and for a
partner, all of whose achievements in the list are earned (nullable)';
