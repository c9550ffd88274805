create or replace function wingman.match_suggestions(
    seeker wingman.matchmaking_pool,
    radius_miles integer,
    removed public.people_count[]
)
returns text[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _settings wingman.search_settings;
    _rules text[] := array(select r.rule from unnest(match_suggestions.removed) as r);
    _suggestions text[] := '{}'::text[];
    _miles double precision;
    _wider integer;
    _people bigint;
begin
    select t.* into strict _settings from wingman.search_settings as t;

    if wingman.is_suspended(match_suggestions.seeker.suspended, match_suggestions.seeker.suspended_until) then
        return array['Ask the operators: this account is suspended'];
    elsif match_suggestions.seeker.cooldown_until > statement_timestamp() then
        return array[format('Search again after your cooldown, from %s on', wingman.utc_text(match_suggestions.seeker.cooldown_until))];
    end if;
    if match_suggestions.seeker.pending_match_id is not null then
        _suggestions := _suggestions || 'Answer your pending match: until then there is no other one'::text;
    end if;
    if match_suggestions.seeker.paused then
        _suggestions := _suggestions || 'Resume matching'::text;
    end if;

    select f.miles into _miles from wingman.find_candidate(match_suggestions.seeker, 100, _settings, '{}') as f;
    if _miles <= match_suggestions.radius_miles then
        return _suggestions || 'Search now: somebody within this radius fits'::text;
    end if;
    if _miles is not null then
        _wider := (wingman.shown_miles(_miles) + 9) / 10 * 10;
        select greatest(1, coalesce(sum(o.people), 0)::bigint)
        into _people
        from wingman.obstacles_near(match_suggestions.seeker.user_id, _wider) as o
        where o.obstacle is null;
        _suggestions := _suggestions
            || format('Search wider: %s people within %s miles', wingman.coarse_count(_people), _wider);
    end if;
    if 'unavailable' = any(_rules) then
        _suggestions := _suggestions || 'Search again later: some people near you are busy at the moment'::text;
    end if;
    if 'met_recently' = any(_rules) then
        _suggestions := _suggestions || format(
            'Search again later: after %s hours you can be matched again with people whom you were matched with',
            round(extract(epoch from _settings.rematch_after) / 3600)
        );
    end if;
    if 'level' = any(_rules) and _settings.level_relaxation is not null then
        _suggestions := _suggestions || format(
            'Keep waiting: every %s hours one more experience level apart is allowed',
            round(extract(epoch from _settings.level_relaxation) / 3600)
        );
    end if;
    return _suggestions;
end
$$;

comment on function wingman.match_suggestions(wingman.matchmaking_pool, integer, public.people_count[]) is
'What would help a seeker who finds nobody within a radius, best first, as sentences. removed: what wingman.why_no_match
counted.';
revoke all on function wingman.match_suggestions(wingman.matchmaking_pool, integer, public.people_count[])
from public, anon, authenticated, service_role;
