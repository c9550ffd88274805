create or replace function wingman.delivery_obstacle(delivery wingman.notification_deliveries)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
    _d record := delivery_obstacle.delivery;
    _n public.wingman_notifications;
    _event record;
begin
    if not exists (
        select
        from wingman.targets_of(_d.user_id, _d.kind) as t
        where t.channel = _d.channel and t.target_id is not distinct from _d.target_id
    ) then
        return 'unwanted';
    elsif _d.kind = 'email_confirmation' then
        return null;
    end if;

    select w.* into _n from public.wingman_notifications as w where w.id = _d.notification_id;
    if not found then
        return 'gone';
    elsif _n.useful_until <= statement_timestamp() then
        return 'late';
    elsif _n.read_at is not null and _d.channel = any(wingman.personal_channels()) then
        return 'read';
    end if;

    select e.user_id, e.occurred_at into _event
    from wingman.events as e
    where e.match_id = _n.match_id and e.id = _n.event_id;
    -- what operators did is not muted, and has no user; of an event that is not kept any more, nobody knows that
    if not (found and _event.user_id is null)
        and exists (
            select
            from public.wingman_matches as m
            where m.id = _n.match_id and wingman.is_muted(m.user1_id, m.user2_id, _event.occurred_at)
        )
    then
        return 'blocked';
    elsif not wingman.still_applies(_n) then
        return 'overtaken';
    end if;
    return null;
end
$$;

comment on function wingman.delivery_obstacle(wingman.notification_deliveries) is
'Why a message must no longer be sent, or null. unwanted: the address is gone or not confirmed, or the user or the operators do
not want it; gone: the notification was removed; late: it is no longer useful; read: the user has read it in the app; blocked: one
of the two has blocked the other, and neither the block itself nor an operator caused this event; overtaken: see
wingman.still_applies';
revoke all on function wingman.delivery_obstacle(wingman.notification_deliveries) from public, anon, authenticated, service_role;
