create or replace function wingman.completions_in(kind text, delta integer)
returns integer
language sql
immutable
return case when kind in ('completed', 'completion_reverted') then delta else 0 end;

comment on function wingman.completions_in(text, integer) is
'What an event of the ledger adds to completed_sessions. All else that it takes from the reputation, it adds to no_shows';
revoke all on function wingman.completions_in(text, integer) from public, anon, authenticated, service_role;
