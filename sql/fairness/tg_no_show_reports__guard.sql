create or replace function wingman.tg_no_show_reports__guard()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _broken text;
begin
    _broken := case
        when tg_op = 'INSERT' then case
            when new.status not in ('open', 'contested') then 'transition'
            when not exists (
                select
                from public.wingman_sessions as s
                where s.id = new.session_id and array[s.user1_id, s.user2_id] @> array[new.reporter_id, new.accused_id]
            )
                then 'people_check'
        end
        when (new.id, new.session_id, new.reporter_id, new.accused_id, new.reason, new.created_at, new.answer_by, new.decide_by)
            <> (old.id, old.session_id, old.reporter_id, old.accused_id, old.reason, old.created_at, old.answer_by, old.decide_by)
            then 'final'
        when new.status <> old.status and (
            case old.status
                when 'open' then new.status in ('admitted', 'contested', 'withdrawn', 'upheld', 'dismissed')
                when 'contested' then new.status in ('withdrawn', 'upheld', 'dismissed')
            end
        ) is not true
            then 'transition'
    end;
    _broken := coalesce(_broken, case
        when (new.closed_at is null) <> (new.status in ('open', 'contested')) then 'closed_check'
        when new.answered_at is null and new.status in ('admitted', 'contested') then 'answered_check'
    end);
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'no_show_reports_' || _broken,
            message = case _broken
                when 'transition' then format(
                    'A report of a no-show cannot go from %s to %s', case tg_op when 'UPDATE' then old.status else 'nothing' end, new.status
                )
                when 'people_check' then 'One of the two people of a session reports the other one'
                when 'final' then 'What was reported by whom never changes'
                when 'closed_check' then 'A report that is admitted, withdrawn or decided says when that was'
                when 'answered_check' then 'A report that is admitted or contested says when that was'
            end;
    end if;
    return new;
end
$$;

comment on function wingman.tg_no_show_reports__guard() is
'Trigger: the states of a report of a no-show. open to admitted or contested, open and contested to withdrawn, upheld or
dismissed, all but these two terminal. Holds for direct SQL.';
revoke all on function wingman.tg_no_show_reports__guard() from public, anon, authenticated, service_role;

create or replace trigger guard_report before insert or update on wingman.no_show_reports
for each row execute function wingman.tg_no_show_reports__guard();
