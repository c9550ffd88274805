create or replace function wingman.settle_departure(user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := settle_departure.user_id;
    _match record;
    _matches uuid[] := '{}'::uuid[];
begin
    perform wingman.leave_pending_match(_me);

    -- Also those that have ended: a call that answers with this person's profile holds one of these rows, so its answer is kept
    -- before this goes on.
    for _match in
        select m.id, m.ended_at
        from public.wingman_matches as m
        where (m.user1_id = _me or m.user2_id = _me) and m.status = 'accepted'
        order by m.id
        for no key update
    loop
        _matches := _matches || _match.id;
        if _match.ended_at is null then
            perform wingman.end_accepted_match(_match.id, _me);
        else
            -- a suspension ends a match and leaves the session whose time has come
            perform wingman.cancel_active_session(_match.id, _me);
        end if;
    end loop;

    -- so do all calls about a session, this person's own as well
    perform
    from public.wingman_sessions as s
    where s.match_id = any(_matches)
    order by s.id
    for no key update;
    -- a text whose author is not known may be this person's
    update public.wingman_sessions as s
    set
        notes = case when coalesce(s.created_by, _me) <> _me then s.notes end,
        cancellation_reason = case when coalesce(s.cancelled_by, _me) <> _me then s.cancellation_reason end
    where s.match_id = any(_matches)
        and (
            (s.notes is not null and coalesce(s.created_by, _me) = _me)
            or (s.cancellation_reason is not null and coalesce(s.cancelled_by, _me) = _me)
        );

    delete from wingman.rate_limits as r where r.user_id = _me;

    -- a report of a no-show stays as it is, without the words of the person who goes
    perform
    from wingman.no_show_reports as n
    where n.reporter_id = _me or n.accused_id = _me
    order by n.id
    for no key update;
    update wingman.no_show_reports as n
    set
        note = case when n.reporter_id <> _me then n.note end,
        statement = case when n.accused_id <> _me then n.statement end
    where (n.reporter_id = _me and n.note is not null) or (n.accused_id = _me and n.statement is not null);

    -- what is undecided stays; wingman_admin.resolve_report waits here, and then removes the text itself
    perform
    from wingman.user_reports as r
    where r.reporter_id = _me or r.subject_id = _me
    order by r.id
    for no key update;
    update wingman.user_reports as r
    set reason = null
    where (r.reporter_id = _me or r.subject_id = _me) and r.decided_at is not null and r.reason is not null;
end
$$;

comment on function wingman.settle_departure(uuid) is
'The first part of an erasure, in the lock order: settles the person''s pending match, ends the accepted ones and cancels their
sessions, removes the notes and reasons that the person wrote, also about no-shows, the texts of decided reports and the
rate limits.';
revoke all on function wingman.settle_departure(uuid) from public, anon, authenticated, service_role;
