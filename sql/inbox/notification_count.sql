create type public.notification_count as (
    unread integer
);

comment on type public.notification_count is 'How many notifications are unread';
comment on column public.notification_count.unread is 'How many notifications are unread and still useful';
