create or replace function wingman.completions_in(kind text)
returns integer
language sql
immutable
return case when kind in ('completed', 'completion_reverted') then wingman.reputation_delta(kind) else 0 end;

comment on function wingman.completions_in(text) is
'What an entry of the ledger adds to completed_sessions. What else it takes from the reputation it adds to no_shows';
revoke all on function wingman.completions_in(text) from public, anon, authenticated, service_role;
