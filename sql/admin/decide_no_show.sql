create or replace function wingman_admin.decide_no_show(session_id uuid, outcome text, absent_user_ids uuid[], reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    -- not of the table's type: to compile that would wait for whoever locks the table, outside the exception handler
    _session record;
    _reports record;
    _absent uuid[] := array(
        select distinct a.user_id from unnest(decide_no_show.absent_user_ids) as a (user_id) order by a.user_id
    );
begin
    perform wingman.begin_operation('decide_no_show');
    perform wingman.require_argument('session_id', decide_no_show.session_id is not null);
    perform wingman.require_argument('outcome', decide_no_show.outcome is not null);
    perform wingman.require_argument('reason', decide_no_show.reason is not null);
    if decide_no_show.outcome not in ('uphold', 'dismiss') then
        perform wingman.refuse_violation(row('outcome', 'must be uphold or dismiss')::wingman.violation);
    elsif (decide_no_show.outcome = 'uphold') <> (cardinality(_absent) > 0) then
        perform wingman.refuse_violation(row('absent_user_ids', case decide_no_show.outcome
            when 'uphold' then 'must name who was absent'
            else 'must be empty or null where nobody was absent'
        end)::wingman.violation);
    end if;
    perform wingman.refuse_violation(wingman.decision_violation(decide_no_show.reason));
    select s.* into _session from wingman.lock_no_show(decide_no_show.session_id) as s;
    if not array[_session.user1_id, _session.user2_id] @> _absent then
        perform wingman.raise_error('not_session_participant');
    end if;

    select
        count(*) as made,
        count(*) filter (where u.is_undecided) as undecided,
        count(*) filter (where u.is_undecided and r.accused_id = any(_absent)) as about_absent,
        max(r.answer_by) filter (where u.is_undecided and r.status = 'open' and r.answer_by > statement_timestamp()) as answer_by,
        (array_agg(wingman.no_show_status_at(r.status, r.decide_by, statement_timestamp()) order by r.id desc))[1] as status
    into _reports
    from wingman.no_show_reports as r
    cross join lateral (
        select wingman.no_show_status_at(r.status, r.decide_by, statement_timestamp()) in ('open', 'contested') as is_undecided
    ) as u
    where r.session_id = _session.id;
    if _reports.made = 0 then
        perform wingman.raise_error('no_show_not_found');
    elsif _reports.undecided = 0 then
        perform wingman.raise_error('no_show_already_decided', jsonb_build_object('status', _reports.status));
    elsif _reports.answer_by is not null then
        perform wingman.raise_error('no_show_answer_pending', jsonb_build_object('time', wingman.utc_text(_reports.answer_by)));
    elsif decide_no_show.outcome = 'uphold' and _reports.about_absent = 0 then
        perform wingman.refuse_violation(row('absent_user_ids', 'must name somebody who is reported')::wingman.violation);
    end if;

    perform wingman.record_decision(
        case decide_no_show.outcome when 'uphold' then 'no_show_upheld' else 'no_show_dismissed' end,
        _session.id,
        case decide_no_show.outcome when 'uphold' then jsonb_build_object('absent_user_ids', _absent) end,
        decide_no_show.reason
    );
    perform wingman.close_no_show_reports(_session.id, _absent);
    if decide_no_show.outcome = 'uphold' then
        perform wingman.record_no_show(s, _absent) from public.wingman_sessions as s where s.id = _session.id;
    end if;

    perform wingman.end_operation();
    return row(true, case decide_no_show.outcome
        when 'uphold' then 'No-show upheld: the reputation of who was absent was updated.'
        else 'Report dismissed: no reputation changes.'
    end)::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('decide_no_show');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.decide_no_show(uuid, text, uuid[], text) is
'Decides what the two people of a session report about each other''s absence: all of it at once, as long as it has not lapsed.
outcome: uphold or dismiss. absent_user_ids: for uphold, who was absent: one or both of the two, of whom at least one is reported; for
dismiss, null. An upheld no-show ends the session, also one that was cancelled after its time, writes the ledger and adds 1 to no_shows;
wingman_admin.revert_completion takes it back. A report that is not answered can be decided from answer_by on. reason: why, 1 to 500
characters, kept with the operator''s login in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, session_not_found, not_session_participant, no_show_not_found, no_show_already_decided,
no_show_answer_pending, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.decide_no_show(uuid, text, uuid[], text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.decide_no_show(uuid, text, uuid[], text) to wingman_admin, service_role;
