create or replace function wingman.is_of_another_cluster(cluster_id bigint, target pg_snapshot)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return is_of_another_cluster.cluster_id <> wingman.cluster_id()
        or pg_snapshot_xmax(is_of_another_cluster.target) > pg_snapshot_xmax(pg_current_snapshot());
end
$$;

comment on function wingman.is_of_another_cluster(bigint, pg_snapshot) is
'Whether a reader comes from another cluster, or from another timeline of this one, so that its snapshots cannot be compared with
transactions of this one. cluster_id, target: of wingman.readers';
revoke all on function wingman.is_of_another_cluster(bigint, pg_snapshot) from public, anon, authenticated, service_role;
