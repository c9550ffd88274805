create or replace function wingman.notification_settings_of(user_id uuid)
returns setof public.notification_settings
language plpgsql
stable
rows 2
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select
        o.channel,
        c.kinds,
        coalesce(c.language, 'en'),
        to_char(c.quiet_from, 'HH24:MI'),
        to_char(c.quiet_until, 'HH24:MI'),
        coalesce(c.time_zone, 'UTC'),
        case o.channel when 'email' then a.address end,
        case o.channel
            when 'email' then a.confirmed_at is not null
            else exists (select from wingman.push_subscriptions as s where s.user_id = notification_settings_of.user_id)
        end
    from unnest(wingman.personal_channels()) as o (channel)
    left join wingman.channel_settings as c on c.user_id = notification_settings_of.user_id and c.channel = o.channel
    left join wingman.email_addresses as a on a.user_id = notification_settings_of.user_id
    order by o.channel;
end
$$;

comment on function wingman.notification_settings_of(uuid) is
'A user''s settings of each channel, with the defaults where the user has set nothing';
revoke all on function wingman.notification_settings_of(uuid) from public, anon, authenticated, service_role;
