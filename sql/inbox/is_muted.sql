create or replace function wingman.is_muted(user_id uuid, other_id uuid, occurred_at timestamptz)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- what the block itself did is told as if there were no block
    return exists (
        select
        from public.user_blocks as b
        where b.blocker_id in (is_muted.user_id, is_muted.other_id)
            and b.blocked_id in (is_muted.user_id, is_muted.other_id)
            and b.created_at is distinct from is_muted.occurred_at
    );
end
$$;

comment on function wingman.is_muted(uuid, uuid, timestamptz) is
'Whether what one of two people did is not told to the other because one has blocked the other. occurred_at: when it was done,
null for a reminder; what the block itself did is told';
revoke all on function wingman.is_muted(uuid, uuid, timestamptz) from public, anon, authenticated, service_role;
