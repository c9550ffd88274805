create or replace function wingman.report_violation(reason text)
returns wingman.violation
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if not wingman.has_visible_character(report_violation.reason) or char_length(report_violation.reason) > 2000 then
        return row('reason', 'must be 1 to 2000 characters')::wingman.violation;
    elsif wingman.has_control_character(report_violation.reason) then
        return row('reason', 'must not contain control characters')::wingman.violation;
    end if;
    return null;
end
$$;

comment on function wingman.report_violation(text) is
'The rule that the reason of a report breaks, or null. The table''s constraint and report_user both use this.';
revoke all on function wingman.report_violation(text) from public, anon, authenticated, service_role;
