create or replace function wingman.answer_no_show(
    session_id uuid,
    action text,
    statement text,
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
        'answer_no_show',
        answer_no_show.user_id,
        answer_no_show.idempotency_key,
        row(answer_no_show.session_id, answer_no_show.action, answer_no_show.statement)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.no_show_report, _call.response);
    end if;
    perform wingman.require_profile(_call.user_id);
    perform wingman.require_argument('session_id', answer_no_show.session_id is not null);
    perform wingman.require_argument('action', answer_no_show.action is not null);
    if answer_no_show.action not in ('admit', 'contest') then
        perform wingman.refuse_violation(row('action', 'must be admit or contest')::wingman.violation);
    end if;
    perform wingman.refuse_violation(wingman.no_show_text_violation('statement', answer_no_show.statement));

    return wingman.end_call(_call, wingman.settle_no_show_answer(
        answer_no_show.session_id,
        case answer_no_show.action when 'admit' then 'admitted' else 'contested' end,
        answer_no_show.statement,
        _call.user_id
    ));
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('answer_no_show', coalesce(_call.user_id, answer_no_show.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.answer_no_show(uuid, text, text, uuid, text) is
'Engine of public.answer_no_show';
revoke all on function wingman.answer_no_show(uuid, text, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.answer_no_show(uuid, text, text, uuid, text) to authenticated, service_role, wingman_admin;
