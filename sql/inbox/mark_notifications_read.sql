create or replace function wingman.mark_notifications_read(up_to uuid, user_id uuid, idempotency_key text)
returns public.notification_count
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
    _me uuid;
begin
    _call := wingman.begin_call(
        'mark_notifications_read',
        mark_notifications_read.user_id,
        mark_notifications_read.idempotency_key,
        row(mark_notifications_read.up_to)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.notification_count, _call.response);
    end if;
    _me := wingman.require_profile(_call.user_id);
    perform wingman.require_argument('up_to', mark_notifications_read.up_to is not null);

    -- an erasure of the caller waits until this ends; if it came first, there is no profile
    perform from public.user_profiles as p where p.id = _me for key share;
    if not found then
        perform wingman.require_profile(_me);
    end if;
    update public.wingman_notifications as w
    set read_at = statement_timestamp()
    where w.user_id = _me and w.id <= mark_notifications_read.up_to and w.read_at is null;
    return wingman.end_call(_call, wingman.count_unread(_me));
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('mark_notifications_read', coalesce(_call.user_id, mark_notifications_read.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.mark_notifications_read(uuid, uuid, text) is 'Engine of public.mark_notifications_read';
revoke all on function wingman.mark_notifications_read(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.mark_notifications_read(uuid, uuid, text) to authenticated, service_role, wingman_admin;
