create or replace function wingman.cluster_id()
returns bigint
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (select c.system_identifier from pg_control_system() as c);
end
$$;

comment on function wingman.cluster_id() is
'The system identifier of this cluster. Transaction ids and snapshots mean nothing in another cluster, to which a dump may have
been restored';
revoke all on function wingman.cluster_id() from public, anon, authenticated, service_role;
