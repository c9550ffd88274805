create or replace function public.report_no_show(
    session_id uuid,
    reason text,
    note text default null,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.no_show_report
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.report_no_show(
        report_no_show.session_id,
        report_no_show.reason,
        report_no_show.note,
        report_no_show.user_id,
        report_no_show.idempotency_key
    );
end
$$;

comment on function public.report_no_show(uuid, text, text, uuid, text) is
'Reports that the buddy did not come to a session, once a session and person.
Possible from settings.no_show_grace after its time on, for settings.no_show_window, about somebody who arranged, agreed to or started it; also
if it was cancelled, or the match ended, after its time. The buddy can admit or contest it; silence costs nobody anything.
session_id: a session of the caller.
reason: one of no_show_reason; the buddy sees it.
note: anything else, 1 to 2000 characters; only operators see it.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the report; the existing one, unchanged, if the caller has reported before and it is undecided.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
session_not_found, not_session_participant, no_show_already_decided, account_suspended, already_confirmed,
invalid_session_state, buddy_not_committed, no_show_too_early, no_show_window_closed, unsupported_isolation,
read_only_transaction, idempotency_key_reused, idempotency_key_invalid, rate_limited, busy.';
revoke all on function public.report_no_show(uuid, text, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.report_no_show(uuid, text, text, uuid, text) to authenticated, service_role, wingman_admin;
