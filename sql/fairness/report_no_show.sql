create or replace function wingman.report_no_show(
    session_id uuid,
    reason text,
    note text,
    user_id uuid,
    idempotency_key text
)
returns public.no_show_report
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
begin
    _call := wingman.begin_call(
        'report_no_show',
        report_no_show.user_id,
        report_no_show.idempotency_key,
        row(report_no_show.session_id, report_no_show.reason, report_no_show.note)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.no_show_report, _call.response);
    end if;
    perform wingman.require_profile(_call.user_id);
    perform wingman.require_argument('session_id', report_no_show.session_id is not null);
    perform wingman.require_argument('reason', report_no_show.reason is not null);
    if report_no_show.reason not in ('did_not_come', 'came_too_late', 'left_early') then
        perform wingman.refuse_violation(
            row('reason', 'must be did_not_come, came_too_late or left_early')::wingman.violation
        );
    end if;
    perform wingman.refuse_violation(wingman.no_show_text_violation('note', report_no_show.note));

    return wingman.end_call(
        _call, wingman.make_no_show_report(report_no_show.session_id, report_no_show.reason, report_no_show.note, _call.user_id)
    );
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('report_no_show', coalesce(_call.user_id, report_no_show.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.report_no_show(uuid, text, text, uuid, text) is
'Engine of public.report_no_show';
revoke all on function wingman.report_no_show(uuid, text, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.report_no_show(uuid, text, text, uuid, text) to authenticated, service_role, wingman_admin;
