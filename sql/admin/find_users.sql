create or replace function wingman_admin.find_users(search text)
returns table (user_id uuid, first_name text, city text, experience_level text, created_at timestamptz)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
-- the planner finds the range of a prefix only in a constant
set plan_cache_mode = 'force_custom_plan'
-- a plan made while the tables were small must not scan them whole until the next analyze
set enable_seqscan = off
-- with a table that is scanned whole after all, the plan would seem dear enough to be compiled at each call
set jit = off
as $$
declare
    _prefix text := lower(normalize(find_users.search));
    _city text := wingman.normalized_city(find_users.search);
    _id uuid;
begin
    perform wingman.require_argument('search', find_users.search is not null);
    if _prefix ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then
        _id := _prefix::uuid;
    elsif char_length(_prefix) < 3 or char_length(_prefix) > 100 then
        perform wingman.refuse_violation(row('search', 'must be a user id, or 3 to 100 characters')::wingman.violation);
    end if;
    perform wingman.log_look('find_users', _id);
    -- a backslash, percent sign or underscore stands for itself
    _prefix := regexp_replace(_prefix, e'([\\\\%_])', e'\\\\\\1', 'g') || '%';
    -- what is left of blanks would find everybody
    _city := case when char_length(_city) >= 3 then regexp_replace(_city, e'([\\\\%_])', e'\\\\\\1', 'g') || '%' end;

    return query
    select f.id, p.first_name, l.city, p.experience_level, p.created_at
    from (
        select _id as id
        where _id is not null
        union
        (
            select n.id
            from public.user_profiles as n
            where _id is null and lower(normalize(n.first_name)) like _prefix
            limit 50
        )
        union
        (
            select c.user_id
            from public.user_locations as c
            where _id is null and wingman.normalized_city(c.city) like _city
            limit 50
        )
    ) as f
    inner join public.user_profiles as p on f.id = p.id
    left join public.user_locations as l on f.id = l.user_id
    order by lower(p.first_name), f.id
    limit 50;
end
$$;

comment on function wingman_admin.find_users(text) is
'Finds people by their id, or by the beginning of their first name or city, whatever the case; at most 50.
search: a user id, or at least 3 characters. The server''s log records who searches, but not for what; for an id, whose.
Errors: missing_argument, invalid_argument.';
revoke all on function wingman_admin.find_users(text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.find_users(text) to wingman_admin, service_role;
