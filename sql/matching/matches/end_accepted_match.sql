create or replace function wingman.end_accepted_match(match_id uuid, ended_by uuid, keep_begun boolean default false)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.wingman_matches as m
    set ended_at = statement_timestamp(), ended_by = end_accepted_match.ended_by
    where m.id = end_accepted_match.match_id;

    perform wingman.cancel_active_session(
        end_accepted_match.match_id, end_accepted_match.ended_by, keep_begun => end_accepted_match.keep_begun
    );
end
$$;

comment on function wingman.end_accepted_match(uuid, uuid, boolean) is
'Ends an accepted match whose row the caller has locked, and cancels its active session. keep_begun: not one whose time has come';
revoke all on function wingman.end_accepted_match(uuid, uuid, boolean) from public, anon, authenticated, service_role;
