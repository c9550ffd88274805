create or replace function wingman.decision_of(source text)
returns uuid
language sql
immutable
-- a call for a user carries out no decision, and its request id can be anything, even one with tabs
return case when split_part(source, e'\t', 2) = '' then nullif(split_part(source, e'\t', 6), '')::uuid end;

comment on function wingman.decision_of(text) is
'The operator''s decision that a change carries out, from wingman.events.source; null without one';
revoke all on function wingman.decision_of(text) from public, anon, authenticated, service_role;
grant execute on function wingman.decision_of(text) to service_role, wingman_admin;
