create or replace function wingman.notifications_of(ids uuid[], user_id uuid)
returns setof public.notification
language plpgsql
stable
rows 20
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
    _partners uuid[] := array(select p.id from wingman.partners_of(notifications_of.user_id) as p (id));
begin
    return query
    select
        w.id,
        w.kind,
        wingman.sentence(k.message, jsonb_build_object('buddy', coalesce(p.first_name, 'your buddy'))),
        w.match_id,
        w.session_id,
        p.id,
        p.first_name,
        w.created_at,
        w.useful_until,
        w.read_at
    from public.wingman_notifications as w
    inner join wingman.notification_kinds() as k on k.kind = w.kind
    left join public.wingman_matches as m on m.id = w.match_id
    left join public.user_profiles as p
        on p.id = case when m.user1_id = w.user_id then m.user2_id else m.user1_id end
        and p.id = any(_partners)
    where w.id = any(notifications_of.ids) and w.user_id = notifications_of.user_id
    order by w.id desc;
end
$$;

comment on function wingman.notifications_of(uuid[], uuid) is
'Notifications of a user as that user reads them, newest first, with the current names of current partners';
revoke all on function wingman.notifications_of(uuid[], uuid) from public, anon, authenticated, service_role;
