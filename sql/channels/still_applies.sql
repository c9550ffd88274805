create or replace function wingman.still_applies(notification public.wingman_notifications)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _n record := still_applies.notification;
begin
    if _n.due_at is not null then
        return exists (
            select
            from wingman.notices_due(array(
                select row(null, _n.due_at, _n.kind, _n.match_id, _n.session_id, r.about)::wingman.reminders
                from (
                    select coalesce(
                        _n.useful_until,
                        (
                            select s.scheduled_time
                            from public.wingman_sessions as s
                            where s.id = _n.session_id and s.scheduled_time <= _n.due_at
                        )
                    )
                ) as r (about)
            )) as d
            where d.user_id = _n.user_id
        );
    end if;
    return case
        when _n.kind in ('match_offered', 'match_first_accepted')
            then exists (
                select
                from public.wingman_matches as m
                where m.id = _n.match_id and m.status = 'pending' and m.first_accepted_by is distinct from _n.user_id
            )
        when _n.kind = 'match_accepted'
            then exists (
                select from public.wingman_matches as m where m.id = _n.match_id and m.status = 'accepted' and m.ended_at is null
            )
        when _n.kind in ('session_scheduled', 'session_moved')
            then exists (
                select
                from public.wingman_sessions as s
                where s.id = _n.session_id
                    and s.is_active
                    and s.scheduled_time = _n.useful_until
                    -- since then: what is changed by hand keeps the agreement to what it was before
                    and not coalesce(s.agreed_by = _n.user_id and s.agreed_at >= _n.created_at, false)
            )
        when _n.kind = 'session_agreed'
            then exists (
                select
                from public.wingman_sessions as s
                where s.id = _n.session_id and s.is_active and s.agreed_by <> _n.user_id
            )
        when _n.kind = 'session_started'
            then exists (select from public.wingman_sessions as s where s.id = _n.session_id and s.is_active)
        when _n.kind = 'session_confirmed'
            then exists (
                select
                from public.wingman_sessions as s
                where s.id = _n.session_id and s.is_active and not wingman.has_confirmed(s, _n.user_id)
            )
        when _n.kind in ('no_show_reported', 'no_show_contested')
            then exists (
                select
                from wingman.no_show_reports as r
                cross join lateral (select wingman.no_show_status_at(r.status, r.decide_by, statement_timestamp())) as a (status)
                where r.session_id = _n.session_id
                    and case _n.kind
                        when 'no_show_reported' then r.accused_id = _n.user_id and a.status = 'open'
                        else r.reporter_id = _n.user_id and a.status = 'contested'
                    end
            )
        when _n.kind = 'matching_paused'
            then exists (select from wingman.matchmaking_pool as p where p.user_id = _n.user_id and p.paused_automatically)
        when _n.kind in ('user_suspended', 'suspension_lifted')
            then (_n.kind = 'user_suspended') = exists (
                select
                from wingman.suspensions as b
                where b.user_id = _n.user_id and wingman.is_suspended(b.ends_at is null, b.ends_at)
            )
        else true
    end;
end
$$;

comment on function wingman.still_applies(public.wingman_notifications) is
'Whether a notification is still true and what it asks for is not yet done. A notification that only reports what has happened
always applies';
revoke all on function wingman.still_applies(public.wingman_notifications) from public, anon, authenticated, service_role;
