create or replace function wingman.targets_of(user_id uuid, kind text)
returns table (channel text, target_id uuid)
language plpgsql
stable
rows 2
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
begin
    if targets_of.kind = 'email_confirmation' then
        return query
        select 'email', a.id
        from wingman.email_addresses as a
        where a.user_id = targets_of.user_id and a.confirmed_at is null;
        return;
    end if;

    return query
    select o.channel, o.target_id
    from (
        select 'email' as channel, a.id as target_id
        from wingman.email_addresses as a
        where a.user_id = targets_of.user_id and a.confirmed_at is not null
        union all
        select 'web_push', s.id
        from wingman.push_subscriptions as s
        cross join wingman.settings as t
        -- operators may have taken its host out of the list
        where s.user_id = targets_of.user_id and wingman.is_push_endpoint(s.endpoint, t.push_hosts)
    ) as o
    where not exists (
        select
        from wingman.channel_settings as c
        where c.user_id = targets_of.user_id and c.channel = o.channel and targets_of.kind <> all(c.kinds)
    )
    union all
    select 'webhook', h.id
    from wingman.webhooks as h
    where h.disabled_at is null and (h.kinds is null or targets_of.kind = any(h.kinds))
    union all
    select 'realtime', null
    from wingman.settings as t
    where t.realtime;
end
$$;

comment on function wingman.targets_of(uuid, text) is
'Where a notification of this kind for this user goes outside the app. email_confirmation goes to the address that is to be
confirmed, and nowhere else';
revoke all on function wingman.targets_of(uuid, text) from public, anon, authenticated, service_role;
