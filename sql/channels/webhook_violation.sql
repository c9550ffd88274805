create or replace function wingman.webhook_violation(url text, kinds text[])
returns wingman.violation
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if not wingman.is_webhook_url(webhook_violation.url) then
        return row(
            'url', 'must be http:// or https:// with a host, without user and password, at most 500 characters'
        )::wingman.violation;
    elsif not wingman.are_notification_kinds(webhook_violation.kinds) or webhook_violation.kinds = '{}' then
        return row('kinds', 'must be a list of kinds of notifications, or null for all')::wingman.violation;
    end if;
    return null;
end
$$;

comment on function wingman.webhook_violation(text, text[]) is 'The first rule that a webhook breaks, or null';
revoke all on function wingman.webhook_violation(text, text[]) from public, anon, authenticated, service_role;
