create or replace function wingman.delivery_state(state text, next_attempt_at timestamptz)
returns text
language sql
stable
return case
    when state in ('waiting', 'claimed') and next_attempt_at <= statement_timestamp() then 'due'
    else state
end;

comment on function wingman.delivery_state(text, timestamptz) is
'The state of a message as operators see it: also due if it has waited long enough, or if its worker has not settled it in time.
The next claim of its channel writes that state to the row';
revoke all on function wingman.delivery_state(text, timestamptz) from public, anon, authenticated, service_role;
