create or replace function wingman.tg_user_profiles__return()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _sums record;
begin
    -- whoever left has at least the entry that says so
    if not exists (select from wingman.reputation_events as e where e.user_id = new.id) then
        return null;
    end if;

    select d.ledger_completed_sessions, d.ledger_no_shows
    into _sums
    from wingman.reputation_differences as d
    where d.user_id = new.id and (d.ledger_completed_sessions, d.ledger_no_shows) <> (0, 0);
    if found then
        update public.user_profiles as p
        set
            completed_sessions = _sums.ledger_completed_sessions,
            no_shows = _sums.ledger_no_shows,
            reputation_score = wingman.reputation_score(_sums.ledger_completed_sessions, _sums.ledger_no_shows)
        where p.id = new.id;
        insert into wingman.reputation_events (user_id, kind, delta, completed_sessions, no_shows)
        values (new.id, 'returned', wingman.reputation_delta('returned'), _sums.ledger_completed_sessions, _sums.ledger_no_shows);
    end if;

    -- while this person was away, there was no profile that could have counted a no-show which operators upheld: absent may be either of the two, also one who is not reported
    perform wingman.record_reputation(
        s.id, 'no_show', new.id, case new.id when s.user1_id then s.user2_id else s.user1_id end, both_people => false
    )
    from wingman.operator_decisions as d
    inner join public.wingman_sessions as s on s.id = d.subject_id
    where d.kind = 'no_show_upheld'
        and d.subject_id in (
            select r.session_id
            from wingman.no_show_reports as r
            where r.accused_id = new.id or r.reporter_id = new.id
        )
        and d.details -> 'absent_user_ids' ? new.id::text
        and not exists (
            select
            from wingman.reputation_events as g
            where g.user_id = new.id and g.session_id = s.id and g.kind = 'no_show'
        )
    order by d.id;
    -- nor one from which to take back what they reverted
    perform wingman.record_reputation(
        g.session_id,
        case g.kind when 'completed' then 'completion_reverted' else 'no_show_reverted' end,
        g.user_id,
        g.buddy_id,
        both_people => false
    )
    from wingman.reputation_events as g
    inner join public.wingman_sessions as s on s.id = g.session_id and s.reverted_at is not null
    where g.user_id = new.id and g.kind in ('completed', 'no_show') and not exists (
        select
        from wingman.reputation_events as r
        where r.user_id = new.id and r.session_id = g.session_id and r.kind in ('completion_reverted', 'no_show_reverted')
    )
    order by g.id;
    return null;
end
$$;

comment on function wingman.tg_user_profiles__return() is
'Trigger: whoever comes back by the same id begins from the sums of the ledger, which says so, less what operators took back
and with the no-shows that they upheld meanwhile';
revoke all on function wingman.tg_user_profiles__return() from public, anon, authenticated, service_role;

create or replace trigger begin_from_ledger after insert on public.user_profiles
for each row execute function wingman.tg_user_profiles__return();
