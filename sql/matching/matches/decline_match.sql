create or replace function wingman.decline_match(match_id uuid, declined_by uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.wingman_matches as m
    set
        status = 'declined',
        responded_by = decline_match.declined_by,
        responded_at = statement_timestamp()
    where m.id = decline_match.match_id;
end
$$;

comment on function wingman.decline_match(uuid, uuid) is
'Declines a pending match whose seekers and row the caller has locked';
revoke all on function wingman.decline_match(uuid, uuid) from public, anon, authenticated, service_role;
