create or replace function wingman.no_show_report_of(report wingman.no_show_reports, user_id uuid)
returns public.no_show_report
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _report wingman.no_show_reports := no_show_report_of.report;
    _is_mine boolean := _report.reporter_id = no_show_report_of.user_id;
begin
    return row(
        _report.id,
        _report.session_id,
        _is_mine,
        _report.reason,
        case when _is_mine then _report.note end,
        wingman.no_show_status_at(_report.status, _report.decide_by, statement_timestamp()),
        case when not _is_mine then _report.statement end,
        _report.created_at,
        _report.answer_by,
        _report.decide_by,
        _report.answered_at,
        _report.closed_at
    )::public.no_show_report;
end
$$;

comment on function wingman.no_show_report_of(wingman.no_show_reports, uuid) is
'A report of a no-show as this one of its two people sees it: each sees their own text and not the other one''s';
revoke all on function wingman.no_show_report_of(wingman.no_show_reports, uuid) from public, anon, authenticated, service_role;
