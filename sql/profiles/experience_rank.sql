create or replace function wingman.experience_rank(experience_level text)
returns smallint
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return array_position(array['beginner', 'intermediate', 'advanced'], experience_rank.experience_level)::smallint;
end
$$;

comment on function wingman.experience_rank(text) is
'Experience levels in order: beginner 1, intermediate 2, advanced 3; null for any other text. People at most one rank apart
may be matched.';
revoke all on function wingman.experience_rank(text) from public, anon, authenticated, service_role;
