create or replace function wingman.reputation_delta(kind text)
returns integer
language sql
immutable
-- one operator: each costs a look-up in every call
return (array[1, -1, -1, 1, 0, 0])[array_position(
    array['completed', 'no_show', 'completion_reverted', 'no_show_reverted', 'departed', 'returned'], kind
)];

comment on function wingman.reputation_delta(text) is
'What an entry of the ledger adds to a reputation, by its kind; null for a kind that does not exist';
revoke all on function wingman.reputation_delta(text) from public, anon, authenticated, service_role;
