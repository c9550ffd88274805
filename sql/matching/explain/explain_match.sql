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
        _rules := array[
            row('available', true, 'Both of you were free and not paused'),
            -- each sees the own distance only
            row('distance', true, format(
                'At most %s miles apart, within your %s miles and as far as your buddy goes',
                _match.distance_miles,
                case when _searched_by_me then _search.radius_miles else _search.candidate_travel_miles end
            )),
            row('level', _search.level_difference <= _search.level_tolerance, format(
                'Experience levels %s apart, %s allowed', _search.level_difference, _search.level_tolerance
            )),
            row('exposure', _search.candidate_exposures < _search.exposure_limit, case
                when _searched_by_me then 'Your buddy had not been found by too many others lately'
                else format(
                    'You had been found %s times lately, at most %s are allowed',
                    _search.candidate_exposures,
                    _search.exposure_limit
                )
            end),
            row('met_recently', true, format(
                'You two had not been matched in the %s hours before',
                round(extract(epoch from _search.rematch_after) / 3600)
            )),
            row('partners', true, 'You two had no accepted match that was still open'),
            row('blocked', true, 'Neither of you had blocked the other')
        ]::public.match_rule[];
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
