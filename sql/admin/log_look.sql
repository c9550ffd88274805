create or replace function wingman.log_look(call text, subject_id uuid default null)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise log '%', jsonb_build_object(
        'event', 'look', 'call', log_look.call, 'login', session_user, 'subject_id', log_look.subject_id
    );
end
$$;

comment on function wingman.log_look(text, uuid) is
'Writes to the server''s log that an operator looks at people. call: the operators'' function; subject_id: the person looked at,
null for a search, whose text is not logged.';
revoke all on function wingman.log_look(text, uuid) from public, anon, authenticated, service_role;
