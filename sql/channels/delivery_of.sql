create or replace function wingman.delivery_of(delivery wingman.notification_deliveries)
returns wingman.delivery
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
    _d record := delivery_of.delivery;
    _n record;
    _session record;
    _buddy text;
    _language text;
    _time_zone text;
    _title text;
    _body text;
    _target jsonb;
    _time_limit interval;
begin
    select t.delivery_time_limit into strict _time_limit from wingman.settings as t;
    select w.match_id, w.session_id, w.created_at, w.useful_until into _n
    from public.wingman_notifications as w
    where w.id = _d.notification_id;
    if _d.kind = 'email_confirmation' then
        -- as long as its link
        select a.asked_at + t.email_confirmation_lifetime into _n.useful_until
        from wingman.email_addresses as a
        cross join wingman.settings as t
        where a.id = _d.target_id;
    end if;

    if _d.channel = any(wingman.personal_channels()) then
        select c.language, c.time_zone into _language, _time_zone
        from wingman.channel_settings as c
        where c.user_id = _d.user_id and c.channel = _d.channel;
        select s.venue_name, s.scheduled_time into _session from public.wingman_sessions as s where s.id = _n.session_id;
        select p.first_name into _buddy
        from public.wingman_matches as m
        inner join public.user_profiles as p on p.id = case when m.user1_id = _d.user_id then m.user2_id else m.user1_id end
        where m.id = _n.match_id and p.id in (select o.id from wingman.partners_of(_d.user_id) as o (id));
        select r.language, r.title, r.body into strict _language, _title, _body
        from wingman.rendered_text(
            _d.kind,
            _d.channel,
            _language,
            _buddy,
            _session.venue_name,
            _session.scheduled_time,
            _time_zone
        ) as r;
    end if;

    _target := case _d.channel
        when 'email' then (
            select jsonb_build_object('address', a.address) from wingman.email_addresses as a where a.id = _d.target_id
        )
        when 'web_push' then (
            select jsonb_build_object('endpoint', s.endpoint, 'p256dh', s.p256dh, 'auth', s.auth)
            from wingman.push_subscriptions as s
            where s.id = _d.target_id
        )
        when 'webhook' then (
            select
                jsonb_build_object(
                    'url',
                    h.url,
                    'secrets',
                    to_jsonb(h.secret)
                    || case when h.previous_until > statement_timestamp() then to_jsonb(h.previous_secret) else '[]' end
                )
            from wingman.webhooks as h
            where h.id = _d.target_id
        )
        else jsonb_build_object('topic', 'user:' || _d.user_id)
    end;
    return row(
        _d.id,
        _d.token,
        _d.attempts,
        _time_limit,
        _d.kind,
        _d.user_id,
        _d.notification_id,
        _n.match_id,
        _n.session_id,
        coalesce(_n.created_at, _d.created_at),
        _n.useful_until,
        _language,
        _title,
        _body,
        _d.target_id,
        _target
    )::wingman.delivery;
end
$$;

comment on function wingman.delivery_of(wingman.notification_deliveries) is
'A claimed message with everything that its worker needs: the text in the user''s language, with the current name of a current
partner, and the target';
revoke all on function wingman.delivery_of(wingman.notification_deliveries) from public, anon, authenticated, service_role;
