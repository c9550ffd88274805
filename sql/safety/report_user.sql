create or replace function wingman.report_user(subject_id uuid, reason text, user_id uuid)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _me uuid;
    _subject_id uuid;
begin
    _me := wingman.known_user_id(wingman.caller_id(report_user.user_id, writes => true));
    perform wingman.require_argument('subject_id', report_user.subject_id is not null);
    perform wingman.require_argument('reason', report_user.reason is not null);
    perform wingman.refuse_violation(wingman.report_violation(report_user.reason));
    _subject_id := wingman.known_subject_id(report_user.subject_id, _me);

    insert into wingman.user_reports as r (reporter_id, subject_id, reason)
    values (_me, _subject_id, report_user.reason);
    return row(true, 'Report received. To keep this user away from you as well, block them.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.report_user(uuid, text, uuid) is 'Engine of public.report_user';
revoke all on function wingman.report_user(uuid, text, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.report_user(uuid, text, uuid) to authenticated, service_role, wingman_admin;
