create or replace function wingman.expire_match(match_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.wingman_matches as m
    set status = 'expired'
    where m.id = expire_match.match_id;
end
$$;

comment on function wingman.expire_match(uuid) is 'Settles a lapsed match whose seekers and row the caller has locked';
revoke all on function wingman.expire_match(uuid) from public, anon, authenticated, service_role;
