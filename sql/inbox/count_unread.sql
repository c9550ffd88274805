create or replace function wingman.count_unread(user_id uuid)
returns public.notification_count
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return row((
        select count(*)
        from public.wingman_notifications as w
        where w.user_id = count_unread.user_id
            and w.read_at is null
            and (w.useful_until is null or w.useful_until > statement_timestamp())
    ))::public.notification_count;
end
$$;

comment on function wingman.count_unread(uuid) is 'How many notifications of a user are unread and still useful';
revoke all on function wingman.count_unread(uuid) from public, anon, authenticated, service_role;
