create or replace function wingman.list_achievements(subject_id uuid, user_id uuid)
returns setof public.achievement
language plpgsql
stable
security definer
rows 20
set search_path = pg_catalog, pg_temp
as $$
declare
    -- whoever may see a reputation may see what was earned with it
    _subject_id uuid := (wingman.get_reputation(list_achievements.subject_id, list_achievements.user_id)).user_id;
    _is_own boolean := _subject_id = wingman.acting_user_id(list_achievements.user_id);
begin
    return query
    with steps as materialized (
        select s.metric, s.value, s.reached_at
        from wingman.metric_steps(array[_subject_id]) as s
    )

    select
        a.name,
        a.title,
        a.description,
        a.metric,
        a.threshold,
        case when _is_own then coalesce((select max(s.value) from steps as s where s.metric = a.metric), 0) end,
        -- not a partner's: it is when they met somebody else
        case when _is_own then e.reached_at end
    from wingman.achievements as a
    inner join wingman.achievement_metrics() with ordinality as k (metric, meaning, place) on k.metric = a.metric
    left join steps as e on e.metric = a.metric and e.value = a.threshold
    where _is_own or e.reached_at is not null
    order by k.place, a.threshold, a.name;
end
$$;

comment on function wingman.list_achievements(uuid, uuid) is 'Engine of public.list_achievements';
revoke all on function wingman.list_achievements(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.list_achievements(uuid, uuid) to authenticated, service_role, wingman_admin;
