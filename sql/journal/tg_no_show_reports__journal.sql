create or replace function wingman.tg_no_show_reports__journal()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'INSERT' or new.status <> old.status then
        insert into wingman.events (kind, match_id, session_id, user_id)
        select
            k.kind,
            s.match_id,
            s.id,
            case
                when k.kind in ('no_show_reported', 'no_show_withdrawn') then new.reporter_id
                when k.kind in ('no_show_admitted', 'no_show_contested') then new.accused_id
            end
        from public.wingman_sessions as s
        cross join unnest(array[
            case tg_op when 'INSERT' then 'no_show_reported' end,
            case when new.status <> 'open' then 'no_show_' || new.status end
        ]) with ordinality as k (kind, place)
        where s.id = new.session_id and k.kind is not null
        order by k.place;
    end if;
    return null;
end
$$;

comment on function wingman.tg_no_show_reports__journal() is
'Trigger: writes what becomes of a report of a no-show to wingman.events';
revoke all on function wingman.tg_no_show_reports__journal() from public, anon, authenticated, service_role;

create or replace trigger journal after insert or update on wingman.no_show_reports
for each row execute function wingman.tg_no_show_reports__journal();

create or replace trigger refuse_truncate before truncate on wingman.no_show_reports
for each statement execute function wingman.tg_any__refuse_truncate();
