create or replace function wingman.get_reputation(subject_id uuid, user_id uuid)
returns public.reputation
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.require_profile(wingman.acting_user_id(get_reputation.user_id));
    _subject_id uuid := coalesce(get_reputation.subject_id, _me);
    _reputation public.reputation;
begin
    select p.id, p.reputation_score, p.completed_sessions, p.no_shows, wingman.badge_color(p.reputation_score)
    into _reputation
    from public.user_profiles as p
    where p.id = _subject_id;

    if not found then
        perform wingman.raise_error('user_not_found');
    elsif _subject_id <> _me and not exists (
        select from wingman.partners_of(_me) as b (id) where b.id = _subject_id
    ) then
        perform wingman.raise_error('reputation_not_visible');
    end if;
    return _reputation;
end
$$;

comment on function wingman.get_reputation(uuid, uuid) is 'Engine of public.get_reputation';
revoke all on function wingman.get_reputation(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.get_reputation(uuid, uuid) to authenticated, service_role, wingman_admin;
