create or replace function wingman.report_user(subject_id uuid, reason text, user_id uuid, idempotency_key text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
    _me uuid;
    _subject_id uuid;
begin
    _call := wingman.begin_call(
        'report_user',
        report_user.user_id,
        report_user.idempotency_key,
        row(report_user.subject_id, report_user.reason)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.acknowledgement, _call.response);
    end if;
    _me := wingman.require_profile(_call.user_id);
    perform wingman.require_argument('subject_id', report_user.subject_id is not null);
    perform wingman.require_argument('reason', report_user.reason is not null);
    perform wingman.refuse_violation(wingman.report_violation(report_user.reason));
    _subject_id := wingman.require_subject(report_user.subject_id, _me);

    -- first, as the profile is the last to be locked
    select wingman.consume_rate_limit(_me, 'report', t.report_cost, t.report_burst) into _me from wingman.settings as t;
    -- an erasure of the caller waits for this report and its answer, or the report finds nobody
    perform from public.user_profiles as p where p.id = _me for key share;
    if not found then
        perform wingman.require_profile(_me);
    end if;
    insert into wingman.user_reports as r (reporter_id, subject_id, reason)
    values (_me, _subject_id, report_user.reason);
    return wingman.end_call(
        _call, row(true, 'Report received. To keep this user away from you as well, block them.')::public.acknowledgement
    );
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('report_user', coalesce(_call.user_id, report_user.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.report_user(uuid, text, uuid, text) is 'Engine of public.report_user';
revoke all on function wingman.report_user(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.report_user(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;
