create or replace function wingman.counts_completions(kind text)
returns boolean
language sql
immutable
return kind in ('completed', 'completion_reverted');

comment on function wingman.counts_completions(text) is
'Whether an entry of the ledger of this kind adds its delta to completed_sessions; otherwise it subtracts it from no_shows';
revoke all on function wingman.counts_completions(text) from public, anon, authenticated, service_role;
