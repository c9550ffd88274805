create or replace function wingman.no_show_text_violation(argument text, string text)
returns wingman.violation
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if not wingman.has_visible_character(no_show_text_violation.string) or char_length(no_show_text_violation.string) > 2000 then
        return row(no_show_text_violation.argument, 'must be 1 to 2000 characters')::wingman.violation;
    elsif wingman.has_control_character(no_show_text_violation.string) then
        return row(no_show_text_violation.argument, 'must not contain control characters')::wingman.violation;
    end if;
    return null;
end
$$;

comment on function wingman.no_show_text_violation(text, text) is
'The rule that the text of an argument about a no-show breaks, or null; no text breaks none. The table''s constraints and the
calls use this.';
revoke all on function wingman.no_show_text_violation(text, text) from public, anon, authenticated, service_role;
