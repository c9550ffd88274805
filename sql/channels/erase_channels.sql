create or replace function wingman.erase_channels(user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := erase_channels.user_id;
begin
    -- no foreign keys: each would cost every call that counts a completion in the profile
    delete from wingman.channel_settings as c where c.user_id = _me;
    delete from wingman.email_addresses as a where a.user_id = _me;
    delete from wingman.push_subscriptions as s where s.user_id = _me;
    delete from wingman.notification_deliveries as d where d.user_id = _me;
end
$$;

comment on function wingman.erase_channels(uuid) is
'Deletes a user''s settings, addresses and browsers, and the messages still to be sent. The caller holds the lock on the profile;
everybody who adds rows to these tables holds it too, at least with KEY SHARE';
revoke all on function wingman.erase_channels(uuid) from public, anon, authenticated, service_role;
