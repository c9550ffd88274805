create or replace function wingman.fill_inboxes(max_rows integer)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _events wingman.events[];
    _due wingman.reminders[];
    _postponed wingman.notice[];
begin
    if not wingman.has_to_read('inbox')
        and not exists (select from wingman.reminders as r where r.due_at <= statement_timestamp())
        and not exists (select from wingman.postponed_notices)
    then
        -- nothing to do costs neither a transaction id nor WAL
        return 0;
    end if;
    perform from wingman.inbox_clock for update skip locked;
    if not found then
        return 0;
    end if;

    _postponed := array(select n from wingman.take_postponed() as n);
    _events := array(select e from wingman.read_events('inbox', fill_inboxes.max_rows) as e);
    perform wingman.plan_reminders(e.match_id, e.session_id, a.about, e.occurred_at)
    from unnest(_events) as e
    cross join lateral (select case when e.session_id is null then 'expires_at' else 'scheduled_time' end) as c (field)
    cross join lateral (select coalesce(e.details ->> c.field, e.details -> 'after' ->> c.field)::timestamptz) as a (about)
    where e.match_id is not null
        and a.about is not null
        and e.kind in ('match_offered', 'session_scheduled', 'session_moved', 'changed_by_hand');
    with due as (
        delete from wingman.reminders as r
        where r.ctid = any(array(
            select o.ctid
            from wingman.reminders as o
            where o.due_at <= statement_timestamp()
            order by o.due_at
            limit fill_inboxes.max_rows
        ))
        returning r
    )

    select coalesce(array_agg(d.r order by (d.r).due_at), '{}') into strict _due from due as d;
    perform wingman.tell(
        _postponed
        || array(select n from wingman.notices_of(_events) as n)
        || array(select n from wingman.notices_due(_due) as n)
    );
    return greatest(cardinality(_events), cardinality(_due));
end
$$;

comment on function wingman.fill_inboxes(integer) is
'Notifies people of the events that the reader inbox has not read yet and of the reminders that are due, at most max_rows of each.
Returns the number of events or of reminders that it has processed, whichever is greater: less than max_rows if there are no more
for now, or another transaction is filling inboxes';
revoke all on function wingman.fill_inboxes(integer) from public, anon, authenticated, service_role;
