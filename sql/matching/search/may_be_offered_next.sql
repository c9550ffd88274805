create or replace function wingman.may_be_offered_next(user_id uuid)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (
        select
        from wingman.matchmaking_pool as s
        where s.user_id = may_be_offered_next.user_id
            and not s.paused
            and (s.cooldown_until is null or s.cooldown_until <= statement_timestamp())
    );
end
$$;

comment on function wingman.may_be_offered_next(uuid) is
'Whether a decline brings this user a next match: not while paused, in a cooldown, or without a location';
revoke all on function wingman.may_be_offered_next(uuid) from public, anon, authenticated, service_role;
