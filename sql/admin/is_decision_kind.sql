create or replace function wingman.is_decision_kind(kind text)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (select from wingman.decision_kinds() as k where k.kind = is_decision_kind.kind);
end
$$;

comment on function wingman.is_decision_kind(text) is 'Whether a word is in wingman.decision_kinds()';
revoke all on function wingman.is_decision_kind(text) from public, anon, authenticated, service_role;
