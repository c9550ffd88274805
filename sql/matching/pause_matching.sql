create or replace function wingman.pause_matching(user_id uuid)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _me uuid;
begin
    _me := wingman.known_user_id(wingman.caller_id(pause_matching.user_id, writes => true));

    perform wingman.lock_seekers(_me);
    update wingman.match_seekers as s
    set paused = true, paused_automatically = false
    where s.user_id = _me;
    if not found then
        perform wingman.raise_error('profile_incomplete');
    end if;
    return row(true, 'Matching paused. Nobody will be matched with you until you resume it.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.pause_matching(uuid) is 'Engine of public.pause_matching';
revoke all on function wingman.pause_matching(uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.pause_matching(uuid) to authenticated, service_role, wingman_admin;
