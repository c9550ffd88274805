create or replace function wingman.get_leaderboard(
    period text,
    starting date,
    city text,
    around_me boolean,
    after text,
    page_size integer,
    user_id uuid
)
returns public.leaderboard
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
as $$
declare
    _me uuid := wingman.require_profile(wingman.acting_user_id(get_leaderboard.user_id));
    _answer public.leaderboard;
    _starting date;
    _city uuid := wingman.leaderboard_city(get_leaderboard.city);
    _board text;
    -- this function is stable: all its statements have one snapshot, so that what is stored and what is unread fit together
    _standings wingman.leaderboard_standing[];
    -- before the page: nobody is there
    _start wingman.leaderboard_place := row(null::uuid, 2147483647, bigint '0')::wingman.leaderboard_place;
    _mine wingman.leaderboard_place;
    _places wingman.leaderboard_place[];
    _counts integer[];
    _ranks integer[];
    _my_city uuid;
    _is_listed boolean;
begin
    perform wingman.check_page(get_leaderboard.page_size);
    perform wingman.require_argument('period', get_leaderboard.period is not null);
    perform wingman.require_argument('around_me', get_leaderboard.around_me is not null);
    perform wingman.refuse_violation(wingman.leaderboard_violation(
        get_leaderboard.period,
        get_leaderboard.starting,
        get_leaderboard.city,
        get_leaderboard.around_me,
        get_leaderboard.after
    ));
    _starting := wingman.leaderboard_start(
        get_leaderboard.period, coalesce(get_leaderboard.starting, (statement_timestamp() at time zone 'UTC')::date)
    );
    _board := concat_ws(' ', _me, get_leaderboard.period, _starting, _city);
    if get_leaderboard.after is not null then
        _start := wingman.leaderboard_place_of(_board, get_leaderboard.after);
        if _start.count is null then
            perform wingman.refuse_violation(row('after', 'must be next_after of a page of the same board')::wingman.violation);
        end if;
    end if;

    _standings := array(select s from wingman.leaderboard_unread(get_leaderboard.period, _starting) as s);
    select
        m.id,
        coalesce(s.count, k.count, 0),
        case when s.user_id is null then k.seniority else s.seniority end,
        case when s.user_id is null then k.city else s.city end,
        coalesce(o.visibility, 'off')
    into _mine.user_id, _mine.count, _mine.seniority, _my_city, _answer.my_visibility
    from (values (_me)) as m (id)
    left join wingman.leaderboard_counts as k
        on k.period = get_leaderboard.period collate "C" and k.starting = _starting and k.user_id = m.id
    left join wingman.leaderboard_members as o on o.user_id = m.id
    left join unnest(_standings) as s on s.user_id = m.id;
    _answer.period := get_leaderboard.period;
    _answer.starting := case when get_leaderboard.period <> 'all_time' then _starting end;
    _answer.my_count := _mine.count;

    select array_agg(r.count), array_agg(r.rank), coalesce(sum(r.people), 0)::integer
    into _counts, _ranks, _answer.total
    from wingman.leaderboard_ranks(get_leaderboard.period, _starting, _city, _standings) as r;
    if _city is not null and _answer.total < (select t.leaderboard_city_minimum from wingman.settings as t) then
        -- like a city without anybody
        _answer.total := 0;
    end if;
    _is_listed := _answer.total > 0
        and _mine.seniority is not null
        and _mine.count > 0
        and (_city is null or coalesce(_my_city = _city, false));
    if _is_listed then
        _answer.my_rank := _ranks[array_position(_counts, _mine.count)];
    end if;

    if get_leaderboard.around_me and _is_listed then
        -- whoever comes half a page before the caller
        select p.count, p.seniority into _start.count, _start.seniority
        from wingman.leaderboard_page(
            get_leaderboard.period, _starting, _city, _standings, _mine, upwards => true, page_size => get_leaderboard.page_size / 2
        ) as p
        order by p.count desc, p.seniority desc
        limit 1;
        if not found then
            _start := _mine;
        end if;
        _start.seniority := _start.seniority + 1;
    end if;
    if _answer.total > 0 and (_is_listed or not get_leaderboard.around_me) then
        -- one more than the page has, to see whether anybody comes after it
        _places := array(
            select p
            from wingman.leaderboard_page(
                get_leaderboard.period,
                _starting,
                _city,
                _standings,
                _start,
                upwards => false,
                page_size => get_leaderboard.page_size + 1
            ) as p
        );
    end if;

    if cardinality(_places) > get_leaderboard.page_size then
        _answer.next_after := wingman.leaderboard_cursor(_board, _places[get_leaderboard.page_size]);
    end if;
    _answer.people := array(
        select
            row(
                _ranks[array_position(_counts, p.count)],
                case when o.visibility = 'named' and b.blocker_id is null then f.first_name end,
                p.count,
                p.user_id = _me
            )::public.leaderboard_person
        from unnest(_places[:get_leaderboard.page_size]) with ordinality as p (user_id, count, seniority, number)
        inner join wingman.leaderboard_members as o on o.user_id = p.user_id
        inner join public.user_profiles as f on f.id = p.user_id
        left join lateral (
            select mine.blocker_id
            from public.user_blocks as mine
            where mine.blocker_id = _me and mine.blocked_id = p.user_id
            union all
            select theirs.blocker_id
            from public.user_blocks as theirs
            where theirs.blocker_id = p.user_id and theirs.blocked_id = _me
            limit 1
        ) as b on true
        order by p.number
    );
    return _answer;
end
$$;

comment on function wingman.get_leaderboard(text, date, text, boolean, text, integer, uuid) is 'Engine of public.get_leaderboard';
revoke all on function wingman.get_leaderboard(text, date, text, boolean, text, integer, uuid)
from public, anon, authenticated, service_role;
grant execute on function wingman.get_leaderboard(text, date, text, boolean, text, integer, uuid)
to authenticated, service_role, wingman_admin;
