create or replace function wingman.list_sessions(status text, before uuid, page_size integer, user_id uuid)
returns setof public.session_details
language plpgsql
stable
security definer
rows 20
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.require_profile(wingman.acting_user_id(list_sessions.user_id), or_null => true);
begin
    perform wingman.check_page(list_sessions.page_size);
    if list_sessions.status not in ('scheduled', 'in_progress', 'completed', 'cancelled', 'no_show') then
        perform wingman.refuse_violation(row(
            'status', 'must be scheduled, in_progress, completed, cancelled or no_show'
        )::wingman.violation);
    end if;

    return query
    select d.*
    from (
        select s
        from public.wingman_matches as m
        inner join public.wingman_sessions as s on s.match_id = m.id
        where (m.user1_id = _me or m.user2_id = _me)
            and (list_sessions.before is null or s.id < list_sessions.before)
            and (list_sessions.status is null or s.status = list_sessions.status)
        order by s.id desc
        limit list_sessions.page_size
    ) as page (session)
    cross join lateral wingman.session_details_of(page.session, _me) as d
    order by d.id desc;
end
$$;

comment on function wingman.list_sessions(text, uuid, integer, uuid) is 'Engine of public.list_sessions';
revoke all on function wingman.list_sessions(text, uuid, integer, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.list_sessions(text, uuid, integer, uuid) to authenticated, service_role, wingman_admin;
