create or replace function wingman.notices_due(reminders wingman.reminders[])
returns setof wingman.notice
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
begin
    return query
    select u.id, u.other_id, r.kind, null::bigint, s.match_id, s.id, r.due_at, r.about, u.useful_until, false
    from unnest(notices_due.reminders) as r
    inner join public.wingman_sessions as s on s.id = r.session_id and s.is_active and s.scheduled_time = r.about
    cross join lateral (
        select o.id, o.other_id, case r.kind when 'confirmation_reminder' then null else s.scheduled_time end
        from (values (s.user1_id, s.user2_id), (s.user2_id, s.user1_id)) as o (id, other_id)
        where case r.kind
            when 'session_reminder' then wingman.has_committed(s, o.id)
            when 'agreement_reminder' then s.proposed_by is not null and not wingman.has_committed(s, o.id)
            else not wingman.has_confirmed(s, o.id) and not s.no_show_reported
        end
    ) as u (id, other_id, useful_until)
    inner join public.user_profiles as p on p.id = u.id
    where coalesce(u.useful_until > statement_timestamp(), true)
        -- of two late reminders of a session, only the later one is told
        and not exists (
            select
            from unnest(notices_due.reminders) as o
            where o.kind = r.kind and o.session_id = r.session_id and o.about = r.about and o.due_at > r.due_at
        )
        -- also if the later one comes with the next page
        and not exists (
            select
            from wingman.reminders as o
            where o.session_id = r.session_id
                and o.kind = r.kind
                and o.about = r.about
                and o.due_at > r.due_at
                and o.due_at <= statement_timestamp()
        )
    union all
    select u.id, u.other_id, r.kind, null, m.id, null, r.due_at, r.about, m.expires_at, false
    from unnest(notices_due.reminders) as r
    inner join public.wingman_matches as m on m.id = r.match_id and m.status = 'pending' and m.expires_at = r.about
    cross join lateral (values (m.user1_id, m.user2_id), (m.user2_id, m.user1_id)) as u (id, other_id)
    inner join public.user_profiles as p on p.id = u.id
    where r.kind = 'match_expiring'
        and u.id is distinct from m.first_accepted_by
        and m.expires_at > statement_timestamp();
end
$$;

comment on function wingman.notices_due(wingman.reminders[]) is
'Who is told of these reminders, which are due: only if they still apply and are still useful. session_reminder: those who
proposed the session or agreed to it; agreement_reminder: the one who has not; confirmation_reminder: those who have not confirmed
it; match_expiring: those who have not answered';
revoke all on function wingman.notices_due(wingman.reminders[]) from public, anon, authenticated, service_role;
