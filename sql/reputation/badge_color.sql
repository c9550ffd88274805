create or replace function wingman.badge_color(score integer)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return case
        when badge_color.score >= 10 then 'gold'
        when badge_color.score >= 0 then 'green'
        else 'red'
    end;
end
$$;

comment on function wingman.badge_color(integer) is 'The badge of a reputation score: gold from 10, green from 0, red below';
revoke all on function wingman.badge_color(integer) from public, anon, authenticated, service_role;
