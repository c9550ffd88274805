create or replace function wingman.new_webhook_secret()
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    -- three random UUIDs have 366 random bits, of which the hash keeps 256; without an extension there is no other source
    return 'whsec_' || encode(
        sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'base64'
    );
end
$$;

comment on function wingman.new_webhook_secret() is
'A new secret of a webhook, in the format of Standard Webhooks 1.0: whsec_ and 32 random bytes in base64. Call it in the statement
that stores the secret: the value of a variable may appear in the server''s log';
revoke all on function wingman.new_webhook_secret() from public, anon, authenticated, service_role;
