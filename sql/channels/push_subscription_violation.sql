create or replace function wingman.push_subscription_violation(endpoint text, p256dh text, auth text)
returns wingman.violation
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _base64url text := '^[A-Za-z0-9_-]+$';
begin
    if not wingman.is_push_endpoint(
        push_subscription_violation.endpoint, (select t.push_hosts from wingman.settings as t)
    ) then
        return row('endpoint', 'must be an address of a push service that operators allow')::wingman.violation;
    -- 65 bytes: a point of P-256, not compressed, which begins with 4; 87 characters without padding
    elsif push_subscription_violation.p256dh !~ _base64url
        or char_length(push_subscription_violation.p256dh) <> 87
        or left(push_subscription_violation.p256dh, 1) <> 'B'
    then
        return row('p256dh', 'must be a public key of P-256, 65 bytes in base64url')::wingman.violation;
    elsif push_subscription_violation.auth !~ _base64url or char_length(push_subscription_violation.auth) <> 22 then
        return row('auth', 'must be 16 bytes in base64url')::wingman.violation;
    end if;
    return null;
end
$$;

comment on function wingman.push_subscription_violation(text, text, text) is
'The first rule that a push subscription breaks, or null';
revoke all on function wingman.push_subscription_violation(text, text, text) from public, anon, authenticated, service_role;
