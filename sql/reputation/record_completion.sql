create or replace function wingman.record_completion(session_id uuid, user1_id uuid, user2_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.reputation_events as e (session_id, user_id, kind, delta)
    values
    (record_completion.session_id, record_completion.user1_id, 'completed', 1),
    (record_completion.session_id, record_completion.user2_id, 'completed', 1);
end
$$;

comment on function wingman.record_completion(uuid, uuid, uuid) is
'Writes what a completed session, whose row the caller has locked, gives to both of its people';
revoke all on function wingman.record_completion(uuid, uuid, uuid) from public, anon, authenticated, service_role;
