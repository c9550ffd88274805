create or replace function wingman.name_call(function text, user_id uuid default null, decision_id uuid default null)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config(
        'wingman.call',
        concat_ws(
            e'\t',
            name_call.function,
            coalesce(name_call.user_id::text, ''),
            current_setting('role'),
            session_user,
            -- a tab would begin the next part
            coalesce(replace(left(wingman.request_header('x-request-id'), 255), e'\t', ' '), ''),
            name_call.decision_id
        ),
        true
    );
end
$$;

comment on function wingman.name_call(text, uuid, uuid) is
'Names the call that is running, for the journal and the log of refusals; wingman.begin_call does the same at less cost. An
exception handler names its call again: the rollback before it took the name away. function: its name; user_id: the user on whose
behalf the call is made, null for the user of the access token and for operators; decision_id: the operator''s decision that the
call carries out.';
revoke all on function wingman.name_call(text, uuid, uuid) from public, anon, authenticated, service_role;
