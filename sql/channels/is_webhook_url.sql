create or replace function wingman.is_webhook_url(url text)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- a host by name or by address, and a port; no @ before the path, so neither user nor password
    return is_webhook_url.url
        ~ '^https?://([A-Za-z0-9._~-]+|[[][0-9A-Fa-f:.]+[]])(:[0-9]{1,5})?([/?][!-~]*)?$'
        and char_length(is_webhook_url.url) <= 500;
end
$$;

comment on function wingman.is_webhook_url(text) is
'Whether a webhook may have this address: http or https, a host, and no user or password, which would show in logs and to
operators; null for null';
revoke all on function wingman.is_webhook_url(text) from public, anon, authenticated, service_role;
