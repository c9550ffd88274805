create or replace function wingman.no_show_status_at(status text, decide_by timestamptz, moment timestamptz)
returns text
language sql
immutable
return case when status in ('open', 'contested') and decide_by <= moment then 'lapsed' else status end;

comment on function wingman.no_show_status_at(text, timestamptz, timestamptz) is
'Effective status of a report of a no-show at a moment: undecided it counts as lapsed from decide_by on. Nothing has to settle
it';
revoke all on function wingman.no_show_status_at(text, timestamptz, timestamptz) from public, anon, authenticated, service_role;
-- an operators' view calls it as who asks
grant execute on function wingman.no_show_status_at(text, timestamptz, timestamptz) to wingman_admin, service_role;
