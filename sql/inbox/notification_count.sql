create type public.notification_count as (
    unread integer
);

comment on type public.notification_count is 'How much of the inbox is unread';
comment on column public.notification_count.unread is 'How many notifications are unread and still useful';
