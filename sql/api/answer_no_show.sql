create or replace function public.answer_no_show(
    session_id uuid,
    action text,
    statement text default null,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.no_show_report
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.answer_no_show(
        answer_no_show.session_id,
        answer_no_show.action,
        answer_no_show.statement,
        answer_no_show.user_id,
        answer_no_show.idempotency_key
    );
end
$$;

comment on function public.answer_no_show(uuid, text, text, uuid, text) is
'Answers the report that the caller did not come to a session.
Who admits it ends the session as a no-show, which counts against their reputation. Who contests it leaves it to the operators, who decide on
what both say. Who does not answer loses nothing by it; a late answer counts until operators decide. The same answer again changes nothing.
session_id: the session.
action: one of no_show_answer: admit, contest.
statement: what the caller says to it, 1 to 2000 characters; only operators see it.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the report.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
session_not_found, not_session_participant, no_show_not_found, no_show_already_answered, no_show_already_decided,
unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.answer_no_show(uuid, text, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.answer_no_show(uuid, text, text, uuid, text) to authenticated, service_role, wingman_admin;
