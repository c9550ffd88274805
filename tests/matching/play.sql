-- Makes a world and all its searches at one instant: statement_timestamp() stands still within a statement.
create function pg_temp.play(world jsonb) returns jsonb language plpgsql as $$
declare
    _meeting record;
    _table record;
    _search record;
    _match_id uuid;
    _answer jsonb;
    _answers jsonb[] := '{}';
    _refusal text;
begin
    update wingman.settings as t
    set
        level_relaxation = (world ->> 'relaxation')::interval,
        exposure_limit = (world ->> 'exposure_limit')::integer;

    insert into auth.users (id)
    select p.id from jsonb_to_recordset(world -> 'people') as p (id uuid);
    insert into public.user_profiles (id, first_name, experience_level)
    select p.id, 'Somebody', p.experience_level
    from jsonb_to_recordset(world -> 'people') as p (id uuid, experience_level text);
    insert into public.user_locations (user_id, lat, lng, city, privacy_mode, max_travel_miles)
    select p.id, p.lat, p.lng, 'Town', p.privacy_mode, p.travel
    from jsonb_to_recordset(world -> 'people') as p (
        id uuid, lat double precision, lng double precision, privacy_mode text, travel integer
    );

    for _meeting in
        select *
        from jsonb_to_recordset(world -> 'meetings') as m (user1 uuid, user2 uuid, ago interval, status text)
        order by m.status = 'pending'
    loop
        insert into public.wingman_matches as m (
            user1_id, user2_id, user1_reputation, user2_reputation,
            user1_level, user2_level, distance_miles, created_at, expires_at
        )
        values (
            _meeting.user1, _meeting.user2, 0, 0, 1, 1, 1,
            statement_timestamp() - _meeting.ago, statement_timestamp() - _meeting.ago + interval '48 hours'
        )
        returning m.id into _match_id;
        continue when _meeting.status = 'pending';

        update public.wingman_matches as m
        set
            status = case _meeting.status when 'ended' then 'accepted' else _meeting.status end,
            responded_by = case when _meeting.status <> 'expired' then m.user1_id end,
            responded_at = case when _meeting.status <> 'expired' then statement_timestamp() end
        where m.id = _match_id;
        if _meeting.status = 'ended' then
            update public.wingman_matches as m set ended_at = statement_timestamp() where m.id = _match_id;
        end if;
    end loop;

    update wingman.matchmaking_pool as s
    set
        waiting_since = statement_timestamp() - p.waited,
        paused = p.pause is not null,
        paused_automatically = coalesce(p.pause = 'automatic', false),
        cooldown_until = statement_timestamp() + p.cooldown,
        exposures = array(
            select statement_timestamp() - e.ago from unnest(p.exposures) with ordinality as e (ago, n) order by e.n
        )
    from jsonb_to_recordset(world -> 'people') as p (
        id uuid, waited interval, pause text, cooldown interval, exposures interval[]
    )
    where s.user_id = p.id;
    insert into wingman.suspensions (user_id, ends_at)
    select p.id, case when p.suspended <> 'without end' then statement_timestamp() + p.suspended::interval end
    from jsonb_to_recordset(world -> 'people') as p (id uuid, suspended text)
    where p.suspended is not null;

    for _table in select r.key as name, r.value as rows from jsonb_each(world -> 'rows') as r where r.value <> '[]' loop
        execute format(
            'insert into %1$s (%2$s) select %2$s from jsonb_populate_recordset(null::%1$s, $1)',
            _table.name::regclass,
            (select string_agg(quote_ident(c.name), ', ') from jsonb_object_keys(_table.rows -> 0) as c (name))
        )
        using _table.rows;
    end loop;

    for _search in
        select * from jsonb_to_recordset(world -> 'searches') as s (seeker uuid, radius integer, outcome text)
    loop
        begin
            _answer := to_jsonb(public.create_automatic_match(_search.radius, _search.seeker));
            if _search.outcome = 'undone' then
                raise exception using errcode = 'UNDO0', message = _answer::text;
            end if;
        exception
            when sqlstate 'UNDO0' then
                _answer := sqlerrm::jsonb;
            when sqlstate 'PT403' or sqlstate 'PT409' then
                get stacked diagnostics _refusal = pg_exception_detail;
                _answer := jsonb_build_object('error', _refusal::jsonb ->> 'error');
        end;
        _answers := _answers || _answer;

        if _search.outcome in ('by the seeker', 'by the buddy') and _answer ->> 'match_id' is not null then
            _answers := _answers || to_jsonb(public.respond_to_match(
                (_answer ->> 'match_id')::uuid,
                'decline',
                case _search.outcome when 'by the seeker' then _search.seeker else (_answer ->> 'buddy_user_id')::uuid end
            ));
        end if;
    end loop;
    return to_jsonb(_answers);
end
$$
