create or replace function wingman.holds_another_row(user_id uuid, grid_lat integer, grid_lng integer)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (
        select
        from wingman.matchmaking_pool as s
        inner join wingman.matchmaking_pool as o on o.xmax = s.xmax
        where s.grid_lat = holds_another_row.grid_lat
            and s.grid_lng = holds_another_row.grid_lng
            and s.user_id <> holds_another_row.user_id
            and o.user_id = holds_another_row.user_id
            -- nobody holds that row
            and s.xmax <> xid '0'
    );
end
$$;

comment on function wingman.holds_another_row(uuid, integer, integer) is
'Whether this transaction, which has locked a user''s row in the pool, has also locked another row in a cell: PostgreSQL keeps the
lock on a row that wingman.lock_first_in_own_cell skips because it changed just before.';
revoke all on function wingman.holds_another_row(uuid, integer, integer) from public, anon, authenticated, service_role;
