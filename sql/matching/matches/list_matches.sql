create or replace function wingman.list_matches(status text, before uuid, page_size integer, user_id uuid)
returns setof public.match_details
language plpgsql
stable
security definer
rows 20
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.require_profile(wingman.acting_user_id(list_matches.user_id), or_null => true);
begin
    perform wingman.check_page(list_matches.page_size);
    if list_matches.status not in ('pending', 'accepted', 'declined', 'expired') then
        perform wingman.refuse_violation(row(
            'status', 'must be pending, accepted, declined or expired'
        )::wingman.violation);
    end if;

    return query
    select d.*
    from (
        select m.id
        from public.wingman_matches as m
        where (m.user1_id = _me or m.user2_id = _me)
            and (list_matches.before is null or m.id < list_matches.before)
            and (
                list_matches.status is null
                or wingman.match_status_at(m.status, m.expires_at, statement_timestamp()) = list_matches.status
            )
        order by m.id desc
        limit list_matches.page_size
    ) as page
    cross join lateral wingman.match_details_of(page.id, _me) as d
    order by page.id desc;
end
$$;

comment on function wingman.list_matches(text, uuid, integer, uuid) is 'Engine of public.list_matches';
revoke all on function wingman.list_matches(text, uuid, integer, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.list_matches(text, uuid, integer, uuid) to authenticated, service_role, wingman_admin;
