create or replace function wingman.match_status_at(status text, expires_at timestamptz, moment timestamptz)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if match_status_at.status = 'pending' and match_status_at.expires_at <= match_status_at.moment then
        return 'expired';
    end if;
    return match_status_at.status;
end
$$;

comment on function wingman.match_status_at(text, timestamptz, timestamptz) is
'Effective status of a match at a moment: pending reads as expired from expires_at on, settled or not';
revoke all on function wingman.match_status_at(text, timestamptz, timestamptz) from public, anon, authenticated, service_role;
