create or replace function wingman.pending_match_of(user_id uuid)
returns public.wingman_matches
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _match_id uuid;
    _match public.wingman_matches;
begin
    select s.pending_match_id into _match_id from wingman.match_seekers as s where s.user_id = pending_match_of.user_id;
    if _match_id is not null then
        select m.* into _match from public.wingman_matches as m where m.id = _match_id;
    end if;
    return _match;
end
$$;

comment on function wingman.pending_match_of(uuid) is
'The pending match of a user, lapsed or not, or a row of nulls. Exact while the caller holds the user''s seeker: nobody else can
then give or take one.';
revoke all on function wingman.pending_match_of(uuid) from public, anon, authenticated, service_role;
