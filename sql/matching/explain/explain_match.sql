create or replace function wingman.explain_match(match_id uuid, user_id uuid)
returns public.match_explanation
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid;
    _match public.wingman_matches;
    _search wingman.match_searches;
    _facts jsonb;
    _rules public.match_rule[] := '{}'::public.match_rule[];
    _searched_by_me boolean;
begin
    _me := wingman.require_profile(wingman.acting_user_id(explain_match.user_id));
    perform wingman.require_argument('match_id', explain_match.match_id is not null);
    perform wingman.match_buddy(explain_match.match_id, _me);

    select m.* into strict _match from public.wingman_matches as m where m.id = explain_match.match_id;
    select h.* into _search from wingman.match_searches as h where h.match_id = explain_match.match_id;
    _searched_by_me := _match.searched_by = _me;

    if _search.match_id is not null then
        _facts := to_jsonb(_search) || jsonb_build_object(
            'distance_miles', _match.distance_miles, 'rematch_hours', round(extract(epoch from _search.rematch_after) / 3600)
        );
        _rules := array(
            select row(
                v.rule,
                case v.rule
                    when 'level' then _search.level_difference <= _search.level_tolerance
                    when 'exposure' then _search.candidate_exposures < _search.exposure_limit
                    -- without it there would be no match
                    else true
                end,
                wingman.fill_in(
                    case when _searched_by_me then v.searcher_detail else coalesce(v.found_detail, v.searcher_detail) end, _facts
                )
            )::public.match_rule
            from wingman.matching_rules() with ordinality as v (
                obstacle, rule, counted_as, searcher_detail, found_detail, place
            )
            where v.searcher_detail is not null
            order by v.place
        );
    end if;

    return row(
        _match.id,
        _match.created_at,
        _searched_by_me,
        _match.distance_miles,
        _search.level_difference,
        _rules,
        case
            when _search.match_id is null then null
            when _searched_by_me
                then 'Nobody nearer met all rules; of people equally near, who has waited longest comes first'
            else 'You were the nearest who met all rules of your buddy''s search; of people equally near, who has waited longest '
                || 'comes first'
        end
    )::public.match_explanation;
end
$$;

comment on function wingman.explain_match(uuid, uuid) is 'Engine of public.explain_match';
revoke all on function wingman.explain_match(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.explain_match(uuid, uuid) to authenticated, service_role, wingman_admin;
