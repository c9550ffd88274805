create or replace function wingman.reputation_delta(kind text)
returns integer
language sql
immutable
return case
    when kind in ('completed', 'no_show_reverted') then 1
    when kind in ('no_show', 'completion_reverted') then -1
    when kind = 'departed' then 0
end;

comment on function wingman.reputation_delta(text) is
'What an entry of the ledger adds to a reputation, by its kind; null for a kind that does not exist';
revoke all on function wingman.reputation_delta(text) from public, anon, authenticated, service_role;
