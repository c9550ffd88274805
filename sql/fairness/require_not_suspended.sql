create or replace function wingman.require_not_suspended(user_id uuid)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- a plan made while the tables were small must not scan them whole until the next analyze
set enable_seqscan = off
-- with a table that is scanned whole after all, the plan would seem dear enough to be compiled at each call
set jit = off
as $$
declare
    _suspension record;
begin
    select b.ends_at into _suspension
    from wingman.suspensions as b
    where b.user_id = require_not_suspended.user_id and wingman.is_suspended(b.ends_at is null, b.ends_at);
    if found then
        perform wingman.raise_error('account_suspended', jsonb_build_object('until', wingman.utc_text(_suspension.ends_at)));
    end if;
end
$$;

comment on function wingman.require_not_suspended(uuid) is
'Refuses a person who is suspended. Exact while the person''s seeker is locked. Errors: account_suspended, whose context until
is null for without end.';
revoke all on function wingman.require_not_suspended(uuid) from public, anon, authenticated, service_role;
