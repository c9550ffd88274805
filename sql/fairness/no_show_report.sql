create type public.no_show_report as (
    id uuid,
    session_id uuid,
    reported_by_me boolean,
    reason text,
    note text,
    status text,
    statement text,
    created_at timestamptz,
    answer_by timestamptz,
    decide_by timestamptz,
    answered_at timestamptz,
    closed_at timestamptz
);

comment on type public.no_show_report is 'A report that somebody did not come to a session, as one of its two people sees it';
comment on column public.no_show_report.id is 'The report; newer ones sort later';
comment on column public.no_show_report.session_id is 'The session';
comment on column public.no_show_report.reported_by_me is 'True if the caller reported the buddy, false if the buddy reported
the caller';
comment on column public.no_show_report.reason is 'One of no_show_reason: did_not_come, came_too_late, left_early';
comment on column public.no_show_report.note is 'What the caller wrote to the operators when reporting (nullable)';
comment on column public.no_show_report.status is
'One of no_show_status: open, admitted, contested, withdrawn, upheld, dismissed, lapsed. A report that nobody has decided by
decide_by has lapsed';
comment on column public.no_show_report.statement is 'What the caller wrote to the operators when answering (nullable)';
comment on column public.no_show_report.created_at is 'When it was reported';
comment on column public.no_show_report.answer_by is 'Until then nothing is decided without an answer; a later one counts
until it is decided';
comment on column public.no_show_report.decide_by is 'When it lapses, if nobody decides it before';
comment on column public.no_show_report.answered_at is 'When it was admitted or contested (nullable)';
comment on column public.no_show_report.closed_at is 'When it was admitted, withdrawn, upheld or dismissed (nullable)';
