create or replace function wingman.accept_match(match_id uuid, accepted_by uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.wingman_matches as m
    set
        status = 'accepted',
        responded_by = accept_match.accepted_by,
        responded_at = statement_timestamp()
    where m.id = accept_match.match_id;
end
$$;

comment on function wingman.accept_match(uuid, uuid) is
'Accepts a pending match whose seekers and row the caller has locked';
revoke all on function wingman.accept_match(uuid, uuid) from public, anon, authenticated, service_role;
