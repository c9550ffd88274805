create or replace function wingman.match_state(match public.wingman_matches)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return jsonb_build_object(
        'status', (match).status,
        'responded_by', (match).responded_by,
        'expires_at', (match).expires_at,
        'ended_at', (match).ended_at
    );
end
$$;

comment on function wingman.match_state(public.wingman_matches) is 'What wingman.audit_log keeps of a match at each change';
revoke all on function wingman.match_state(public.wingman_matches) from public, anon, authenticated, service_role;
